//! Reading a stretch of a contig out of the text of a FASTA file.

use std::io::{self, SeekFrom};

use noodles::fasta::fai;

use crate::formats::reference::index::Text;

/// How far ahead, in bytes, is reached by reading on. Entering a bgzip file anew unpacks a block,
/// which holds this much; so blocks of bases that follow each other cost one pass.
const NEAR: u64 = 1 << 16;

/// The text of a FASTA file and where reading stands.
pub(super) struct Stretches {
    text: Box<dyn Text>,
    /// Place of the next byte; none if unknown.
    at: Option<u64>,
}

impl Stretches {
    pub(super) fn new(text: Box<dyn Text>) -> Self {
        Self { text, at: None }
    }

    /// Reads `length` bases of a contig from its 0-based `start`, passing over line ends.
    pub(super) fn read(
        &mut self,
        record: &fai::Record,
        start: u64,
        length: usize,
    ) -> io::Result<Vec<u8>> {
        let (bases, width) = (record.line_base_count().get(), record.line_width().get());
        let mut at = record.position() + start / bases * width + start % bases;
        self.go_to(at)?;
        let mut found = Vec::with_capacity(length);
        while found.len() < length {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the file ends within this contig: it is truncated, or its index is old",
                ));
            }
            let mut used = 0;
            for &byte in buffer {
                if found.len() == length {
                    break;
                }
                used += 1;
                if !matches!(byte, b'\n' | b'\r') {
                    found.push(byte);
                }
            }
            self.text.consume(used);
            at += used as u64;
        }
        self.at = Some(at);
        Ok(found)
    }

    /// Goes to a byte of the text. After an error the place is unknown.
    fn go_to(&mut self, place: u64) -> io::Result<()> {
        let ahead = self.at.take().and_then(|at| place.checked_sub(at));
        let Some(mut ahead) = ahead.filter(|ahead| *ahead <= NEAR) else {
            return self.text.seek(SeekFrom::Start(place)).map(drop);
        };
        while ahead > 0 {
            let passed = (self.text.fill_buf()?.len() as u64).min(ahead);
            if passed == 0 {
                break; // the end of the file: what reads next says so
            }
            self.text.consume(passed as usize);
            ahead -= passed;
        }
        Ok(())
    }
}
