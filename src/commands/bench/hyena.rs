//! Passes of the Hyena network.

use tch::{Device, TchError, Tensor};

use super::subject::BenchSubject;
use crate::{
    inference::{
        computed::{EngineError, Limits},
        engine::Engine as Inference,
        family::Family,
        memory,
    },
    model::{
        cpu::Depth,
        network::{HyenaDna, fft::SpectrumCache},
        tokenizer::Tokenizer,
    },
    training::{
        dropout::Dropout,
        engine::{GradientEngine, StepPlan},
        parameters::Parameters,
        step::Step,
    },
};

/// Forward pass to hidden states.
pub enum Forward {
    /// On a CPU: the engine of `embed`.
    Engine(Box<Inference>),
    /// On a GPU: the network of that engine, without the copy back to the host.
    Operators(Box<HyenaDna>, SpectrumCache),
}

impl Forward {
    /// Takes a network on its device.
    pub fn new(subject: &BenchSubject, mut network: HyenaDna) -> Result<Self, TchError> {
        let limits = Limits {
            batch_tokens: memory::batch_tokens(&network.config, subject.threads),
            threads: subject.threads,
            cache_bytes: memory::cache_bytes(),
            precision: subject.precision,
        };
        if subject.device != Device::Cpu {
            network.precision = subject.precision;
            let cache = SpectrumCache::new(limits.cache_bytes);
            return Ok(Self::Operators(Box::new(network), cache));
        }
        let engine = Inference::new(network, subject.device, Tokenizer::default(), limits)?;
        Ok(Self::Engine(Box::new(engine)))
    }

    /// Hidden states of sequences of equal length, as bases and as ids (B, L).
    pub fn run(&mut self, sequences: &[Vec<u8>], ids: &Tensor) -> Result<(), EngineError> {
        match self {
            Self::Operators(network, cache) => {
                let made = tch::no_grad(|| network.hidden(ids, None, cache).map(drop));
                let bases = sequences.iter().map(Vec::len).sum();
                made.map_err(|source| EngineError::Torch {
                    sequences: sequences.len(),
                    bases,
                    source,
                })
            }
            Self::Engine(engine) => {
                let families: Vec<_> = sequences.iter().map(|s| Family::alone(s)).collect();
                engine.each_family(&families, Depth::Hidden, |_, _| ()).map(drop)
            }
        }
    }
}

/// A step without its optimiser, as `train` computes it.
pub struct StepBench<'a> {
    parameters: &'a Parameters,
    engine: GradientEngine,
}

impl<'a> StepBench<'a> {
    pub fn new(parameters: &'a Parameters, plan: StepPlan) -> Result<Self, TchError> {
        Ok(Self { parameters, engine: GradientEngine::new(parameters, plan)? })
    }

    /// The gradient for the sequences of a step.
    pub fn run(&self, step: &dyn Step) -> Result<(), TchError> {
        let dropout = Dropout { rate: 0.0, seed: 0, first_sample: 0 };
        self.engine.gradient(self.parameters, step, &dropout).map(drop)
    }
}
