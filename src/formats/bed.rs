//! BED: regions, 0-based and half-open, with their columns unchanged.

use super::{
    error::{InputError, excerpt},
    lines::Lines,
};
use crate::genome::region::{Region, Strand};

/// Names of the twelve standard columns.
const NAMES: [&str; 12] = [
    "chrom",
    "chromStart",
    "chromEnd",
    "name",
    "score",
    "strand",
    "thickStart",
    "thickEnd",
    "itemRgb",
    "blockCount",
    "blockSizes",
    "blockStarts",
];

/// Name of a column, counted from 0; `column13` and so on, counted from 1, beyond the standard
/// ones.
pub fn column_name(index: usize) -> String {
    NAMES.get(index).map_or_else(|| format!("column{}", index + 1), |name| (*name).to_owned())
}

/// One line of a BED file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Region, 0-based and half-open.
    pub region: Region,
    /// Strand from column 6; `None` if that is missing, empty or `.`.
    pub strand: Option<Strand>,
    /// All columns, unchanged.
    pub columns: Vec<Vec<u8>>,
    /// Number of the line, 1-based.
    pub line: u64,
}

/// Reads the regions of a BED file one by one. Skips comments, blank lines, and `track` and
/// `browser` lines.
pub struct Reader {
    lines: Lines,
    line: Vec<u8>,
    columns: Option<usize>,
}

impl Reader {
    /// Reads regions from `lines`.
    pub fn new(lines: Lines) -> Self {
        Self { lines, line: Vec::new(), columns: None }
    }

    /// Name of the input, for messages.
    pub fn name(&self) -> &str {
        &self.lines.name
    }

    /// Position in the file after the last region, in bytes.
    pub fn position(&self) -> u64 {
        self.lines.position()
    }

    /// The next region, or `None` after the last.
    ///
    /// # Errors
    /// A line is not BED, or its number of columns differs from that of the first line.
    pub fn read(&mut self) -> Result<Option<Record>, InputError> {
        while self.lines.read(&mut self.line)? {
            if !is_comment(&self.line) {
                return self.parse().map(Some);
            }
        }
        Ok(None)
    }

    fn parse(&mut self) -> Result<Record, InputError> {
        let columns: Vec<Vec<u8>> = self.line.split(|&b| b == b'\t').map(<[u8]>::to_vec).collect();
        let [chrom, start, end, ..] = columns.as_slice() else {
            let spaces = self.line.split(u8::is_ascii_whitespace).count() >= 3;
            let hint = if spaces { "; columns must be separated by tabs, not spaces" } else { "" };
            return Err(self.lines.error(format!(
                "found {} column(s) in {}, expected at least chrom, start and end{hint}",
                columns.len(),
                excerpt(&self.line)
            )));
        };
        if chrom.is_empty() {
            return Err(self.lines.error("the name of the contig (column 1) is empty"));
        }
        let (start, end) = (self.number(start, "start")?, self.number(end, "end")?);
        if start > end {
            return Err(self.lines.error(format!(
                "start {start} is greater than end {end}; BED is 0-based and half-open"
            )));
        }
        let strand = match columns.get(5).map(Vec::as_slice) {
            Some(b"+") => Some(Strand::Forward),
            Some(b"-") => Some(Strand::Reverse),
            None | Some(b"." | b"") => None,
            Some(other) => {
                return Err(self.lines.error(format!(
                    "strand (column 6) is {}, expected '+', '-' or '.'",
                    excerpt(other)
                )));
            }
        };
        let expected = *self.columns.get_or_insert(columns.len());
        if columns.len() != expected {
            return Err(self.lines.error(format!(
                "found {} columns, expected {expected} as in the lines before",
                columns.len()
            )));
        }
        let region = Region { contig: String::from_utf8_lossy(chrom).into_owned(), start, end };
        Ok(Record { region, strand, columns, line: self.lines.number })
    }

    fn number(&self, text: &[u8], what: &str) -> Result<u64, InputError> {
        let parsed = std::str::from_utf8(text).ok().and_then(|text| {
            text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
        });
        parsed.ok_or_else(|| {
            self.lines
                .error(format!("{what} is {}, expected a whole number, 0 or more", excerpt(text)))
        })
    }
}

fn is_comment(line: &[u8]) -> bool {
    let word = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    line.trim_ascii().is_empty() || line.starts_with(b"#") || word == b"track" || word == b"browser"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;
    use std::io::Cursor;

    fn read(text: &'static str) -> Result<Vec<Record>, InputError> {
        let input = input::from_reader("t.bed".into(), Cursor::new(text), None)?;
        let mut reader = Reader::new(Lines::new(input));
        let mut records = Vec::new();
        while let Some(record) = reader.read()? {
            records.push(record);
        }
        Ok(records)
    }

    #[test]
    fn regions_strands_and_comments() {
        let text = "track name=x\n# c\n\nchr1\t0\t5\ta\t0\t-\r\nchr2\t7\t7\tb\t0\t.\n";
        let records = read(text).unwrap();
        assert_eq!(records[0].region, Region { contig: "chr1".into(), start: 0, end: 5 });
        assert_eq!((records[0].strand, records[0].line), (Some(Strand::Reverse), 4));
        assert_eq!(records[0].columns[5], b"-");
        assert_eq!((records[1].strand, records[1].region.is_empty()), (None, true));
        assert_eq!((column_name(5), column_name(12)), ("strand".into(), "column13".into()));
    }

    #[test]
    fn errors_name_the_line() {
        for (text, part) in [
            ("chr1 0 5\n", "tabs"),
            ("chr1\t0\n", "2 column(s)"),
            ("chr1\t9\t5\n", "start 9 is greater than end 5"),
            ("chr1\t-1\t5\n", "start is \"-1\""),
            ("chr1\t1.0\t5\n", "whole number"),
            ("chr1\t1\t99999999999999999999\n", "end is"),
            ("chr1\t0\t5\nchr1\t0\t5\tx\n", "line 2: found 4 columns"),
            ("chr1\t0\t5\ta\t0\t1\n", "strand"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
