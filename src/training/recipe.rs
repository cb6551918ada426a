//! Settings of the loop, whatever is learned.

use serde::{Deserialize, Serialize};

use super::{
    loader,
    optimizer::AdamW,
    schedule::{Schedule, Stage, Stages},
};
use crate::{inference::memory::step::Recompute, model::network::leaves::Precision};

/// Settings of the loop.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// Decides the order of the samples, strands and dropout.
    pub seed: u64,
    /// Lengths, batches and steps. A batch counts samples.
    pub stages: Stages,
    /// Rows that the network reads for each sample: 2 if it reads both strands.
    pub rows_per_sample: u64,
    /// Tokens of a prompt and of demonstrations that the network reads before each row.
    pub before: u64,
    /// Optimiser and schedule.
    pub optimization: Optimization,
    /// Computation.
    pub compute: Compute,
    /// Reports and checkpoints.
    pub output: Output,
    /// Factor of the learning rate after each validation without a better score; 1 for none.
    pub plateau: f64,
    /// Validations in a row without a better score, after which the run ends; 0 for no limit.
    pub patience: u64,
}

/// Optimiser and schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Optimization {
    /// Steps of the optimiser in all.
    pub steps: u64,
    /// Sequences of a step.
    pub batch: u64,
    /// Bases that each sequence predicts, after the stages; 0 for the model's context.
    pub length: u64,
    /// Stages with shorter sequences before that.
    pub stages: Vec<Stage>,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Peak of the filter networks, if it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_learning_rate: Option<f64>,
    /// Share of the peak at the last step.
    pub last_rate: f64,
    /// Share of the steps that warm up.
    pub warmup: f64,
    /// Dropout of the embedding.
    pub dropout: f64,
    /// Constants of AdamW.
    pub adamw: AdamW,
    /// Steps in a row with a loss or gradient that is NaN or infinite, after which the run ends.
    pub most_skipped: u64,
}

/// Computation: types, threads, memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Compute {
    /// Type of the matrix products.
    pub dtype: Precision,
    /// Activations that are computed again in the backward pass.
    pub recompute: Recompute,
    /// Most bases that are computed at once on a thread; 0 for what is fast and fits.
    pub batch_tokens: u64,
    /// Threads; 0 for `--threads` or all cores.
    pub threads: usize,
}

/// Reports and checkpoints, by steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// Steps between two rows of metrics.tsv.
    pub log_every: u64,
    /// Steps between two validations; 0 for none before the end.
    pub valid_every: u64,
    /// Most windows of a validation, spread evenly; the last one takes all.
    pub valid_windows: u64,
    /// Steps between two checkpoints.
    pub save_every: u64,
    /// Checkpoints that are kept besides the best.
    pub keep: usize,
}

impl Default for Optimization {
    fn default() -> Self {
        Self {
            steps: 10_000,
            batch: 256,
            length: 0,
            stages: Vec::new(),
            learning_rate: 6e-4,
            filter_learning_rate: None,
            last_rate: 0.1,
            warmup: 0.01,
            dropout: 0.1,
            adamw: AdamW::default(),
            most_skipped: 10,
        }
    }
}

impl Default for Output {
    fn default() -> Self {
        Self { log_every: 10, valid_every: 500, valid_windows: 256, save_every: 500, keep: 3 }
    }
}

impl Recipe {
    /// Memory of the sequences that are drawn before they are computed, at the largest step: a byte for each
    /// base, and what a sequence needs besides.
    pub fn bytes_of_samples(&self) -> f64 {
        const OF_A_ROW: u64 = 64;
        let bytes = |stage: &Stage| {
            let rows = (stage.batch as f64) * (self.rows_per_sample as f64);
            loader::AHEAD as f64 * rows * (stage.length + 1 + OF_A_ROW) as f64
        };
        self.stages.all().iter().map(bytes).fold(0.0, f64::max)
    }

    /// The learning rate over the steps.
    pub fn schedule(&self) -> Schedule {
        let steps = self.stages.steps();
        let warmup = (self.optimization.warmup * steps as f64).round() as u64;
        Schedule { steps, warmup, last: self.optimization.last_rate }
    }
}
