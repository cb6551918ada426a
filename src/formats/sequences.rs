//! Sequences by themselves: FASTA or FASTQ, told by content.

pub mod fasta;
pub mod fastq;

use super::{
    error::{InputError, excerpt},
    lines::{Lines, is_binary},
};
use crate::genome::dna;

/// One sequence of a file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Name: the first word of the title.
    pub name: String,
    /// Bases; as the file has them, or normalised by [`Reader`].
    pub bases: Vec<u8>,
    /// Number of the title's line, 1-based.
    pub line: u64,
}

impl Sequence {
    /// Empties the record and keeps its memory.
    pub fn clear(&mut self) {
        self.name.clear();
        self.bases.clear();
        self.line = 0;
    }
}

/// Reads either format and normalises the bases.
pub struct Reader {
    name: String,
    inner: Inner,
    /// How many IUPAC letters were read as N so far.
    pub ambiguous: u64,
}

enum Inner {
    Fasta(fasta::Reader),
    Fastq(fastq::Reader),
}

/// What the content of an input says it is, of the kinds that `embed` and `likelihood` take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// `>`
    Fasta,
    /// `@`
    Fastq,
    /// Anything else that is text
    Bed,
}

/// Tells FASTA, FASTQ and BED apart by the first byte.
///
/// # Errors
/// An empty input, or one that starts with a byte that no text has.
pub fn content(lines: &mut Lines) -> Result<Content, InputError> {
    let mut blank = Vec::new();
    while matches!(lines.peek()?, Some(b'\n' | b'\r')) {
        lines.read(&mut blank)?;
        if !blank.is_empty() {
            return Err(lines.error(
                "a carriage return without a line feed; expected lines that end with \\n or \\r\\n",
            ));
        }
    }
    match lines.peek()? {
        None => Err(InputError::Empty {
            path: lines.name.clone(),
            expected: "BED regions, or sequences as FASTA or FASTQ",
        }),
        Some(b'>') => Ok(Content::Fasta),
        Some(b'@') => Ok(Content::Fastq),
        Some(byte) if is_binary(byte) => Err(InputError::Kind {
            path: lines.name.clone(),
            problem: format!(
                "starts with byte 0x{byte:02x}, so it is no text; expected BED, FASTA or FASTQ, plain or compressed with gzip or bgzip"
            ),
        }),
        Some(_) => Ok(Content::Bed),
    }
}

impl Reader {
    /// Sequences of `lines`, whose content must be FASTA or FASTQ.
    pub fn new(lines: Lines, content: Content) -> Self {
        let name = lines.name.clone();
        let inner = match content {
            Content::Fastq => Inner::Fastq(fastq::Reader::new(lines)),
            Content::Fasta | Content::Bed => Inner::Fasta(fasta::Reader::new(lines)),
        };
        Self { name, inner, ambiguous: 0 }
    }

    /// Fills `record` with the next sequence, normalised. Returns false at the end.
    ///
    /// # Errors
    /// Malformed records, and letters that are no nucleotides, with record and position.
    pub fn read(&mut self, record: &mut Sequence) -> Result<bool, InputError> {
        let more = match &mut self.inner {
            Inner::Fasta(reader) => reader.read(record)?,
            Inner::Fastq(reader) => reader.read(record)?,
        };
        if more {
            self.ambiguous +=
                dna::normalise(&mut record.bases).map_err(|e| InputError::Record {
                    path: self.name.clone(),
                    record: format!("{} (line {})", excerpt(record.name.as_bytes()), record.line),
                    problem: e.to_string(),
                })?;
        }
        Ok(more)
    }
}
