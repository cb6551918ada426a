//! The blocks of a bgzip file, found by reading their headers.
//!
//! A stored `.gzi` is not used: an outdated one would silently give wrong bases, and reading the
//! headers costs one small read for each block.

use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

use noodles::bgzf::gzi;

/// Bytes from the start of a block to the end of its `BC` field (SAM specification, 4.1).
const HEADER: usize = 18;
/// Bytes of a block's trailer that hold the size of its content.
const SIZE: usize = 4;

/// Offsets of the blocks, and the length of the decompressed text in bytes.
///
/// # Errors
/// The file is not a complete bgzip file.
pub fn find(path: &Path) -> io::Result<(gzi::Index, u64)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let (mut compressed, mut uncompressed) = (0_u64, 0_u64);
    let mut places = Vec::new();
    let mut last = None;
    while compressed < length {
        if compressed > 0 {
            places.push((compressed, uncompressed));
        }
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, compressed).map_err(|_| truncated())?;
        if header[..4] != [0x1f, 0x8b, 8, 4] || header[12..14] != *b"BC" {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "damaged: a block does not start as bgzip writes it; `bgzip -t` checks the file",
            ));
        }
        compressed += u64::from(u16::from_le_bytes([header[16], header[17]])) + 1;
        let mut size = [0; SIZE];
        let trailer = compressed.checked_sub(SIZE as u64).ok_or_else(truncated)?;
        file.read_exact_at(&mut size, trailer).map_err(|_| truncated())?;
        let size = u32::from_le_bytes(size);
        uncompressed += u64::from(size);
        last = Some(size);
    }
    if last != Some(0) {
        return Err(truncated());
    }
    places.pop(); // the empty block at the end
    Ok((gzi::Index::from(places), uncompressed))
}

fn truncated() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the bgzip file is truncated; copy or make it again")
}
