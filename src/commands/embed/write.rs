//! Rows of embeddings.

use crate::{
    commands::output::rows::{Cell, Column, Row, RowWriter, texts},
    formats::output::OutputError,
};

/// Unit of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsPer {
    /// One row for each region or sequence.
    Entry,
    /// One row for each base, with a column of its position.
    Base,
}

/// The embedding of one region or sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    /// The leading columns.
    pub fields: Vec<Vec<u8>>,
    /// Position of the first base, 0-based.
    pub start: u64,
    /// The values of its row, or of the rows of its bases.
    pub values: Vec<f32>,
}

/// Writes embeddings in their order.
pub struct Writer {
    pub rows: Box<dyn RowWriter>,
    pub each: RowsPer,
    /// Number of the values of a row.
    pub width: usize,
}

/// Columns before the values; those of the input have these names.
pub fn columns(names: &[String], each: RowsPer) -> Vec<Column> {
    let column = |name: &String| match name.as_str() {
        "chromStart" | "chromEnd" | "length" => Column::integer(name),
        _ => Column::text(name),
    };
    let position = (each == RowsPer::Base).then(|| Column::integer("position"));
    names.iter().map(column).chain(position).collect()
}

impl Writer {
    /// Writes the row or rows of one region or sequence.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&mut self, embedding: &Embedding) -> Result<(), OutputError> {
        debug_assert_eq!(embedding.values.len() % self.width, 0);
        let Embedding { fields, start, values } = embedding;
        let mut cells: Vec<Cell<'_>> = texts(fields).collect();
        for (position, values) in (*start..).zip(values.chunks_exact(self.width)) {
            if self.each == RowsPer::Base {
                cells.truncate(fields.len());
                cells.push(Cell::Integer(position));
            }
            self.rows.row(Row { cells: &cells, values })?;
        }
        Ok(())
    }
}
