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
pub fn write(rows: &mut dyn RowWriter, model: &str, results: &Results) -> Result<(), OutputError> {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        commands::{
            output::{
                format::Format,
                rows::{self, Head},
            },
            recall::{design::Design, measure::Measured},
        },
        windows::repeats::{Layout, Repeat},
    };

    /// Results of one kind of copy in shuffled DNA, as a table.
    fn table(losses: &[[f64; 2]]) -> String {
        let design = Design {
            layout: Layout { window: 64, segment: 12, rate: 0.1 },
            distances: vec![16],
            repeats: vec![Repeat::Exact],
            backgrounds: vec![Background::Shuffled],
            replicates: losses.len() as u64,
            seed: 0,
        };
        let measured = |&pair: &[f64; 2]| Measured {
            background: Background::Shuffled,
            pairs: vec![Some(pair)],
            positions: Vec::new(),
        };
        let measured: Vec<Measured> = losses.iter().map(measured).collect();
        let results = Results::new(&design, &measured).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path: &Path = &folder.path().join("out");
        let columns = rows::columns(&COLUMNS);
        let head = Head { columns: &columns, ..Head::default() };
        let mut out = rows::create(Format::Tsv, path, head).unwrap();
        write(&mut *out, "copier", &results).unwrap();
        rows::finish(out, []).unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    /// A model that copies has `yes`, one that does not has `no`.
    #[test]
    fn a_model_that_copies_recalls() {
        let row = |text: &str| text.lines().last().map(str::to_owned).unwrap_or_default();
        let copies = table(&[[0.1, 1.3], [0.2, 1.4], [0.1, 1.2], [0.2, 1.3], [0.1, 1.3]]);
        let found = row(&copies);
        assert!(found.starts_with("copier\tcopy\tshuffled\texact\t16\t.\t5\t0.14\t"), "{found}");
        assert!(found.ends_with("\tyes"), "{found}");
        let none = row(&table(&[[1.3, 1.3], [1.4, 1.3], [1.2, 1.3], [1.3, 1.4], [1.3, 1.2]]));
        assert!(none.ends_with("\tno"), "{none}");
    }
}
