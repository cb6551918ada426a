//! Rows whose output gets an index.

use super::row::{Head, Row, RowWriter};
use crate::{
    commands::output::{format::Format, index::Index},
    formats::{
        output::{Complete, OutputError, Reached},
        reference::Contig,
        tabix::Positions,
        table::Header,
    },
    process::exit::Usage,
};

/// Rows with what their index needs.
pub struct IndexedRows {
    rows: Box<dyn RowWriter>,
    index: Index,
    positions: Positions,
}

impl IndexedRows {
    /// The index of rows with this head.
    ///
    /// # Errors
    /// They have no positions, or no header that says so.
    pub fn check(index: &Index, format: Format, head: &Head<'_>) -> Result<Positions, Usage> {
        let problem =
            |problem: &str| Usage(format!("--write-index: {} {problem}", index.output().display()));
        let names: Vec<&str> = head.columns.iter().map(|column| column.name.as_str()).collect();
        let positions = match format {
            Format::Vcf => Some(Positions::Vcf),
            Format::Tsv | Format::Bed | Format::Bedgraph => Positions::of_columns(&names),
            _ => return Err(problem("cannot be indexed; choose TSV, BED, bedGraph or VCF")),
        };
        if format != Format::Vcf && !matches!(head.header, None | Some(Header::Full)) {
            return Err(problem("needs its full header; leave out --header and --no-header"));
        }
        positions.ok_or_else(|| {
            problem("has rows without positions on contigs; leave out --write-index")
        })
    }

    /// Rows with their index.
    pub fn new(rows: Box<dyn RowWriter>, index: Index, positions: Positions) -> Self {
        Self { rows, index, positions }
    }
}

impl RowWriter for IndexedRows {
    fn contig(&mut self, contig: &Contig) -> Result<(), OutputError> {
        self.rows.contig(contig)
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError> {
        self.rows.row(row)
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.rows.flush()
    }

    fn reached(&self) -> Result<Option<Reached>, OutputError> {
        self.rows.reached()
    }

    fn index(&self) -> Option<(Index, Positions)> {
        Some((self.index.clone(), self.positions))
    }

    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError> {
        self.rows.complete()
    }
}
