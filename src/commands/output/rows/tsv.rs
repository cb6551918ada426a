//! Rows as a table of text: TSV, CSV, BED or bedGraph.

use std::path::PathBuf;

use super::row::{Cell, Head, Row, RowWriter};
use crate::{
    formats::{
        number::number,
        output::{Complete, Output, OutputError, Reached, Sink},
        table::{Dialect, Header, Table},
    },
    process::provenance::Provenance,
};

/// Writes a table.
pub struct TsvRows {
    table: Table<Sink>,
    dialect: Dialect,
    path: PathBuf,
}

impl TsvRows {
    /// A table.
    ///
    /// # Errors
    /// The header cannot be written.
    pub fn new(
        output: Output,
        path: PathBuf,
        head: Head<'_>,
        dialect: Dialect,
    ) -> Result<Self, OutputError> {
        let header = head.header.unwrap_or(match dialect {
            Dialect::Tabs => Header::Full,
            Dialect::Commas => Header::Names,
        });
        let facts = head.provenance.filter(|_| header == Header::Full);
        let preamble = facts.map(Provenance::lines).unwrap_or_default();
        let failed = |source| OutputError::write(&path, source);
        let mut table = Table::new(Sink::new(output), &preamble, dialect).map_err(failed)?;
        if header != Header::None {
            let names = head.columns.iter().map(|column| column.name.clone());
            let values = (0..head.values).map(|i| format!("e{i}"));
            let marked = names.chain(values).enumerate().map(|(i, name)| match i {
                0 if header == Header::Full => format!("#{name}"),
                _ => name,
            });
            table.row(marked).map_err(failed)?;
        }
        Ok(Self { table, dialect, path })
    }
}

impl RowWriter for TsvRows {
    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError> {
        let values = row.values.iter();
        let values = values.map(|&value| number(Some(value.into())).into_bytes().into());
        let cells = row.cells.iter().map(|cell| match (cell, self.dialect) {
            (Cell::Missing, Dialect::Commas) => b""[..].into(),
            (cell, _) => cell.text(),
        });
        let fields = cells.chain(values);
        self.table.row(fields).map_err(|source| OutputError::write(&self.path, source))
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.table.flush().map_err(|source| OutputError::write(&self.path, source))
    }

    fn reached(&self) -> Result<Option<Reached>, OutputError> {
        self.table.get_ref().reached().map_err(|source| OutputError::write(&self.path, source))
    }

    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError> {
        let sink = self.table.finish().and_then(Sink::complete);
        let output = sink.map_err(|source| OutputError::write(&self.path, source))?;
        Ok(vec![output.complete()?])
    }
}
