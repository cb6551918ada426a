//! Position in an input: bytes that were taken from it, not those that were read ahead.

use std::{
    io::{self, BufRead, BufReader, Read},
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Position in an input of known or unknown size, shared by its readers.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    bytes: Arc<Bytes>,
    /// Size of the file in bytes; `None` for a stream.
    pub total: Option<u64>,
}

#[derive(Debug, Default)]
struct Bytes {
    /// Position in the file, before decompression.
    position: AtomicU64,
    /// Bytes handed to a library that reads ahead, and those of the records that it returned.
    handed: AtomicU64,
    returned: AtomicU64,
}

impl Meter {
    /// The start of an input of `total` bytes.
    pub fn of(total: Option<u64>) -> Self {
        Self { total, ..Self::default() }
    }

    /// Bytes of the file that belong to what was taken so far. Compressed bytes are estimated within
    /// a buffer.
    pub fn position(&self) -> u64 {
        let Bytes { position, handed, returned } = &*self.bytes;
        let position = position.load(Relaxed);
        match (handed.load(Relaxed), returned.load(Relaxed)) {
            (0, _) => position,
            (handed, returned) => share(position, returned.min(handed), handed),
        }
    }

    /// Sets the position.
    pub fn reach(&self, position: u64) {
        self.bytes.position.store(position, Relaxed);
    }

    /// Counts bytes that were handed to a library.
    pub fn hand(&self, bytes: u64) {
        self.bytes.handed.fetch_add(bytes, Relaxed);
    }

    /// Counts bytes of a record that the library returned.
    pub fn take_back(&self, bytes: u64) {
        self.bytes.returned.fetch_add(bytes, Relaxed);
    }
}

/// Position after `done` of the `of` parts of a record that takes these bytes of an input.
pub fn within(record: &Range<u64>, done: u64, of: u64) -> u64 {
    record.start + share(record.end.saturating_sub(record.start), done, of)
}

fn share(whole: u64, done: u64, of: u64) -> u64 {
    (u128::from(whole) * u128::from(done) / u128::from(of.max(1))) as u64
}

/// Counts the bytes that are taken from a buffer.
pub struct Consumed<R> {
    inner: R,
    meter: Meter,
}

impl<R> Consumed<R> {
    /// Counts with `meter`.
    pub fn new(inner: R, meter: Meter) -> Self {
        Self { inner, meter }
    }

    /// The buffered reader.
    pub fn inner(&self) -> &R {
        &self.inner
    }
}

impl<R: BufRead> BufRead for Consumed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
        self.meter.bytes.position.fetch_add(n as u64, Relaxed);
    }
}

impl<R: BufRead> Read for Consumed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        copy(self, buffer)
    }
}

/// Translates what is taken from a buffer of decompressed bytes into a position in the file.
pub struct Decompressed<R> {
    inner: BufReader<R>,
    /// Position of the decompressor.
    compressed: Meter,
    meter: Meter,
    /// Bytes of the file that the buffer was decompressed from.
    span: Range<u64>,
    /// Bytes in the buffer, and those that were taken.
    length: u64,
    taken: u64,
}

impl<R: Read> Decompressed<R> {
    /// `compressed` is the position of the decompressor that `inner` reads from.
    pub fn new(inner: BufReader<R>, compressed: Meter, meter: Meter) -> Self {
        Self { inner, compressed, meter, span: 0..0, length: 0, taken: 0 }
    }
}

impl<R: Read> BufRead for Decompressed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.inner.buffer().is_empty() {
            self.length = self.inner.fill_buf()?.len() as u64;
            self.taken = 0;
            self.span = self.span.end..self.compressed.position();
            if self.length == 0 {
                self.meter.bytes.position.store(self.span.end, Relaxed);
            }
        }
        Ok(self.inner.buffer())
    }

    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
        if n == 0 {
            return; // at the end, whose buffer is empty
        }
        self.taken += n as u64;
        self.meter.bytes.position.store(within(&self.span, self.taken, self.length), Relaxed);
    }
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        copy(self, buffer)
    }
}

fn copy(from: &mut impl BufRead, buffer: &mut [u8]) -> io::Result<usize> {
    let mut available = from.fill_buf()?;
    let n = available.read(buffer)?;
    from.consume(n);
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_record_have_positions() {
        assert_eq!([0, 1, 3, 4].map(|done| within(&(100..140), done, 4)), [100, 110, 130, 140]);
        assert_eq!(within(&(5..9), 0, 0), 5);
        assert_eq!(within(&(0..u64::MAX), u64::MAX, u64::MAX), u64::MAX);
    }

    #[test]
    fn what_a_library_holds_back_is_not_counted() {
        let meter = Meter::default();
        meter.bytes.position.store(1000, Relaxed);
        assert_eq!(meter.position(), 1000);
        meter.hand(4000);
        meter.take_back(1000);
        assert_eq!(meter.position(), 250);
        meter.take_back(9000);
        assert_eq!(meter.position(), 1000);
    }
}
