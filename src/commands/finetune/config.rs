//! Everything that determines a run of a task: `config.toml`.

use serde::{Deserialize, Serialize};

use super::preset::FinetunePreset;
use crate::{
    cli::tasks::TaskArgs,
    model::{
        head::{HeadConfig, HeadStrands, HeadTask},
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
            settings::{ClassWeights, TaskSettings},
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
    /// True if only the sizes of the model are taken, and its weights are random.
    pub random: bool,
    /// Decides the first weights of the head, the order of the examples, strands and dropout.
    pub seed: u64,
    /// True if sequences longer than the context are cut.
    pub truncate: bool,
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

/// The head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadSettings {
    /// Pooling of a sequence; each base has outputs of its own in tasks of bases.
    pub pool: Pool,
    /// Strands that are read.
    pub strand: HeadStrands,
    /// Widths of the layers before the outputs.
    pub layers: Vec<usize>,
}

/// Learning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    /// Part of the weights that is trained.
    pub method: Method,
    /// Times that every example is seen.
    pub epochs: u64,
    /// True if half of the samples are reverse-complemented.
    pub reverse_complement: bool,
    /// Weights of the classes.
    pub class_weights: ClassWeights,
    /// Share of the probability that a target gives to all classes alike.
    pub label_smoothing: f64,
    /// Figure that the best model is chosen by; that of the task without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<Metric>,
    /// Validations in a row without a better score, after which the run ends; 0 for no limit.
    pub patience: u64,
    /// True if the features of the examples are computed once.
    pub frozen_cache: bool,
}

/// Part of the weights that is trained: `full`, `head` or `blocks:N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Method(pub Trained);

impl std::str::FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let blocks = |n: &str| n.parse().ok().filter(|n| *n > 0).map(Trained::Blocks);
        Ok(Self(match text {
            "full" => Trained::All,
            "head" => Trained::Head,
            _ => text
                .strip_prefix("blocks:")
                .and_then(blocks)
                .ok_or("expected full, head or blocks:N, such as blocks:1")?,
        }))
    }
}

impl TryFrom<String> for Method {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Method> for String {
    fn from(method: Method) -> Self {
        match method.0 {
            Trained::All => "full".into(),
            Trained::Head => "head".into(),
            Trained::Blocks(n) => format!("blocks:{n}"),
        }
    }
}

impl FinetuneConfig {
    /// The head that the task needs, trained on `train`.
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

    /// The settings of the loop for these data.
    pub fn recipe(&self, dataset: &Dataset) -> Recipe {
        let mut optimization = self.optimization.clone();
        let (examples, batch) = (dataset.train.len() as u64, optimization.batch);
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
            optimization,
            compute: self.compute,
            output,
            patience: if dataset.valid.is_empty() { 0 } else { self.learning.patience },
        }
    }

    /// Text of the settings that checkpoints of a run have in common; the data are compared themselves.
    pub fn identity(&self) -> String {
        let Self { model, random, seed, truncate, head, learning, optimization, output, .. } = self;
        format!(
            "{model:?} {random} {seed} {truncate} {head:?} {learning:?} {optimization:?} {output:?}"
        )
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
    fn methods_are_parsed_and_printed() {
        for name in ["full", "head", "blocks:3"] {
            assert_eq!(String::from(name.parse::<Method>().unwrap()), name);
        }
        for wrong in ["", "blocks", "blocks:0", "blocks:-1", "Head"] {
            assert!(wrong.parse::<Method>().unwrap_err().contains("blocks:N"), "{wrong}");
        }
    }

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
