//! Options of a configuration: preset, file and flags, each of which overrides the one before.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    cli::model::names::ModelSpec,
    inference::memory::step::Recompute,
    model::network::leaves::Precision,
    training::{config::RunConfig, data::Sampling, preset::Preset, schedule::Stage},
};

/// Options of a run, each of which can also be set in the file.
#[derive(Debug, Default, PartialEq, Args)]
pub struct TrainOptions {
    /// Published model whose sizes and recipe are the defaults [default: tiny-1k]
    #[arg(long, value_name = "NAME")]
    preset: Option<Preset>,
    /// Configuration as TOML; flags override it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    optimization: OptimizationOptions,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Data")]
struct DataOptions {
    /// Genomes (FASTA; plain and bgzip files are read by index)
    #[arg(long, value_name = "FASTA", num_args = 1..)]
    reference: Vec<PathBuf>,
    /// Share of the samples from each genome, in their order [default: every base equally often]
    #[arg(long, value_name = "W", num_args = 1..)]
    weight: Vec<f64>,
    /// Intervals (BED) with train, valid or test in the fourth column; contig names must differ
    /// between genomes
    #[arg(long, value_name = "BED", num_args = 1.., conflicts_with_all = ["valid_contigs", "test_contigs", "valid_fraction"])]
    intervals: Vec<PathBuf>,
    /// Contigs to keep for validation, in every genome; several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    valid_contigs: Vec<String>,
    /// Contigs to keep for tests: used for neither training nor validation
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    test_contigs: Vec<String>,
    /// Approximate share of bases to keep for validation, in blocks of 100 kb chosen by the seed
    #[arg(long, value_name = "F", conflicts_with_all = ["valid_contigs", "test_contigs"])]
    valid_fraction: Option<f64>,
    /// Method of drawing samples [default: windows]
    #[arg(long, value_name = "HOW")]
    sampling: Option<Sampling>,
    /// Read only the forward strand, not a random one
    #[arg(long)]
    forward_only: bool,
    /// Largest share of N in a sample; samples with more are counted and drawn again [default: 0.5]
    #[arg(long, value_name = "SHARE")]
    most_n: Option<f64>,
    /// Seed of weights, samples, strands and dropout [default: 2222]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Model")]
struct ModelOptions {
    /// Checkpoint to start from instead of random weights: any format, or a released name
    #[arg(long, value_name = "MODEL", value_parser = ModelSpec, hide_possible_values = true)]
    init: Option<String>,
    /// Number of blocks
    #[arg(long, value_name = "N", conflicts_with = "init")]
    layers: Option<i64>,
    /// Width of the model
    #[arg(long, value_name = "D", conflicts_with = "init")]
    width: Option<i64>,
    /// Context of the model: its longest sequence, in bases
    #[arg(long, value_name = "L", conflicts_with = "init")]
    context: Option<i64>,
}

#[derive(Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Optimisation")]
struct OptimizationOptions {
    /// Steps of the optimiser, including those of the stages
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Sequences of a step; they need not be computed at once
    #[arg(long, value_name = "N")]
    batch: Option<u64>,
    /// Length of a sequence, in bases [default: the context]
    #[arg(long, value_name = "L", value_parser = clap::value_parser!(u64).range(2..))]
    length: Option<u64>,
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
    dropout: Option<f64>,
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

#[derive(Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Output")]
struct OutputOptions {
    /// Steps between two rows of metrics.tsv [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    log_every: Option<u64>,
    /// Steps between two validations; 0 for one at the end only [default: 500]
    #[arg(long, value_name = "N")]
    valid_every: Option<u64>,
    /// Largest number of windows of a validation; the one at the end takes all [default: 256]
    #[arg(long, value_name = "N")]
    valid_windows: Option<u64>,
    /// Steps between two checkpoints [default: 500]
    #[arg(long, value_name = "N")]
    save_every: Option<u64>,
    /// Checkpoints to keep besides the best model [default: 3]
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
}

impl TrainOptions {
    /// True if an option is given.
    pub fn are_given(&self) -> bool {
        *self != Self::default()
    }

    /// The configuration with these options.
    ///
    /// # Errors
    /// The file cannot be read or is malformed.
    pub fn config(&self) -> Result<RunConfig> {
        let mut config = match &self.config {
            Some(path) => {
                let text = fs::read_to_string(path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let with_preset = match self.preset {
                    Some(preset) => replace_preset(&text, preset),
                    None => text,
                };
                RunConfig::parse(&with_preset).with_context(|| path.display().to_string())?
            }
            None => RunConfig::of(self.preset.unwrap_or(Preset::Tiny1k)),
        };
        self.apply(&mut config);
        Ok(config)
    }

    fn apply(&self, config: &mut RunConfig) {
        let Self { data, model, optimization, output, .. } = self;
        set(&mut config.seed, data.seed);
        let to = &mut config.data;
        set_list(&mut to.reference, &data.reference);
        set_list(&mut to.weight, &data.weight);
        set_list(&mut to.intervals, &data.intervals);
        set_list(&mut to.valid_contigs, &data.valid_contigs);
        set_list(&mut to.test_contigs, &data.test_contigs);
        to.valid_fraction = data.valid_fraction.or(to.valid_fraction);
        set(&mut to.sampling, data.sampling);
        set(&mut to.most_n, data.most_n);
        set(&mut to.reverse_complement, data.forward_only.then_some(false));
        let to = &mut config.model;
        to.init = model.init.clone().or(to.init.take());
        set(&mut to.layers, model.layers);
        set(&mut to.width, model.width);
        set(&mut to.context, model.context);
        let to = &mut config.optimization;
        set(&mut to.steps, optimization.steps);
        set(&mut to.batch, optimization.batch);
        set(&mut to.length, optimization.length);
        set_list(&mut to.stages, &optimization.stages);
        set(&mut to.learning_rate, optimization.lr);
        to.filter_learning_rate = optimization.filter_lr.or(to.filter_learning_rate);
        set(&mut to.last_rate, optimization.last_lr);
        set(&mut to.warmup, optimization.warmup);
        set(&mut to.adamw.weight_decay, optimization.weight_decay);
        set(&mut to.adamw.beta2, optimization.beta2);
        set(&mut to.adamw.clip, optimization.clip);
        set(&mut to.dropout, optimization.dropout);
        set(&mut to.most_skipped, optimization.most_skipped);
        let to = &mut config.compute;
        set(&mut to.dtype, optimization.dtype);
        set(&mut to.recompute, optimization.recompute);
        set(&mut to.batch_tokens, optimization.batch_tokens);
        let to = &mut config.output;
        set(&mut to.log_every, output.log_every);
        set(&mut to.valid_every, output.valid_every);
        set(&mut to.valid_windows, output.valid_windows);
        set(&mut to.save_every, output.save_every);
        set(&mut to.keep, output.keep);
    }
}

fn set<T>(to: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *to = given;
    }
}

fn set_list<T: Clone>(to: &mut Vec<T>, given: &[T]) {
    if !given.is_empty() {
        to.clear();
        to.extend_from_slice(given);
    }
}

/// The text of a file with another preset, which sets the defaults of values missing in the file.
fn replace_preset(text: &str, preset: Preset) -> String {
    match text.parse::<toml::Table>() {
        Ok(mut table) => {
            let name = toml::Value::try_from(preset).expect("a name can be written");
            table.insert("preset".to_owned(), name);
            table.to_string()
        }
        // the parser reports the error
        Err(_) => text.to_owned(),
    }
}
