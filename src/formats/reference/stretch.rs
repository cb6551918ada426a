//! Reading a range of a contig from the text of a FASTA file.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use noodles::fasta::fai;

/// Longest distance, in bytes, that is skipped by reading instead of seeking. A seek in a bgzip
/// file decompresses a block of this size, so consecutive blocks of bases cost one pass.
const NEAR: u64 = 1 << 16;

/// The text of a FASTA file and the position of reading.
pub(super) struct Stretches<T> {
    text: T,
    /// Offset of the next byte; `None` if unknown.
    at: Option<u64>,
}

impl<T: BufRead + Seek> Stretches<T> {
    pub(super) fn new(text: T) -> Self {
        Self { text, at: None }
    }

    /// Reads `length` bases of a contig from its 0-based `start`, without line ends.
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
                    "the file ends within this contig: it is truncated, or its index is outdated",
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

    /// Reads `count` bytes from `start`, or as many as there are.
    pub(super) fn bytes(&mut self, start: u64, count: u64) -> io::Result<Vec<u8>> {
        self.go_to(start)?;
        let mut bytes = Vec::new();
        self.text.by_ref().take(count).read_to_end(&mut bytes)?;
        self.at = Some(start + bytes.len() as u64);
        Ok(bytes)
    }

    /// Moves to a byte of the text. After an error the position is unknown.
    fn go_to(&mut self, place: u64) -> io::Result<()> {
        let ahead = self.at.take().and_then(|at| place.checked_sub(at));
        let Some(mut ahead) = ahead.filter(|ahead| *ahead <= NEAR) else {
            return self.text.seek(SeekFrom::Start(place)).map(drop);
        };
        while ahead > 0 {
            let passed = (self.text.fill_buf()?.len() as u64).min(ahead);
            if passed == 0 {
                break; // the end of the file: the next read reports it
            }
            self.text.consume(passed as usize);
            ahead -= passed;
        }
        Ok(())
    }
}
