//! Rows of sums, or of bases.

use super::{read::EntryHead, track::Track};
use crate::{
    commands::output::rows::{self, Cell, Column, RowWriter, texts},
    formats::output::OutputError,
    inference::predict::Prediction,
};

/// Rows of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One row for each entry.
    Sums,
    /// One row for each base.
    Bases,
    /// One row for each predicted base, with one number.
    Track(Track),
}

/// Sum over the predicted bases of an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EntrySum {
    /// Number of bases with a prediction.
    pub bases: u64,
    /// The sum of their log P, in nats.
    pub log_likelihood: f64,
}

impl EntrySum {
    /// Counts a base.
    pub fn add(&mut self, prediction: Option<&Prediction>) {
        if let Some(prediction) = prediction {
            self.bases += 1;
            self.log_likelihood += prediction.log_probability;
        }
    }
}

/// The columns of the rows. Those of an entry have the names `of_entry`.
pub fn columns(layout: Layout, of_entry: &[String]) -> Vec<Column> {
    let position = match of_entry.first().map(String::as_str) {
        Some("id") => ["id", "start", "end"],
        _ => ["chrom", "chromStart", "chromEnd"],
    };
    let position = rows::columns(&position);
    match layout {
        Layout::Sums => {
            let sums = ["bases", "log_likelihood", "bits_per_base", "perplexity"];
            [rows::columns(of_entry), rows::columns(&sums)].concat()
        }
        Layout::Bases => {
            [position, rows::columns(&["base"]), rows::columns(&Track::ALL.map(Track::name))]
                .concat()
        }
        Layout::Track(track) => [position, rows::columns(&[track.name()])].concat(),
    }
}

/// Writes bases and entries.
pub struct Writer {
    pub layout: Layout,
    pub rows: Box<dyn RowWriter>,
}

impl Writer {
    /// Writes a base, whose position is 0-based.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn base(
        &mut self,
        name: &[u8],
        position: u64,
        base: u8,
        prediction: Option<&Prediction>,
    ) -> Result<(), OutputError> {
        let place = [name.into(), position.into(), (position + 1).into()];
        match (self.layout, prediction) {
            (Layout::Sums, _) | (Layout::Track(_), None) => Ok(()),
            (Layout::Track(track), Some(prediction)) => {
                let [name, start, end] = place;
                let cells = [name, start, end, Cell::Number(track.of(prediction))];
                self.rows.row(cells[..].into())
            }
            (Layout::Bases, _) => {
                let values = Track::ALL.map(|track| prediction.map(|p| track.of(p)).into());
                let base = [base];
                let cells = place.into_iter().chain([base[..].into()]).chain(values);
                self.rows.row(cells.collect::<Vec<Cell<'_>>>()[..].into())
            }
        }
    }

    /// Writes an entry after its bases.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn entry(&mut self, head: &EntryHead, sum: &EntrySum) -> Result<(), OutputError> {
        if self.layout != Layout::Sums {
            return Ok(());
        }
        let EntrySum { bases, log_likelihood } = *sum;
        let nats = -log_likelihood / bases as f64;
        let values = [log_likelihood, nats / std::f64::consts::LN_2, nats.exp()];
        let values = values.map(|value| (bases > 0).then_some(value).into());
        let cells = texts(&head.fields).chain([bases.into()]).chain(values);
        self.rows.row(cells.collect::<Vec<Cell<'_>>>()[..].into())
    }
}
