//! Everything that determines a run: `config.toml`.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    preset::Preset,
    recipe::{Compute, Optimization, Output, Recipe},
    schedule::{Stage, Stages},
};
use crate::{
    model::config::{self as architecture, DEFAULT_SHIFT},
    sampling::{GenomeFile, SamplerOptions, Sampling, SplitBy},
};

/// A run of pretraining.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// The published model that the defaults come from.
    pub preset: Preset,
    /// Decides the first weights, the order of the samples, strands and dropout.
    pub seed: u64,
    /// The network.
    pub model: Model,
    /// Data.
    pub data: Data,
    /// Optimiser and schedule.
    pub optimization: Optimization,
    /// Computation.
    pub compute: Compute,
    /// Reports and checkpoints.
    pub output: Output,
}

/// The network: `init`, or the sizes of one to draw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    /// A checkpoint to start from instead of random weights; the sizes below then do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    /// Number of blocks.
    pub layers: i64,
    /// Width of the residual stream.
    pub width: i64,
    /// Longest sequence in bases; the filters are laid out for two more positions.
    pub context: i64,
    /// Width of the filter networks.
    pub filter_width: i64,
    /// Limit of the decay of the filters.
    pub shift: f64,
    /// Frequency that the sines of the filter networks start from.
    pub frequency: f64,
}

/// Data: genomes, their division, and the choice of windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Data {
    /// FASTA files.
    pub reference: Vec<PathBuf>,
    /// Share of the windows for each of them; empty for equal chances of every base.
    pub weight: Vec<f64>,
    /// BED files whose fourth column is train, valid or test.
    pub intervals: Vec<PathBuf>,
    /// Contigs for validation.
    pub valid_contigs: Vec<String>,
    /// Contigs kept for tests.
    pub test_contigs: Vec<String>,
    /// Share of all bases for validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_fraction: Option<f64>,
    /// Random windows, or each interval in turn.
    pub sampling: Sampling,
    /// True if half of the samples are reverse-complemented.
    pub reverse_complement: bool,
    /// Largest share of N in a sample.
    pub most_n: f64,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self::of(Preset::Tiny1k)
    }
}

impl Default for Model {
    fn default() -> Self {
        Self {
            init: None,
            layers: 2,
            width: 128,
            context: 1024,
            filter_width: 64,
            shift: DEFAULT_SHIFT,
            frequency: 10.0,
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        let SamplerOptions { sampling, reverse_complement, most_n, .. } = SamplerOptions::default();
        Self {
            reference: Vec::new(),
            weight: Vec::new(),
            intervals: Vec::new(),
            valid_contigs: Vec::new(),
            test_contigs: Vec::new(),
            valid_fraction: None,
            sampling,
            reverse_complement,
            most_n,
        }
    }
}

impl RunConfig {
    /// The defaults of a published model.
    pub fn of(preset: Preset) -> Self {
        Self {
            preset,
            seed: 2222,
            model: preset.model(),
            data: Data::default(),
            optimization: preset.optimization(),
            compute: Compute::default(),
            output: Output::default(),
        }
    }

    /// Reads `config.toml`; keys that it leaves out come from its preset.
    ///
    /// # Errors
    /// Text that is not TOML, an unknown key or a value of another type; the error names the line and
    /// the key.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let given: toml::Table = toml::from_str(text)?;
        // once as it is, for errors that name the line
        let typed: Self = toml::from_str(text)?;
        let preset = toml::Table::try_from(Self::of(typed.preset));
        let mut complete = preset.map_err(serde::de::Error::custom)?;
        merge(&mut complete, given);
        complete.try_into()
    }

    /// All of it as TOML.
    ///
    /// # Errors
    /// A path that is not UTF-8.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Makes paths absolute, so that a run can be resumed from any folder.
    ///
    /// # Errors
    /// The current folder is gone.
    pub fn make_paths_absolute(&mut self) -> io::Result<()> {
        for path in self.data.reference.iter_mut().chain(&mut self.data.intervals) {
            *path = std::path::absolute(&*path)?;
        }
        if let Some(init) = self.model.init.as_mut().filter(|init| is_path(init)) {
            *init = std::path::absolute(&*init)?.display().to_string();
        }
        Ok(())
    }

    /// The stages of the run.
    pub fn stages(&self) -> Stages {
        let Optimization { steps, batch, length, ref stages, .. } = self.optimization;
        let length = if length == 0 { self.model.context.max(1) as u64 } else { length };
        Stages::new(stages, Stage { length, batch, steps })
    }

    /// The settings of the loop.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            seed: self.seed,
            stages: self.stages(),
            rows_per_sample: 1,
            before: 0,
            plateau: 1.0,
            optimization: self.optimization.clone(),
            compute: self.compute,
            output: self.output,
            patience: 0,
        }
    }
}

/// True if a model is named by a path, not by its name.
fn is_path(model: &str) -> bool {
    !model.starts_with("builtin") && Path::new(model).exists()
}

/// Overwrites the values of `base` with those of `given`, table by table.
fn merge(base: &mut toml::Table, given: toml::Table) {
    for (key, value) in given {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(given)) => merge(base, given),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

impl Model {
    /// Takes the sizes from a checkpoint that is started from.
    pub fn adopt(&mut self, architecture: &architecture::Config) {
        self.layers = architecture.n_layer;
        self.width = architecture.d_model;
        self.context = architecture.context();
        self.filter_width = architecture.filter_order;
        self.shift = architecture.shift;
        self.frequency = architecture.activation_freq;
    }

    /// Architecture of the network.
    pub fn architecture(&self) -> architecture::Config {
        architecture::Config {
            d_model: self.width,
            n_layer: self.layers,
            d_inner: self.width.saturating_mul(4),
            vocab_rows: 16,
            emb_dim: 5,
            filter_order: self.filter_width,
            num_inner_mlps: 2,
            short_filter_order: 3,
            l_max: self.context.saturating_add(2),
            layer_norm_epsilon: 1e-5,
            shift: self.shift,
            activation_freq: self.frequency,
        }
    }
}

impl Data {
    /// The genomes with their weights.
    pub fn genomes(&self) -> Vec<GenomeFile> {
        let weight = |i: usize| self.weight.get(i).copied();
        let file =
            |(i, path): (usize, &PathBuf)| GenomeFile { path: path.clone(), weight: weight(i) };
        self.reference.iter().enumerate().map(file).collect()
    }

    /// Division into data for training, validation and tests.
    pub fn split(&self, seed: u64) -> SplitBy {
        if !self.intervals.is_empty() {
            let in_turn = self.sampling == Sampling::Intervals;
            SplitBy::Bed { paths: self.intervals.clone(), in_turn }
        } else if let Some(valid) = self.valid_fraction {
            SplitBy::Fraction { valid, seed }
        } else if self.valid_contigs.is_empty() && self.test_contigs.is_empty() {
            SplitBy::Nothing
        } else {
            SplitBy::Contigs { valid: self.valid_contigs.clone(), test: self.test_contigs.clone() }
        }
    }

    /// Options of drawing windows.
    pub fn sampler(&self, seed: u64) -> SamplerOptions {
        let Self { sampling, reverse_complement, most_n, .. } = *self;
        SamplerOptions { seed, sampling, reverse_complement, most_n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut config = RunConfig::of(Preset::Small32k);
        config.data.reference = vec!["a.fa".into()];
        config.optimization.stages = vec![Stage { length: 64, batch: 8, steps: 3 }];
        assert_eq!(RunConfig::parse(&config.to_toml().unwrap()).unwrap(), config);
    }

    /// Checkpoints know their run by a hash of this text, so a type or field that gets another name needs
    /// a way to resume older runs.
    #[test]
    fn the_text_of_a_configuration_stays() {
        let text = format!("{:?}", RunConfig::default());
        assert!(text.starts_with("RunConfig {"), "{text}");
        for part in
            ["model: Model {", "data: Data {", "optimization: Optimization {", "output: Output {"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn what_is_left_out_comes_from_the_preset() {
        let config = RunConfig::parse("preset = \"large-1m\"\n[model]\nlayers = 4\n").unwrap();
        assert_eq!((config.model.layers, config.model.context), (4, 1_000_000));
        assert_eq!(config.optimization.learning_rate, 1.5e-4);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("[optimization]\nstep = 3\n", "step"),
            ("seed = \"x\"\n", "line 1"),
            ("preset = \"huge\"\n", "tiny-1k"),
        ] {
            let error = RunConfig::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn stages_and_schedule_follow_the_steps() {
        let mut config = RunConfig::of(Preset::Tiny1k);
        config.optimization.steps = 100;
        config.optimization.stages = vec![Stage { length: 64, batch: 8, steps: 30 }];
        assert_eq!((config.stages().at(29).length, config.stages().at(30).length), (64, 1024));
        assert_eq!((config.recipe().schedule().steps, config.recipe().schedule().warmup), (100, 1));
    }
}
