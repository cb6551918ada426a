//! What commands ask of a model: comparisons and embeddings, as plain numbers.

use std::ops::Range;

pub use super::engine::{EngineError, Limits};
use super::{
    engine::{Computed, Depth, Engine},
    family::{Branch, Family},
    pool::{Pool, Pooled},
};
use crate::{
    scoring::{Pair, Summary},
    tokenizer::log_probability,
};

/// A sequence to embed, and which of its bases count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Normalised bases.
    pub bases: Vec<u8>,
    /// Bases that are pooled, 0-based and half-open; not empty.
    pub pooled: Range<usize>,
}

/// Which positions a comparison of two sequences is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    Whole,
    /// Those of the branch, in both sequences.
    Branch,
}

/// Bases in, numbers out.
pub struct Runner {
    engine: Engine,
}

impl Runner {
    /// A runner for an engine.
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// Width of the hidden states.
    pub fn width(&self) -> usize {
        self.engine.config().d_model as usize
    }

    /// Compares the sequence of each family with each of its branches, in order. An empty stretch
    /// has likelihood 0 and a mean of NaN.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub fn compare(
        &mut self,
        families: &[Family<'_>],
        scope: Scope,
    ) -> Result<Vec<Vec<Pair>>, EngineError> {
        let parts: Vec<(usize, Family<'_>)> = families
            .iter()
            .enumerate()
            .flat_map(|(number, family)| split(family).map(move |part| (number, part)))
            .collect();
        let (numbers, parts): (Vec<usize>, Vec<Family<'_>>) = parts.into_iter().unzip();
        let computed = self.engine.each_family(&parts, Depth::Predictions, |part, computed| {
            compare(&parts[part], computed, scope)
        })?;
        let mut pairs: Vec<Vec<Pair>> = families.iter().map(|_| Vec::new()).collect();
        for (number, computed) in numbers.into_iter().zip(computed) {
            if computed.iter().any(|pair| !is_finite(pair)) {
                return Err(EngineError::NotFinite { length: families[number].bases.len() });
            }
            pairs[number].extend(computed);
        }
        Ok(pairs)
    }

    /// The pooled hidden states of each job, in order, after `layer` blocks (none: at the end).
    ///
    /// # Errors
    /// See [`EngineError`].
    pub fn embed(
        &mut self,
        jobs: &[Job],
        pool: Pool,
        layer: Option<usize>,
    ) -> Result<Vec<Pooled>, EngineError> {
        let families: Vec<Family<'_>> = jobs.iter().map(|job| Family::alone(&job.bases)).collect();
        let depth = layer.map_or(Depth::Hidden, Depth::Blocks);
        let pooled = self.engine.each_family(&families, depth, |number, computed| {
            let pooled = &jobs[number].pooled;
            let values = pool.pool(computed.hidden(0, pooled.clone()), computed.width);
            Pooled { values, bases: pooled.len() }
        })?;
        match pooled.iter().position(|p| p.bases > 0 && p.values.iter().any(|x| !x.is_finite())) {
            Some(i) => Err(EngineError::NotFinite { length: jobs[i].bases.len() }),
            None => Ok(pooled),
        }
    }
}

/// Cuts a family with many branches into families of the same sequence, so that the memory of a
/// pass is bounded.
fn split<'a>(family: &Family<'a>) -> impl Iterator<Item = Family<'a>> {
    const LEAST: usize = 1 << 15;
    const MOST: usize = 1 << 18;
    // of eight times the sequence, that itself is a small part
    let limit = (8 * family.bases.len()).clamp(LEAST, MOST.max(2 * family.bases.len()));
    let rows: Vec<usize> = family.branches.iter().map(|branch| branch.bases.len()).collect();
    let room = limit.saturating_sub(family.bases.len()).max(1);
    let bases = family.bases;
    let branches = family.branches.clone();
    super::family::passes(&rows, room)
        .into_iter()
        .map(move |part| Family { bases, branches: branches[part].to_vec() })
}

/// The pairs of a family's sequence and each branch.
fn compare(family: &Family<'_>, computed: &Computed<'_>, scope: Scope) -> Vec<Pair> {
    let bases = family.bases;
    // Σ log P of the bases up to each position, and the sum of the hidden states of all
    let mut likelihoods = Vec::with_capacity(bases.len() + 1);
    likelihoods.push(0.0);
    let mut likelihood = 0.0;
    for (position, &base) in bases.iter().enumerate() {
        if position > 0 {
            let row = computed.predictions(0, position - 1..position);
            likelihood += log_probability(row, base).unwrap_or(0.0);
        }
        likelihoods.push(likelihood);
    }
    let sum = |member: usize, positions: Range<usize>| -> Vec<f64> {
        sums(computed.hidden(member, positions), computed.width)
    };
    let all = match scope {
        Scope::Whole => sum(0, 0..bases.len()),
        Scope::Branch => Vec::new(),
    };
    let pair = |(i, branch): (usize, &Branch<'_>)| {
        let member = i + 1;
        let positions = branch.from..branch.from + branch.bases.len();
        let same = branch.from..positions.end.min(bases.len());
        let mut likelihood = 0.0;
        for (position, &base) in positions.clone().zip(branch.bases) {
            let Some(before) = position.checked_sub(1) else { continue };
            let member = if position == branch.from { 0 } else { member };
            let row = computed.predictions(member, before..position);
            likelihood += log_probability(row, base).unwrap_or(0.0);
        }
        let own = sum(member, positions.clone());
        match scope {
            Scope::Branch => Pair {
                reference: Summary {
                    log_likelihood: likelihoods[same.end] - likelihoods[same.start],
                    mean_hidden: mean(&sum(0, same.clone()), same.len()),
                },
                alternative: Summary {
                    log_likelihood: likelihood,
                    mean_hidden: mean(&own, positions.len()),
                },
            },
            Scope::Whole => {
                // of the bases before the branch what the two have in common
                let behind = sum(0, branch.from..bases.len());
                let sums: Vec<f64> =
                    all.iter().zip(&behind).zip(&own).map(|((all, r), a)| all - r + a).collect();
                Pair {
                    reference: Summary {
                        log_likelihood: likelihoods[bases.len()],
                        mean_hidden: mean(&all, bases.len()),
                    },
                    alternative: Summary {
                        log_likelihood: likelihoods[branch.from] + likelihood,
                        mean_hidden: mean(&sums, positions.end),
                    },
                }
            }
        }
    };
    family.branches.iter().enumerate().map(pair).collect()
}

/// The sum of each column of rows of `width` numbers.
fn sums(rows: &[f32], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for row in rows.chunks_exact(width) {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += f64::from(*x);
        }
    }
    sums
}

fn mean(sums: &[f64], count: usize) -> Vec<f64> {
    sums.iter().map(|sum| sum / count as f64).collect()
}

/// Whether all numbers are, those that stand for no base excepted.
fn is_finite(pair: &Pair) -> bool {
    [&pair.reference, &pair.alternative].iter().all(|summary| {
        summary.log_likelihood.is_finite() && summary.mean_hidden.iter().all(|x| !x.is_infinite())
    })
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::{
        model::{leaves::Precision, network::HyenaDna, source},
        tokenizer::Tokenizer,
    };

    fn runner(batch_tokens: usize) -> Runner {
        let named = source::builtin().unwrap();
        let model = HyenaDna::new(&named.weights, Device::Cpu).unwrap();
        let precision = Precision::Fp32;
        let limits = Limits { batch_tokens, threads: 2, cache_bytes: 1 << 24, precision };
        Runner::new(Engine::new(model, Device::Cpu, Tokenizer::default(), limits).unwrap())
    }

    fn assert_close(a: &Summary, b: &Summary) {
        let difference = (a.log_likelihood - b.log_likelihood).abs();
        assert!(difference <= 1e-6 * (1.0 + a.log_likelihood.abs()), "{difference}");
        assert_eq!(a.mean_hidden.len(), b.mean_hidden.len());
        for (a, b) in a.mean_hidden.iter().zip(&b.mean_hidden) {
            assert!((a - b).abs() <= 1e-5 || a.is_nan() && b.is_nan(), "{a} {b}");
        }
    }

    /// What else is in a batch, how batches are cut, and what is shared must not show in a result.
    #[test]
    fn a_comparison_is_that_of_two_sequences() {
        let bases: Vec<u8> = (0..900_usize).map(|i| b"ACGTN"[i * i * 7 % 11 % 5]).collect();
        let other: Vec<u8> = (0..900_usize).map(|i| b"CTNAG"[i * i * 5 % 13 % 5]).collect();
        let endings = [(450, 450), (0, 900), (899, 1), (450, 30), (900, 0), (1, 2), (17, 0)];
        let branches = endings.map(|(from, n)| Branch { from, bases: &other[..n] }).to_vec();
        let families = [
            Family::alone(&bases[..33]),
            Family { bases: &bases, branches },
            Family { bases: &bases[..1], branches: vec![Branch { from: 0, bases: &other[..1] }] },
            Family { bases: &[], branches: vec![Branch { from: 0, bases: &[] }] },
        ];
        let pairs = runner(2048).compare(&families, Scope::Whole).unwrap();
        let again = runner(1).compare(&families, Scope::Whole).unwrap();
        let mut alone = runner(4096);
        let mut whole = |sequence: &[u8]| {
            let branches = vec![Branch { from: 0, bases: sequence }];
            let family = Family { bases: &other[..sequence.len().max(1)], branches };
            alone.compare(&[family], Scope::Whole).unwrap()[0][0].alternative.clone()
        };
        assert_eq!(pairs.iter().map(Vec::len).collect::<Vec<_>>(), [0, 7, 1, 1]);
        for ((family, pairs), again) in families.iter().zip(&pairs).zip(&again) {
            for ((branch, pair), again) in family.branches.iter().zip(pairs).zip(again) {
                let sequence = [&family.bases[..branch.from], branch.bases].concat();
                assert_close(&pair.alternative, &whole(&sequence));
                assert_close(&pair.reference, &whole(family.bases));
                assert_close(&pair.alternative, &again.alternative);
            }
        }
        assert_eq!(pairs[2][0].reference.log_likelihood, 0.0);
        // an ending that is the sequence's own changes nothing
        let same = vec![Branch { from: 700, bases: &bases[700..] }];
        let pair = &alone
            .compare(&[Family { bases: &bases, branches: same }], Scope::Whole)
            .unwrap()[0][0];
        assert!(pair.llr().abs() < 1e-4);
    }

    #[test]
    fn the_scope_of_a_branch_is_its_positions() {
        let bases: Vec<u8> = (0..300_usize).map(|i| b"ACGT"[i * i * 7 % 11 % 4]).collect();
        let branch = Branch { from: 100, bases: b"GATTACA" };
        let family = || vec![Family { bases: &bases, branches: vec![branch] }];
        let mut runner = runner(2048);
        let part = runner.compare(&family(), Scope::Branch).unwrap().remove(0).remove(0);
        // the same from whole sequences: up to 107 less up to 100
        let mut likelihood = |bases: &[u8]| {
            let branches = vec![Branch { from: 0, bases }];
            let family = Family { bases: &bases[..bases.len()], branches };
            runner.compare(&[family], Scope::Whole).unwrap()[0][0].alternative.log_likelihood
        };
        let before = likelihood(&bases[..100]);
        let want = likelihood(&bases[..107]) - before;
        assert!((part.reference.log_likelihood - want).abs() < 1e-4);
        let changed = [&bases[..100], branch.bases].concat();
        assert!((part.alternative.log_likelihood - likelihood(&changed) + before).abs() < 1e-4);
        assert_ne!(part.reference.mean_hidden, part.alternative.mean_hidden);
    }

    #[test]
    fn pooling_matches_the_rows() {
        let mut runner = runner(4096);
        let job = Job { bases: b"ACGTTGCATGCC".to_vec(), pooled: 2..9 };
        let width = runner.width();
        let rows = runner.embed(std::slice::from_ref(&job), Pool::None, None).unwrap().remove(0);
        assert_eq!((rows.values.len(), rows.bases), (7 * width, 7));
        let column = |i: usize| rows.values.iter().skip(i).step_by(width).copied();
        for pool in [Pool::Mean, Pool::Max, Pool::First, Pool::Last] {
            let got =
                runner.embed(std::slice::from_ref(&job), pool, None).unwrap().remove(0).values;
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
        let early = runner.embed(std::slice::from_ref(&job), Pool::First, Some(1)).unwrap();
        let late = runner.embed(&[job], Pool::First, None).unwrap();
        assert_ne!(early, late);
    }

    #[test]
    fn a_sequence_over_the_context_is_refused() {
        let error = {
            let branches = vec![Branch { from: 0, bases: b"A" }];
            let family = Family { bases: &[b'A'; 1025], branches };
            runner(1).compare(&[family], Scope::Whole).unwrap_err()
        };
        assert!(matches!(error, EngineError::TooLong { length: 1025, limit: 1024 }));
    }
}
