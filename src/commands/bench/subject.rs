//! The network and the pass to time.

use clap::ValueEnum;
use tch::Device;

use super::attention;
use crate::{
    model::{config::Config, network::leaves::Precision, weights},
    process::exit::Usage,
    training::{config::Model, engine::fastest_tokens},
};

/// Operator that mixes the positions in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mixer {
    /// The Hyena operator
    Hyena,
    /// Causal self-attention with rotary embeddings and heads of width 64, in the same network
    Attention,
}

/// Pass to time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// From ids to hidden states.
    Forward,
    /// From ids to the gradient of the next-token loss.
    Step,
}

/// Facts that all rows share.
#[derive(Debug, Clone)]
pub struct BenchSubject {
    pub mixer: Mixer,
    pub pass: Pass,
    pub layers: i64,
    pub width: i64,
    pub batch: u64,
    pub precision: Precision,
    pub device: Device,
    pub threads: usize,
}

impl BenchSubject {
    /// The network for sequences of up to `longest` bases.
    pub fn architecture(&self, longest: u64) -> Config {
        // attention has no filters, so that no tensor depends on the length
        let context = if self.mixer == Mixer::Attention { 1 } else { longest as i64 };
        Model { layers: self.layers, width: self.width, context, ..Model::default() }.architecture()
    }

    /// Bases of a step to compute at once.
    pub fn batch_tokens(&self) -> u64 {
        fastest_tokens(self.device)
    }

    /// Checks that the network is possible.
    ///
    /// # Errors
    /// It is too large, or its width does not divide into heads.
    pub fn check(&self, longest: u64) -> Result<(), Usage> {
        const TENSORS: usize = 1 << 16; // more layers are surely a mistake
        if let Some(problem) = weights::implausible(&self.architecture(longest), TENSORS) {
            return Err(Usage(format!("the model cannot have {problem}")));
        }
        if self.mixer == Mixer::Attention && attention::heads(self.width).is_none() {
            return Err(Usage(format!(
                "--width is {}, which attention cannot divide into heads; expected a multiple of {1}, or an even number below {1} for one head",
                self.width,
                attention::HEAD_WIDTH
            )));
        }
        Ok(())
    }
}
