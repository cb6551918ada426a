//! Vectors with the columns before them, as `embed` writes them: a table, a `.npy` matrix, or Parquet.

use std::path::Path;

use super::{
    delimited,
    error::{InputError, excerpt},
    input::{self, is_dash},
    npy,
    parquet::read::{Reader as ParquetReader, is_parquet},
};

/// Description of a valid table, for messages.
const EXPECTED: &str =
    "no column e0; expected the columns e0, e1, … of `embed`, below a header that names them";

/// Reads vectors row by row.
pub struct Reader {
    /// Names of the columns that are not values; none of a matrix.
    pub columns: Vec<String>,
    /// Number of values of a row; above 0.
    pub width: usize,
    source: Source,
    /// Columns of the values.
    values: std::ops::Range<usize>,
}

/// A row without its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Fields of the columns that are not values.
    pub fields: Vec<String>,
}

enum Source {
    Table(delimited::Reader),
    Matrix(npy::Rows),
    Parquet(ParquetReader),
}

impl Reader {
    /// Opens a file; `-` is stdin, which cannot be Parquet.
    ///
    /// # Errors
    /// The file cannot be read, is of another kind, or has no columns of values.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        let source = if !is_dash(path) && is_parquet(path) {
            Source::Parquet(ParquetReader::open(path)?)
        } else {
            let mut input = input::open(path)?;
            let read = |source| InputError::Open { path: path.display().to_string(), source };
            match input.reader.fill_buf().map_err(read)?.starts_with(npy::MAGIC) {
                true => Source::Matrix(npy::Rows::new(input)?),
                false => Source::Table(delimited::Reader::new(input)?),
            }
        };
        let (name, columns) = match &source {
            Source::Matrix(rows) => {
                let width = rows.columns;
                return Ok(Self { columns: Vec::new(), width, source, values: 0..width });
            }
            Source::Table(reader) => (reader.name(), &reader.columns),
            Source::Parquet(reader) => (&reader.name[..], &reader.columns),
        };
        let first = columns.iter().position(|column| column == "e0").ok_or_else(|| {
            InputError::Kind { path: name.to_owned(), problem: EXPECTED.to_owned() }
        })?;
        let is_value = |(number, column): &(usize, &String)| **column == format!("e{number}");
        let width = columns[first..].iter().enumerate().take_while(is_value).count();
        let values = first..first + width;
        let others = columns.iter().enumerate().filter(|(i, _)| !values.contains(i));
        let columns = others.map(|(_, column)| column.clone()).collect();
        Ok(Self { columns, width, source, values })
    }

    /// Name of the file, for messages.
    pub fn name(&self) -> &str {
        match &self.source {
            Source::Table(reader) => reader.name(),
            Source::Matrix(rows) => rows.name(),
            Source::Parquet(reader) => &reader.name,
        }
    }

    /// Replaces `values` by those of the next row, a missing one by NaN. `None` after the last.
    ///
    /// # Errors
    /// A value is not a number, a row has another number of columns, or reading fails.
    pub fn read(&mut self, values: &mut Vec<f32>) -> Result<Option<Row>, InputError> {
        values.clear();
        let range = self.values.clone();
        let mut row = Row { fields: Vec::with_capacity(self.columns.len()) };
        let name = self.name().to_owned();
        match &mut self.source {
            Source::Matrix(rows) => return Ok(rows.read(values)?.then_some(row)),
            Source::Table(reader) => {
                let Some(delimited::Row { line, fields }) = reader.read()? else {
                    return Ok(None);
                };
                for (i, field) in fields.iter().enumerate() {
                    match range.contains(&i) {
                        true => values.push(number(field).ok_or_else(|| InputError::Line {
                            path: name.clone(),
                            line,
                            problem: not_a_number(i - range.start, field),
                        })?),
                        false => row.fields.push(delimited::text(field, &name, line)?.to_owned()),
                    }
                }
            }
            Source::Parquet(reader) => {
                let Some(fields) = reader.read()? else { return Ok(None) };
                for (i, field) in fields.into_iter().enumerate() {
                    match range.contains(&i) {
                        true => values.push(number(field.as_bytes()).ok_or_else(|| {
                            InputError::Record {
                                path: name.clone(),
                                record: reader.number.to_string(),
                                problem: not_a_number(i - range.start, field.as_bytes()),
                            }
                        })?),
                        false => row.fields.push(field),
                    }
                }
            }
        }
        Ok(Some(row))
    }
}

/// A value; NaN for a missing one.
fn number(field: &[u8]) -> Option<f32> {
    let text = std::str::from_utf8(field).ok()?.trim();
    if text.is_empty() || text == "." { Some(f32::NAN) } else { text.parse().ok() }
}

fn not_a_number(value: usize, field: &[u8]) -> String {
    format!("column e{value} is {}, expected a number, NaN or nothing", excerpt(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a row, with commas between them, and its values.
    type Found = (String, Vec<f32>);

    /// The columns, and the rows.
    fn read(bytes: &[u8]) -> Result<(Vec<String>, Vec<Found>), String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let mut reader = Reader::open(file.path()).map_err(|error| error.to_string())?;
        let (mut values, mut rows) = (Vec::new(), Vec::new());
        while let Some(row) = reader.read(&mut values).map_err(|error| error.to_string())? {
            assert_eq!(values.len(), reader.width);
            rows.push((row.fields.join(","), values.clone()));
        }
        Ok((reader.columns, rows))
    }

    #[test]
    fn tables_and_matrices_are_read() {
        let (columns, rows) =
            read(b"##x\n#chrom\tname\te0\te1\tlabel\nc\ta\t1\t-2.5\tx\nd\t.\tNaN\t.\ty\n").unwrap();
        assert_eq!(columns, ["chrom", "name", "label"]);
        assert_eq!(rows[0], ("c,a,x".to_owned(), vec![1.0, -2.5]));
        assert_eq!(rows[1].0, "d,.,y");
        assert!(rows[1].1.iter().all(|x| x.is_nan()), "{rows:?}");
        assert_eq!(read(b"id,e0\na,3\n").unwrap().1, [("a".to_owned(), vec![3.0])]);
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n";
        let mut matrix = [npy::MAGIC, b"\x01\x00", &[header.len() as u8, 0]].concat();
        matrix.extend(header.as_bytes());
        matrix.extend([1.5_f32, 4.0].map(f32::to_le_bytes).concat());
        let (columns, rows) = read(&matrix).unwrap();
        assert!(columns.is_empty());
        assert_eq!(rows, [(String::new(), vec![1.5]), (String::new(), vec![4.0])]);
    }

    #[test]
    fn other_tables_are_refused() {
        for (text, phrase) in [
            ("", "empty"),
            ("a\tb\n1\t2\n", "no column e0"),
            ("a\te1\n1\t2\n", "no column e0"),
            ("a\te0\nx\t1\ny\tz\n", "line 3: column e0 is \"z\", expected a number"),
            ("a\te0\nx\n", "line 2: number of columns: 1, expected 2"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(phrase), "{error}");
        }
    }
}
