//! Pooled hidden states.

use std::ops::Range;

use tch::{Kind, TchError, Tensor};

use super::{
    PassFamilies, PassRows, Reduction,
    operators::{self, Fold},
};
use crate::{
    inference::{computed::Computed, embedding::EmbeddingJob},
    model::pool::{Pool, Pooled, part},
};

/// The rows of each job, pooled in several ways.
pub struct Pools<'a> {
    /// A job for each family.
    pub jobs: &'a [EmbeddingJob],
    /// The ways.
    pub pools: &'a [Pool],
    /// Width of the hidden states.
    pub width: usize,
}

impl Pools<'_> {
    /// The rows that are pooled together, of each part of a job: positions within what is pooled.
    fn parts(pool: Pool, job: &EmbeddingJob) -> Vec<Range<usize>> {
        let count = job.pooled.len();
        let one = |range: Range<usize>| std::iter::once(range).collect();
        match pool {
            Pool::Mean | Pool::Max | Pool::None => one(0..count),
            Pool::First => one(0..1),
            Pool::Last => one(count - 1..count),
            Pool::Bins(bins) => {
                let (before, whole) = (job.stretch.before, job.stretch.whole);
                let within = |at: usize| at.clamp(before, before + count) - before;
                let part = |number| part(number, bins.get(), whole);
                (0..bins.get()).map(part).map(|part| within(part.start)..within(part.end)).collect()
            }
        }
    }
}

impl Reduction for Pools<'_> {
    type Output = Vec<Pooled>;

    fn of_rows(&self, family: usize, _: usize, computed: &Computed<'_>) -> Vec<Pooled> {
        let EmbeddingJob { pooled, stretch, .. } = &self.jobs[family];
        let rows = computed.hidden(0, pooled.clone());
        self.pools.iter().map(|pool| pool.pool(rows, computed.width, *stretch)).collect()
    }

    fn request(&self, _: usize, pass: &PassRows<'_>) -> Result<Vec<Tensor>, TchError> {
        let of_pool = |&pool: &Pool| {
            let mut ranges: Vec<Range<i64>> = Vec::new();
            for (number, members) in pass.families.numbers.clone().zip(&pass.families.members) {
                let job = &self.jobs[number];
                let first = members[0].row_of(job.pooled.start);
                let row = |at: usize| first + at as i64;
                ranges.extend(Self::parts(pool, job).iter().map(|p| row(p.start)..row(p.end)));
            }
            match pool {
                Pool::Mean | Pool::Bins(_) => {
                    let sums = operators::ranges(pass.hidden, &ranges, Fold::Sum)?;
                    let counts = ranges.iter().map(|range| (range.end - range.start).max(1));
                    let counts: Vec<i64> = counts.collect();
                    let counts = operators::indexes(&counts, pass.hidden.device())?;
                    sums.f_div(&counts.f_unsqueeze(1)?)?.f_to_kind(Kind::Float)
                }
                Pool::Max => operators::ranges(pass.hidden, &ranges, Fold::Max),
                Pool::First | Pool::Last | Pool::None => {
                    let rows: Vec<i64> = ranges.into_iter().flatten().collect();
                    let rows = operators::indexes(&rows, pass.hidden.device())?;
                    pass.hidden.f_index_select(0, &rows)
                }
            }
        };
        self.pools.iter().map(of_pool).collect()
    }

    fn read(
        &self,
        _: usize,
        families: &PassFamilies,
        numbers: &[Tensor],
    ) -> Result<Vec<Vec<Pooled>>, TchError> {
        let floats = |tensor: &Tensor| Vec::<f32>::try_from(tensor.f_flatten(0, -1)?);
        let values = numbers.iter().map(floats).collect::<Result<Vec<_>, _>>()?;
        let mut values: Vec<_> = values.into_iter().map(Vec::into_iter).collect();
        let families = families.numbers.clone().map(|number| {
            let job = &self.jobs[number];
            let of_pool = |(&pool, values): (&Pool, &mut std::vec::IntoIter<f32>)| {
                let parts = Self::parts(pool, job);
                let rows = if pool == Pool::None { job.pooled.len() } else { parts.len() };
                let values = values.take(rows * self.width).collect();
                let bases = match pool {
                    Pool::Bins(_) => parts.iter().map(Range::len).collect(),
                    _ => vec![job.pooled.len()],
                };
                Pooled { values, bases }
            };
            self.pools.iter().zip(&mut values).map(of_pool).collect()
        });
        Ok(families.collect())
    }
}
