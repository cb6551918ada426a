//! The passes of the Hyena network that are timed.

use tch::{TchError, Tensor};

use crate::{
    model::{fft::SpectrumCache, network::HyenaDna},
    training::{
        dropout::Dropout,
        engine::{Engine, Plan},
        parameters::Parameters,
    },
};

/// Hidden states (B, L, D) of token ids (B, L). `cache` lives as long as the ids have one length.
pub fn forward(
    network: &HyenaDna,
    ids: &Tensor,
    cache: &mut SpectrumCache,
) -> Result<Tensor, TchError> {
    tch::no_grad(|| network.hidden(ids, None, cache))
}

/// A step without its optimiser, as `train` computes it.
pub struct Step<'a> {
    parameters: &'a Parameters,
    engine: Engine,
}

impl<'a> Step<'a> {
    pub fn new(parameters: &'a Parameters, plan: Plan) -> Result<Self, TchError> {
        Ok(Self { parameters, engine: Engine::new(parameters, plan)? })
    }

    /// The gradient for `rows` sequences of L + 1 ids each.
    pub fn run(&self, tokens: &[u8], rows: usize) -> Result<(), TchError> {
        let dropout = Dropout { rate: 0.0, seed: 0, first_sample: 0 };
        self.engine.gradient(self.parameters, tokens, rows, &dropout).map(drop)
    }
}
