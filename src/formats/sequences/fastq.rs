//! FASTQ as a stream of sequences: four lines or wrapped; qualities are checked and discarded.

use super::record::Sequence;
use crate::{
    formats::{
        error::{InputError, excerpt},
        lines::Lines,
        number::counted,
    },
    genome::name,
};

/// Reads the sequences of a FASTQ file one by one.
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
    /// The record is truncated, its name, bases and qualities do not match, or reading fails.
    pub fn read(&mut self, record: &mut Sequence) -> Result<bool, InputError> {
        record.clear();
        loop {
            if !self.lines.read(&mut self.line)? {
                return Ok(false);
            }
            if !self.line.is_empty() {
                break;
            }
        }
        let Some(title) = self.line.strip_prefix(b"@") else {
            return Err(self.lines.error(format!(
                "found {}, expected a line that starts with '@' and names a read",
                excerpt(&self.line)
            )));
        };
        let title = title.to_vec();
        record.line = self.lines.number;
        let name = title.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        if name.is_empty() {
            return Err(self.lines.error("the read has no name after '@'; expected one"));
        }
        record.name = name::decode(name);
        self.bases(record)?;
        let repeated = &self.line[1..];
        if !repeated.is_empty() && repeated != title {
            return Err(self.lines.error(format!(
                "read {}: the '+' line has another name, {}; expected the same name or none",
                record.name,
                excerpt(repeated)
            )));
        }
        self.qualities(record)?;
        Ok(true)
    }

    /// Reads sequence lines, up to the line that starts with '+'.
    fn bases(&mut self, record: &mut Sequence) -> Result<(), InputError> {
        loop {
            if !self.lines.read(&mut self.line)? {
                return Err(self.cut_off(record, "before its '+' line"));
            }
            if self.line.starts_with(b"+") {
                return Ok(());
            }
            record.check_room(&self.lines.name, self.line.len())?;
            record.bases.extend_from_slice(&self.line);
        }
    }

    /// Reads quality lines: one character for each base, '@' and '+' included.
    fn qualities(&mut self, record: &Sequence) -> Result<(), InputError> {
        let expected = record.bases.len();
        let mut found = 0;
        loop {
            if !self.lines.read(&mut self.line)? {
                if expected == 0 {
                    return Ok(());
                }
                return Err(self.cut_off(record, "within its qualities"));
            }
            found += self.line.len();
            if let Some(odd) = self.line.iter().find(|b| !b.is_ascii_graphic()) {
                return Err(self.lines.error(format!(
                    "read {}: byte 0x{odd:02x} among the qualities, expected characters '!' to '~'",
                    record.name
                )));
            }
            if found > expected {
                return Err(self.lines.error(format!(
                    "read {} has {} but at least {found} qualities; expected one for each base",
                    record.name,
                    counted(expected, "base")
                )));
            }
            if found == expected {
                return Ok(());
            }
        }
    }

    fn cut_off(&self, record: &Sequence, place: &str) -> InputError {
        self.lines.error(format!(
            "read {} ({}) is cut off {place}: the file is truncated; copy or make it again",
            record.name,
            counted(record.bases.len(), "base")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;
    use std::io::Cursor;

    fn read(text: &'static str) -> Result<Vec<String>, InputError> {
        let input = input::from_reader("t.fq".into(), Cursor::new(text), None)?;
        let mut reader = Reader::new(Lines::new(input));
        let mut record = Sequence::default();
        let mut records = Vec::new();
        while reader.read(&mut record)? {
            records.push(format!("{}:{}", record.name, String::from_utf8_lossy(&record.bases)));
        }
        Ok(records)
    }

    #[test]
    fn four_lines_wrapped_and_empty() {
        let text = "@a x\nACGT\n+a x\n@+!~\n@b\nAC\nGT\n+\n@@\n++\n@c\n\n+\n\n@d\nA\n+\n!";
        assert_eq!(read(text).unwrap(), ["a:ACGT", "b:ACGT", "c:", "d:A"]);
        // a blank among the bases is not passed over: it is no nucleotide
        assert_eq!(read("@a\nAC GT\n+\n!!!!!\n").unwrap(), ["a:AC GT"]);
    }

    #[test]
    fn errors_name_the_problem() {
        for (text, part) in [
            ("@a\nACGT\n", "cut off before"),
            ("@a\nACGT\n+\n!!\n", "cut off within"),
            ("@a\nACGT\n+\n!!!!!\n", "4 bases but at least 5"),
            ("@a\nACGT\n+b\n!!!!\n", "another name"),
            ("@a\nACGT\n+\n! !!\n", "0x20"),
            ("@a\nA\n+\n!\nACGT\n", "line 5"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
