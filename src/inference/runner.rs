//! Comparisons and embeddings of the model as plain numbers, for commands.

use super::{
    compare::{CompareOptions, Comparisons, WindowGroup},
    computed::EngineError,
    embedding::EmbeddingJob,
    engine::Engine,
    family::{Family, passes},
    reduction::pools::Pools,
};
use crate::{
    model::{
        cpu::Depth,
        pool::{Pool, Pooled},
    },
    scoring::Comparison,
};

/// An engine with the operations of the commands.
pub struct Runner {
    engine: Engine,
}

impl Runner {
    /// Makes a runner of an engine.
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// The engine itself.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Number of channels of the hidden states.
    pub fn width(&self) -> usize {
        self.engine.config().d_model as usize
    }

    /// Compares the window of each group with each of its alternatives, in order.
    pub fn compare(
        &mut self,
        groups: &[WindowGroup<'_>],
        options: CompareOptions,
    ) -> Result<Vec<Vec<Comparison>>, EngineError> {
        let parts: Vec<(usize, WindowGroup<'_>)> = groups
            .iter()
            .enumerate()
            .flat_map(|(number, group)| split(group).map(move |part| (number, part)))
            .collect();
        let families: Vec<Family<'_>> = parts.iter().map(|(_, part)| part.family()).collect();
        let groups_of_parts: Vec<WindowGroup<'_>> =
            parts.iter().map(|(_, part)| part.clone()).collect();
        let comparisons = Comparisons { groups: &groups_of_parts, options };
        let computed = self.engine.reduce_to(&families, Depth::Predictions, &comparisons)?;
        let mut compared: Vec<Vec<Comparison>> = groups.iter().map(|_| Vec::new()).collect();
        for ((number, _), computed) in parts.iter().zip(computed) {
            if !computed.iter().all(Comparison::is_finite) {
                return Err(EngineError::NotFinite { length: groups[*number].bases.len() });
            }
            compared[*number].extend(computed);
        }
        Ok(compared)
    }

    /// Pools the hidden states of each job, in order, at each of `layers`, in their order: those
    /// after so many blocks, or the final ones for `None`. No layer is named twice.
    pub fn embed(
        &mut self,
        jobs: &[EmbeddingJob],
        pool: Pool,
        layers: &[Option<usize>],
    ) -> Result<Vec<Vec<Pooled>>, EngineError> {
        let each = self.embed_each(jobs, &[pool], layers)?;
        Ok(each.into_iter().map(|layers| layers.into_iter().flatten().collect()).collect())
    }

    /// As [`embed`](Self::embed), with several poolings in one pass: for each job, layer and pooling.
    pub fn embed_each(
        &mut self,
        jobs: &[EmbeddingJob],
        pools: &[Pool],
        layers: &[Option<usize>],
    ) -> Result<Vec<Vec<Vec<Pooled>>>, EngineError> {
        let families: Vec<Family<'_>> = jobs.iter().map(|job| Family::alone(&job.bases)).collect();
        let depth = |layer: &Option<usize>| layer.map_or(Depth::Hidden, Depth::Blocks);
        let wanted: Vec<Depth> = layers.iter().map(depth).collect();
        let mut depths = wanted.clone();
        depths.sort_unstable();
        let reduction = Pools { jobs, pools, width: self.width() };
        let pooled = self.engine.reduce(&families, &depths, &reduction)?;
        let finite = |p: &Pooled| p.values.iter().all(|x| x.is_finite());
        let is_bad = |layers: &Vec<Vec<Pooled>>| !layers.iter().flatten().all(finite);
        if let Some(i) = pooled.iter().position(is_bad) {
            return Err(EngineError::NotFinite { length: jobs[i].bases.len() });
        }
        if wanted == depths {
            return Ok(pooled);
        }
        let in_order = |ascending: Vec<Vec<Pooled>>| -> Vec<Vec<Pooled>> {
            let mut pairs: Vec<_> = depths.iter().zip(ascending).collect();
            pairs.sort_by_key(|(depth, _)| wanted.iter().position(|other| other == *depth));
            pairs.into_iter().map(|(_, pooled)| pooled).collect()
        };
        Ok(pooled.into_iter().map(in_order).collect())
    }
}

/// Splits a group with many alternatives into groups of the same window, which bounds the memory of
/// a pass.
fn split<'a>(group: &WindowGroup<'a>) -> impl Iterator<Item = WindowGroup<'a>> {
    const LEAST: usize = 1 << 15;
    const MOST: usize = 1 << 18;
    let WindowGroup { bases, alternatives } = group.clone();
    // the window is computed again in each part, so a part is eight times as long
    let limit = (8 * bases.len()).clamp(LEAST, MOST.max(2 * bases.len()));
    let rows: Vec<usize> = alternatives.iter().map(|alternative| alternative.bases.len()).collect();
    let room = limit.saturating_sub(bases.len()).max(1);
    passes(&rows, room)
        .into_iter()
        .map(move |part| WindowGroup { bases, alternatives: alternatives[part].to_vec() })
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use tch::Device;

    use super::*;
    use crate::{
        inference::computed::{Computed, Limits},
        model::{
            network::{HyenaDna, leaves::Precision},
            tokenizer::{Tokenizer, log_probability},
            weights::source,
        },
        scoring::{Certainty, Embedding, LargestShift, Shift, distance, distribution},
        windows::placement::{Alternative, Site},
    };

    fn runner(batch_tokens: usize) -> Runner {
        let named = source::builtin().unwrap();
        let model = HyenaDna::new(&named.weights, Device::Cpu).unwrap();
        let precision = Precision::Fp32;
        let limits = Limits { batch_tokens, threads: 2, cache_bytes: 1 << 24, precision };
        Runner::new(Engine::new(model, Device::Cpu, Tokenizer::default(), limits).unwrap())
    }

    /// Predictions and hidden states of one sequence, computed on its own.
    struct Alone {
        bases: Vec<u8>,
        /// log P of each token after each position (positions, 16).
        predictions: Vec<Vec<f32>>,
        hidden: Vec<Vec<f64>>,
    }

    fn alone(runner: &mut Runner, bases: &[u8]) -> Alone {
        let families = [Family::alone(bases)];
        let rows = |values: &[f32], width| values.chunks(width).map(<[f32]>::to_vec).collect();
        let take = |_: usize, computed: &Computed<'_>| -> (Vec<Vec<f32>>, Vec<Vec<f32>>) {
            let all = 0..bases.len();
            let predictions = rows(computed.predictions(0, all.clone()), computed.vocabulary);
            (predictions, rows(computed.hidden(0, all), computed.width))
        };
        let (predictions, hidden) =
            runner.engine.each_family(&families, Depth::Predictions, take).unwrap().remove(0);
        let wide = |row: Vec<f32>| row.into_iter().map(f64::from).collect();
        let hidden = hidden.into_iter().map(wide).collect();
        Alone { bases: bases.to_vec(), predictions, hidden }
    }

    impl Alone {
        fn likelihood(&self, positions: std::ops::Range<usize>) -> f64 {
            let of = |position: usize| match position {
                0 => 0.0,
                _ => {
                    let row = &self.predictions[position - 1];
                    log_probability(row, self.bases[position]).unwrap_or(0.0)
                }
            };
            positions.filter(|&position| position < self.bases.len()).map(of).sum()
        }

        fn mean(&self, positions: std::ops::Range<usize>) -> Vec<f64> {
            let rows = &self.hidden[positions];
            let sum = |i: usize| rows.iter().map(|row| row[i]).sum::<f64>();
            (0..rows[0].len()).map(|i| sum(i) / rows.len() as f64).collect()
        }
    }

    /// The comparison of two whole sequences, by the definitions of the scores.
    fn expected(
        r: &Alone,
        a: &Alone,
        site: Site,
        counted: Option<[Range<usize>; 2]>,
    ) -> Comparison {
        let shorter = 0..r.bases.len().min(a.bases.len());
        let [of_r, of_a] = counted.unwrap_or([shorter.clone(), shorter]);
        // as many bases of both, even where the alternative is cut off
        let left = [r.bases.len() - site.reference, a.bases.len() - site.alternative];
        let longest = site.removed.max(site.added).min(left[0]).min(left[1]);
        let [after_r, after_a] = [site.reference + site.removed, site.alternative + site.added];
        let mut shift = Shift::default();
        let mut change = 0.0;
        let ends = [r.bases.len(), of_a.end];
        for k in 0.. {
            let (at_r, at_a) = (after_r + k, after_a + k);
            if at_r >= ends[0] || at_a >= ends[1] {
                break;
            }
            if at_r == 0 || at_a == 0 {
                continue;
            }
            let (p, q) = (&r.predictions[at_r - 1], &a.predictions[at_a - 1]);
            let divergence = distribution::jensen_shannon(p, q);
            shift.sum += divergence;
            if shift.largest.is_none_or(|largest| divergence > largest.divergence) {
                shift.largest = Some(LargestShift { divergence, distance: k as u64 + 1 });
            }
            change += distribution::entropy(q) - distribution::entropy(p);
        }
        let before = site.reference.checked_sub(1);
        Comparison {
            llr: a.likelihood(of_a.clone()) - r.likelihood(of_r.clone()),
            site: a.likelihood(site.alternative..site.alternative + longest)
                - r.likelihood(site.reference..site.reference + longest),
            embedding: (!of_a.is_empty() && !of_r.is_empty()).then(|| {
                let (r, a) = (r.mean(of_r), a.mean(of_a));
                Embedding {
                    l2: distance::euclidean(&r, &a),
                    cosine: distance::cosine_distance(&r, &a),
                    inner: distance::inner_product(&r, &a),
                }
            }),
            shift: Some(shift),
            certainty: Some(Certainty {
                site: before
                    .filter(|_| site.reference < r.bases.len())
                    .map(|before| distribution::entropy(&r.predictions[before])),
                change,
            }),
        }
    }

    fn assert_close(got: &Comparison, want: &Comparison, scale: f64) {
        let close = |got: f64, want: f64, what: &str| {
            assert!((got - want).abs() <= 2e-6 * scale + 1e-5, "{what}: {got} {want}");
        };
        close(got.llr, want.llr, "llr");
        close(got.site, want.site, "site");
        assert_eq!(got.embedding.is_some(), want.embedding.is_some());
        if let (Some(got), Some(want)) = (got.embedding, want.embedding) {
            close(got.l2, want.l2, "l2");
            close(got.cosine, want.cosine, "cosine");
            close(got.inner / scale.max(1.0), want.inner / scale.max(1.0), "inner");
        }
        let (got_shift, want_shift) = (got.shift.unwrap(), want.shift.unwrap());
        close(got_shift.sum, want_shift.sum, "jsd");
        let largest = |s: &Shift| s.largest.map_or(0.0, |largest| largest.divergence);
        close(largest(&got_shift), largest(&want_shift), "largest");
        if largest(&want_shift) > 1e-3 {
            let distance = |s: &Shift| s.largest.unwrap().distance;
            assert_eq!(distance(&got_shift), distance(&want_shift));
        }
        let (got, want) = (got.certainty.unwrap(), want.certainty.unwrap());
        close(got.change, want.change, "entropy_change");
        assert_eq!(got.site.is_some(), want.site.is_some());
        close(got.site.unwrap_or(0.0), want.site.unwrap_or(0.0), "entropy");
    }

    const ALL: CompareOptions = CompareOptions { downstream: None, shift: true, certainty: true };

    /// A result does not depend on the rest of a batch, on the split into batches, or on sharing.
    #[test]
    fn comparisons_equal_those_of_two_separate_sequences() {
        let bases: Vec<u8> = (0..900_usize).map(|i| b"ACGTN"[i * i * 7 % 11 % 5]).collect();
        let other: Vec<u8> = (0..900_usize).map(|i| b"CTNAG"[i * i * 5 % 13 % 5]).collect();
        // start of the alternative's own bases, their number, and the site of the alleles
        let cases = [
            (450, 450, [450, 1, 450, 1]),
            (0, 900, [0, 1, 0, 2]),
            (0, 900, [899, 0, 890, 10]),
            (899, 1, [899, 1, 899, 1]),
            (450, 30, [445, 7, 448, 0]),
            (900, 0, [900, 0, 900, 0]),
            (1, 2, [0, 4, 1, 1]),
            (17, 0, [17, 3, 17, 0]),
        ];
        let site = |[reference, removed, alternative, added]: [usize; 4]| Site {
            reference,
            removed,
            alternative,
            added,
        };
        let alternative = |(from, n, at): (usize, usize, [usize; 4])| Alternative {
            from,
            bases: other[..n].to_vec(),
            site: site(at),
        };
        let alternatives = cases.map(alternative);
        let first = alternative((0, 1, [0, 1, 0, 1]));
        let empty = alternative((0, 0, [0; 4]));
        let groups = [
            WindowGroup { bases: &bases[..33], alternatives: Vec::new() },
            WindowGroup { bases: &bases, alternatives: alternatives.iter().collect() },
            WindowGroup { bases: &bases[..1], alternatives: vec![&first] },
            WindowGroup { bases: &[], alternatives: vec![&empty] },
        ];
        let compared = runner(2048).compare(&groups, ALL).unwrap();
        let again = runner(1).compare(&groups, ALL).unwrap();
        assert_eq!(compared.iter().map(Vec::len).collect::<Vec<_>>(), [0, 8, 1, 1]);
        let mut single = runner(4096);
        for ((group, compared), again) in groups.iter().zip(&compared).zip(&again) {
            for ((of, got), again) in group.alternatives.iter().zip(compared).zip(again) {
                let sequence = [&group.bases[..of.from], &of.bases].concat();
                let (r, a) = (alone(&mut single, group.bases), alone(&mut single, &sequence));
                let want = expected(&r, &a, of.site, None);
                let scale = r.likelihood(0..r.bases.len()).abs() + 1.0;
                assert_close(got, &want, scale);
                assert_close(again, &want, scale);
            }
        }
        // an alternative that equals the window has no effect
        let same =
            Alternative { from: 700, bases: bases[700..].to_vec(), site: site([700, 1, 700, 1]) };
        let group = WindowGroup { bases: &bases, alternatives: vec![&same] };
        let found = single.compare(&[group], ALL).unwrap()[0][0];
        assert!(found.llr.abs() < 1e-4 && found.shift.unwrap().sum < 1e-9, "{found:?}");
    }

    #[test]
    fn a_downstream_limit_compares_only_the_positions_of_the_alternative() {
        let bases: Vec<u8> = (0..300_usize).map(|i| b"ACGT"[i * i * 7 % 11 % 4]).collect();
        let site = Site { reference: 100, removed: 2, alternative: 100, added: 3 };
        let alternative = Alternative { from: 100, bases: b"GATTACA".to_vec(), site };
        let group = WindowGroup { bases: &bases, alternatives: vec![&alternative] };
        let mut runner = runner(2048);
        let options = CompareOptions { downstream: Some(4), ..ALL };
        let got = runner.compare(&[group], options).unwrap().remove(0).remove(0);
        let sequence = [&bases[..100], &alternative.bases].concat();
        let (r, a) = (alone(&mut runner, &bases), alone(&mut runner, &sequence));
        assert_close(&got, &expected(&r, &a, site, Some([100..107, 100..107])), 100.0);
    }

    #[test]
    fn pooling_matches_the_rows() {
        let mut runner = runner(4096);
        let job = EmbeddingJob::whole(b"ACGTTGCATGCC".to_vec(), 2..9);
        let width = runner.width();
        let jobs = std::slice::from_ref(&job);
        let mut embed =
            |pool, layers: &[Option<usize>]| runner.embed(jobs, pool, layers).unwrap().remove(0);
        let rows = embed(Pool::None, &[None]).remove(0);
        assert_eq!((rows.values.len(), rows.bases), (7 * width, vec![7]));
        let column = |i: usize| rows.values.iter().skip(i).step_by(width).copied();
        for pool in [Pool::Mean, Pool::Max, Pool::First, Pool::Last] {
            let got = embed(pool, &[None]).remove(0).values;
            assert_eq!(got.len(), width);
            for (i, got) in got.into_iter().enumerate() {
                let want = match pool {
                    Pool::Mean => column(i).sum::<f32>() / 7.0,
                    Pool::Max => column(i).fold(f32::MIN, f32::max),
                    Pool::First => column(i).next().unwrap(),
                    _ => column(i).last().unwrap(),
                };
                assert!((got - want).abs() < 1e-5, "{pool:?} {i}");
            }
        }
    }

    /// Layers of one call are those of several, in the order in which they are requested.
    #[test]
    fn layers_come_in_the_requested_order() {
        let mut runner = runner(64);
        let bases = |n: usize| (0..n).map(|i| b"ACGT"[i * i * 7 % 11 % 4]).collect::<Vec<u8>>();
        let jobs = [3, 200, 1, 77].map(|n| EmbeddingJob::whole(bases(n), 0..n));
        let layers = [None, Some(0), Some(2), Some(1)];
        let all = runner.embed(&jobs, Pool::Mean, &layers).unwrap();
        for (place, layer) in layers.into_iter().enumerate() {
            let want = runner.embed(&jobs, Pool::Mean, &[layer]).unwrap();
            for (all, want) in all.iter().zip(&want) {
                assert_eq!((all.len(), want.len()), (4, 1));
                assert_eq!(all[place], want[0], "{layer:?}");
            }
        }
        assert_ne!(all[1][0], all[1][2]);
    }

    #[test]
    fn a_sequence_over_the_context_is_refused() {
        let error = {
            let site = Site { reference: 0, removed: 1, alternative: 0, added: 1 };
            let alternative = Alternative { from: 0, bases: b"A".to_vec(), site };
            let alternatives = vec![&alternative];
            runner(1)
                .compare(&[WindowGroup { bases: &[b'A'; 1025], alternatives }], ALL)
                .unwrap_err()
        };
        assert!(matches!(error, EngineError::TooLong { length: 1025, limit: 1024 }));
    }
}
