//! Memory of a training step, by the activations that are recomputed.

use serde::{Deserialize, Serialize};

use super::{Bytes, SLACK};
use crate::model::{config::Config, network::leaves::Precision};

/// Activations that are computed again in the backward pass instead of being kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Recompute {
    /// None.
    None,
    /// Those inside the Hyena operators.
    Mixer,
    /// Those inside the blocks: the memory of one block.
    Block,
    /// The first of these that fits into memory.
    #[default]
    Auto,
}

impl Recompute {
    /// The value of `--recompute`.
    pub fn option(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Mixer => "mixer",
            Self::Block => "block",
            Self::Auto => "auto",
        }
    }

    /// The part of the network whose activations are recomputed, in words.
    pub fn part(self) -> Option<&'static str> {
        match self {
            Self::Mixer => Some("the inside of the Hyena operators"),
            Self::Block => Some("the inside of the blocks"),
            Self::None | Self::Auto => None,
        }
    }
}

/// Memory of a batch, in floats for each base and channel. The terms are the tensors of
/// `training::gradient` and shim/; benches/RESULTS.md compares them with measured peaks.
struct Floats {
    /// Kept for each layer.
    kept: f64,
    /// Kept for each layer and length, however many sequences share it: taps and their network.
    filter: f64,
    /// The largest piece while its gradient is computed.
    working: f64,
}

impl Floats {
    fn new(config: &Config, precision: Precision, recompute: Recompute) -> Self {
        let half = if precision == Precision::Bf16 { 0.5 } else { 1.0 };
        // stream, spectrum and convolution in fp32; u, both norms, y and the hidden layer in either
        let mixer = 4.0 + half * 5.0;
        let mlp = 1.0 + half * 5.0;
        let width = config.d_model.max(1) as f64;
        let network = 3.0 * (config.num_inner_mlps + 1) as f64 * config.filter_order as f64 / width;
        let filter = 7.0 + network;
        let working = 20.0;
        match recompute {
            Recompute::None | Recompute::Auto => Self { kept: mixer + mlp, filter, working },
            Recompute::Mixer => {
                Self { kept: 1.0 + mlp, filter: 0.0, working: working + mixer + filter }
            }
            Recompute::Block => {
                Self { kept: 1.0, filter: 0.0, working: working + mixer + mlp + filter }
            }
        }
    }
}

/// Part of a step that is computed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtOnce {
    /// Batches, each on a thread of its own.
    pub batches: u64,
    /// Sequences of a batch.
    pub rows: u64,
    /// Length of a sequence, in bases.
    pub length: u64,
}

/// Memory that a step needs at its peak, weights and optimiser included.
pub fn bytes(
    config: &Config,
    precision: Precision,
    recompute: Recompute,
    at_once: AtOnce,
) -> Bytes {
    let AtOnce { batches, rows, length } = at_once;
    let floats = Floats::new(config, precision, recompute);
    let (layers, width) = (config.n_layer as f64, config.d_model as f64);
    let bases = (batches * rows * length) as f64;
    let ends = 4.0 + 64.0 / width; // embedding, last norm, logits and their gradients
    let batch = bases * width * (layers * floats.kept + floats.working + ends);
    let filters = length as f64 * width * layers * floats.filter;
    let weights = 12.0 * width * width * layers + 40.0 * width * layers;
    let copies = 5.0 + batches as f64; // weights, two moments, gradients
    Bytes::estimated(4.0 * (SLACK * (batch + filters) + copies * weights))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::source;

    #[test]
    fn recomputing_needs_less_and_length_more() {
        let base = source::builtin().unwrap().weights.config;
        let config = Config { d_model: 256, d_inner: 1024, n_layer: 8, l_max: 160_002, ..base };
        let need = |recompute, length| {
            let at_once = AtOnce { batches: 1, rows: 1, length };
            bytes(&config, Precision::Fp32, recompute, at_once)
        };
        assert!(need(Recompute::Block, 160_000) < need(Recompute::Mixer, 160_000));
        assert!(need(Recompute::Mixer, 160_000) < need(Recompute::None, 160_000));
        assert!(need(Recompute::Block, 80_000) < need(Recompute::Block, 160_000));
    }
}
