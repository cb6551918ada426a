//! Rows as Parquet.

use std::path::PathBuf;

use super::row::{Cell, Head, Row, RowWriter};
use crate::{
    formats::{
        output::{Complete, Output, OutputError},
        parquet::{ColumnKind, Field, Writer},
        table::Header,
    },
    process::provenance::Provenance,
};

/// Writes a table whose columns have types.
pub struct ParquetRows {
    writer: Writer,
    kinds: Vec<ColumnKind>,
    path: PathBuf,
}

/// A cell as a field of a column.
fn field<'a>((kind, cell): (&ColumnKind, &'a Cell<'_>)) -> Field<'a> {
    match (kind, cell) {
        (ColumnKind::Number, Cell::Number(value)) => Field::Number(Some(*value)),
        (ColumnKind::Number, Cell::Integer(value)) => Field::Number(Some(*value as f64)),
        (ColumnKind::Number, Cell::Missing) => Field::Number(None),
        (_, cell) => Field::Text(cell.text()),
    }
}

impl ParquetRows {
    /// A table; provenance goes to its footer, unless no header is wanted.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn new(output: Output, path: PathBuf, head: Head<'_>) -> Result<Self, OutputError> {
        let columns: Vec<_> =
            head.columns.iter().map(|column| (column.name.clone(), column.kind)).collect();
        let kinds = head.columns.iter().map(|column| column.kind).collect();
        let facts = head.provenance.filter(|_| head.header != Some(Header::None));
        let facts = facts.map(Provenance::pairs).unwrap_or_default();
        match Writer::new(output, &columns, head.values, &facts) {
            Ok(writer) => Ok(Self { writer, kinds, path }),
            Err(source) => Err(OutputError::write(&path, source)),
        }
    }
}

impl RowWriter for ParquetRows {
    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError> {
        self.writer
            .row(self.kinds.iter().zip(row.cells).map(field), row.values)
            .map_err(|source| OutputError::write(&self.path, source))
    }

    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError> {
        let output = self.writer.complete();
        let output = output.map_err(|source| OutputError::write(&self.path, source))?;
        Ok(vec![output.complete()?])
    }
}
