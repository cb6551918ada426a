//! How much memory a step needs, before it is tried.

use thiserror::Error;

use super::{config::RunConfig, engine::ALONE, gradient::Recompute};
use crate::model::{config::Config, leaves::Precision};

/// A step that would not fit.
#[derive(Debug, Error, PartialEq)]
#[error(
    "a step of sequences of {length} bases needs about {needed:.1} GB even with --recompute {}, but {free:.1} GB are free; {advice}",
    match .recompute { Recompute::None => "none", Recompute::Mixer => "mixer", _ => "block" }
)]
pub struct TooLarge {
    /// Bases of a sequence.
    pub length: u64,
    /// The most frugal way that may be tried.
    pub recompute: Recompute,
    /// Estimate in GB (10⁹ bytes).
    pub needed: f64,
    /// Free memory in GB.
    pub free: f64,
    /// What would fit.
    pub advice: String,
}

/// What a batch needs, in floats for each base and channel. The terms are the tensors of
/// `gradient.rs` and shim/; benches/RESULTS.md compares them with measured peaks.
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
        let working = 8.0 + half * 12.0;
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

/// Bytes that a step needs at its peak, weights and optimiser included: `at_once` batches of `rows`
/// sequences of `length` bases.
pub fn bytes(
    config: &Config,
    precision: Precision,
    recompute: Recompute,
    [at_once, rows, length]: [u64; 3],
) -> f64 {
    let floats = Floats::new(config, precision, recompute);
    let (layers, width) = (config.n_layer as f64, config.d_model as f64);
    let bases = (at_once * rows * length) as f64;
    let ends = 4.0 + 64.0 / width; // embedding, last norm, logits and their gradients
    let batch = bases * width * (layers * floats.kept + floats.working + ends);
    let filters = length as f64 * width * layers * floats.filter;
    let weights = 12.0 * width * width * layers + 40.0 * width * layers;
    let copies = 5.0 + at_once as f64; // weights, two moments, gradients
    4.0 * (batch + filters + copies * weights)
}

/// What the run recomputes: what it says, or for `auto` the first that fits into `free` bytes.
///
/// # Errors
/// The longest sequences do not fit.
pub fn choose(
    config: &RunConfig,
    architecture: &Config,
    threads: usize,
    batch_tokens: u64,
    free: Option<usize>,
) -> Result<Recompute, TooLarge> {
    let wanted = config.compute.recompute;
    let candidates = match wanted {
        Recompute::Auto => vec![Recompute::None, Recompute::Mixer, Recompute::Block],
        chosen => vec![chosen],
    };
    let Some(free) = free.map(|bytes| bytes as f64) else {
        return Ok(candidates[0]);
    };
    let need = |length: u64, batch: u64, recompute| {
        let rows = (batch_tokens / length.max(1)).clamp(1, batch.max(1));
        let at_once = if length <= ALONE { (threads as u64).min(batch.div_ceil(rows)) } else { 1 };
        bytes(architecture, config.compute.dtype, recompute, [at_once, rows, length])
    };
    let stages = config.stages();
    let most = |recompute| {
        let of = |stage: &super::schedule::Stage| need(stage.length, stage.batch, recompute);
        stages.all().iter().map(of).fold(0.0, f64::max)
    };
    let fits = |&recompute: &Recompute| most(recompute) <= free * SHARE;
    if let Some(recompute) = candidates.iter().copied().find(fits) {
        return Ok(recompute);
    }
    let recompute = *candidates.last().expect("there is at least one");
    let longest = *stages.all().iter().max_by_key(|s| s.length).expect("there is a stage");
    let frugal = most(Recompute::Block) <= free * SHARE;
    let advice = if frugal {
        "--recompute block would fit".to_owned()
    } else {
        let fitting = |length: &u64| need(*length, 1, Recompute::Block) <= free * SHARE;
        let halves = std::iter::successors(Some(longest.length), |&n| (n > 64).then_some(n / 2));
        match halves.skip(1).find(fitting) {
            Some(length) => format!("--length {length} would fit with --recompute block"),
            None => "no sequence of this model fits; use a smaller one".to_owned(),
        }
    };
    Err(TooLarge {
        length: longest.length,
        recompute,
        needed: most(recompute) / 1e9,
        free: free / 1e9,
        advice,
    })
}

/// Share of the free memory that an estimate may reach.
const SHARE: f64 = 0.9;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::preset::Preset;

    fn choice(preset: Preset, free: f64) -> Result<Recompute, TooLarge> {
        let config = RunConfig::of(preset);
        choose(&config, &config.model.architecture(), 2, 4096, Some((free * 1e9) as usize))
    }

    #[test]
    fn short_sequences_keep_their_activations() {
        assert_eq!(choice(Preset::Tiny1k, 8.0), Ok(Recompute::None));
    }

    #[test]
    fn long_ones_recompute_or_are_refused() {
        assert_eq!(choice(Preset::Medium160k, 1000.0), Ok(Recompute::None));
        assert_eq!(choice(Preset::Medium160k, 16.0), Ok(Recompute::Block));
        let error = choice(Preset::Large1m, 16.0).unwrap_err().to_string();
        assert!(error.contains("1000000 bases") && error.contains("would fit"), "{error}");
        let error = choice(Preset::Large1m, 0.001).unwrap_err().to_string();
        assert!(error.contains("smaller"), "{error}");
    }

    #[test]
    fn recomputing_needs_less_and_length_more() {
        let config = Preset::Medium160k.model().architecture();
        let need = |recompute, length| {
            bytes(&config, Precision::Fp32, recompute, [1, 1, length])
        };
        assert!(need(Recompute::Block, 160_000) < need(Recompute::Mixer, 160_000));
        assert!(need(Recompute::Mixer, 160_000) < need(Recompute::None, 160_000));
        assert!(need(Recompute::Block, 80_000) < need(Recompute::Block, 160_000));
    }
}
