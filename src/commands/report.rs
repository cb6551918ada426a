//! The report of predictions for a test part: a folder of tables and charts.

mod classes;
pub mod confusion;
mod curves;
pub mod figures;
mod labels;
mod members;
mod numbers;
mod tables;

use std::path::Path;

use anyhow::Result;

use self::tables::Tables;
pub use self::{classes::Classes, figures::Bootstrap, labels::Labels, numbers::Numbers};
use crate::{formats::output::NewFolder, plot::scene::Chart, process::provenance::Provenance};

/// Names of all files that a report may have.
const FILES: [&str; 17] = [
    "metrics.tsv",
    "lengths.tsv",
    "lengths.svg",
    "lengths.png",
    "classes.tsv",
    "confusion.tsv",
    "reliability.tsv",
    "confusion.svg",
    "confusion.png",
    "roc.svg",
    "roc.png",
    "pr.svg",
    "pr.png",
    "reliability.svg",
    "reliability.png",
    "predicted.svg",
    "predicted.png",
];

/// Names of all charts that a report may have.
pub const CHARTS: [&str; 5] = ["confusion", "roc", "pr", "reliability", "predicted"];

/// Predictions with their true values.
#[derive(Debug, Clone, Copy)]
pub enum Predictions<'a> {
    /// A class for each member.
    Classes(Classes<'a>),
    /// Any number of labels for each member.
    Labels(Labels<'a>),
    /// A number for each member.
    Numbers(Numbers<'a>),
}

/// Writes the report. The folder gets its name when the caller publishes it, in place of an earlier
/// report. `clean` is false for members of which an earlier part has a copy; figures are also those of
/// the others alone.
///
/// # Errors
/// The folder has files of another kind, or cannot be written.
pub fn write(
    folder: &Path,
    predictions: &Predictions<'_>,
    clean: Option<&[bool]>,
    bootstrap: Bootstrap,
    provenance: &Provenance,
) -> Result<NewFolder> {
    let folder = NewFolder::create(folder, &FILES)?;
    let tables = Tables { folder: &folder, provenance };
    match predictions {
        Predictions::Classes(classes) => classes.write(&tables, clean, bootstrap)?,
        Predictions::Labels(labels) => labels.write(&tables, clean, bootstrap)?,
        Predictions::Numbers(numbers) => numbers.write(&tables, clean, bootstrap)?,
    }
    Ok(folder)
}

/// Refuses a path where a report cannot be written.
///
/// # Errors
/// It is a file or a folder with files of another kind, or its folder cannot be written.
pub fn check(folder: &Path) -> Result<()> {
    drop(NewFolder::create(folder, &FILES)?);
    Ok(())
}

/// The charts of a report, by name.
pub fn charts(predictions: &Predictions<'_>, bootstrap: Bootstrap) -> Vec<(&'static str, Chart)> {
    match predictions {
        Predictions::Classes(classes) => classes.charts(bootstrap),
        Predictions::Labels(labels) => labels.charts(bootstrap),
        Predictions::Numbers(numbers) => numbers.charts(),
    }
}
