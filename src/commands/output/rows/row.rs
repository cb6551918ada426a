//! Rows, columns and the trait of their writers.

use std::{borrow::Cow, path::Path};

use crate::{
    commands::output::index::Index,
    formats::{
        number::number,
        output::{Complete, OutputError, Reached},
        parquet::ColumnKind,
        reference::Contig,
        tabix::Positions,
        table::Header,
    },
    genome::name,
    process::provenance::Provenance,
};

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    Text(Cow<'a, [u8]>),
    Integer(u64),
    Number(f64),
    /// `.` in tables, empty in CSV, null in JSON and Parquet.
    Missing,
}

impl Cell<'_> {
    /// The cell in a table.
    pub fn text(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Integer(value) => value.to_string().into_bytes().into(),
            Self::Number(value) => number(Some(*value)).into_bytes().into(),
            Self::Missing => b"."[..].into(),
        }
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(text: &'a [u8]) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(name::encode(text))
    }
}

impl From<Vec<u8>> for Cell<'_> {
    fn from(text: Vec<u8>) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(name::encode(&text).into_owned().into())
    }
}

impl From<u64> for Cell<'_> {
    fn from(value: u64) -> Self {
        Self::Integer(value)
    }
}

impl From<Option<f64>> for Cell<'_> {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Missing, Self::Number)
    }
}

/// Cells of text.
pub fn texts<T: AsRef<[u8]>>(fields: &[T]) -> impl Iterator<Item = Cell<'_>> {
    fields.iter().map(|field| Cell::from(field.as_ref()))
}

/// A row of results. In VCF and BCF it is a record: one cell with its line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// One cell for each column.
    pub cells: &'a [Cell<'a>],
    /// Values after the cells: columns e0, e1, … of tables, a row of a matrix.
    pub values: &'a [f32],
}

impl<'a> From<&'a [Cell<'a>]> for Row<'a> {
    fn from(cells: &'a [Cell<'a>]) -> Self {
        Self { cells, values: &[] }
    }
}

/// A column of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Type of the column, in formats whose columns have types.
    pub kind: ColumnKind,
}

impl Column {
    /// A column of text.
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Text }
    }

    /// A column of numbers, some of which may be missing.
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Number }
    }

    /// A column of whole numbers.
    pub fn integer(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Integer }
    }
}

/// Columns of text.
pub fn columns<T: AsRef<str>>(names: &[T]) -> Vec<Column> {
    names.iter().map(|name| Column::text(name.as_ref())).collect()
}

/// Facts that stand at the start of an output. Each format takes those that it needs.
#[derive(Clone, Copy, Default)]
pub struct Head<'a> {
    pub columns: &'a [Column],
    /// Number of the values of a row.
    pub values: usize,
    /// Provenance of the output.
    pub provenance: Option<&'a Provenance>,
    /// Header of a table of text; `None` for the usual one of its format.
    pub header: Option<Header>,
    /// Header of a VCF or BCF.
    pub vcf: VcfHeader<'a>,
    /// Contigs of the reference, which a bigWig lists.
    pub contigs: &'a [Contig],
    /// The table beside a matrix.
    pub beside: Beside<'a>,
}

/// The header of a VCF or BCF.
#[derive(Clone, Copy, Default)]
pub struct VcfHeader<'a> {
    /// Lines without their ends, `#CHROM` last.
    pub lines: &'a [Vec<u8>],
    /// End of a line of a VCF.
    pub line_end: &'a [u8],
}

/// The table with the cells of a matrix.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Suffix that its name has in place of `npy`.
    pub suffix: &'a str,
    /// Files that it must not overwrite.
    pub taken: &'a [&'a Path],
}

/// Writes rows in one format.
pub trait RowWriter: Send {
    /// Takes note of the contig or sequence of the rows that follow.
    ///
    /// # Errors
    /// The rows before cannot be written.
    fn contig(&mut self, _contig: &Contig) -> Result<(), OutputError> {
        Ok(())
    }

    /// Writes a row.
    ///
    /// # Errors
    /// The output cannot be written, or the format cannot hold the row.
    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError>;

    /// Hands on what was written so far, in formats that can be read as they grow.
    ///
    /// # Errors
    /// The output cannot be written.
    fn flush(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    /// Writes the rows so far to disk, which are flushed, and tells how far an output came that can go on; `None` for
    /// others.
    ///
    /// # Errors
    /// The output cannot be written.
    fn reached(&self) -> Result<Option<Reached>, OutputError> {
        Ok(None)
    }

    /// The index that the first file gets, and where its rows have their positions.
    fn index(&self) -> Option<(Index, Positions)> {
        None
    }

    /// Completes the files, which get their names later, together with others.
    ///
    /// # Errors
    /// The last bytes cannot be written.
    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError>;
}
