//! Lines with their numbers, ended by `\n` or `\r\n`.

use std::io::{self, BufRead, Read};

use super::{
    error::{InputError, excerpt},
    input::Input,
    meter::Meter,
};

/// Longest line that is held in memory, in bytes. A VCF of 500,000 samples has lines of some 20 MB.
const LONGEST: u64 = 1 << 28;

/// Reads and counts lines, without their `\n` or `\r\n`.
pub struct Lines {
    /// Name of the input, for messages.
    pub name: String,
    /// Number of the last line read, 1-based; 0 before the first.
    pub number: u64,
    /// True if the last line read ended with `\r\n`.
    pub carriage_return: bool,
    /// True if the last line read had an end; the last one of a file may have none.
    pub ended: bool,
    reader: Box<dyn BufRead + Send>,
    meter: Meter,
    /// True within a line that [`piece`](Self::piece) has counted.
    within: bool,
}

impl Lines {
    /// Lines of an input.
    pub fn new(input: Input) -> Self {
        let Input { name, reader, meter, .. } = input;
        Self { name, number: 0, carriage_return: false, ended: false, reader, meter, within: false }
    }

    /// Position in the file after the last line read, in bytes.
    pub fn position(&self) -> u64 {
        self.meter.position()
    }

    /// Replaces `line` by the next line, without its end. Returns false after the last one.
    ///
    /// # Errors
    /// Reading fails, or the line has more than 256 MiB.
    pub fn read(&mut self, line: &mut Vec<u8>) -> Result<bool, InputError> {
        self.read_within(line, LONGEST)
    }

    /// The same with another limit, in bytes.
    fn read_within(&mut self, line: &mut Vec<u8>, longest: u64) -> Result<bool, InputError> {
        line.clear();
        let mut limited = self.reader.by_ref().take(longest + 1);
        let read = limited.read_until(b'\n', line).map_err(|source| InputError::Read {
            path: self.name.clone(),
            line: self.number,
            source,
        })?;
        if read == 0 {
            return Ok(false);
        }
        // a line that `piece` looked at is counted
        self.number += u64::from(!std::mem::take(&mut self.within));
        if read as u64 > longest && !line.ends_with(b"\n") {
            return Err(self.error(format!(
                "the line has more than {longest} bytes and begins with {}; expected lines of text: is the file damaged, or of another kind?",
                excerpt(line)
            )));
        }
        self.ended = line.ends_with(b"\n");
        if self.ended {
            line.pop();
        }
        self.carriage_return = line.ends_with(b"\r");
        if self.carriage_return {
            line.pop();
        }
        Ok(true)
    }

    /// The next bytes of the line that is read: up to its end, which is included, or as many as are in
    /// memory. Empty at the end of the input. [`pass`](Self::pass) goes on.
    ///
    /// # Errors
    /// Reading fails.
    pub fn piece(&mut self) -> Result<&[u8], InputError> {
        if !self.ahead()?.is_empty() && !self.within {
            self.number += 1;
            self.within = true;
        }
        let ahead = self.ahead()?;
        let end = ahead.iter().position(|&byte| byte == b'\n').map_or(ahead.len(), |end| end + 1);
        Ok(&ahead[..end])
    }

    /// Goes on after a piece of so many bytes, the last of which ended the line or not.
    pub fn pass(&mut self, bytes: usize, ended: bool) {
        self.reader.consume(bytes);
        self.within = !ended;
    }

    /// First byte of the next line; `None` at the end.
    pub fn peek(&mut self) -> Result<Option<u8>, InputError> {
        self.ahead().map(|bytes| bytes.first().copied())
    }

    /// Bytes that are read next, as far as they are in memory; empty at the end.
    pub fn ahead(&mut self) -> Result<&[u8], InputError> {
        loop {
            match self.reader.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    let path = self.name.clone();
                    return Err(InputError::Read { path, line: self.number, source });
                }
            }
        }
        // in memory now
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
            seen.push((lines.number, line.clone(), [lines.carriage_return, lines.ended]));
        }
        let expected: [(u64, &[u8], _); 3] =
            [(1, b"a", [true, true]), (2, b"", [false, true]), (3, b"b", [false, false])];
        assert_eq!(seen, expected.map(|(number, line, end)| (number, line.to_vec(), end)));
    }
    #[test]
    fn a_line_that_is_too_long_is_an_error() {
        for (text, fits) in [("ok\n12345\nz", true), ("ok\n123456\n", false), ("\n123456", false)] {
            let mut lines =
                Lines::new(input::from_reader("t".into(), text.as_bytes(), None).unwrap());
            let mut line = Vec::new();
            assert!(lines.read_within(&mut line, 5).unwrap());
            let second = lines.read_within(&mut line, 5);
            assert_eq!(second.is_ok(), fits, "{text:?}");
            if let Err(error) = second {
                assert!(error.to_string().contains("t, line 2: the line has more than 5 bytes"));
            }
        }
    }

    #[test]
    fn lines_come_in_pieces() {
        let text = format!("a\n{}\nb", "x".repeat(1 << 20));
        let input = input::from_reader("t".into(), Cursor::new(text.clone()), None).unwrap();
        let mut lines = Lines::new(input);
        let (mut all, mut pieces) = (Vec::new(), 0);
        loop {
            let piece = lines.piece().unwrap();
            let (length, ended) = (piece.len(), piece.ends_with(b"\n"));
            if length == 0 {
                break;
            }
            all.extend_from_slice(piece);
            pieces += 1;
            lines.pass(length, ended);
        }
        assert!(all == text.as_bytes() && pieces > 5 && lines.number == 3);
    }
}
