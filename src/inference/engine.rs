//! The one owner of the model: families of sequences go in, what is made of their numbers comes out.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
};

use rayon::prelude::*;
use tch::{Device, TchError};
use thiserror::Error;

use super::{
    device::Gpu,
    family::{self, Family},
    memory::{self, Bytes},
};
pub use crate::model::cpu::Depth;
use crate::{
    model::{
        config::Config,
        cpu::{
            self, CpuNetwork, Workspace,
            rows::{Parent, Segment},
        },
        leaves::Precision,
        libtorch,
        network::HyenaDna,
    },
    tokenizer::Tokenizer,
};

/// Computing failed.
#[derive(Debug, Error)]
pub enum EngineError {
    /// libtorch reports an error; most often there was not enough memory.
    #[error(
        "computing {sequences} sequences of {bases} bases in all failed: {source}; if memory ran out, use a smaller --batch-tokens or shorter sequences"
    )]
    Torch {
        /// Number of sequences.
        sequences: usize,
        /// Number of bases in all of them.
        bases: usize,
        /// Cause.
        source: TchError,
    },
    /// A result is NaN or infinite.
    #[error(
        "the model gave a value that is not finite for a sequence of {length} bases; the weights are damaged, or the device computes wrongly (compare --device cpu)"
    )]
    NotFinite {
        /// Length of the sequence, in bases.
        length: usize,
    },
    /// A sequence is longer than the model reads.
    #[error("a sequence of {length} bases is longer than the model's context of {limit}")]
    TooLong {
        /// Length of the sequence, in bases.
        length: usize,
        /// Context of the model, in bases.
        limit: usize,
    },
    /// There is not enough memory.
    #[error(
        "{rows} bases at once need about {} of memory, and {} are free; about {fits} would fit: use shorter sequences or a smaller --context, a smaller --cache-bytes (now {}), or a machine with more memory",
        Bytes(*.needed), Bytes(*.free), Bytes(*.cache)
    )]
    TooLarge {
        /// Number of rows computed at once, in bases.
        rows: usize,
        /// Memory needed, in bytes.
        needed: usize,
        /// Free memory, in bytes.
        free: usize,
        /// Number of rows that would fit.
        fits: usize,
        /// Size of the cache of spectra, in bytes.
        cache: usize,
    },
}

/// How much is computed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most tokens that are computed at once on a thread, or on a GPU; one sequence may be longer.
    pub batch_tokens: usize,
    /// Threads in all.
    pub threads: usize,
    /// Most bytes of filters' spectra that are kept between calls.
    pub cache_bytes: usize,
    /// Type of the matrix products.
    pub precision: Precision,
}

/// A model with what it needs to run.
pub struct Engine {
    backend: Backend,
    config: Config,
    tokenizer: Tokenizer,
    limits: Limits,
    _no_grad: tch::NoGradGuard,
}

enum Backend {
    Cpu { network: CpuNetwork, workspaces: Mutex<Vec<Workspace>> },
    Gpu(Gpu),
}

/// Where a member of a family lies among the computed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Row of its first computed position.
    pub row: usize,
    /// That position, 0-based.
    pub from: usize,
    /// Computed positions.
    pub rows: usize,
}

/// What the model makes of a family. Members are numbered: 0 is the sequence, and its branches
/// follow.
#[derive(Debug, Clone, Copy)]
pub struct Computed<'a> {
    /// Hidden states (rows, width).
    pub hidden: &'a [f32],
    /// log P of each token behind each row (rows, letters), in nats; empty unless asked for.
    pub predictions: &'a [f32],
    /// Width of the hidden states.
    pub width: usize,
    /// Size of the vocabulary.
    pub letters: usize,
    /// The members.
    pub members: &'a [Member],
}

impl<'a> Computed<'a> {
    /// Hidden states at some positions of a member, which were computed for it.
    pub fn hidden(&self, member: usize, positions: Range<usize>) -> &'a [f32] {
        rows(self.hidden, self.width, self.members[member], positions)
    }

    /// log P of each token at position + 1, given the bases up to it.
    pub fn predictions(&self, member: usize, positions: Range<usize>) -> &'a [f32] {
        rows(self.predictions, self.letters, self.members[member], positions)
    }
}

fn rows(values: &[f32], width: usize, member: Member, positions: Range<usize>) -> &[f32] {
    let row = |position: usize| member.row + position - member.from;
    &values[row(positions.start) * width..row(positions.end) * width]
}

impl Engine {
    /// An engine on the calling thread.
    ///
    /// # Errors
    /// The weights cannot be laid out.
    pub fn new(
        model: HyenaDna,
        device: Device,
        tokenizer: Tokenizer,
        limits: Limits,
    ) -> Result<Self, TchError> {
        let no_grad = tch::no_grad_guard();
        let config = model.config.clone();
        let backend = match device {
            Device::Cpu => Backend::Cpu {
                network: CpuNetwork::new(&model, limits.precision, limits.cache_bytes)?,
                workspaces: Mutex::default(),
            },
            device => Backend::Gpu(Gpu::new(model, device, limits)),
        };
        Ok(Self { backend, config, tokenizer, limits, _no_grad: no_grad })
    }

    /// The architecture.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How bases become tokens.
    pub fn tokenizer(&self) -> Tokenizer {
        self.tokenizer
    }

    /// Computes every family, and brings what `take` makes of each (its number comes first) into
    /// their order.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub fn each_family<T: Send>(
        &mut self,
        families: &[Family<'_>],
        depth: Depth,
        take: impl Fn(usize, &Computed<'_>) -> T + Sync,
    ) -> Result<Vec<T>, EngineError> {
        let limit = self.config.context() as usize;
        let lengths = families.iter().map(|family| family.bases.len());
        if let Some(length) = lengths.max().filter(|&length| length > limit) {
            return Err(EngineError::TooLong { length, limit });
        }
        match &mut self.backend {
            Backend::Gpu(gpu) => gpu.each_family(families, self.tokenizer, depth, &take),
            Backend::Cpu { network, workspaces } => {
                let cpu =
                    Cpu { network, workspaces, limits: self.limits, tokenizer: self.tokenizer };
                cpu.each_family(families, depth, &take)
            }
        }
    }
}

/// Families on the threads of a CPU.
struct Cpu<'a> {
    network: &'a CpuNetwork,
    workspaces: &'a Mutex<Vec<Workspace>>,
    limits: Limits,
    tokenizer: Tokenizer,
}

impl Cpu<'_> {
    /// Passes up to this many batches long are computed by one thread each, if there are several:
    /// threads that work on one pass wait for each other a few times a layer.
    const ALONE: usize = 4;

    fn each_family<T: Send>(
        &self,
        families: &[Family<'_>],
        depth: Depth,
        take: &(impl Fn(usize, &Computed<'_>) -> T + Sync),
    ) -> Result<Vec<T>, EngineError> {
        let rows: Vec<usize> = families.iter().map(Family::rows).collect();
        let passes = family::passes(&rows, self.limits.batch_tokens);
        let size = |pass: &Range<usize>| rows[pass.clone()].iter().sum::<usize>();
        self.check_memory(families, passes.iter().map(size).max().unwrap_or(0))?;
        let failed = |pass: &Range<usize>, source| EngineError::Torch {
            sequences: families[pass.clone()].iter().map(|family| 1 + family.branches.len()).sum(),
            bases: size(pass),
            source,
        };
        let lengths = families.iter().flat_map(|family| {
            let branches = family.branches.iter().map(|branch| branch.bases.len());
            std::iter::once(family.bases.len()).chain(branches)
        });
        self.network.prepare(lengths).map_err(|source| failed(&(0..families.len()), source))?;
        let is_small = |pass: &Range<usize>| size(pass) <= Self::ALONE * self.limits.batch_tokens;
        let alone = passes.iter().filter(|pass| is_small(pass)).count() > 1;
        let compute = |pass: &Range<usize>, together| {
            self.pass(families, pass.clone(), depth, together, take)
                .map_err(|source| failed(pass, source))
        };
        let small = passes
            .par_iter()
            .map(|pass| (alone && is_small(pass)).then(|| compute(pass, false)).transpose());
        let small = small.collect::<Result<Vec<Option<Vec<T>>>, _>>()?;
        let mut results = Vec::with_capacity(families.len());
        for (pass, done) in passes.iter().zip(small) {
            match done {
                Some(done) => results.extend(done),
                None => results.extend(compute(pass, self.limits.threads > 1)?),
            }
        }
        libtorch::set_threads(self.limits.threads);
        Ok(results)
    }

    /// One pass over some families.
    fn pass<T>(
        &self,
        families: &[Family<'_>],
        pass: Range<usize>,
        depth: Depth,
        together: bool,
        take: &(impl Fn(usize, &Computed<'_>) -> T + Sync),
    ) -> Result<Vec<T>, TchError> {
        let (mut ids, mut segments, mut members) = (Vec::new(), Vec::new(), Vec::new());
        for family in &families[pass.clone()] {
            let first = ids.len();
            let mut add = |bases: &[u8], from: usize| {
                let row = ids.len();
                let parent = (row > first || from > 0).then_some(Parent { row: first, from });
                ids.extend(bases.iter().map(|&base| self.tokenizer.token(base)));
                segments.push(Segment { row, rows: bases.len(), parent });
                members.push(Member { row, from, rows: bases.len() });
            };
            add(family.bases, 0);
            family.branches.iter().for_each(|branch| add(branch.bases, branch.from));
        }
        let mut workspace = self.lock().pop().unwrap_or_default();
        let computed = self.network.forward(&ids, &segments, depth, together, &mut workspace)?;
        let mut members = members.as_slice();
        let taken = pass.map(|number| {
            let (family, rest) = members.split_at(1 + families[number].branches.len());
            members = rest;
            let cpu::Computed { hidden, predictions } = computed;
            let (width, letters) = (self.network.width(), self.network.letters());
            take(number, &Computed { hidden, predictions, width, letters, members: family })
        });
        let taken = taken.collect();
        self.lock().push(workspace);
        Ok(taken)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Workspace>> {
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses a pass of `rows` rows that cannot fit.
    fn check_memory(&self, families: &[Family<'_>], rows: usize) -> Result<(), EngineError> {
        let Limits { threads, cache_bytes, .. } = self.limits;
        let config = &self.network.config;
        let longest = families.iter().map(|family| family.bases.len()).max().unwrap_or(0);
        let needed = memory::forward(config, threads, rows, longest, cache_bytes);
        let Some(free) = memory::free() else { return Ok(()) };
        // what earlier passes worked in is given back before it is needed again
        let held: usize = self.lock().iter().map(Workspace::bytes).sum();
        if needed <= free + held {
            return Ok(());
        }
        let fits = memory::longest(config, threads, free + held, cache_bytes);
        Err(EngineError::TooLarge { rows, needed, free: free + held, fits, cache: cache_bytes })
    }
}
