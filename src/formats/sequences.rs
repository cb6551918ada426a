//! Sequences from FASTA or FASTQ, detected from the content.

pub mod fasta;
pub mod fasta_writer;
pub mod fastq;
pub mod record;

use super::{
    error::{InputError, excerpt},
    kind::{self, TextKind},
    lines::Lines,
};
use crate::genome::dna;

pub use record::Sequence;

/// Reads either format and normalises the bases.
pub struct Reader {
    name: String,
    inner: Inner,
    /// IUPAC letters read as N so far.
    pub ambiguous: u64,
}

enum Inner {
    Fasta(fasta::Reader),
    Fastq(fastq::Reader),
}

/// Format of an input of `embed` or `likelihood`, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Starts with `>`.
    Fasta,
    /// Starts with `@`.
    Fastq,
    /// Any other text.
    Bed,
}

/// Detects FASTA, FASTQ or BED from the first byte that is not a line end; `None` for an empty input.
///
/// # Errors
/// The input is not text, is of another kind, or has a carriage return without a line feed.
pub fn content(lines: &mut Lines) -> Result<Option<Content>, InputError> {
    let mut blank = Vec::new();
    while matches!(lines.peek()?, Some(b'\n' | b'\r')) {
        lines.read(&mut blank)?;
        if !blank.is_empty() {
            return Err(lines.error(
                "found a carriage return without a line feed; expected lines that end with \\n or \\r\\n",
            ));
        }
    }
    let first = lines.peek()?;
    kind::must_be_text(&lines.name, first, EXPECTED)?;
    let problem = match TextKind::of(lines.ahead()?) {
        Some(TextKind::Fasta) => return Ok(Some(Content::Fasta)),
        Some(TextKind::Fastq) => return Ok(Some(Content::Fastq)),
        kind => kind.and_then(TextKind::for_regions),
    };
    match (problem, first) {
        (Some(problem), _) => Err(InputError::Kind { path: lines.name.clone(), problem }),
        (None, Some(_)) => Ok(Some(Content::Bed)),
        (None, None) => Ok(None),
    }
}

/// Description of a valid file, for messages.
pub const EXPECTED: &str = "BED regions, or sequences as FASTA or FASTQ";

impl Reader {
    /// Reads sequences from `lines`; `content` must be FASTA or FASTQ.
    pub fn new(lines: Lines, content: Content) -> Self {
        let name = lines.name.clone();
        let inner = match content {
            Content::Fastq => Inner::Fastq(fastq::Reader::new(lines)),
            Content::Fasta | Content::Bed => Inner::Fasta(fasta::Reader::new(lines)),
        };
        Self { name, inner, ambiguous: 0 }
    }

    /// Position in the file after the last line read, in bytes.
    pub fn position(&self) -> u64 {
        match &self.inner {
            Inner::Fasta(reader) => reader.position(),
            Inner::Fastq(reader) => reader.position(),
        }
    }

    /// Fills `record` with the next sequence, normalised. Returns false at the end.
    ///
    /// # Errors
    /// A record is malformed, or a letter is not a nucleotide; the message gives record and
    /// position.
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
