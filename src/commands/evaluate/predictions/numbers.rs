//! Figures of predicted numbers.

use anyhow::{Result, bail};

use super::{
    columns::{TextColumn, finite},
    groups::Group,
};
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
    ["by", "class", "target", "n"]
        .map(str::to_owned)
        .into_iter()
        .chain(figures::names(&FIGURES))
        .collect()
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

    /// A row for all rows, and one for each of `groups`.
    pub fn rows<'b>(&'b self, groups: &'b [Group], bootstrap: Bootstrap) -> Vec<Vec<Cell<'b>>> {
        let all = self.row(("all", "all"), self.truth.clone(), self.predicted.clone(), bootstrap);
        let of_group = |group: &'b Group| {
            let of = |values: &[f64]| group.members.iter().map(|&row| values[row]).collect();
            let name = (group.by.as_str(), group.class.as_str());
            self.row(name, of(&self.truth), of(&self.predicted), bootstrap)
        };
        std::iter::once(all).chain(groups.iter().map(of_group)).collect()
    }

    fn row<'b>(
        &'b self,
        (by, class): (&'b str, &'b str),
        truth: Vec<f64>,
        predicted: Vec<f64>,
        bootstrap: Bootstrap,
    ) -> Vec<Cell<'b>> {
        let n = truth.len() as u64;
        let predictions = NumberPredictions::new(truth, predicted);
        let figures = predictions.figures();
        let intervals = predictions.intervals(bootstrap.replicates, bootstrap.seed);
        type Of<T> = fn(&Regression<Option<T>>) -> Option<T>;
        let cells = |of: Of<f64>, interval: Of<ConfidenceInterval>| {
            let interval = intervals.as_ref().and_then(interval);
            figures::cells(figures.as_ref().and_then(of), interval)
        };
        let mut row = vec![by.into(), class.into(), self.name.into(), n.into()];
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
