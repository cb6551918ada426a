//! FASTA, written letter by letter.

use std::{io::Write, path::Path};

use crate::{
    formats::output::{Complete, OutputError, Sink},
    genome::name,
};

/// Letters of a line.
const LINE: usize = 60;

/// Writes records whose letters may come in parts.
pub struct FastaWriter<'a> {
    sink: Sink,
    path: &'a Path,
    column: usize,
}

impl<'a> FastaWriter<'a> {
    /// Opens a path; compressed with bgzip if its name requests it.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &'a Path) -> Result<Self, OutputError> {
        Ok(Self { sink: Sink::create(path)?, path, column: 0 })
    }

    /// Starts a record: `title` is its name, and a description after a blank.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn start(&mut self, title: &str) -> Result<(), OutputError> {
        self.write(&[b">", &*name::encode(title), b"\n"].concat())
    }

    /// Adds letters to the record.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn letters(&mut self, mut letters: &[u8]) -> Result<(), OutputError> {
        while !letters.is_empty() {
            let (line, rest) = letters.split_at(letters.len().min(LINE - self.column));
            self.write(line)?;
            self.column += line.len();
            if self.column == LINE {
                self.end()?;
            }
            letters = rest;
        }
        Ok(())
    }

    /// Ends the record.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn end(&mut self) -> Result<(), OutputError> {
        if self.column == 0 {
            return Ok(());
        }
        self.column = 0;
        self.write(b"\n")
    }

    /// Letters up to the end of the line.
    pub fn room(&self) -> usize {
        LINE - self.column
    }

    /// True if no line is begun.
    pub fn is_at_line_end(&self) -> bool {
        self.column == 0
    }

    /// Hands on what was written so far, even if a line is not full. A compressed output waits for a whole
    /// block: one for each line would be as large as the text.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn flush(&mut self) -> Result<(), OutputError> {
        match &mut self.sink {
            Sink::Bgzip(..) => Ok(()),
            sink => sink.flush().map_err(|error| OutputError::write(self.path, error)),
        }
    }

    /// Completes the output, which has no name yet.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn complete(self) -> Result<Complete, OutputError> {
        self.sink.complete().map_err(|error| OutputError::write(self.path, error))?.complete()
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        self.sink.write_all(bytes).map_err(|error| OutputError::write(self.path, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_fill_lines_whatever_their_parts_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.fa");
        let mut writer = FastaWriter::create(&path).unwrap();
        for (length, part) in [(0, 1), (59, 7), (60, 60), (61, 61), (150, 40)] {
            writer.start(&format!("r{length} of {part}")).unwrap();
            vec![b'A'; length].chunks(part).for_each(|letters| writer.letters(letters).unwrap());
            writer.end().unwrap();
        }
        writer.complete().unwrap().publish().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let lengths: Vec<usize> =
            text.lines().filter(|line| !line.starts_with('>')).map(str::len).collect();
        assert_eq!(lengths, [59, 60, 60, 1, 60, 60, 30]);
        assert!(text.starts_with(">r0 of 1\n>r59 of 7\nAAA") && text.ends_with("A\n"), "{text}");
    }
}
