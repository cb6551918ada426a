//! Rows of predictions: of regions and sequences, of tiles, or of bases.

use std::ops::Range;

use super::{
    read::{Item, ItemStatus, Unit},
    report::Report,
};
use crate::{
    commands::output::{
        format::Format,
        rows::{self, Cell, Column, Row, RowWriter, texts},
    },
    formats::output::OutputError,
    genome::region::Strand,
};

/// Layout of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Rows with a column for each value.
    Table,
    /// Rows of a matrix, with the other columns beside it.
    Matrix,
    /// Regions; runs of bases with the same prediction are one.
    Bed,
    /// One value for each stretch, or for each of its bases.
    Track {
        /// Index of the output.
        shown: usize,
        /// True if each base has a row of its own.
        by_base: bool,
    },
}

impl Layout {
    /// The layout of a format; `shown` is the output of a track.
    pub fn of(format: Format, shown: usize) -> Self {
        match format {
            Format::Npy => Self::Matrix,
            Format::Bed => Self::Bed,
            Format::Bedgraph => Self::Track { shown, by_base: false },
            Format::Bigwig => Self::Track { shown, by_base: true },
            _ => Self::Table,
        }
    }

    /// Number of the values of a row of the matrix.
    pub fn values(self, report: &Report) -> usize {
        if self == Self::Matrix { report.outputs.len() } else { 0 }
    }
}

/// The columns of the rows. Those of an entry have the names `of_entry`.
pub fn columns(layout: Layout, unit: Unit, report: &Report, of_entry: &[String]) -> Vec<Column> {
    let place = match of_entry.first().map(String::as_str) {
        Some("id") => ["id", "start", "end"],
        _ => ["chrom", "chromStart", "chromEnd"],
    };
    let typed = |name: &str| match name {
        "start" | "end" | "chromStart" | "chromEnd" | "length" => Column::integer(name),
        _ => Column::text(name),
    };
    let place = || place.map(typed).to_vec();
    let status = || match unit {
        Unit::Base(_) => Vec::new(),
        _ => vec![Column::text("status")],
    };
    let leading = match unit {
        Unit::Entry(_) | Unit::Centre(_) => of_entry.iter().map(|name| typed(name)).collect(),
        Unit::Tile(_) | Unit::Base(_) => place(),
    };
    match layout {
        Layout::Table => [leading, report.columns(), status()].concat(),
        Layout::Matrix => {
            let predicted = (!report.is_regression()).then(|| Column::text("predicted"));
            [leading, predicted.into_iter().collect(), status()].concat()
        }
        Layout::Bed => {
            let start = rows::columns(&["chrom", "chromStart", "chromEnd", "name"]);
            let end = vec![Column::number("score"), Column::text("strand")];
            match unit {
                Unit::Base(_) => [start, end].concat(),
                _ => [start, end, report.columns()].concat(),
            }
        }
        Layout::Track { shown, .. } => [place(), vec![Column::number(report.name(shown))]].concat(),
    }
}

/// Writes items in their order.
pub struct Writer {
    pub rows: Box<dyn RowWriter>,
    pub layout: Layout,
    pub unit: Unit,
    pub report: Report,
    /// Bases with the same prediction, in BED.
    run: Option<Run>,
    /// Rows so far.
    pub count: u64,
}

/// Bases with the same prediction.
struct Run {
    name: Vec<u8>,
    strand: Option<Strand>,
    span: Range<u64>,
    predicted: String,
    /// The sum of the scores of its bases.
    sum: f64,
}

impl Writer {
    /// A writer of these rows.
    pub fn new(rows: Box<dyn RowWriter>, layout: Layout, unit: Unit, report: Report) -> Self {
        Self { rows, layout, unit, report, run: None, count: 0 }
    }

    /// Writes the row or rows of an item.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&mut self, item: &Item, values: &[f64]) -> Result<(), OutputError> {
        self.rows.contig(&item.entry.contig)?;
        let values = (item.status == ItemStatus::Ok).then_some(values);
        match (self.unit, values) {
            (Unit::Base(_), None) => {}
            (Unit::Base(_), Some(values)) => {
                let width = self.report.outputs.len();
                for (position, values) in item.span.clone().zip(values.chunks_exact(width)) {
                    self.base(item, position, values)?;
                }
            }
            (_, values) => self.stretch(item, values)?,
        }
        if item.last { self.end_run() } else { Ok(()) }
    }

    /// Writes the row of a region, sequence or tile.
    fn stretch(&mut self, item: &Item, values: Option<&[f64]>) -> Result<(), OutputError> {
        let leading: Vec<Cell<'_>> = match self.unit {
            Unit::Entry(_) | Unit::Centre(_) => texts(&item.entry.fields).collect(),
            Unit::Tile(_) | Unit::Base(_) => place(&item.entry.name, &item.span).into(),
        };
        let status = [item.status.name().into()];
        match (self.layout, values) {
            (Layout::Table, _) => {
                let cells = [leading, self.report.cells(values), status.into()].concat();
                self.count += 1;
                self.rows.row(cells[..].into())
            }
            (Layout::Matrix, _) => {
                let cells = [leading, predicted(&self.report, values), status.into()].concat();
                self.matrix(&cells, values)
            }
            (Layout::Bed, _) => {
                let [name, start, end] = place(&item.entry.name, &item.span);
                let label = values.map_or(Cell::Missing, |values| self.report.label(values));
                let score = values.map(|values| self.report.score(values)).into();
                let strand = sign(item.entry.strand).into();
                let first = vec![name, start, end, label, score, strand];
                let cells = [first, self.report.cells(values)].concat();
                self.count += 1;
                self.rows.row(cells[..].into())
            }
            (Layout::Track { .. }, None) => Ok(()),
            (Layout::Track { shown, by_base: false }, Some(values)) => {
                self.value(&item.entry.name, &item.span, values[shown])
            }
            (Layout::Track { shown, by_base: true }, Some(values)) => item
                .span
                .clone()
                .try_for_each(|at| self.value(&item.entry.name, &(at..at + 1), values[shown])),
        }
    }

    /// Writes the row of a base.
    fn base(&mut self, item: &Item, position: u64, values: &[f64]) -> Result<(), OutputError> {
        let span = position..position + 1;
        match self.layout {
            Layout::Table => {
                let place = place(&item.entry.name, &span);
                let cells = [place.into(), self.report.cells(Some(values))].concat();
                self.count += 1;
                self.rows.row(cells[..].into())
            }
            Layout::Matrix => {
                let place = place(&item.entry.name, &span);
                let cells = [place.into(), predicted(&self.report, Some(values))].concat();
                self.matrix(&cells, Some(values))
            }
            Layout::Track { shown, .. } => self.value(&item.entry.name, &span, values[shown]),
            Layout::Bed => self.extend_run(item, position, values),
        }
    }

    fn value(&mut self, name: &[u8], span: &Range<u64>, value: f64) -> Result<(), OutputError> {
        let [name, start, end] = place(name, span);
        self.count += 1;
        self.rows.row([name, start, end, Cell::Number(value)][..].into())
    }

    fn matrix(&mut self, cells: &[Cell<'_>], values: Option<&[f64]>) -> Result<(), OutputError> {
        let count = self.report.outputs.len();
        let missing = || vec![f32::NAN; count];
        let values =
            values.map_or_else(missing, |values| values.iter().map(|&x| x as f32).collect());
        self.count += 1;
        self.rows.row(Row { cells, values: &values })
    }

    /// Adds a base to the run of the bases before it, or begins another run.
    fn extend_run(
        &mut self,
        item: &Item,
        position: u64,
        values: &[f64],
    ) -> Result<(), OutputError> {
        let predicted = self.report.predicted(values).join(",");
        let score = self.report.score(values);
        match (&mut self.run, predicted) {
            (Some(run), predicted) if run.predicted == predicted => {
                run.span.end = position + 1;
                run.sum += score;
                Ok(())
            }
            (_, predicted) => {
                self.end_run()?;
                self.run = (!predicted.is_empty()).then(|| Run {
                    name: item.entry.name.clone(),
                    strand: item.entry.strand,
                    span: position..position + 1,
                    predicted,
                    sum: score,
                });
                Ok(())
            }
        }
    }

    fn end_run(&mut self) -> Result<(), OutputError> {
        let Some(Run { name, strand, span, predicted, sum }) = self.run.take() else {
            return Ok(());
        };
        let [name, start, end] = place(&name, &span);
        let score = Cell::Number(sum / (span.end - span.start) as f64);
        let cells = [name, start, end, predicted.into(), score, sign(strand).into()];
        self.count += 1;
        self.rows.row(cells[..].into())
    }
}

/// Name, start and end of a stretch.
fn place<'a>(name: &'a [u8], span: &Range<u64>) -> [Cell<'a>; 3] {
    [name.into(), span.start.into(), span.end.into()]
}

/// The cell of the prediction; none for a regression.
fn predicted<'a>(report: &Report, values: Option<&[f64]>) -> Vec<Cell<'a>> {
    if report.is_regression() {
        return Vec::new();
    }
    vec![values.map_or(Cell::Missing, |values| report.label(values))]
}

/// A strand as in BED.
fn sign(strand: Option<Strand>) -> &'static str {
    match strand {
        Some(Strand::Forward) => "+",
        Some(Strand::Reverse) => "-",
        None => ".",
    }
}
