//! Options of a run that the commands share.

use clap::Args;

use crate::{
    inference::memory::step::Recompute,
    model::network::leaves::Precision,
    training::{
        recipe::{Compute, Optimization, Output},
        schedule::Stage,
    },
};

/// Options of the optimiser and of computing.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Optimisation")]
pub struct OptimizationOptions {
    /// Steps of the optimiser, including those of the stages
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,
    /// Sequences of a step; they need not be computed at once
    #[arg(long, value_name = "N")]
    batch: Option<u64>,
    /// Earlier stages with shorter sequences, as LENGTH:BATCH:STEPS; several with commas
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    stages: Vec<Stage>,
    /// Peak learning rate
    #[arg(long, value_name = "RATE")]
    lr: Option<f64>,
    /// Peak learning rate of the filter networks [default: the same]
    #[arg(long, value_name = "RATE")]
    filter_lr: Option<f64>,
    /// Share of the peak at which the cosine ends [default: 0.1]
    #[arg(long, value_name = "SHARE")]
    last_lr: Option<f64>,
    /// Share of the steps for warm-up [default: 0.01]
    #[arg(long, value_name = "SHARE")]
    warmup: Option<f64>,
    /// Weight decay of projections, MLP and short convolution [default: 0.1]
    #[arg(long, value_name = "DECAY")]
    weight_decay: Option<f64>,
    /// Decay of the mean square of the gradient [default: 0.999]
    #[arg(long, value_name = "BETA")]
    beta2: Option<f64>,
    /// Norm to which gradients are clipped; 0 for no clipping [default: 1]
    #[arg(long, value_name = "NORM")]
    clip: Option<f64>,
    /// Dropout of the embedding [default: 0.1]
    #[arg(long, value_name = "SHARE")]
    pub dropout: Option<f64>,
    /// Type of the matrix products; all else is fp32 [default: fp32]
    #[arg(long, value_name = "TYPE")]
    dtype: Option<Precision>,
    /// Activations to recompute in the backward pass instead of keeping them [default: auto]
    #[arg(long, value_name = "WHICH")]
    recompute: Option<Recompute>,
    /// Largest number of bases computed at once on a thread [default: the fastest that fits]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    batch_tokens: Option<u64>,
    /// Steps in a row with a loss of NaN or infinity before the run ends [default: 10]
    #[arg(long, value_name = "N")]
    most_skipped: Option<u64>,
}

/// Options of reports and checkpoints.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputOptions {
    /// Steps between two rows of metrics.tsv [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    log_every: Option<u64>,
    /// Steps between two validations; 0 for one at the end only [default: 500; with finetune an epoch]
    #[arg(long, value_name = "N")]
    pub valid_every: Option<u64>,
    /// Steps between two checkpoints [default: 500; with finetune an epoch]
    #[arg(long, value_name = "N")]
    pub save_every: Option<u64>,
    /// Checkpoints to keep besides the best model [default: 3]
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
}

impl OptimizationOptions {
    /// Sets what is given.
    pub fn apply(&self, to: &mut Optimization, compute: &mut Compute) {
        set(&mut to.steps, self.steps);
        set(&mut to.batch, self.batch);
        set_list(&mut to.stages, &self.stages);
        set(&mut to.learning_rate, self.lr);
        to.filter_learning_rate = self.filter_lr.or(to.filter_learning_rate);
        set(&mut to.last_rate, self.last_lr);
        set(&mut to.warmup, self.warmup);
        set(&mut to.adamw.weight_decay, self.weight_decay);
        set(&mut to.adamw.beta2, self.beta2);
        set(&mut to.adamw.clip, self.clip);
        set(&mut to.dropout, self.dropout);
        set(&mut to.most_skipped, self.most_skipped);
        let to = compute;
        set(&mut to.dtype, self.dtype);
        set(&mut to.recompute, self.recompute);
        set(&mut to.batch_tokens, self.batch_tokens);
    }
}

impl OutputOptions {
    /// Sets what is given.
    pub fn apply(&self, to: &mut Output) {
        set(&mut to.log_every, self.log_every);
        set(&mut to.valid_every, self.valid_every);
        set(&mut to.save_every, self.save_every);
        set(&mut to.keep, self.keep);
    }
}

/// Sets a value that is given.
pub fn set<T>(to: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *to = given;
    }
}

/// Sets a list that is given.
pub fn set_list<T: Clone>(to: &mut Vec<T>, given: &[T]) {
    if !given.is_empty() {
        to.clear();
        to.extend_from_slice(given);
    }
}
