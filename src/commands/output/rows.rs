//! Rows of results, written in any format.

mod bcf;
mod bigwig;
mod indexed;
mod json;
mod npy;
mod parquet;
mod row;
mod tsv;
mod vcf;

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{
    format::Format,
    index::{Index, publish_indexed},
};
use crate::formats::{
    input::is_dash,
    output::{Complete, Output, OutputError},
    table::Dialect,
};
use crate::process::exit::Usage;

pub use row::{Beside, Cell, Column, Head, Row, RowWriter, VcfHeader, columns, texts};

/// Completes the files, all of them before any gets its name; `others` get theirs with them.
///
/// # Errors
/// The last bytes cannot be written, a file cannot be renamed, or the rows cannot be indexed.
pub fn finish(
    rows: Box<dyn RowWriter>,
    others: impl IntoIterator<Item = Complete>,
) -> Result<(), OutputError> {
    let index = rows.index();
    publish_indexed(rows.complete()?, index, others)
}

/// An output that is open but has no head yet.
pub struct OpenOutput {
    format: Format,
    output: Output,
    path: PathBuf,
    index: Option<Index>,
}

impl OpenOutput {
    /// Opens `path`; `-` is stdout.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(format: Format, path: &Path) -> Result<Self, OutputError> {
        Ok(Self::new(format, Output::create(path)?, path))
    }

    /// An output that was opened with this path.
    pub fn new(format: Format, output: Output, path: &Path) -> Self {
        Self { format, output, path: path.to_owned(), index: None }
    }

    /// The same output with an index.
    #[must_use]
    pub fn indexed(self, index: Option<Index>) -> Self {
        Self { index, ..self }
    }

    /// True if it is stdout.
    pub fn is_stdout(&self) -> bool {
        is_dash(&self.path)
    }

    /// Its format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Writes the head.
    ///
    /// # Errors
    /// The output cannot be written, or the name of the table beside a matrix is taken.
    pub fn begin(self, head: Head<'_>) -> Result<Box<dyn RowWriter>> {
        let Self { format, output, path, index } = self;
        let of_index = |index: Index| {
            Ok::<_, Usage>((indexed::IndexedRows::check(&index, format, &head)?, index))
        };
        let index: Option<(_, Index)> = index.map(of_index).transpose()?;
        let rows: Box<dyn RowWriter> = match format {
            Format::Tsv | Format::Bed | Format::Bedgraph => {
                Box::new(tsv::TsvRows::new(output, path, head, Dialect::Tabs)?)
            }
            Format::Csv => Box::new(tsv::TsvRows::new(output, path, head, Dialect::Commas)?),
            Format::Vcf => Box::new(vcf::VcfRows::new(output, path, head)?),
            Format::Bcf => Box::new(bcf::BcfRows::new(output, path, head)?),
            Format::Bigwig => Box::new(bigwig::BigwigRows::new(output, path, head)?),
            Format::Npy => Box::new(npy::NpyRows::new(output, path, head)?),
            Format::Parquet => Box::new(parquet::ParquetRows::new(output, path, head)?),
            Format::Json => Box::new(json::JsonRows::new(output, path, head)?),
        };
        Ok(match index {
            Some((positions, index)) => Box::new(indexed::IndexedRows::new(rows, index, positions)),
            None => rows,
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
    use crate::{formats::table::Header, process::provenance::Provenance};

    /// The text of an output with two rows.
    fn written(format: Format, header: Option<Header>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let columns = columns(&["name", "n", "x"]);
        let provenance = Provenance::default().with("x", "1");
        let provenance = Some(&provenance);
        let head = Head { columns: &columns, values: 2, provenance, header, ..Head::default() };
        let mut rows = create(format, &path, head).unwrap();
        let cells = ["a".into(), Cell::Integer(7), Cell::Number(0.123_456_789)];
        rows.row(Row { cells: &cells, values: &[0.5, f32::NAN] }).unwrap();
        rows.flush().unwrap();
        let cells = ["b".into(), Cell::Missing, Cell::Missing];
        rows.row(Row { cells: &cells, values: &[1.0, 2.0] }).unwrap();
        finish(rows, []).unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_table_has_a_header_or_not() {
        let text = written(Format::Tsv, Some(Header::None));
        assert_eq!(text, "a\t7\t0.123457\t0.5\tNaN\nb\t.\t.\t1\t2\n");
        let full = format!("##hyenadna_x=1\n#name\tn\tx\te0\te1\n{text}");
        assert_eq!(written(Format::Tsv, None), full);
        assert_eq!(written(Format::Tsv, Some(Header::Full)), full);
        let named = format!("name\tn\tx\te0\te1\n{text}");
        assert_eq!(written(Format::Tsv, Some(Header::Names)), named);
    }

    #[test]
    fn csv_has_plain_names_and_empty_fields() {
        let text = "a,7,0.123457,0.5,NaN\nb,,,1,2\n";
        assert_eq!(written(Format::Csv, None), format!("name,n,x,e0,e1\n{text}"));
        assert_eq!(written(Format::Csv, Some(Header::None)), text);
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
