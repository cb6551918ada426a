//! Lines with their numbers, ended by `\n` or `\r\n`.

use std::io::BufRead;

use super::{error::InputError, input::Input, meter::Meter};

/// Reads and counts lines, without their `\n` or `\r\n`.
pub struct Lines {
    /// Name of the input, for messages.
    pub name: String,
    /// Number of the last line read, 1-based; 0 before the first.
    pub number: u64,
    /// True if the last line read ended with `\r\n`.
    pub carriage_return: bool,
    reader: Box<dyn BufRead + Send>,
    meter: Meter,
}

impl Lines {
    /// Lines of an input.
    pub fn new(input: Input) -> Self {
        let Input { name, reader, meter, .. } = input;
        Self { name, number: 0, carriage_return: false, reader, meter }
    }

    /// Position in the file after the last line read, in bytes.
    pub fn position(&self) -> u64 {
        self.meter.position()
    }

    /// Replaces `line` by the next line, without its end. Returns false after the last one.
    pub fn read(&mut self, line: &mut Vec<u8>) -> Result<bool, InputError> {
        line.clear();
        let read = self.reader.read_until(b'\n', line).map_err(|source| InputError::Read {
            path: self.name.clone(),
            line: self.number,
            source,
        })?;
        if read == 0 {
            return Ok(false);
        }
        self.number += 1;
        if line.ends_with(b"\n") {
            line.pop();
        }
        self.carriage_return = line.ends_with(b"\r");
        if self.carriage_return {
            line.pop();
        }
        Ok(true)
    }

    /// First byte of the next line; `None` at the end.
    pub fn peek(&mut self) -> Result<Option<u8>, InputError> {
        self.ahead().map(|bytes| bytes.first().copied())
    }

    /// Bytes that are read next, as far as they are in memory; empty at the end.
    pub fn ahead(&mut self) -> Result<&[u8], InputError> {
        let (name, number) = (&self.name, self.number);
        self.reader.fill_buf().map_err(|source| InputError::Read {
            path: name.clone(),
            line: number,
            source,
        })
    }

    /// An error at the last line read.
    pub fn error(&self, problem: impl Into<String>) -> InputError {
        InputError::Line { path: self.name.clone(), line: self.number, problem: problem.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;
    use std::io::Cursor;

    #[test]
    fn every_kind_of_line_end() {
        let input = input::from_reader("t".into(), Cursor::new(b"a\r\n\nb"), None).unwrap();
        let mut lines = Lines::new(input);
        let mut line = Vec::new();
        let mut seen = Vec::new();
        assert_eq!(lines.peek().unwrap(), Some(b'a'));
        while lines.read(&mut line).unwrap() {
            seen.push((lines.number, line.clone(), lines.carriage_return));
        }
        assert_eq!(seen, [(1, b"a".to_vec(), true), (2, vec![], false), (3, b"b".to_vec(), false)]);
    }
}
