//! The bytes of a pickle, taken from the front; no length is believed beyond their end.

use super::error::PickleError;

/// The rest of a pickle.
pub struct PickleBytes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> PickleBytes<'a> {
    /// All of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Number of bytes taken so far.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Takes `count` bytes.
    pub fn take(&mut self, count: u64) -> Result<&'a [u8], PickleError> {
        let left = &self.bytes[self.at..];
        let taken = usize::try_from(count)
            .ok()
            .and_then(|count| left.get(..count))
            .ok_or(PickleError::Truncated { at: self.at, wanted: count, left: left.len() })?;
        self.at += taken.len();
        Ok(taken)
    }

    /// Takes a fixed number of bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let bytes = self.take(N as u64)?;
        Ok(bytes.try_into().expect("take returns N bytes"))
    }

    /// Takes one byte.
    pub fn byte(&mut self) -> Result<u8, PickleError> {
        self.array().map(|[byte]| byte)
    }

    /// Takes a line; its newline goes too but is not returned.
    pub fn line(&mut self) -> Result<&'a [u8], PickleError> {
        let left = &self.bytes[self.at..];
        // Without a newline the line wants one byte more than there are.
        let end = left.iter().position(|&byte| byte == b'\n');
        let line = self.take(end.unwrap_or(left.len()) as u64)?;
        self.byte()?;
        Ok(line)
    }

    /// Takes a line of UTF-8.
    pub fn text_line(&mut self) -> Result<&'a str, PickleError> {
        let line = self.line()?;
        str::from_utf8(line).map_err(|_| self.malformed("a name is not UTF-8"))
    }

    /// Fails unless `count` bytes are left.
    pub fn require(&self, count: u64) -> Result<(), PickleError> {
        let rest = &self.bytes[self.at..];
        PickleBytes::new(rest).take(count).map(drop).map_err(|_| {
            let (at, left) = (self.at, rest.len());
            PickleError::Truncated { at, wanted: count, left }
        })
    }

    /// An error at this place.
    pub fn malformed(&self, what: &'static str) -> PickleError {
        PickleError::Malformed { at: self.at, what }
    }
}
