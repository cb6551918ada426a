//! How much memory a step needs, before it is tried.

use thiserror::Error;

use super::{config::RunConfig, engine::ALONE, gradient::Recompute, schedule::Stage};
use crate::model::{config::Config, network::leaves::Precision};

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
    4.0 * (SLACK * (batch + filters) + copies * weights)
}

/// What the allocator holds beyond what is in use, as measured.
const SLACK: f64 = 1.15;

/// What a run recomputes, and what a step then needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Not `Auto`.
    pub recompute: Recompute,
    /// Estimate in bytes.
    pub bytes: f64,
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
) -> Result<Choice, TooLarge> {
    let wanted = config.compute.recompute;
    let candidates = match wanted {
        Recompute::Auto => vec![Recompute::None, Recompute::Mixer, Recompute::Block],
        chosen => vec![chosen],
    };
    let need = |length: u64, batch: u64, recompute| {
        // one sequence stands for the smallest batch there is
        let rows =
            if batch == 1 { 1 } else { (batch_tokens / length.max(1)).clamp(1, batch.max(1)) };
        let at_once = if length <= ALONE { (threads as u64).min(batch.div_ceil(rows)) } else { 1 };
        bytes(architecture, config.compute.dtype, recompute, [at_once, rows, length])
    };
    let stages = config.stages();
    let needs = |recompute| {
        let of = move |stage: &Stage| (need(stage.length, stage.batch, recompute), *stage);
        stages.all().iter().map(of).max_by(|a, b| a.0.total_cmp(&b.0)).expect("there is a stage")
    };
    let most = |recompute| needs(recompute).0;
    let choice = |recompute| Choice { recompute, bytes: most(recompute) };
    let Some(free) = free.map(|bytes| bytes as f64) else {
        return Ok(choice(candidates[0]));
    };
    let mut choices = candidates.iter().copied().map(choice);
    if let Some(fitting) = choices.find(|choice| choice.bytes <= free * SHARE) {
        return Ok(fitting);
    }
    let recompute = *candidates.last().expect("there is at least one");
    let (needed, stage) = needs(recompute);
    let fits = |length: u64, batch: u64| need(length, batch, Recompute::Block) <= free * SHARE;
    let advice = if most(Recompute::Block) <= free * SHARE {
        "--recompute block would fit".to_owned()
    } else if fits(stage.length, 1) {
        format!("--batch-tokens {} would fit with --recompute block", stage.length)
    } else {
        let halves = std::iter::successors(Some(stage.length), |&n| (n > 64).then_some(n / 2));
        match halves.skip(1).find(|&length| fits(length, 1)) {
            Some(length) => format!("--length {length} would fit with --recompute block"),
            None => "no sequence of this model fits; use a smaller one".to_owned(),
        }
    };
    let (length, needed, free) = (stage.length, needed / 1e9, free / 1e9);
    Err(TooLarge { length, recompute, needed, free, advice })
}

/// Share of the free memory that an estimate may reach.
const SHARE: f64 = 0.9;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::preset::Preset;

    fn choice(preset: Preset, free: f64) -> Result<Recompute, TooLarge> {
        let config = RunConfig::of(preset);
        let free = Some((free * 1e9) as usize);
        Ok(choose(&config, &config.model.architecture(), 2, 4096, free)?.recompute)
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
        let need = |recompute, length| bytes(&config, Precision::Fp32, recompute, [1, 1, length]);
        assert!(need(Recompute::Block, 160_000) < need(Recompute::Mixer, 160_000));
        assert!(need(Recompute::Mixer, 160_000) < need(Recompute::None, 160_000));
        assert!(need(Recompute::Block, 80_000) < need(Recompute::Block, 160_000));
    }
}
