//! Figures of predicted numbers.

use anyhow::{Result, bail};

use super::{
    columns::{TextColumn, finite},
    figures::{self, Bootstrap},
};
use crate::{
    commands::output::rows::Cell,
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

/// The row of the figures of predicted numbers.
///
/// # Errors
/// A value is not a finite number, or there are fewer than two rows.
pub fn row<'a>(
    truth: &'a TextColumn,
    predicted: &TextColumn,
    bootstrap: Bootstrap,
) -> Result<Vec<Cell<'a>>> {
    let predictions = NumberPredictions::new(numbers(truth)?, numbers(predicted)?);
    let n = truth.values.len() as u64;
    let Some(figures) = predictions.figures().filter(|_| n > 1) else {
        bail!("{}: there is one row, expected two at least", truth.file);
    };
    for (column, name) in [(truth, "R² and correlations"), (predicted, "correlations")] {
        if column.values.iter().all(|value| finite(value) == finite(&column.values[0])) {
            log::warn!(
                "{}: {} is {} in every row: no {name}",
                column.file,
                column.name,
                column.values[0]
            );
        }
    }
    let intervals = predictions.intervals(bootstrap.replicates, bootstrap.seed);
    let of = |value: fn(&Regression<Option<ConfidenceInterval>>) -> _| {
        intervals.as_ref().and_then(value)
    };
    let mut row = vec![truth.name.as_str().into(), n.into()];
    row.extend(figures::cells(figures.r2, of(|i| i.r2)));
    row.extend(figures::cells(figures.pearson, of(|i| i.pearson)));
    row.extend(figures::cells(figures.spearman, of(|i| i.spearman)));
    row.extend(figures::cells(figures.mean_squared_error, of(|i| i.mean_squared_error)));
    row.extend(figures::cells(figures.mean_absolute_error, of(|i| i.mean_absolute_error)));
    Ok(row)
}

fn numbers(column: &TextColumn) -> Result<Vec<f64>, InputError> {
    let number = |(row, value): (usize, &String)| {
        let expected = "a finite number; --task classes evaluates classes";
        finite(value).ok_or_else(|| column.error(row, expected))
    };
    column.values.iter().enumerate().map(number).collect()
}
