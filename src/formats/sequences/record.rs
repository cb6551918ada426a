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

    /// Adds bases of a line of the file `path`.
    ///
    /// # Errors
    /// The sequence has more bases than fit in memory.
    pub(super) fn extend(&mut self, path: &str, line: &[u8]) -> Result<(), InputError> {
        self.extend_within(path, line, LONGEST)
    }

    fn extend_within(&mut self, path: &str, line: &[u8], most: usize) -> Result<(), InputError> {
        if line.len() > most - self.bases.len() {
            return Err(InputError::Record {
                path: path.to_owned(),
                record: format!("{} (line {})", excerpt(self.name.as_bytes()), self.line),
                problem: format!(
                    "the sequence has more than {most} bases; does the input have an end? Name regions of an indexed reference for sequences that long"
                ),
            });
        }
        self.bases.extend(line.iter().filter(|base| !base.is_ascii_whitespace()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_without_end_is_an_error() {
        let mut record = Sequence { name: "a".into(), bases: Vec::new(), line: 3 };
        record.extend_within("x.fa", b"ACG\n", 8).unwrap();
        record.extend_within("x.fa", b"ACGT\n", 8).unwrap();
        let error = record.extend_within("x.fa", b"AC", 8).unwrap_err().to_string();
        assert!(error.contains("\"a\" (line 3): the sequence has more than 8 bases"), "{error}");
        assert_eq!(record.bases, b"ACGACGT");
    }
}
