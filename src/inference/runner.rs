//! The one owner of the model: bases go in, plain numbers come out.

use tch::{Device, Kind, TchError, Tensor};
use thiserror::Error;

pub use super::engine::Limits;
use super::{
    engine::{Computed, Engine},
    pool::{Pool, Pooled},
};
use crate::{model::network::HyenaDna, scoring::Summary, tokenizer::Tokenizer};

/// Computing failed.
#[derive(Debug, Error)]
pub enum RunnerError {
    /// libtorch reports an error; most often there was not enough memory.
    #[error(
        "computing a batch of {sequences} x {length} bases failed: {source}; if memory ran out, use a smaller --batch-tokens or shorter sequences"
    )]
    Torch { sequences: usize, length: usize, source: TchError },
    /// A result is NaN or infinite.
    #[error(
        "the model gave a value that is not finite for a sequence of {length} bases; the weights are damaged, or the device computes wrongly (compare --device cpu)"
    )]
    NotFinite { length: usize },
    /// A sequence is longer than the model reads.
    #[error("a sequence of {length} bases is longer than the model's context of {limit}")]
    TooLong { length: usize, limit: usize },
}

/// A sequence to embed, and which of its bases count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Normalised bases.
    pub bases: Vec<u8>,
    /// Bases that are pooled, 0-based and half-open; not empty.
    pub pooled: std::ops::Range<usize>,
}

/// Bases in, numbers out.
pub struct Runner {
    engine: Engine,
}

impl Runner {
    /// A runner on the calling thread.
    pub fn new(model: HyenaDna, device: Device, tokenizer: Tokenizer, limits: Limits) -> Self {
        Self { engine: Engine::new(model, device, tokenizer, limits) }
    }

    /// Width of the hidden states.
    pub fn width(&self) -> usize {
        self.engine.model.config.d_model as usize
    }

    /// Log-likelihood and mean hidden state of each sequence, in order. An empty sequence has
    /// likelihood 0 and a mean of NaN.
    ///
    /// # Errors
    /// See [`RunnerError`].
    pub fn summarize(&mut self, sequences: &[&[u8]]) -> Result<Vec<Summary>, RunnerError> {
        let nothing = Summary { log_likelihood: 0.0, mean_hidden: vec![f32::NAN; self.width()] };
        let computed = self.engine.each_batch(sequences, None, |computed| {
            let likelihoods = log_likelihoods(computed, sequences)?;
            let rows = computed.batch.members.iter().zip(likelihoods).enumerate();
            rows.map(|(row, (&member, log_likelihood))| {
                let length = sequences[member].len() as i64;
                let mean = computed
                    .hidden
                    .f_select(0, row as i64)?
                    .f_narrow(0, 0, length)?
                    .f_mean_dim([0].as_slice(), false, Kind::Float)?;
                Ok(Summary { log_likelihood, mean_hidden: floats(&mean)? })
            })
            .collect()
        })?;
        for (summary, bases) in computed.iter().zip(sequences) {
            let finite = summary.as_ref().is_none_or(|summary| {
                summary.log_likelihood.is_finite()
                    && summary.mean_hidden.iter().all(|x| x.is_finite())
            });
            if !finite {
                return Err(RunnerError::NotFinite { length: bases.len() });
            }
        }
        Ok(computed.into_iter().map(|summary| summary.unwrap_or(nothing.clone())).collect())
    }

    /// The pooled hidden states of each job, in order, after `layer` blocks (none: at the end).
    ///
    /// # Errors
    /// See [`RunnerError`].
    pub fn embed(
        &mut self,
        jobs: &[Job],
        pool: Pool,
        layer: Option<usize>,
    ) -> Result<Vec<Pooled>, RunnerError> {
        let sequences: Vec<&[u8]> = jobs.iter().map(|job| job.bases.as_slice()).collect();
        let computed = self.engine.each_batch(&sequences, layer, |computed| {
            let rows = computed.batch.members.iter().enumerate();
            rows.map(|(row, &member)| {
                let range = &jobs[member].pooled;
                let (start, bases) = (range.start as i64, range.len() as i64);
                let rows = computed.hidden.f_select(0, row as i64)?.f_narrow(0, start, bases)?;
                let pooled = match pool {
                    Pool::Mean => rows.f_mean_dim([0].as_slice(), false, Kind::Float)?,
                    Pool::Max => rows.f_amax([0].as_slice(), false)?,
                    Pool::First => rows.f_select(0, 0)?,
                    Pool::Last => rows.f_select(0, bases - 1)?,
                    Pool::None => rows,
                };
                Ok(Pooled { values: floats(&pooled)?, bases: range.len() })
            })
            .collect()
        })?;
        let nothing = || Pooled { values: Vec::new(), bases: 0 };
        let pooled: Vec<Pooled> =
            computed.into_iter().map(|pooled| pooled.unwrap_or_else(nothing)).collect();
        match pooled.iter().position(|p| p.values.iter().any(|x| !x.is_finite())) {
            Some(i) => Err(RunnerError::NotFinite { length: jobs[i].bases.len() }),
            None => Ok(pooled),
        }
    }
}

/// Log-likelihood of each member of a batch, summed in f64.
fn log_likelihoods(computed: &Computed<'_>, sequences: &[&[u8]]) -> Result<Vec<f64>, TchError> {
    let Computed { model, batch, ids, hidden } = computed;
    if batch.length < 2 {
        return Ok(vec![0.0; batch.members.len()]);
    }
    let predictions = batch.length as i64 - 1;
    let logits = model.logits(&hidden.f_narrow(1, 0, predictions)?)?; // (B, L−1, vocabulary)
    let targets = ids.f_narrow(1, 1, predictions)?; // (B, L−1)
    let log_probabilities =
        logits.f_log_softmax(-1, Kind::Float)?.f_gather(2, &targets.f_unsqueeze(2)?, false)?;
    let values = floats(&log_probabilities)?;
    let rows = values.chunks_exact(predictions as usize).zip(&batch.members);
    Ok(rows
        .map(|(row, &member)| {
            let targets = sequences[member].iter().skip(1);
            row.iter()
                .zip(targets)
                .filter(|(_, base)| is_base(**base))
                .map(|(x, _)| f64::from(*x))
                .sum()
        })
        .collect())
}

/// Only these letters are predicted and scored.
fn is_base(base: u8) -> bool {
    matches!(base, b'A' | b'C' | b'G' | b'T')
}

/// The values of a tensor in host memory, row-major.
fn floats(tensor: &Tensor) -> Result<Vec<f32>, TchError> {
    let tensor = tensor.f_to_device(Device::Cpu)?.f_contiguous()?;
    let mut values = vec![0.0; tensor.numel()];
    tensor.f_copy_data(&mut values, tensor.numel())?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::source;

    fn runner(batch_tokens: usize) -> Runner {
        let named = source::builtin().unwrap();
        let model = HyenaDna::new(&named.weights, Device::Cpu).unwrap();
        let limits = Limits { batch_tokens, threads: 2 };
        Runner::new(model, Device::Cpu, Tokenizer::default(), limits)
    }

    /// What else is in a batch, and how batches are cut, must not show in a result.
    #[test]
    fn results_do_not_depend_on_the_batch() {
        let bases: Vec<u8> = (0..900_usize).map(|i| b"ACGTN"[i * i * 7 % 11 % 5]).collect();
        let sequences: Vec<&[u8]> =
            [900, 1, 2, 850, 33, 900, 0, 17].iter().map(|&n| &bases[..n]).collect();
        let together = runner(8192).summarize(&sequences).unwrap();
        let mut alone = runner(1);
        for (sequence, together) in sequences.iter().zip(&together) {
            let alone = &alone.summarize(&[sequence]).unwrap()[0];
            let difference = (alone.log_likelihood - together.log_likelihood).abs();
            assert!(difference <= 1e-6 * (1.0 + alone.log_likelihood.abs()), "{difference}");
            for (a, b) in alone.mean_hidden.iter().zip(&together.mean_hidden) {
                assert!((a - b).abs() <= 1e-5 || a.is_nan() && b.is_nan(), "{a} {b}");
            }
        }
        assert_eq!(together[6].log_likelihood, 0.0);
        assert_eq!(together[0], together[5]);
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
        let error = runner(1).summarize(&[&[b'A'; 1025]]).unwrap_err();
        assert!(matches!(error, RunnerError::TooLong { length: 1025, limit: 1024 }));
    }
}
