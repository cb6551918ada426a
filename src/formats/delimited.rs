//! Tables of text with a header that are read: CSV and TSV, detected from the header.

use super::{
    error::{InputError, excerpt},
    input::Input,
    kind::{self, TextKind},
    lines::Lines,
};

/// Description of a valid table, for messages.
const EXPECTED: &str = "a table whose first line names its columns";

/// Reads the rows of a table.
pub struct Reader {
    /// Names of the columns.
    pub columns: Vec<String>,
    lines: Lines,
    line: Vec<u8>,
    /// True for TSV, in which nothing is quoted.
    has_tabs: bool,
    fields: Vec<Vec<u8>>,
}

/// A row of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// Number of its line, 1-based.
    pub line: u64,
    /// A field for each column.
    pub fields: &'a [Vec<u8>],
}

impl Reader {
    /// Reads the header. Lines that start with `##` come before it, and it may start with `#`, as in
    /// tables of this program. Columns are separated by tabs if it has one, else by commas. Only fields
    /// of CSV may be quoted.
    ///
    /// # Errors
    /// The table is empty or of another kind, or the header is not UTF-8.
    pub fn new(input: Input) -> Result<Self, InputError> {
        let mut lines = Lines::new(input);
        refuse_others(&mut lines)?;
        let mut line = Vec::new();
        while lines.read(&mut line)? && line.starts_with(b"##") {}
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        let line = line.strip_prefix(b"#").unwrap_or(line);
        if line.trim_ascii().is_empty() {
            return Err(InputError::Empty { path: lines.name, expected: EXPECTED });
        }
        let has_tabs = line.contains(&b'\t');
        let mut reader =
            Self { columns: Vec::new(), lines, line: Vec::new(), has_tabs, fields: Vec::new() };
        reader.fields = reader.split(line)?;
        for field in &reader.fields {
            let Lines { name, number, .. } = &reader.lines;
            reader.columns.push(text(field, name, *number)?.to_owned());
        }
        Ok(reader)
    }

    /// Name of the file, for messages.
    pub fn name(&self) -> &str {
        &self.lines.name
    }

    /// Reads the next row that is not empty. `None` after the last.
    ///
    /// # Errors
    /// The row has more or fewer fields than the header, a quote is not closed on its line, or reading
    /// fails.
    pub fn read(&mut self) -> Result<Option<Row<'_>>, InputError> {
        let mut line = std::mem::take(&mut self.line);
        loop {
            if !self.lines.read(&mut line)? {
                return Ok(None);
            }
            if !line.is_empty() {
                break;
            }
        }
        self.fields = self.split(&line)?;
        self.line = line;
        let (found, expected) = (self.fields.len(), self.columns.len());
        if found != expected {
            return Err(self.lines.error(format!(
                "number of columns: {found}, expected {expected} as in the header"
            )));
        }
        Ok(Some(Row { line: self.lines.number, fields: &self.fields }))
    }

    /// Splits a line into its fields; a quoted field may hold commas, and two quotes for one.
    fn split(&self, line: &[u8]) -> Result<Vec<Vec<u8>>, InputError> {
        if self.has_tabs {
            return Ok(line.split(|&byte| byte == b'\t').map(<[u8]>::to_vec).collect());
        }
        let mut fields = vec![Vec::new()];
        let mut is_quoted = false;
        let mut rest = line.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            let field = fields.last_mut().expect("there is a first field");
            match byte {
                b'"' if is_quoted && rest.next_if_eq(&b'"').is_some() => field.push(b'"'),
                b'"' if is_quoted || field.is_empty() => is_quoted = !is_quoted,
                b',' if !is_quoted => fields.push(Vec::new()),
                byte => field.push(byte),
            }
        }
        if is_quoted {
            return Err(self.lines.error(
                "a quote is not closed; expected \" at the end of its field on the same line",
            ));
        }
        Ok(fields)
    }
}

/// Refuses files that are not tables, by their first bytes.
fn refuse_others(lines: &mut Lines) -> Result<(), InputError> {
    kind::must_be_text(&lines.name.clone(), lines.peek()?, EXPECTED)?;
    match TextKind::of(lines.ahead()?).and_then(|kind| kind.elsewhere(EXPECTED)) {
        Some(problem) => Err(InputError::Kind { path: lines.name.clone(), problem }),
        None => Ok(()),
    }
}

/// A field as text, without blanks around it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;

    fn read(text: &'static str) -> Result<Vec<(u64, Vec<String>)>, InputError> {
        let mut reader = Reader::new(input::from_reader("t".into(), text.as_bytes(), None)?)?;
        let mut rows = vec![(1, reader.columns.clone())];
        while let Some(Row { line, fields }) = reader.read()? {
            rows.push((line, fields.iter().map(|f| String::from_utf8_lossy(f).into()).collect()));
        }
        Ok(rows)
    }

    #[test]
    fn commas_and_tabs_are_told_apart() {
        let row = |line, fields: [&str; 2]| (line, fields.map(str::to_owned).to_vec());
        let csv = "\u{feff}sequence,label\r\n\"AC\",\"a,\"\"b\"\r\n\r\nGT,\r\n";
        let expected = [row(1, ["sequence", "label"]), row(2, ["AC", "a,\"b"]), row(4, ["GT", ""])];
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
    }

    #[test]
    fn broken_tables_are_refused_with_their_line() {
        for (text, phrase) in [
            ("", "empty"),
            ("\n", "empty"),
            ("##a\n", "empty"),
            ("##x\na,b\nA,1\nC,1,2\n", "line 4: number of columns: 3, expected 2"),
            ("\u{1}a,b\n", "byte 0x01"),
            ("<html>\n", "a web page"),
            ("a,b\nA,1\nC\n", "line 3: number of columns: 1, expected 2"),
            ("a,b\nA,\"1\n", "line 2: a quote is not closed"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(phrase), "{error}");
        }
    }
}
