//! A sequence with its name.

use crate::formats::error::{InputError, excerpt};

/// Most bases of a sequence that is held in memory.
const LONGEST: usize = 1 << 32;

/// A sequence of a FASTA or FASTQ file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Name: the first word of the title.
    pub name: String,
    /// Bases, as in the file or normalised.
    pub bases: Vec<u8>,
    /// Line of the title, 1-based.
    pub line: u64,
}

impl Sequence {
    /// Empties the record but keeps its memory.
    pub fn clear(&mut self) {
        self.name.clear();
        self.bases.clear();
        self.line = 0;
    }

    /// Refuses a line of so many bytes in the file `path` if its sequence then has more bases than are held.
    ///
    /// # Errors
    /// The sequence is too long.
    pub(super) fn check_room(&self, path: &str, line: usize) -> Result<(), InputError> {
        self.check_room_within(path, line, LONGEST)
    }

    fn check_room_within(&self, path: &str, line: usize, most: usize) -> Result<(), InputError> {
        if line > most - self.bases.len() {
            return Err(InputError::Record {
                path: path.to_owned(),
                record: format!("{} (line {})", excerpt(self.name.as_bytes()), self.line),
                problem: format!(
                    "the sequence has more than {most} bases; does the input have an end? Name regions of an indexed reference for sequences that long"
                ),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_without_end_is_an_error() {
        let record = Sequence { name: "a".into(), bases: b"ACGACGT".into(), line: 3 };
        record.check_room_within("x.fa", 1, 8).unwrap();
        let error = record.check_room_within("x.fa", 2, 8).unwrap_err().to_string();
        assert!(error.contains("\"a\" (line 3): the sequence has more than 8 bases"), "{error}");
    }
}
