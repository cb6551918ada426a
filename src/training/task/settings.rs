//! Settings of learning a task.

use serde::{Deserialize, Serialize};

use super::metric::Metric;
use crate::model::head::{HeadConfig, HeadTask};

/// Settings of learning a task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskSettings {
    /// The head.
    pub head: HeadConfig,
    /// Decides the order of the samples and their strands.
    pub seed: u64,
    /// True if every other sample, by chance, is reverse-complemented.
    pub reverse_complement: bool,
    /// Weight of each class or, for labels, of the examples that have it; empty for 1.
    pub weights: Vec<f64>,
    /// Share of the probability that a target gives to all classes alike.
    pub label_smoothing: f64,
    /// Figure that the best model is chosen by.
    pub metric: Metric,
}

/// Weights of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeights {
    /// All examples count alike
    #[default]
    Equal,
    /// All classes count alike: examples of rare ones count more
    Balanced,
}

impl ClassWeights {
    /// The weights of outputs that so many of `total` examples have. Balanced classes have the weight
    /// total / (classes · count), as in scikit-learn; balanced labels (total − count) / count, which
    /// makes examples with and without a label count alike. A class without examples, and one that all have, has weight 1.
    pub fn of(self, task: HeadTask, counts: &[u64], total: u64) -> Vec<f64> {
        if self == Self::Equal {
            return Vec::new();
        }
        let weight = |&count: &u64| {
            let (count, total) = (count as f64, total as f64);
            match task {
                _ if count == 0.0 || count == total => 1.0,
                HeadTask::MultiLabel | HeadTask::BaseLabels => (total - count) / count,
                _ => total / (counts.len() as f64 * count),
            }
        };
        counts.iter().map(weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balanced_weights_are_those_of_scikit_learn() {
        // sklearn.utils.class_weight.compute_class_weight("balanced", classes=[0, 1, 2], y=[0, 0, 0, 1, 2, 2])
        let weights = ClassWeights::Balanced.of(HeadTask::SingleLabel, &[3, 1, 2], 6);
        assert_eq!(weights, [2.0 / 3.0, 2.0, 1.0]);
        assert_eq!(ClassWeights::Balanced.of(HeadTask::MultiLabel, &[2, 0], 8), [3.0, 1.0]);
        assert!(ClassWeights::Equal.of(HeadTask::SingleLabel, &[3, 1], 4).is_empty());
    }
}
