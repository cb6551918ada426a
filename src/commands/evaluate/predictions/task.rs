//! Kinds of predictions.

use clap::ValueEnum;

use super::{columns::finite, pairs::Pairs};

/// Kind of predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Task {
    /// One class for each row
    Classes,
    /// Any number of labels for each row
    MultiLabel,
    /// A number for each row
    Regression,
}

impl Task {
    /// Name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classes => "classes",
            Self::MultiLabel => "multi-label",
            Self::Regression => "regression",
        }
    }

    /// The kind of predictions: labels with several true columns; classes with scores; else numbers if a
    /// value has a fraction.
    pub fn of(pairs: &Pairs) -> Self {
        let columns = pairs.truth.iter().chain(&pairs.predicted);
        let mut values = columns.flat_map(|column| &column.values);
        let is_fraction = |text: &String| finite(text).is_some_and(|n| n.fract() != 0.0);
        let task = match pairs.truth.len() {
            2.. => Self::MultiLabel,
            _ if pairs.scores.is_empty() && values.any(is_fraction) => Self::Regression,
            _ => Self::Classes,
        };
        if task != Self::MultiLabel {
            log::info!("--task {}, by the values of {}", task.name(), pairs.truth[0].name);
        }
        task
    }
}
