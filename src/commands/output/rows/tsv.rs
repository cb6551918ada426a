//! Rows as a table of text: TSV, BED or bedGraph.

use std::path::PathBuf;

use super::row::{Cell, Head, Row, RowWriter};
use crate::{
    formats::{
        number::number,
        output::{Complete, Output, OutputError, Sink},
        table::Table,
    },
    process::provenance::Provenance,
};

/// Writes a table.
pub struct TsvRows {
    table: Table<Sink>,
    path: PathBuf,
}

impl TsvRows {
    /// A table; without provenance it has no header.
    ///
    /// # Errors
    /// The header cannot be written.
    pub fn new(output: Output, path: PathBuf, head: Head<'_>) -> Result<Self, OutputError> {
        let preamble = head.provenance.map(Provenance::lines).unwrap_or_default();
        let failed = |source| OutputError::write(&path, source);
        let mut table = Table::new(Sink::new(output), &preamble).map_err(failed)?;
        if head.provenance.is_some() {
            let names = head.columns.iter().map(|column| column.name.clone());
            let values = (0..head.values).map(|i| format!("e{i}"));
            let marked = names.chain(values).enumerate().map(|(i, name)| match i {
                0 => format!("#{name}"),
                _ => name,
            });
            table.row(marked).map_err(failed)?;
        }
        Ok(Self { table, path })
    }
}

impl RowWriter for TsvRows {
    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError> {
        let values = row.values.iter();
        let values = values.map(|&value| number(Some(value.into())).into_bytes().into());
        let fields = row.cells.iter().map(Cell::text).chain(values);
        self.table.row(fields).map_err(|source| OutputError::write(&self.path, source))
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.table.flush().map_err(|source| OutputError::write(&self.path, source))
    }

    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError> {
        let sink = self.table.finish().and_then(Sink::complete);
        let output = sink.map_err(|source| OutputError::write(&self.path, source))?;
        Ok(vec![output.complete()?])
    }
}
