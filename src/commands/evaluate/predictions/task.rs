//! Kinds of predictions.

use clap::ValueEnum;

use super::{columns::finite, pairs::Pairs};

/// Kind of predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Task {
    /// One class for each row
    Classes,
    /// A number for each row
    Regression,
}

impl Task {
    /// Name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classes => "classes",
            Self::Regression => "regression",
        }
    }

    /// The kind of predictions: classes with scores; else numbers if a value has a fraction.
    pub fn of(pairs: &Pairs) -> Self {
        let columns = [Some(&pairs.truth), pairs.predicted.as_ref()];
        let mut values = columns.into_iter().flatten().flat_map(|column| &column.values);
        let is_fraction = |text: &String| finite(text).is_some_and(|n| n.fract() != 0.0);
        let task = match pairs.scores.is_empty() && values.any(is_fraction) {
            true => Self::Regression,
            false => Self::Classes,
        };
        log::info!("--task {}, by the values of {}", task.name(), pairs.truth.name);
        task
    }
}
