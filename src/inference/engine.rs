//! Runs the model over batches: several at once on threads of their own where that is faster.

use rayon::prelude::*;
use tch::{Device, TchError, Tensor};

use super::{
    batch::{self, Batch},
    runner::RunnerError,
};
use crate::{
    model::{fft::SpectrumCache, libtorch, network::HyenaDna},
    tokenizer::{self, Tokenizer},
};

/// How much is computed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most tokens in a batch.
    pub batch_tokens: usize,
    /// Threads in all.
    pub threads: usize,
}

/// Sequences up to this length, in bases, are computed by one thread each: threads that share one
/// operator wait for each other at its end, dozens of times for each batch, and for long if
/// another program takes one of the cores. Longer ones share their operators, as the activations
/// of several at once would need too much memory.
const ALONE: usize = 4096;

/// A model with what it needs to run: shared between threads by value, never by reference.
pub struct Engine {
    pub(super) model: HyenaDna,
    device: Device,
    tokenizer: Tokenizer,
    cache: SpectrumCache,
    limits: Limits,
    _no_grad: tch::NoGradGuard,
}

/// What one batch gave: ids (B, L) and hidden states (B, L, D).
pub struct Computed<'a> {
    pub model: &'a HyenaDna,
    pub batch: &'a Batch,
    pub ids: Tensor,
    pub hidden: Tensor,
}

/// A model on one thread.
struct Worker {
    model: HyenaDna,
    cache: SpectrumCache,
}

impl Engine {
    /// An engine on the calling thread.
    pub fn new(model: HyenaDna, device: Device, tokenizer: Tokenizer, limits: Limits) -> Self {
        let cache = SpectrumCache::default();
        Self { model, device, tokenizer, cache, limits, _no_grad: tch::no_grad_guard() }
    }

    /// Computes every sequence after `layer` blocks (none: to the end), and brings what `take`
    /// makes of the members of each batch into the order of the sequences. Empty ones have `None`.
    ///
    /// # Errors
    /// See [`RunnerError`].
    pub fn each_batch<T: Send>(
        &mut self,
        sequences: &[&[u8]],
        layer: Option<usize>,
        take: impl Fn(&Computed<'_>) -> Result<Vec<T>, TchError> + Sync,
    ) -> Result<Vec<Option<T>>, RunnerError> {
        let lengths: Vec<usize> = sequences.iter().map(|bases| bases.len()).collect();
        let limit = self.model.config.context() as usize;
        if let Some(&length) = lengths.iter().find(|&&length| length > limit) {
            return Err(RunnerError::TooLong { length, limit });
        }
        let batches = batch::plan(&lengths, self.limits.batch_tokens, limit);
        let (device, tokenizer) = (self.device, self.tokenizer);
        let compute = |worker: &mut Worker, batch: &Batch| {
            let mut run = || {
                let ids = tokens(tokenizer, device, sequences, batch)?;
                let hidden = worker.model.hidden(&ids, layer, &mut worker.cache)?;
                take(&Computed { model: &worker.model, batch, ids, hidden })
            };
            run().map_err(|source| RunnerError::Torch {
                sequences: batch.members.len(),
                length: batch.length,
                source,
            })
        };
        let made = self.run(&batches, compute)?;
        let mut results: Vec<Option<T>> = lengths.iter().map(|_| None).collect();
        for (batch, made) in batches.iter().zip(made) {
            for (&member, value) in batch.members.iter().zip(made) {
                results[member] = Some(value);
            }
        }
        Ok(results)
    }

    /// Computes each batch; results in the order of the batches.
    fn run<R: Send>(
        &mut self,
        batches: &[Batch],
        compute: impl Fn(&mut Worker, &Batch) -> Result<R, RunnerError> + Sync,
    ) -> Result<Vec<R>, RunnerError> {
        // batches are sorted by length: the short ones come first
        let short = batches.partition_point(|batch| batch.length <= ALONE);
        let on_cpu = self.device == Device::Cpu && self.limits.threads > 1;
        let (alone, shared) = batches.split_at(if on_cpu && short > 1 { short } else { 0 });
        let mut results = self.run_alone(alone, &compute)?;
        let mut worker = self.worker();
        for batch in shared {
            results.push(compute(&mut worker, batch)?);
        }
        if !shared.is_empty() {
            self.cache = worker.cache;
        }
        Ok(results)
    }

    /// Computes batches on rayon's threads, each with operators of one thread.
    fn run_alone<R: Send>(
        &mut self,
        batches: &[Batch],
        compute: &(impl Fn(&mut Worker, &Batch) -> Result<R, RunnerError> + Sync),
    ) -> Result<Vec<R>, RunnerError> {
        for batch in batches.chunk_by(|a, b| a.length == b.length).map(|same| &same[0]) {
            self.warm(batch)?;
        }
        let tasks: Vec<(Worker, &Batch)> =
            batches.iter().map(|batch| (self.worker(), batch)).collect();
        let results = tasks.into_par_iter().map(|(mut worker, batch)| {
            let _no_grad = tch::no_grad_guard(); // both are bound to the thread
            libtorch::set_threads(1);
            compute(&mut worker, batch)
        });
        let results = results.collect();
        libtorch::set_threads(self.limits.threads);
        results
    }

    /// What a thread needs to compute.
    fn worker(&self) -> Worker {
        Worker { model: self.model.share(), cache: self.cache.share() }
    }

    /// Makes the spectra that a batch needs, so that its threads share them.
    fn warm(&mut self, batch: &Batch) -> Result<(), RunnerError> {
        self.model.warm(batch.length as i64, &mut self.cache).map_err(|source| RunnerError::Torch {
            sequences: 0,
            length: batch.length,
            source,
        })
    }
}

/// Token ids (B, L) of a batch, padded on the right.
fn tokens(
    tokenizer: Tokenizer,
    device: Device,
    sequences: &[&[u8]],
    batch: &Batch,
) -> Result<Tensor, TchError> {
    let mut tokens = Vec::with_capacity(batch.members.len() * batch.length);
    for (row, &member) in batch.members.iter().enumerate() {
        tokenizer.encode_into(sequences[member], &mut tokens);
        tokens.resize((row + 1) * batch.length, i64::from(tokenizer::PAD));
    }
    let shape = [batch.members.len() as i64, batch.length as i64];
    Tensor::f_from_slice(&tokens)?.f_view(shape)?.f_to_device(device)
}
