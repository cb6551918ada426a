//! Families on a GPU.
//!
//! The device computes one pass while the next is laid out and the numbers of the one before come to the host. What does not fit
//! into its memory is computed in smaller parts.

use std::{collections::VecDeque, ops::Range};

use tch::{Device, TchError, Tensor};

use super::{
    computed::{EngineError, Limits},
    family::{Family, passes},
    memory::{Bytes, pass},
    pass::Pass,
    reduction::{PassFamilies, PassRows, Reduction},
};
use crate::model::{
    cpu::Depth,
    device::{Chunks, DeviceNetwork, DevicePass},
    libtorch::{self, memory, transfer::Download},
    network::HyenaDna,
    tokenizer::Tokenizer,
};

/// A model on a GPU.
pub struct Gpu {
    network: DeviceNetwork,
    /// Token ids that each sequence follows.
    prompt: Vec<u32>,
    limits: Limits,
    /// What may be in memory at once, after memory ran out.
    most: Chunks,
    /// True if it was said that memory is short.
    warned: bool,
    /// Bytes that tests allow.
    #[cfg(test)]
    allowed: Option<usize>,
}

/// A pass whose numbers are on their way.
struct Running {
    families: PassFamilies,
    /// Those of each depth.
    numbers: Vec<Vec<Download>>,
}

impl Gpu {
    /// Makes an engine of a model, which must be on `device`.
    pub fn new(model: HyenaDna, device: Device, limits: Limits) -> Self {
        let prompt = model.prompt().to_vec();
        let network = DeviceNetwork::new(model, device, limits.precision, limits.cache_bytes);
        Self {
            network,
            prompt,
            limits,
            most: Chunks::default(),
            warned: false,
            #[cfg(test)]
            allowed: None,
        }
    }

    /// Size of the vocabulary.
    pub fn vocabulary(&self) -> usize {
        self.network.vocabulary()
    }

    /// Computes every family: see [`Engine::each_depth`](super::engine::Engine::each_depth).
    pub fn each_depth<R: Reduction>(
        &mut self,
        families: &[Family<'_>],
        tokenizer: Tokenizer,
        depths: &[Depth],
        reduction: &R,
    ) -> Result<Vec<Vec<R::Output>>, EngineError> {
        let rows: Vec<usize> =
            families.iter().map(|family| self.prompt.len() + family.rows()).collect();
        let mut waiting: VecDeque<Range<usize>> = passes(&rows, self.limits.batch_tokens).into();
        let mut results: Vec<Vec<R::Output>> =
            families.iter().map(|_| Vec::with_capacity(depths.len())).collect();
        let mut running: Option<Running> = None;
        while let Some(numbers) = waiting.pop_front() {
            let pass = Pass::new(families, numbers, &self.prompt, tokenizer);
            let failed = |source| failed(&pass.families, source);
            let started = match self.fits(&pass)? {
                true => self.start(&pass, depths, reduction),
                false => Err(TchError::Torch(OUT_OF_MEMORY[0].into())),
            };
            let before = match started {
                Ok(started) => running.replace(started),
                Err(error) if is_out_of_memory(&error) => {
                    let parts = self.smaller(&pass).ok_or_else(|| failed(error))?;
                    parts.into_iter().rev().for_each(|part| waiting.push_front(part));
                    running.take()
                }
                Err(error) => return Err(failed(error)),
            };
            if let Some(before) = before {
                finish(before, reduction, &mut results)?;
            }
        }
        if let Some(last) = running {
            finish(last, reduction, &mut results)?;
        }
        Ok(results)
    }

    /// Tells the device to compute a pass, and to send the numbers.
    fn start<R: Reduction>(
        &mut self,
        pass: &Pass,
        depths: &[Depth],
        reduction: &R,
    ) -> Result<Running, TchError> {
        let families = &pass.families;
        let mut numbers = Vec::with_capacity(depths.len());
        let visit = |depth: usize, computed: DevicePass<'_>| {
            let DevicePass { hidden, predictions } = &computed;
            let rows = PassRows { families, hidden, predictions: predictions.as_ref() };
            let requested = reduction.request(depth, &rows)?;
            let requested: Result<Vec<Download>, TchError> =
                requested.iter().map(Download::request).collect();
            numbers.push(requested?);
            Ok(())
        };
        self.network.forward(&pass.ids, &pass.segments, depths, visit)?;
        Ok(Running { families: families.clone(), numbers })
    }

    /// False if a pass of several families needs more than the free memory by estimate. For a single one, chunks are made
    /// smaller.
    fn fits(&mut self, pass: &Pass) -> Result<bool, EngineError> {
        let Some(free) = self.free() else { return Ok(true) };
        let (rows, longest) = (pass.families.rows, pass.longest());
        let (config, cache) = (self.network.config().clone(), self.limits.cache_bytes);
        // spectra that are kept are not in the free memory any more
        let free = free + self.network.kept();
        let needed = |chunks: Chunks| pass::on_device(&config, chunks, [rows, longest], cache);
        self.network.chunks = self.most;
        while needed(self.network.chunks) > free {
            if pass.families.members.len() > 1 {
                return Ok(false);
            }
            let Some(smaller) = self.network.chunks.halved() else {
                let least = needed(self.network.chunks);
                let sizes = [least, free].map(Bytes);
                let fits = (rows as f64 * free as f64 / least as f64) as usize;
                return Err(EngineError::too_large(rows, sizes, fits, Bytes(cache)));
            };
            self.network.chunks = smaller;
        }
        Ok(true)
    }

    /// Bytes that tensors may still take: what is free, and what libtorch keeps for tensors.
    fn free(&self) -> Option<usize> {
        #[cfg(test)]
        if self.allowed.is_some() {
            return self.allowed;
        }
        let Device::Cuda(number) = self.network.device() else { return None };
        let kept = memory::of_gpu(number).map_or(0, |memory| memory.kept());
        Some(libtorch::free_gpu_memory(number)? + kept)
    }

    /// Smaller parts of a pass for which memory was short; `None` if there are none.
    fn smaller(&mut self, pass: &Pass) -> Option<Vec<Range<usize>>> {
        let numbers = pass.families.numbers.clone();
        if !self.warned {
            self.warned = true;
            log::warn!(
                "the device has too little memory for {} bases at once; going on with less (--batch-tokens sets it)",
                pass.families.rows
            );
        }
        if numbers.len() > 1 {
            let middle = numbers.start + numbers.len() / 2;
            return Some(vec![numbers.start..middle, middle..numbers.end]);
        }
        self.most = self.network.chunks.halved()?;
        self.network.chunks = self.most;
        Some(std::iter::once(numbers).collect())
    }
}

/// The error of a pass over these families.
fn failed(families: &PassFamilies, source: TchError) -> EngineError {
    let sequences = families.members.iter().map(Vec::len).sum();
    EngineError::Torch { sequences, bases: families.rows, source }
}

/// What libtorch says when memory ran out, on a GPU and on a CPU.
const OUT_OF_MEMORY: [&str; 4] =
    ["out of memory", "can't allocate memory", "STATUS_ALLOC_FAILED", "CUFFT_ALLOC_FAILED"];

fn is_out_of_memory(error: &TchError) -> bool {
    let text = error.to_string();
    OUT_OF_MEMORY.iter().any(|phrase| text.contains(phrase))
}

/// Waits for the numbers of a pass, and hands them over.
fn finish<R: Reduction>(
    pass: Running,
    reduction: &R,
    results: &mut [Vec<R::Output>],
) -> Result<(), EngineError> {
    let Running { families, numbers } = pass;
    let failed = |source| failed(&families, source);
    for (depth, numbers) in numbers.into_iter().enumerate() {
        let numbers = numbers.into_iter().map(Download::wait);
        let numbers = numbers.collect::<Result<Vec<Tensor>, _>>().map_err(failed)?;
        let outputs = reduction.read(depth, &families, &numbers).map_err(failed)?;
        for (family, output) in families.numbers.clone().zip(outputs) {
            results[family].push(output);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
