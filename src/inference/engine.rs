//! The only owner of the model: computes families of sequences and hands their results to a
//! closure.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder, prelude::*};
use tch::{Device, TchError};

use super::{
    computed::{Computed, EngineError, Limits},
    device::Gpu,
    family::{self, Family},
    memory::{self, Bytes},
    pass::Pass,
    reduction::{AllRows, PassFamilies, Reduction},
};
use crate::model::{
    config::Config,
    cpu::{self, CpuNetwork, Depth, Threads, Workspace},
    libtorch,
    network::HyenaDna,
    tokenizer::{self, NToken, Tokenizer},
};

/// A model on a device, with its tokenizer and limits.
pub struct Engine {
    backend: Backend,
    config: Config,
    tokenizer: Tokenizer,
    /// Token ids that each sequence follows.
    prompt: Vec<u32>,
    limits: Limits,
    /// Threads of its own, if it does not compute on those of all.
    pool: Option<ThreadPool>,
}

enum Backend {
    Cpu { network: CpuNetwork, workspaces: Mutex<Vec<Workspace>> },
    Gpu(Gpu),
}

impl Engine {
    /// Makes an engine. One thread at a time computes with it, whichever that is.
    ///
    /// # Errors
    /// libtorch cannot convert the weights to the layout of the forward pass.
    pub fn new(
        model: HyenaDna,
        device: Device,
        tokenizer: Tokenizer,
        limits: Limits,
    ) -> Result<Self, TchError> {
        if device != Device::Cpu {
            return Self::by_operators(model, device, tokenizer, limits);
        }
        let _no_grad = tch::no_grad_guard();
        let (config, prompt) = (model.config.clone(), model.prompt().to_vec());
        let model = with_n(model, tokenizer)?;
        let backend = Backend::Cpu {
            network: CpuNetwork::new(&model, limits.precision, limits.cache_bytes)?,
            workspaces: Mutex::default(),
        };
        Ok(Self { backend, config, tokenizer, prompt, limits, pool: None })
    }

    /// Computes on threads of its own, as many as its limits say, so that other engines can compute at the same
    /// time.
    ///
    /// # Errors
    /// They cannot be started.
    pub fn with_own_threads(mut self) -> Result<Self, ThreadPoolBuildError> {
        let pool = ThreadPoolBuilder::new().num_threads(self.limits.threads).build()?;
        self.pool = Some(pool);
        Ok(self)
    }

    /// An engine that computes by libtorch's operators, as on a GPU, also on a CPU.
    ///
    /// # Errors
    /// libtorch fails.
    pub fn by_operators(
        model: HyenaDna,
        device: Device,
        tokenizer: Tokenizer,
        limits: Limits,
    ) -> Result<Self, TchError> {
        let _no_grad = tch::no_grad_guard();
        let (config, prompt) = (model.config.clone(), model.prompt().to_vec());
        let backend = Backend::Gpu(Gpu::new(with_n(model, tokenizer)?, device, limits));
        Ok(Self { backend, config, tokenizer, prompt, limits, pool: None })
    }

    /// The architecture.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The longest sequence that is computed at once, in bases: the context, without the prompt.
    pub fn longest(&self) -> usize {
        (self.config.context() as usize).saturating_sub(self.prompt.len()).max(1)
    }

    /// The mapping of bases to tokens.
    pub fn tokenizer(&self) -> Tokenizer {
        self.tokenizer
    }

    /// Token ids of a prompt and of demonstrations before each sequence; empty without.
    pub fn prompt(&self) -> &[u32] {
        &self.prompt
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.limits.threads
    }

    /// Most bytes of spectra of filters that are kept between calls.
    pub fn cache_bytes(&self) -> usize {
        self.limits.cache_bytes
    }

    /// The network on a CPU, for sequences that grow; `None` on a GPU.
    pub fn cpu_network(&self) -> Option<&CpuNetwork> {
        match &self.backend {
            Backend::Cpu { network, .. } => Some(network),
            Backend::Gpu(_) => None,
        }
    }

    /// Computes every family and calls `take` with its index and its results. Returns the values of
    /// `take` in the order of the families.
    pub fn each_family<T: Send>(
        &mut self,
        families: &[Family<'_>],
        depth: Depth,
        take: impl Fn(usize, &Computed<'_>) -> T + Sync,
    ) -> Result<Vec<T>, EngineError> {
        let take = |family: usize, _: usize, computed: &Computed<'_>| take(family, computed);
        Ok(self.each_depth(families, &[depth], take)?.into_iter().flatten().collect())
    }

    /// Computes every family to each of `depths`, and gives what `reduction` takes of it there: for each family, in
    /// order, at each depth. Depths ascend, and only the last may be beyond the blocks: one pass computes all.
    ///
    /// # Errors
    /// A sequence is longer than the context, there is too little memory, or the device fails.
    pub fn reduce<R: Reduction>(
        &mut self,
        families: &[Family<'_>],
        depths: &[Depth],
        reduction: &R,
    ) -> Result<Vec<Vec<R::Output>>, EngineError> {
        let limit = (self.config.context() as usize).saturating_sub(self.prompt.len());
        let lengths = families.iter().map(|family| family.bases.len());
        if let Some(length) = lengths.max().filter(|&length| length > limit) {
            return Err(EngineError::TooLong { length, limit });
        }
        let _no_grad = tch::no_grad_guard(); // bound to the thread
        match &mut self.backend {
            Backend::Gpu(gpu) => {
                libtorch::set_threads(self.limits.threads); // bound to the thread
                gpu.each_depth(families, self.tokenizer, depths, reduction)
            }
            Backend::Cpu { network, workspaces } => {
                let (tokenizer, prompt) = (self.tokenizer, self.prompt.as_slice());
                let cpu = Cpu { network, workspaces, limits: self.limits, tokenizer, prompt };
                let take = |family: usize, depth: usize, computed: &Computed<'_>| {
                    reduction.of_rows(family, depth, computed)
                };
                match &self.pool {
                    Some(pool) => pool.install(|| cpu.each_depth(families, depths, &take)),
                    None => cpu.each_depth(families, depths, &take),
                }
            }
        }
    }

    /// As [`reduce`](Self::reduce), to one depth.
    ///
    /// # Errors
    /// See there.
    pub fn reduce_to<R: Reduction>(
        &mut self,
        families: &[Family<'_>],
        depth: Depth,
        reduction: &R,
    ) -> Result<Vec<R::Output>, EngineError> {
        Ok(self.reduce(families, &[depth], reduction)?.into_iter().flatten().collect())
    }

    /// Computes every family and calls `take` at each of `depths` with the index of the family, that
    /// of the depth, and the results there. Returns for each family, in order, the values of `take`
    /// at each depth. Depths ascend, and only the last may be beyond the blocks. All rows come to host memory.
    pub fn each_depth<T: Send>(
        &mut self,
        families: &[Family<'_>],
        depths: &[Depth],
        take: impl Fn(usize, usize, &Computed<'_>) -> T + Sync,
    ) -> Result<Vec<Vec<T>>, EngineError> {
        let vocabulary = match &self.backend {
            Backend::Cpu { network, .. } => network.vocabulary(),
            Backend::Gpu(gpu) => gpu.vocabulary(),
        };
        let width = self.config.d_model as usize;
        self.reduce(families, depths, &AllRows::new(take, width, vocabulary))
    }
}

/// The model with the input that stands for N.
fn with_n(model: HyenaDna, tokenizer: Tokenizer) -> Result<HyenaDna, TchError> {
    match tokenizer.n_token() {
        NToken::Zero => model.with_zero_input(tokenizer::N),
        NToken::N | NToken::Pad => Ok(model),
    }
}

/// Families on the threads of a CPU.
struct Cpu<'a> {
    network: &'a CpuNetwork,
    workspaces: &'a Mutex<Vec<Workspace>>,
    limits: Limits,
    tokenizer: Tokenizer,
    prompt: &'a [u32],
}

impl Cpu<'_> {
    /// Passes of up to this many batches are computed by one thread each, if there are several:
    /// threads that share a pass wait for each other a few times per layer.
    const ALONE: usize = 4;

    fn each_depth<T: Send>(
        &self,
        families: &[Family<'_>],
        depths: &[Depth],
        take: &(impl Fn(usize, usize, &Computed<'_>) -> T + Sync),
    ) -> Result<Vec<Vec<T>>, EngineError> {
        let prompt = self.prompt.len();
        let rows: Vec<usize> = families.iter().map(|family| prompt + family.rows()).collect();
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
            std::iter::once(prompt + family.bases.len()).chain(branches)
        });
        self.network.prepare(lengths).map_err(|source| failed(&(0..families.len()), source))?;
        let is_small = |pass: &Range<usize>| size(pass) <= Self::ALONE * self.limits.batch_tokens;
        let alone = passes.iter().filter(|pass| is_small(pass)).count() > 1;
        let compute = |pass: &Range<usize>, threads| {
            self.pass(families, pass.clone(), depths, threads, take)
                .map_err(|source| failed(pass, source))
        };
        let small = passes.par_iter().map(|pass| {
            (alone && is_small(pass)).then(|| compute(pass, Threads::Calling)).transpose()
        });
        let small = small.collect::<Result<Vec<Option<Vec<Vec<T>>>>, _>>()?;
        let threads = if self.limits.threads > 1 { Threads::All } else { Threads::Calling };
        let mut results = Vec::with_capacity(families.len());
        for (pass, done) in passes.iter().zip(small) {
            match done {
                Some(done) => results.extend(done),
                None => results.extend(compute(pass, threads)?),
            }
        }
        libtorch::set_threads(self.limits.threads);
        Ok(results)
    }

    /// Computes some families in one pass.
    fn pass<T>(
        &self,
        families: &[Family<'_>],
        pass: Range<usize>,
        depths: &[Depth],
        threads: Threads,
        take: &(impl Fn(usize, usize, &Computed<'_>) -> T + Sync),
    ) -> Result<Vec<Vec<T>>, TchError> {
        let Pass { ids, segments, families: PassFamilies { members, .. } } =
            Pass::new(families, pass.clone(), self.prompt, self.tokenizer);
        let mut workspace = self.lock().pop().unwrap_or_default();
        let (width, vocabulary) = (self.network.width(), self.network.vocabulary());
        let mut taken: Vec<Vec<T>> =
            pass.clone().map(|_| Vec::with_capacity(depths.len())).collect();
        let visit = |depth, computed: cpu::ForwardPass<'_>| {
            let cpu::ForwardPass { hidden, predictions } = computed;
            for ((number, members), taken) in pass.clone().zip(&members).zip(&mut taken) {
                let computed = Computed { hidden, predictions, width, vocabulary, members };
                taken.push(take(number, depth, &computed));
            }
        };
        self.network.forward(&ids, &segments, depths, threads, &mut workspace, visit)?;
        self.lock().push(workspace);
        Ok(taken)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Workspace>> {
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rejects a pass of `rows` rows that does not fit into free memory.
    fn check_memory(&self, families: &[Family<'_>], rows: usize) -> Result<(), EngineError> {
        let Limits { threads, cache_bytes, .. } = self.limits;
        let config = &self.network.config;
        let longest = families.iter().map(|family| family.bases.len()).max().unwrap_or(0);
        let longest = self.prompt.len() + longest;
        let needed = memory::pass::on_cpu(config, threads, rows, longest, cache_bytes);
        // workspaces of earlier passes are reused
        let held: usize = self.lock().iter().map(Workspace::bytes).sum();
        let available = memory::available(memory::pass::PROGRAM, held);
        let Some(available) = available.filter(|available| needed > available.all()) else {
            return Ok(());
        };
        let fits = memory::pass::longest(config, threads, available.all(), cache_bytes);
        let sizes = [needed.saturating_sub(available.taken), available.free].map(Bytes);
        Err(EngineError::too_large(rows, sizes, fits, Bytes(cache_bytes)))
    }
}
