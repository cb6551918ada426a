//! A head for a task: from the hidden states of a sequence, or of each of its bases, to the outputs
//! that the task asks for.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{pool::Pool, tokenizer::Tokenizer, weights::host::HostTensor};

/// Start of the names of its tensors: `head.0.weight`, `head.0.bias`, `head.1.weight`, …
pub const PREFIX: &str = "head.";

/// Name of the prompt: vectors (N, D) that the network reads before each sequence.
pub const PROMPT: &str = "head.prompt";

/// Meaning of the outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadTask {
    /// Logits of classes of which a sequence has one.
    SingleLabel,
    /// Logits of labels of which a sequence has any number.
    MultiLabel,
    /// Numbers.
    Regression,
    /// Logits of classes of which each base has one.
    BaseClasses,
    /// Logits of labels of which each base has any number.
    BaseLabels,
}

impl HeadTask {
    /// True if each base has outputs of its own.
    pub fn is_per_base(self) -> bool {
        matches!(self, Self::BaseClasses | Self::BaseLabels)
    }
}

/// Strands that a head reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum HeadStrands {
    /// The strand of the file
    #[default]
    Forward,
    /// The mean of both
    Both,
    /// Both side by side: forward, then reverse
    Concat,
}

impl HeadStrands {
    /// Number of sequences that the model reads for each sequence.
    pub fn count(self) -> usize {
        if self == Self::Forward { 1 } else { 2 }
    }
}

/// Description of a head: the object `head` of `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadConfig {
    /// Meaning of the outputs.
    pub task: HeadTask,
    /// Names of the outputs, in their order: classes, labels, or targets.
    pub outputs: Vec<String>,
    /// Pooling of the hidden states of a sequence; `none` for a head of each base.
    pub pool: Pool,
    /// Strands that are read.
    #[serde(default)]
    pub strands: HeadStrands,
    /// Widths of the layers before the outputs, each followed by max(0, x); empty for a linear head.
    #[serde(default)]
    pub hidden: Vec<usize>,
    /// Longest sequence of the training data, in bases.
    pub length: usize,
    /// Number of trained vectors that the network reads before each sequence; they are not pooled.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub prompt: usize,
    /// Text that the network reads after the prompt and before each sequence, and that is not pooled
    /// either: sequences with the letters of their classes, each ended by `|`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub demonstrations: String,
    /// For a regression, mean and standard deviation of each target in the training data: the head
    /// computes (target − mean) / deviation; empty if it computes the target itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scale: Vec<[f64; 2]>,
}

/// True for no vectors.
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl HeadConfig {
    /// Describes a contradiction in a description.
    pub fn problem(&self) -> Option<&'static str> {
        let is_scaled = self.task == HeadTask::Regression && self.scale.len() == self.outputs.len();
        if self.outputs.is_empty() {
            Some("no outputs")
        } else if self.task.is_per_base() != (self.pool == Pool::None) {
            Some("pool is none for a task of bases, and only for one")
        } else if !self.demonstrations.bytes().all(|byte| b"ACGTN|".contains(&byte)) {
            Some("demonstrations has letters other than A, C, G, T, N and |")
        } else if !self.scale.is_empty() && !is_scaled {
            Some("scale is for a regression, with a mean and a deviation for each output")
        } else {
            None
        }
    }

    /// Number of values that the head reads for a sequence or base, of a model of width `d_model`.
    pub fn features(&self, d_model: i64) -> usize {
        let strands = if self.strands == HeadStrands::Concat { 2 } else { 1 };
        usize::try_from(d_model).unwrap_or(0) * self.pool.parts() * strands
    }

    /// Shape of each tensor, by name.
    pub fn shapes(&self, d_model: i64) -> BTreeMap<String, Vec<usize>> {
        let mut inputs = self.features(d_model);
        let mut shapes = BTreeMap::new();
        for (layer, &outputs) in self.hidden.iter().chain([&self.outputs.len()]).enumerate() {
            shapes.insert(format!("{PREFIX}{layer}.weight"), vec![outputs, inputs]);
            shapes.insert(format!("{PREFIX}{layer}.bias"), vec![outputs]);
            inputs = outputs;
        }
        if self.prompt > 0 {
            let width = usize::try_from(d_model).unwrap_or(0);
            shapes.insert(PROMPT.to_owned(), vec![self.prompt, width]);
        }
        shapes
    }

    /// Number of tokens that the network reads before each sequence.
    pub fn before(&self) -> usize {
        self.prompt + self.demonstrations.len()
    }

    /// Token ids of the demonstrations.
    pub fn demonstration_tokens(&self) -> impl Iterator<Item = u32> {
        let tokenizer = Tokenizer::default();
        self.demonstrations.bytes().map(move |byte| tokenizer.token(byte).into())
    }

    /// Number of layers.
    pub fn depth(&self) -> usize {
        self.hidden.len() + 1
    }
}

/// A head in host memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Its description.
    pub config: HeadConfig,
    /// Weights (outputs, inputs) and bias of each layer.
    layers: Vec<(HostTensor, Vec<f32>)>,
    /// Vectors (N, D) that the network reads before each sequence.
    prompt: Option<HostTensor>,
}

impl Head {
    /// A head of named tensors; `None` if one is missing.
    pub fn new(config: &HeadConfig, tensors: &BTreeMap<String, HostTensor>) -> Option<Self> {
        let layer = |layer: usize| {
            let weight = tensors.get(&format!("{PREFIX}{layer}.weight"))?;
            let bias = tensors.get(&format!("{PREFIX}{layer}.bias"))?;
            Some((weight.clone(), bias.data.clone()))
        };
        let layers = (0..config.depth()).map(layer).collect::<Option<_>>()?;
        let prompt = match config.prompt {
            0 => None,
            _ => Some(tensors.get(PROMPT)?.clone()),
        };
        Some(Self { config: config.clone(), layers, prompt })
    }

    /// The vectors (N, D) that the network reads before each sequence; `None` without a prompt.
    pub fn prompt(&self) -> Option<&HostTensor> {
        self.prompt.as_ref()
    }

    /// The outputs (rows, outputs) of row-major features (rows, features), as the last layer gives them.
    pub fn apply(&self, features: &[f32]) -> Vec<f32> {
        let mut values = features.to_vec();
        for (number, (weight, bias)) in self.layers.iter().enumerate() {
            let inputs = weight.shape[1].max(1);
            let dot = |row: &[f32], weights: &[f32]| -> f64 {
                row.iter().zip(weights).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum()
            };
            let is_last = number + 1 == self.layers.len();
            let outputs = |row: &[f32]| -> Vec<f32> {
                let rows = weight.data.chunks_exact(inputs).zip(bias);
                let linear = rows.map(|(weights, bias)| dot(row, weights) + f64::from(*bias));
                linear.map(|x| if is_last { x } else { x.max(0.0) } as f32).collect()
            };
            values = values.par_chunks_exact(inputs).flat_map_iter(outputs).collect();
        }
        values
    }

    /// The values of a sequence or base that are reported for its outputs of [`apply`](Self::apply):
    /// probabilities, or for a regression numbers in the unit of the targets.
    pub fn values(&self, outputs: &[f32]) -> Vec<f64> {
        let outputs = outputs.iter().map(|&x| f64::from(x));
        match self.config.task {
            HeadTask::SingleLabel | HeadTask::BaseClasses => {
                let largest = outputs.clone().fold(f64::NEG_INFINITY, f64::max);
                let powers: Vec<f64> = outputs.map(|x| (x - largest).exp()).collect();
                let sum: f64 = powers.iter().sum();
                powers.into_iter().map(|x| x / sum).collect()
            }
            HeadTask::MultiLabel | HeadTask::BaseLabels => {
                outputs.map(|x| 1.0 / (1.0 + (-x).exp())).collect()
            }
            HeadTask::Regression => {
                let scale = self.config.scale.iter().chain(std::iter::repeat(&[0.0, 1.0]));
                outputs.zip(scale).map(|(x, [mean, deviation])| mean + deviation * x).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config::Stated;

    fn config(hidden: &[usize], task: HeadTask) -> HeadConfig {
        HeadConfig {
            task,
            outputs: vec!["a".into(), "b".into()],
            pool: Pool::Mean,
            strands: HeadStrands::Concat,
            hidden: hidden.to_vec(),
            length: 10,
            prompt: 0,
            demonstrations: String::new(),
            scale: Vec::new(),
        }
    }

    fn head(weights: &[(&[usize], &[f32], &[f32])], task: HeadTask) -> Head {
        let hidden: Vec<usize> =
            weights[..weights.len() - 1].iter().map(|(shape, ..)| shape[0]).collect();
        let layers = weights.iter().map(|(shape, weight, bias)| {
            (HostTensor { shape: shape.to_vec(), data: weight.to_vec() }, bias.to_vec())
        });
        Head { config: config(&hidden, task), layers: layers.collect(), prompt: None }
    }

    #[test]
    fn layers_follow_each_other() {
        let task = HeadTask::SingleLabel;
        let linear = head(&[(&[2, 2], &[1.0, 2.0, -1.0, 0.5], &[0.0, 1.0])], task);
        assert_eq!(linear.apply(&[1.0, 1.0, 0.0, -2.0]), [3.0, 0.5, -4.0, 0.0]);
        let deep =
            head(&[(&[1, 2], &[1.0, -1.0], &[0.0]), (&[2, 1], &[2.0, -2.0], &[1.0, 1.0])], task);
        assert_eq!(deep.apply(&[3.0, 1.0, 1.0, 3.0]), [5.0, -3.0, 1.0, 1.0]);
        assert_eq!(deep.config.shapes(1)["head.1.weight"], [2, 1]);
        assert_eq!(deep.config.shapes(1)["head.0.weight"], [1, 2]);
    }

    #[test]
    fn values_have_the_unit_of_the_task() {
        let of = |task, outputs: &[f32]| {
            let mut head = head(&[(&[2, 1], &[0.0; 2], &[0.0; 2])], task);
            head.config.scale = vec![[10.0, 2.0], [0.0, 1.0]];
            head.values(outputs)
        };
        assert_eq!(of(HeadTask::SingleLabel, &[0.0, 0.0]), [0.5, 0.5]);
        assert_eq!(of(HeadTask::BaseClasses, &[1000.0, 0.0]), [1.0, 0.0]);
        assert_eq!(of(HeadTask::MultiLabel, &[0.0, 1000.0]), [0.5, 1.0]);
        assert_eq!(of(HeadTask::Regression, &[1.5, -1.0]), [13.0, -1.0]);
    }

    #[test]
    fn a_wrong_description_is_refused() {
        let error = Stated::parse(br#"{"head":{"task":"single"}}"#).unwrap_err().to_string();
        assert!(error.contains("head: unknown variant `single`"), "{error}");
    }
}
