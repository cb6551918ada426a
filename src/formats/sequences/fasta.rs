//! FASTA as a stream of sequences.

use super::record::Sequence;
use crate::{
    formats::{
        error::{InputError, excerpt},
        lines::Lines,
    },
    genome::name,
};

/// Reads the sequences of a FASTA file one by one; its lines may differ in length.
pub struct Reader {
    lines: Lines,
    line: Vec<u8>,
}

impl Reader {
    /// Reads sequences from `lines`.
    pub fn new(lines: Lines) -> Self {
        Self { lines, line: Vec::new() }
    }

    /// Position in the file after the last line read, in bytes.
    pub fn position(&self) -> u64 {
        self.lines.position()
    }

    /// Fills `record` with the next sequence, its bases as in the file. Returns false at the end.
    ///
    /// # Errors
    /// See [`title`](Self::title) and [`bases`](Self::bases).
    pub fn read(&mut self, record: &mut Sequence) -> Result<bool, InputError> {
        record.clear();
        if !self.title(record)? {
            return Ok(false);
        }
        let name = self.lines.name.clone();
        self.bases(|piece| {
            record.check_room(&name, piece.len())?;
            record.bases.extend(piece.iter().filter(|base| !base.is_ascii_whitespace()));
            Ok(())
        })?;
        Ok(true)
    }

    /// Reads a title: the name of the next sequence, and the number of the line. Returns false at the end.
    ///
    /// # Errors
    /// There is text before the first `>`, the sequence has no name, the title is too long, or
    /// reading fails.
    pub fn title(&mut self, record: &mut Sequence) -> Result<bool, InputError> {
        let title = loop {
            let Some(first) = self.lines.peek()? else { return Ok(false) };
            if first == b'>' {
                self.lines.read(&mut self.line)?;
                break &self.line[1..];
            }
            self.lines.read(&mut self.line)?;
            if !self.line.trim_ascii().is_empty() {
                return Err(self.lines.error(format!(
                    "found {}, expected a line that starts with '>' and names a sequence",
                    excerpt(&self.line)
                )));
            }
        };
        let name = title.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        if name.is_empty() {
            return Err(self.lines.error("the sequence has no name after '>'; expected one"));
        }
        record.name = name::decode(name);
        record.line = self.lines.number;
        Ok(true)
    }

    /// Hands the text up to the next title to `each`, in pieces of lines with their ends.
    ///
    /// # Errors
    /// Those of `each`; there is a byte 0, or reading fails.
    pub fn bases(
        &mut self,
        mut each: impl FnMut(&[u8]) -> Result<(), InputError>,
    ) -> Result<(), InputError> {
        let mut is_start = true;
        loop {
            let piece = self.lines.piece()?;
            if piece.is_empty() || (is_start && piece[0] == b'>') {
                return Ok(());
            }
            if piece.contains(&0) {
                return Err(self.lines.error(
                    "byte 0x00 among the bases, so this is not text; expected DNA with IUPAC letters",
                ));
            }
            each(piece)?;
            let (length, ended) = (piece.len(), piece.ends_with(b"\n"));
            self.lines.pass(length, ended);
            is_start = ended;
        }
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
        assert!(read(">a\nAC\nG\0").unwrap_err().to_string().contains("line 3: byte 0x00"));
    }
}
