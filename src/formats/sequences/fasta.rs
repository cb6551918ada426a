//! FASTA as a stream of sequences.

use super::record::Sequence;
use crate::formats::{
    error::{InputError, excerpt},
    lines::Lines,
};

/// Reads the sequences of a FASTA file one by one; its lines may differ in length.
pub struct Reader {
    lines: Lines,
    line: Vec<u8>,
    started: bool,
}

impl Reader {
    /// Reads sequences from `lines`.
    pub fn new(lines: Lines) -> Self {
        Self { lines, line: Vec::new(), started: false }
    }

    /// Position in the file after the last line read, in bytes.
    pub fn position(&self) -> u64 {
        self.lines.position()
    }

    /// Fills `record` with the next sequence, its bases as in the file. Returns false at the end.
    ///
    /// # Errors
    /// There is text before the first `>`, a sequence has no name, or reading fails.
    pub fn read(&mut self, record: &mut Sequence) -> Result<bool, InputError> {
        record.clear();
        while !self.started {
            if !self.lines.read(&mut self.line)? {
                return Ok(false);
            }
            if !self.line.trim_ascii().is_empty() {
                self.started = true;
            }
        }
        if self.line.is_empty() {
            return Ok(false);
        }
        let Some(definition) = self.line.strip_prefix(b">") else {
            return Err(self.lines.error(format!(
                "found {}, expected a line that starts with '>' and names a sequence",
                excerpt(&self.line)
            )));
        };
        record.line = self.lines.number;
        let name = definition.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        if name.is_empty() {
            return Err(self.lines.error("the sequence has no name after '>'; expected one"));
        }
        record.name = String::from_utf8_lossy(name).into_owned();
        loop {
            if !self.lines.read(&mut self.line)? {
                self.line.clear();
                break;
            }
            if self.line.starts_with(b">") {
                break;
            }
            record.bases.extend(self.line.iter().filter(|b| !b.is_ascii_whitespace()));
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;
    use std::io::Cursor;

    fn read(text: &'static str) -> Result<Vec<(String, String)>, InputError> {
        let input = input::from_reader("t.fa".into(), Cursor::new(text), None)?;
        let mut reader = Reader::new(Lines::new(input));
        let mut record = Sequence::default();
        let mut records = Vec::new();
        while reader.read(&mut record)? {
            records.push((record.name.clone(), String::from_utf8(record.bases.clone()).unwrap()));
        }
        Ok(records)
    }

    #[test]
    fn records_with_odd_lines() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            read("\n>a one\r\nAC\r\n\r\ng t\r\n>b\n>c\nA").unwrap(),
            [pair("a", "ACgt"), pair("b", ""), pair("c", "A")]
        );
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn text_that_is_not_fasta_is_refused() {
        assert!(read("ACGT\n").unwrap_err().to_string().contains("t.fa, line 1"));
        assert!(read(">a\nAC\n> \nGT\n").unwrap_err().to_string().contains("line 3"));
    }
}
