//! Tables of text with a header that are read: CSV and TSV, detected from the header.

use std::io::{BufRead, Cursor, Read};

use csv::{ByteRecord, ErrorKind, ReaderBuilder};

use super::{
    error::{InputError, excerpt},
    input::Input,
};

/// Reads the rows of a table.
pub struct Reader {
    /// Name of the file, for messages.
    pub name: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    rows: csv::Reader<Box<dyn Read + Send>>,
    row: ByteRecord,
}

impl Reader {
    /// Reads the header. Columns are separated by tabs if it has one, else by commas. Only fields of CSV
    /// may be quoted.
    ///
    /// # Errors
    /// The table is empty, or the header is not UTF-8.
    pub fn new(input: Input) -> Result<Self, InputError> {
        let Input { name, mut reader, .. } = input;
        let mut first = Vec::new();
        reader.read_until(b'\n', &mut first).map_err(|source| InputError::Read {
            path: name.clone(),
            line: 0,
            source,
        })?;
        if first.trim_ascii().is_empty() {
            let expected = "a table whose first line names its columns";
            return Err(InputError::Empty { path: name, expected });
        }
        let has_tabs = first.contains(&b'\t');
        let bytes: Box<dyn Read + Send> = Box::new(Cursor::new(first).chain(reader));
        let mut rows = ReaderBuilder::new()
            .delimiter(if has_tabs { b'\t' } else { b',' })
            .quoting(!has_tabs)
            .from_reader(bytes);
        let header = rows.byte_headers().map_err(|error| problem(&name, error))?;
        let mut columns = Vec::new();
        for field in header {
            columns.push(text(field, &name, 1)?.to_owned());
        }
        Ok(Self { name, columns, rows, row: ByteRecord::new() })
    }

    /// Reads the next row: its line and its fields. `None` after the last.
    ///
    /// # Errors
    /// The row has more or fewer fields than the header, or reading fails.
    pub fn read(&mut self) -> Result<Option<(u64, &ByteRecord)>, InputError> {
        let more =
            self.rows.read_byte_record(&mut self.row).map_err(|error| problem(&self.name, error))?;
        let line = self.row.position().map_or(0, |position| position.line());
        Ok(more.then_some((line, &self.row)))
    }
}

/// A field as text.
///
/// # Errors
/// It is not UTF-8.
pub fn text<'a>(field: &'a [u8], name: &str, line: u64) -> Result<&'a str, InputError> {
    std::str::from_utf8(field.trim_ascii()).map_err(|_| InputError::Line {
        path: name.to_owned(),
        line,
        problem: format!("{} is not UTF-8", excerpt(field)),
    })
}

fn problem(name: &str, error: csv::Error) -> InputError {
    let line = error.position().map_or(0, |position| position.line());
    let path = name.to_owned();
    match error.into_kind() {
        ErrorKind::Io(source) => InputError::Read { path, line, source },
        ErrorKind::UnequalLengths { expected_len, len, .. } => InputError::Line {
            path,
            line,
            problem: format!("found {len} columns, expected {expected_len} as in the first line"),
        },
        other => InputError::Line { path, line, problem: format!("{other:?}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;

    fn read(text: &'static str) -> Result<Vec<(u64, Vec<String>)>, InputError> {
        let mut reader = Reader::new(input::from_reader("t".into(), text.as_bytes(), None)?)?;
        let mut rows = vec![(1, reader.columns.clone())];
        while let Some((line, row)) = reader.read()? {
            rows.push((line, row.iter().map(|f| String::from_utf8_lossy(f).into()).collect()));
        }
        Ok(rows)
    }

    #[test]
    fn commas_and_tabs_are_told_apart() {
        let row = |line, fields: [&str; 2]| (line, fields.map(str::to_owned).to_vec());
        let csv = "sequence,label\r\n\"AC\",\"a,b\"\r\n\r\nGT,c\r\n";
        let expected = [row(1, ["sequence", "label"]), row(2, ["AC", "a,b"]), row(4, ["GT", "c"])];
        assert_eq!(read(csv).unwrap(), expected);
        let tsv = "sequence\tlabel\nAC\t\"a,b\n";
        assert_eq!(read(tsv).unwrap()[1], row(2, ["AC", "\"a,b"]));
    }

    #[test]
    fn broken_tables_are_refused_with_their_line() {
        for (text, phrase) in [
            ("", "empty"),
            ("\n", "empty"),
            ("a,b\nA,1\nC\n", "line 3: found 1 columns, expected 2"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(phrase), "{error}");
        }
    }
}
