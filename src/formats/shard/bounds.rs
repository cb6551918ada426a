//! Reading up to a place.

use std::io::{self, BufRead, Read};

use super::places::Places;
use crate::formats::meter::Meter;

/// Bytes from one place to another.
pub struct Bounded {
    places: Places,
    /// Bytes of the file before the first place.
    before: u64,
    /// Bytes of the file from there to the end.
    bytes: u64,
    end: u64,
    meter: Meter,
}

impl Bounded {
    /// Bytes from where `places` is to `end`, counted by `meter`.
    pub fn new(places: Places, end: u64, meter: Meter) -> Self {
        let before = places.bytes_before(places.here());
        let bytes = places.bytes_before(end).saturating_sub(before);
        Self { places, before, bytes, end, meter }
    }
}

impl BufRead for Bounded {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.places.fill_before(self.end)
    }

    fn consume(&mut self, bytes: usize) {
        self.places.consume(bytes);
        let read = self.places.bytes_before(self.places.here()).saturating_sub(self.before);
        self.meter.reach(read.min(self.bytes)); // the block of the end may be read to its own
    }
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}
