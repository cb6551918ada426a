//! Everything that determines a run of a task: `config.toml`.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{
    learning::{HeadSettings, Learning},
    preset::FinetunePreset,
};
use crate::{
    cli::tasks::TaskArgs,
    formats::{output::write_file, whole},
    model::{
        head::{HeadConfig, HeadTask},
        pool::Pool,
    },
    tasks::{
        dataset::Dataset,
        example::{Example, Target},
        labels::Task,
    },
    training::{
        parameters::Trained,
        recipe::{Compute, Optimization, Output, Recipe},
        schedule::{Stage, Stages},
        task::{
            metric::{self, Metric},
            settings::TaskSettings,
        },
    },
};

/// A run of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinetuneConfig {
    /// Published recipe that the defaults come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<FinetunePreset>,
    /// Model to start from: a path, a released name, or `builtin`.
    pub model: String,
    /// Its identity; empty before it is read.
    #[serde(default)]
    pub model_identity: String,
    /// True if only the sizes of the model are taken, and its weights are random.
    pub random: bool,
    /// Decides the first weights of the head, the order of the examples, strands and dropout.
    pub seed: u64,
    /// True if sequences longer than the context are cut.
    pub truncate: bool,
    /// Numbers of first bases of the test sequences that are measured too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub test_lengths: Vec<usize>,
    /// Demonstrations before each sequence.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shots: usize,
    /// Letters of the vocabulary that stand for the classes, in place of a trained head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_tokens: Vec<String>,
    /// Factor of the learning rate after each validation without a better score.
    #[serde(default = "constant", skip_serializing_if = "is_constant")]
    pub plateau: f64,
    /// Data.
    pub data: TaskArgs,
    /// The head.
    pub head: HeadSettings,
    /// Learning.
    pub learning: Learning,
    /// Optimiser and schedule; 0 steps for those of the epochs.
    pub optimization: Optimization,
    /// Computation.
    pub compute: Compute,
    /// Reports and checkpoints.
    pub output: OutputSettings,
}

/// The factor that changes nothing.
fn constant() -> f64 {
    1.0
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn is_constant(factor: &f64) -> bool {
    *factor == constant()
}

/// Reports and checkpoints, by steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputSettings {
    /// Steps between two rows of metrics.tsv.
    pub log_every: u64,
    /// Steps between two validations: an epoch without it, 0 for one at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_every: Option<u64>,
    /// Steps between two checkpoints: an epoch without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save_every: Option<u64>,
    /// Checkpoints that are kept besides the best.
    pub keep: usize,
}

impl FinetuneConfig {
    /// Reads `config.toml` of a run.
    ///
    /// # Errors
    /// The file cannot be read, or is not the configuration of a run of a task.
    pub fn read(path: &Path) -> Result<Self> {
        let text = whole::settings(path)
            .with_context(|| format!("not a run of finetune: {} cannot be read", path.display()))?;
        toml::from_str(&text).with_context(|| {
            format!("{} is not the configuration of a run of finetune", path.display())
        })
    }

    /// Writes `config.toml`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = format!("# hyenadna {}\n{}", env!("CARGO_PKG_VERSION"), toml::to_string(self)?);
        Ok(write_file(path, text.as_bytes())?)
    }

    /// Part of the weights that is trained.
    pub fn trained(&self) -> Trained {
        match self.learning.method.0 {
            Trained::Prompt(count) if !self.label_tokens.is_empty() => Trained::PromptAlone(count),
            trained => trained,
        }
    }

    /// The head that the task needs, trained on `train`, without demonstrations.
    pub fn head(&self, task: &Task, train: &[Example]) -> HeadConfig {
        let (task, outputs) = match task {
            Task::Classes(names) => (HeadTask::SingleLabel, names),
            Task::MultiLabel(names) => (HeadTask::MultiLabel, names),
            Task::Regression(names) => (HeadTask::Regression, names),
            Task::BaseClasses(names) => (HeadTask::BaseClasses, names),
            Task::BaseLabels(names) => (HeadTask::BaseLabels, names),
        };
        let scale = match task {
            HeadTask::Regression => scale(train, outputs.len()),
            _ => Vec::new(),
        };
        HeadConfig {
            task,
            outputs: outputs.clone(),
            pool: if task.is_per_base() { Pool::None } else { self.head.pool },
            strands: self.head.strand,
            hidden: self.head.layers.clone(),
            length: longest(train),
            prompt: self.learning.method.0.prompt(),
            demonstrations: String::new(),
            scale,
        }
    }

    /// The settings of learning with `head`.
    pub fn settings(&self, head: HeadConfig, train: &[Example]) -> TaskSettings {
        let (counts, total) = metric::counts(train, head.outputs.len());
        TaskSettings {
            seed: self.seed,
            reverse_complement: self.learning.reverse_complement,
            weights: self.learning.class_weights.of(head.task, &counts, total),
            label_smoothing: self.learning.label_smoothing,
            metric: self.metric(head.task),
            head,
        }
    }

    /// Figure that the best model is chosen by.
    pub fn metric(&self, task: HeadTask) -> Metric {
        self.learning.metric.unwrap_or(Metric::of(task))
    }

    /// The settings of the loop for these data without demonstrations, with `before` tokens before each
    /// sequence.
    pub fn recipe(&self, dataset: &Dataset, before: usize) -> Recipe {
        let mut optimization = self.optimization.clone();
        let examples = (dataset.train.len() - self.shots.min(dataset.train.len())) as u64;
        // more would repeat examples within a step
        let batch = optimization.batch.min(examples);
        optimization.batch = batch;
        optimization.stages.iter_mut().for_each(|stage| stage.batch = stage.batch.min(examples));
        let epoch = examples.div_ceil(batch);
        if optimization.steps == 0 {
            optimization.steps = (self.learning.epochs * examples).div_ceil(batch);
        }
        if self.learning.frozen_cache {
            optimization.dropout = 0.0;
        }
        let output = Output {
            log_every: self.output.log_every,
            valid_every: self.output.valid_every.unwrap_or(epoch),
            save_every: self.output.save_every.unwrap_or(epoch),
            keep: self.output.keep,
            ..Output::default()
        };
        let (length, steps) = (longest(&dataset.train) as u64, optimization.steps);
        Recipe {
            seed: self.seed,
            stages: Stages::new(&optimization.stages, Stage { length, batch, steps }),
            rows_per_sample: self.head.strand.count() as u64,
            before: before as u64,
            plateau: self.plateau,
            optimization,
            compute: self.compute,
            output,
            patience: if dataset.valid.is_empty() { 0 } else { self.learning.patience },
        }
    }

    /// Text of the settings that checkpoints of a run have in common; the data are compared themselves.
    pub fn identity(&self) -> String {
        let Self { random, seed, truncate, head, learning, optimization, output, .. } = self;
        let model = &self.model_identity;
        let text = format!(
            "{model} {random} {seed} {truncate} {head:?} {learning:?} {optimization:?} {output:?}"
        );
        // as of runs that began before there were these settings
        let text =
            if is_constant(&self.plateau) { text } else { format!("{text} {}", self.plateau) };
        match (self.shots, &self.label_tokens[..]) {
            (0, []) => text,
            (shots, letters) => format!("{text} {shots} {letters:?}"),
        }
    }
}

/// Length of the longest sequence, in bases.
fn longest(examples: &[Example]) -> usize {
    examples.iter().map(|example| example.bases.len()).max().unwrap_or(0)
}

/// Mean and standard deviation of each target; a deviation of 0 is 1.
fn scale(examples: &[Example], targets: usize) -> Vec<[f64; 2]> {
    let of = |target: usize| {
        let values = examples.iter().filter_map(|example| match &example.target {
            Target::Numbers(numbers) => Some(numbers[target]),
            _ => None,
        });
        let values: Vec<f64> = values.collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let square = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        [mean, if square > 0.0 { square.sqrt() } else { 1.0 }]
    };
    (0..targets).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_scaled_by_their_deviation() {
        let place =
            crate::tasks::example::Place { path: "x".into(), at: crate::tasks::example::At::Whole };
        let example = |x: f64| Example {
            bases: b"A".to_vec(),
            target: Target::Numbers(vec![x, 5.0]),
            place: place.clone(),
        };
        assert_eq!(scale(&[example(1.0), example(5.0)], 2), [[3.0, 2.0], [5.0, 1.0]]);
    }
}
