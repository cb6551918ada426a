//! Options of a configuration: preset, file and flags, each of which overrides the one before.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    cli::model::names::ModelSpec,
    commands::runs::options::{OptimizationOptions, OutputOptions, set, set_list},
    formats::whole,
    sampling::Sampling,
    training::{config::RunConfig, preset::Preset},
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
    /// Largest number of windows of a validation; the one at the end takes all [default: 256]
    #[arg(long, value_name = "N")]
    valid_windows: Option<u64>,
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
    /// Length of a sequence, in bases [default: the context]
    #[arg(long, value_name = "L", value_parser = clap::value_parser!(u64).range(2..))]
    length: Option<u64>,
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
                let text = whole::settings(path)
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
        set(&mut config.optimization.length, model.length);
        set(&mut config.output.valid_windows, data.valid_windows);
        optimization.apply(&mut config.optimization, &mut config.compute);
        output.apply(&mut config.output);
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
