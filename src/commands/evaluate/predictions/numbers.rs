//! Figures of predicted numbers.

use anyhow::{Result, bail};

use super::columns::{TextColumn, finite};
use crate::{
    commands::{
        output::rows::Cell,
        report::{self, Bootstrap, figures},
    },
    formats::error::InputError,
    statistics::{ConfidenceInterval, NumberPredictions, Regression},
};

/// Figures, in the order of their columns.
const FIGURES: [&str; 5] =
    ["r2", "pearson", "spearman", "mean_squared_error", "mean_absolute_error"];

/// Names of the columns of a row.
pub fn columns() -> Vec<String> {
    ["target", "n"].map(str::to_owned).into_iter().chain(figures::names(&FIGURES)).collect()
}

/// Predicted and true numbers.
#[derive(Debug)]
pub struct Numbers<'a> {
    name: &'a str,
    truth: Vec<f64>,
    predicted: Vec<f64>,
}

impl<'a> Numbers<'a> {
    /// Takes the numbers of two columns.
    ///
    /// # Errors
    /// A value is not a finite number, or there are fewer than two rows.
    pub fn new(truth: &'a TextColumn, predicted: &TextColumn) -> Result<Self> {
        let all =
            Self { name: &truth.name, truth: numbers(truth)?, predicted: numbers(predicted)? };
        if all.truth.len() < 2 {
            bail!("{}: there is one row, expected two at least", truth.file);
        }
        for (column, values, name) in [
            (truth, &all.truth, "R² and correlations"),
            (predicted, &all.predicted, "correlations"),
        ] {
            if values.iter().all(|value| *value == values[0]) {
                log::warn!(
                    "{}: {} is {} in every row: no {name}",
                    column.file,
                    column.name,
                    column.values[0]
                );
            }
        }
        Ok(all)
    }

    /// The row of the figures.
    pub fn row(&self, bootstrap: Bootstrap) -> Vec<Cell<'a>> {
        let predictions = NumberPredictions::new(self.truth.clone(), self.predicted.clone());
        let figures = predictions.figures();
        let intervals = predictions.intervals(bootstrap.replicates, bootstrap.seed);
        type Of<T> = fn(&Regression<Option<T>>) -> Option<T>;
        let cells = |of: Of<f64>, interval: Of<ConfidenceInterval>| {
            let interval = intervals.as_ref().and_then(interval);
            figures::cells(figures.as_ref().and_then(of), interval)
        };
        let mut row = vec![self.name.into(), (self.truth.len() as u64).into()];
        row.extend(cells(|f| f.r2, |i| i.r2));
        row.extend(cells(|f| f.pearson, |i| i.pearson));
        row.extend(cells(|f| f.spearman, |i| i.spearman));
        row.extend(cells(|f| f.mean_squared_error, |i| i.mean_squared_error));
        row.extend(cells(|f| f.mean_absolute_error, |i| i.mean_absolute_error));
        row
    }

    /// The predictions as a report takes them.
    pub fn reported(&self) -> report::Numbers<'_> {
        report::Numbers { target: self.name, truth: &self.truth, predicted: &self.predicted }
    }
}

fn numbers(column: &TextColumn) -> Result<Vec<f64>, InputError> {
    let number = |(row, value): (usize, &String)| {
        let expected = "a finite number; --task classes evaluates classes";
        finite(value).ok_or_else(|| column.error(row, expected))
    };
    column.values.iter().enumerate().map(number).collect()
}
