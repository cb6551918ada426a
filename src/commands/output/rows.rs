//! Rows of results, written in any format.

mod bcf;
mod bigwig;
mod json;
mod npy;
mod parquet;
mod tsv;
mod vcf;

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::format::Format;
use crate::{
    formats::{
        number::number,
        output::{Complete, Output, OutputError},
        parquet::ColumnKind,
        reference::Contig,
    },
    process::provenance::Provenance,
};

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    Text(Cow<'a, [u8]>),
    Integer(u64),
    Number(f64),
    /// `.` in tables, null in JSON.
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
        Self::Text(text.as_bytes().into())
    }
}

impl From<Vec<u8>> for Cell<'_> {
    fn from(text: Vec<u8>) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into_bytes().into())
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
    /// Provenance of the output; without it tables have no header.
    pub provenance: Option<&'a Provenance>,
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

    /// Completes the files, which get their names later, together with others.
    ///
    /// # Errors
    /// The last bytes cannot be written.
    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError>;
}

/// Completes the files, all of them before any gets its name.
///
/// # Errors
/// The last bytes cannot be written, or a file cannot be renamed.
pub fn finish(rows: Box<dyn RowWriter>) -> Result<(), OutputError> {
    rows.complete()?.into_iter().try_for_each(Complete::publish)
}

/// An output that is open but has no head yet.
pub struct OpenOutput {
    format: Format,
    output: Output,
    path: PathBuf,
}

impl OpenOutput {
    /// Opens `path`; `-` is stdout.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(format: Format, path: &Path) -> Result<Self, OutputError> {
        Ok(Self { format, output: Output::create(path)?, path: path.to_owned() })
    }

    /// Writes the head.
    ///
    /// # Errors
    /// The output cannot be written, or the name of the table beside a matrix is taken.
    pub fn begin(self, head: Head<'_>) -> Result<Box<dyn RowWriter>> {
        let Self { format, output, path } = self;
        Ok(match format {
            Format::Tsv | Format::Bed | Format::Bedgraph => {
                Box::new(tsv::TsvRows::new(output, path, head)?)
            }
            Format::Vcf => Box::new(vcf::VcfRows::new(output, path, head)?),
            Format::Bcf => Box::new(bcf::BcfRows::new(output, path, head)?),
            Format::Bigwig => Box::new(bigwig::BigwigRows::new(output, path, head)?),
            Format::Npy => Box::new(npy::NpyRows::new(output, path, head)?),
            Format::Parquet => Box::new(parquet::ParquetRows::new(output, path, head)?),
            Format::Json => Box::new(json::JsonRows::new(output, path, head)?),
        })
    }
}

/// Opens `path` and writes the head.
///
/// # Errors
/// See [`OpenOutput`].
pub fn create(format: Format, path: &Path, head: Head<'_>) -> Result<Box<dyn RowWriter>> {
    OpenOutput::create(format, path)?.begin(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of an output with two rows.
    fn written(format: Format, provenance: Option<&Provenance>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let columns = columns(&["name", "n", "x"]);
        let head = Head { columns: &columns, values: 2, provenance, ..Head::default() };
        let mut rows = create(format, &path, head).unwrap();
        let cells = ["a".into(), Cell::Integer(7), Cell::Number(0.123_456_789)];
        rows.row(Row { cells: &cells, values: &[0.5, f32::NAN] }).unwrap();
        rows.flush().unwrap();
        let cells = ["b".into(), Cell::Missing, Cell::Missing];
        rows.row(Row { cells: &cells, values: &[1.0, 2.0] }).unwrap();
        finish(rows).unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_table_has_a_header_or_not() {
        let text = written(Format::Tsv, None);
        assert_eq!(text, "a\t7\t0.123457\t0.5\tNaN\nb\t.\t.\t1\t2\n");
        let headed = written(Format::Tsv, Some(&Provenance::default()));
        assert_eq!(headed, format!("#name\tn\tx\te0\te1\n{text}"));
    }

    #[test]
    fn json_is_an_array_of_objects() {
        let rows: Vec<serde_json::Value> =
            serde_json::from_str(&written(Format::Json, None)).unwrap();
        let expected = serde_json::json!([
            {"name": "a", "n": 7, "x": 0.123_456_789, "e0": 0.5, "e1": null},
            {"name": "b", "n": null, "x": null, "e0": 1.0, "e1": 2.0},
        ]);
        assert_eq!(serde_json::Value::from(rows), expected);
    }
}
