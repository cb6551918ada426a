//! Rows of the table.

use super::{
    design::Background,
    results::{CopyResult, PositionResult, Recall, Results},
};
use crate::{
    commands::output::rows::{Cell, RowWriter},
    formats::output::OutputError,
    statistics::Estimate,
};

/// Columns of the table.
pub const COLUMNS: [&str; 15] = [
    "model",
    "measure",
    "background",
    "copy",
    "distance",
    "context",
    "n",
    "nats_per_base",
    "bits_per_base",
    "control_nats_per_base",
    "advantage",
    "se",
    "low",
    "high",
    "recalls",
];

/// Writes the rows of a model: copies, then positions.
///
/// # Errors
/// See [`RowWriter::row`].
pub fn write(
    rows: &mut dyn RowWriter,
    model: &str,
    results: &Results,
) -> Result<(), OutputError> {
    for copy in &results.copies {
        rows.row(of_copy(model, copy, results.recall(copy))[..].into())?;
    }
    for position in &results.positions {
        rows.row(of_position(model, position)[..].into())?;
    }
    Ok(())
}

fn of_copy<'a>(model: &'a str, copy: &CopyResult, recall: Recall) -> Vec<Cell<'a>> {
    let mut cells: Vec<Cell<'a>> = vec![
        model.into(),
        "copy".into(),
        copy.background.name().into(),
        copy.repeat.name().into(),
        (copy.distance as u64).into(),
        Cell::Missing,
        (copy.advantage.count as u64).into(),
    ];
    cells.extend(losses(copy.loss));
    cells.extend([Cell::Number(copy.control), Cell::Number(copy.advantage.mean)]);
    cells.extend(spread(&copy.advantage));
    cells.push(recall.name().into());
    cells
}

fn of_position<'a>(model: &'a str, position: &PositionResult) -> Vec<Cell<'a>> {
    let (from, to) = position.before;
    let mut cells: Vec<Cell<'a>> = vec![
        model.into(),
        "position".into(),
        Background::Native.name().into(),
        Cell::Missing,
        Cell::Missing,
        format!("{from}-{to}").into(),
        (position.loss.count as u64).into(),
    ];
    cells.extend(losses(position.loss.mean));
    cells.extend([Cell::Missing, Cell::Missing]);
    cells.extend(spread(&position.loss));
    cells.push(Cell::Missing);
    cells
}

/// A loss in nats and in bits.
fn losses<'a>(nats: f64) -> [Cell<'a>; 2] {
    [Cell::Number(nats), Cell::Number(nats / std::f64::consts::LN_2)]
}

/// Standard error and interval.
fn spread<'a>(of: &Estimate) -> [Cell<'a>; 3] {
    let interval = of.interval();
    [of.error.into(), interval.map(|ends| ends.0).into(), interval.map(|ends| ends.1).into()]
}
