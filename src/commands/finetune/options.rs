//! Options of a configuration: a preset, and flags that override it.

use std::path::Path;

use anyhow::Result;
use clap::Args;

use super::{
    config::{FinetuneConfig, OutputSettings},
    learning::{Method, PROMPT_PLATEAU, PROMPT_RATE},
    preset::{FinetunePreset, defaults},
};
use crate::{
    cli::{
        model::names::{BUILTIN_ARGUMENT, ModelSpec},
        tasks::TaskArgs,
        vectors::PoolParser,
    },
    commands::runs::options::{OptimizationOptions, OutputOptions, set, set_list},
    model::{head::HeadStrands, pool::Pool},
    process::exit::Usage,
    training::{
        parameters::Trained,
        recipe::{Compute, Output},
        task::{metric::Metric, settings::ClassWeights},
    },
};

/// Options of a run.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct FinetuneOptions {
    /// Published recipe whose settings are the defaults
    #[arg(long, value_name = "NAME")]
    preset: Option<FinetunePreset>,
    /// Model to start from: a folder, a file or a released name [default: the built-in model]
    #[arg(short, long, env = "HYENADNA_MODEL", hide_env_values = true, value_name = "MODEL")]
    #[arg(value_parser = ModelSpec, hide_possible_values = true)]
    model: Option<String>,
    /// Start from random weights in place of those of the model
    #[arg(long)]
    random: bool,
    #[command(flatten)]
    head: HeadOptions,
    #[command(flatten)]
    learning: LearningOptions,
    #[command(flatten)]
    optimization: OptimizationOptions,
    #[command(flatten)]
    output: OutputOptions,
    /// Measure also on the first N bases of the test sequences, with commas between lengths, in
    /// report/lengths.tsv
    #[arg(long, value_name = "N,N…", value_delimiter = ',', help_heading = "Output")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1 << 32))]
    test_lengths: Vec<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Head")]
struct HeadOptions {
    /// Pooling of the vectors of a sequence's bases into one [default: mean]
    #[arg(short, long, value_name = "HOW", value_parser = PoolParser)]
    pool: Option<Pool>,
    /// Strand to read [default: forward]
    #[arg(short, long, value_name = "STRAND")]
    strand: Option<HeadStrands>,
    /// Widths of layers between the vectors and the outputs; several with commas [default: none]
    #[arg(long, value_name = "N", value_delimiter = ',')]
    head_layers: Vec<usize>,
}

#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Learning")]
struct LearningOptions {
    /// Weights to train: full (all), head, blocks:N (the last N blocks and the head), or prompt:N (N vectors
    /// that the frozen network reads before each sequence, and the head) [default: full]
    #[arg(long, value_name = "WHICH")]
    method: Option<Method>,
    /// Demonstrations before each sequence, as in icl: examples of the train part with a letter for their
    /// class [default: 0]
    #[arg(long, value_name = "K")]
    shots: Option<usize>,
    /// Letters that stand for the classes, in their order: A, C, G, T or N. Needs --method prompt:N: the
    /// frozen network reads the letters out in place of a head, so that only the prompt is trained
    #[arg(long, value_name = "LETTER,…", value_delimiter = ',')]
    label_tokens: Vec<String>,
    /// Times that every example is seen [default: 10]
    #[arg(long, value_name = "N", conflicts_with = "steps")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    epochs: Option<u64>,
    /// Reverse-complement a random half of the samples
    #[arg(long)]
    reverse_complement: bool,
    /// Weights of the classes or labels in the loss [default: equal]
    #[arg(long, value_name = "HOW")]
    class_weights: Option<ClassWeights>,
    /// Share of the probability of a target that is given to all classes alike [default: 0]
    #[arg(long, value_name = "SHARE")]
    label_smoothing: Option<f64>,
    /// Figure on the validation part that the best model is chosen by [default: mcc for classes, auroc
    /// for labels, r2 for numbers]
    #[arg(long, value_name = "FIGURE")]
    metric: Option<Metric>,
    /// Validations in a row without a better figure before the run ends; 0 for no limit [default: 0]
    #[arg(long, value_name = "N")]
    patience: Option<u64>,
    /// Factor of the learning rate after each validation without a better figure, in place of the cosine
    /// [default: 1, or 0.1 with --method prompt:N]
    #[arg(long, value_name = "FACTOR")]
    plateau: Option<f64>,
    /// With --method head: compute the vectors of the examples once, without dropout
    #[arg(long)]
    frozen_cache: bool,
}

impl FinetuneOptions {
    /// True if an option is given.
    pub fn are_given(&self) -> bool {
        let variable = std::env::var("HYENADNA_MODEL").ok();
        let model = self.model.clone().filter(|model| Some(model) == variable.as_ref());
        *self != Self { model, ..Self::default() }
    }

    /// The model to start from, by an absolute path if it is one.
    fn model(&self) -> Result<String> {
        let model = self.model.as_deref().unwrap_or(BUILTIN_ARGUMENT);
        let path = Path::new(model);
        Ok(match path.exists() {
            true => std::path::absolute(path)?.display().to_string(),
            false => model.to_owned(),
        })
    }

    /// The configuration with these options.
    ///
    /// # Errors
    /// Options exclude each other.
    pub fn config(&self, data: &TaskArgs, truncate: bool) -> Result<FinetuneConfig> {
        let (head, learning, optimization) = defaults(self.preset);
        let mut output = Output::default();
        self.output.apply(&mut output);
        let output = OutputSettings {
            log_every: output.log_every,
            valid_every: self.output.valid_every,
            save_every: self.output.save_every,
            keep: output.keep,
        };
        let mut config = FinetuneConfig {
            preset: self.preset,
            model: self.model()?,
            model_identity: String::new(),
            random: self.random,
            seed: data.seed,
            truncate,
            test_lengths: self.test_lengths.iter().map(|&length| length as usize).collect(),
            shots: self.learning.shots.unwrap_or(0),
            label_tokens: self.learning.label_tokens.clone(),
            plateau: 1.0,
            data: data.clone(),
            head,
            learning,
            optimization,
            compute: Compute::default(),
            output,
        };
        let Self { head, learning, .. } = self;
        if !learning.label_tokens.is_empty() {
            config.head.pool = Pool::Last;
        }
        set(&mut config.head.pool, head.pool);
        set(&mut config.head.strand, head.strand);
        set_list(&mut config.head.layers, &head.head_layers);
        let to = &mut config.learning;
        set(&mut to.method, learning.method);
        set(&mut to.epochs, learning.epochs);
        to.reverse_complement |= learning.reverse_complement;
        set(&mut to.class_weights, learning.class_weights);
        set(&mut to.label_smoothing, learning.label_smoothing);
        to.metric = learning.metric.or(to.metric);
        set(&mut to.patience, learning.patience);
        to.frozen_cache = learning.frozen_cache;
        if config.learning.method.0.prompt() > 0 {
            (config.optimization.learning_rate, config.plateau) = (PROMPT_RATE, PROMPT_PLATEAU);
        }
        set(&mut config.plateau, learning.plateau);
        if config.plateau < 1.0 {
            config.optimization.last_rate = 1.0;
        }
        if self.optimization.steps == Some(0) {
            return Err(Usage("--steps is 0, expected 1 or more".into()).into());
        }
        self.optimization.apply(&mut config.optimization, &mut config.compute);
        if config.learning.frozen_cache {
            if config.learning.method.0 != Trained::Head {
                return Err(Usage("--frozen-cache needs --method head: vectors that are computed once cannot change".into()).into());
            }
            if self.optimization.dropout.is_some_and(|share| share > 0.0) {
                return Err(Usage("--frozen-cache and --dropout exclude each other: vectors that are computed once have no dropout".into()).into());
            }
            if !config.optimization.stages.is_empty() {
                return Err(Usage("--frozen-cache and --stages exclude each other: vectors of whole sequences are computed once".into()).into());
            }
            config.optimization.dropout = 0.0;
        }
        Ok(config)
    }
}
