//! A sequence with its name.

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
}
