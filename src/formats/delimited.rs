//! Tables of text with a header that are read: CSV and TSV, detected from the header.

use std::io::{BufRead, Cursor, Read};

use csv::{ByteRecord, ErrorKind, ReaderBuilder};

use super::{
    error::{InputError, excerpt},
    input::Input,
    kind::{self, TextKind},
    number::counted,
};

/// Description of a valid table, for messages.
const EXPECTED: &str = "a table whose first line names its columns";

/// Reads the rows of a table.
pub struct Reader {
    /// Name of the file, for messages.
    pub name: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    rows: csv::Reader<Box<dyn Read + Send>>,
    row: ByteRecord,
    /// Number of lines before the header.
    skipped: u64,
}

impl Reader {
    /// Reads the header. Lines that start with `##` come before it, and it may start with `#`, as in
    /// tables of this program. Columns are separated by tabs if it has one, else by commas. Only fields
    /// of CSV may be quoted.
    ///
    /// # Errors
    /// The table is empty or of another kind, or the header is not UTF-8.
    pub fn new(input: Input) -> Result<Self, InputError> {
        let Input { name, mut reader, .. } = input;
        let (mut first, mut skipped) = (Vec::new(), 0);
        loop {
            let failed = |source| InputError::Read { path: name.clone(), line: skipped, source };
            if skipped == 0 {
                refuse_others(&name, reader.fill_buf().map_err(failed)?)?;
            }
            first.clear();
            reader.read_until(b'\n', &mut first).map_err(failed)?;
            if !first.starts_with(b"##") {
                break;
            }
            skipped += 1;
        }
        if first.trim_ascii().is_empty() {
            return Err(InputError::Empty { path: name, expected: EXPECTED });
        }
        let mark = [&b"\xef\xbb\xbf"[..], b"#"].into_iter().find(|mark| first.starts_with(mark));
        first.drain(..mark.map_or(0, |mark| mark.len()));
        let has_tabs = first.contains(&b'\t');
        let bytes: Box<dyn Read + Send> = Box::new(Cursor::new(first).chain(reader));
        let mut rows = ReaderBuilder::new()
            .delimiter(if has_tabs { b'\t' } else { b',' })
            .quoting(!has_tabs)
            .from_reader(bytes);
        let header = rows.byte_headers().map_err(|error| problem(&name, skipped, error))?;
        let mut columns = Vec::new();
        for field in header {
            columns.push(text(field, &name, skipped + 1)?.to_owned());
        }
        Ok(Self { name, columns, rows, row: ByteRecord::new(), skipped })
    }

    /// Reads the next row: its line and its fields. `None` after the last.
    ///
    /// # Errors
    /// The row has more or fewer fields than the header, or reading fails.
    pub fn read(&mut self) -> Result<Option<(u64, &ByteRecord)>, InputError> {
        let read = self.rows.read_byte_record(&mut self.row);
        let more = read.map_err(|error| problem(&self.name, self.skipped, error))?;
        let line = self.row.position().map_or(0, |position| position.line());
        Ok(more.then_some((self.skipped + line, &self.row)))
    }
}

/// Refuses files that are not tables, by their first bytes.
fn refuse_others(name: &str, head: &[u8]) -> Result<(), InputError> {
    kind::must_be_text(name, head.first().copied(), EXPECTED)?;
    match TextKind::of(head).and_then(|kind| kind.elsewhere(EXPECTED)) {
        Some(problem) => Err(InputError::Kind { path: name.to_owned(), problem }),
        None => Ok(()),
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

fn problem(name: &str, skipped: u64, error: csv::Error) -> InputError {
    let line = skipped + error.position().map_or(0, |position| position.line());
    let path = name.to_owned();
    match error.into_kind() {
        ErrorKind::Io(source) => InputError::Read { path, line, source },
        ErrorKind::UnequalLengths { expected_len, len, .. } => InputError::Line {
            path,
            line,
            problem: format!(
                "found {}, expected {expected_len} as in the header",
                counted(len, "column")
            ),
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
    fn lines_of_provenance_come_before_the_header() {
        let row = |line, fields: [&str; 2]| (line, fields.map(str::to_owned).to_vec());
        let table = "##a\n##b\tc\n#name\tx\nr\t1\n\n#s\t2\n";
        let expected = [row(1, ["name", "x"]), row(4, ["r", "1"]), row(6, ["#s", "2"])];
        assert_eq!(read(table).unwrap(), expected);
        let spreadsheet = "\u{feff}name,x\nr,1\n";
        assert_eq!(read(spreadsheet).unwrap()[0], row(1, ["name", "x"]));
    }

    #[test]
    fn broken_tables_are_refused_with_their_line() {
        for (text, phrase) in [
            ("", "empty"),
            ("\n", "empty"),
            ("##a\n", "empty"),
            ("a,b\nA,1\nC\n", "line 3: found 1 column, expected 2"),
            ("##x\na,b\nA,1\nC,1,2\n", "line 4: found 3 columns, expected 2"),
            ("\u{1}a,b\n", "byte 0x01"),
            ("<html>\n", "a web page"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(phrase), "{error}");
        }
    }
}
