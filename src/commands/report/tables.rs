//! Files of a report.

use anyhow::Result;

use super::{figures, members::Members};
use crate::{
    commands::output::{
        format::Format,
        rows::{self, Cell, Head},
    },
    formats::{output::NewFolder, picture},
    plot::scene::Chart,
    process::provenance::Provenance,
    statistics::{Bin, Calibration, ConfidenceInterval},
};

/// A figure of some members.
pub struct Metric {
    pub name: &'static str,
    pub value: Option<f64>,
    pub interval: Option<ConfidenceInterval>,
}

/// The tables and charts of a folder.
pub struct Tables<'a> {
    pub folder: &'a NewFolder,
    pub provenance: &'a Provenance,
}

impl Tables<'_> {
    /// Writes a table.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn table<T: AsRef<str>>(
        &self,
        name: &str,
        columns: &[T],
        cells: &[Vec<Cell<'_>>],
    ) -> Result<()> {
        let columns = rows::columns(columns);
        let provenance = Some(self.provenance);
        let head = Head { columns: &columns, provenance, ..Head::default() };
        let mut table = rows::create(Format::Tsv, &self.folder.file(name), head)?;
        cells.iter().try_for_each(|row| table.row(row[..].into()))?;
        Ok(rows::finish(table, [])?)
    }

    /// Writes `metrics.tsv`: a row for each figure of each group of members.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn metrics(&self, groups: &[(&Members, Vec<Metric>)]) -> Result<()> {
        let row = |members: &Members, metric: &Metric| {
            let n = members.rows.len() as u64;
            let mut row: Vec<Cell<'_>> = vec![members.name.into(), n.into(), metric.name.into()];
            row.extend(figures::cells(metric.value, metric.interval));
            row
        };
        let rows: Vec<Vec<Cell<'_>>> = groups
            .iter()
            .flat_map(|(members, metrics)| metrics.iter().map(|metric| row(members, metric)))
            .collect();
        self.table("metrics.tsv", &["test", "n", "figure", "value", "low", "high"], &rows)
    }

    /// Writes `reliability.tsv`: a row for each bin.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn reliability(&self, calibration: &Calibration) -> Result<()> {
        let row = |bin: &Bin| {
            vec![
                Cell::Number(bin.low),
                Cell::Number(bin.high),
                bin.members.into(),
                bin.probability().into(),
                bin.share().into(),
            ]
        };
        let rows: Vec<_> = calibration.bins().iter().map(row).collect();
        self.table("reliability.tsv", &["low", "high", "n", "probability", "share"], &rows)
    }

    /// Draws `NAME.svg` and `NAME.png` of each chart.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn charts(&self, charts: &[(&str, Chart)]) -> Result<()> {
        for (name, chart) in charts {
            picture::write(self.folder.temporary(), name, chart)?;
        }
        Ok(())
    }
}
