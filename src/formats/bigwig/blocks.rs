//! Compressed blocks of a bigWig, kept in a temporary file until their offset is known.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, SeekFrom, Write},
    ops::Range,
    path::Path,
};

use flate2::{Compression, write::ZlibEncoder};

use super::tree;
use crate::formats::error::temporary;

/// Most values, or summaries, of a block.
pub const SLOT: usize = 1024;

const MAGIC: u32 = 0x2468_ACE0;
/// Bytes of an index before its tree.
const HEADER: u64 = 48;

/// Bases that a block covers, its size and its offset, both in bytes.
struct BlockSpan {
    contig: u32,
    start: u32,
    end: u32,
    size: u32,
    offset: u64,
}

/// Blocks of sorted data that do not overlap.
pub struct BlockFile {
    file: BufWriter<File>,
    blocks: Vec<BlockSpan>,
    size: u64,
    largest: usize,
}

impl BlockFile {
    /// Creates an empty file without a name in `folder`, or in the system's temporary folder if
    /// that fails.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let file =
            tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile().map_err(temporary))?;
        Ok(Self { file: BufWriter::new(file), blocks: Vec::new(), size: 0, largest: 0 })
    }

    /// Appends a block of `bytes` that covers `range` of a contig, 0-based and half-open.
    pub fn push(&mut self, contig: u32, range: Range<u32>, bytes: &[u8]) -> io::Result<()> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes)?;
        let packed = encoder.finish()?;
        self.file.write_all(&packed)?;
        self.blocks.push(BlockSpan {
            contig,
            start: range.start,
            end: range.end,
            size: packed.len() as u32,
            offset: self.size,
        });
        self.size += packed.len() as u64;
        self.largest = self.largest.max(bytes.len());
        Ok(())
    }

    /// Number of blocks.
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Compressed size of all blocks, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Uncompressed size of the largest block, in bytes.
    pub fn largest(&self) -> usize {
        self.largest
    }

    /// Writes the blocks, then their index. Returns the offset of the index, in bytes.
    pub fn write(self, out: &mut (impl Write + Seek)) -> io::Result<u64> {
        let first = out.stream_position()?;
        let mut file = self.file.into_inner().map_err(|e| e.into_error())?;
        file.seek(SeekFrom::Start(0))?;
        io::copy(&mut file, out)?;
        let index = first + self.size;
        let blocks = self.blocks;
        // blocks are sorted and do not overlap, so the first and the last bound a range
        let bounds = |range: Range<usize>| match (blocks.get(range.start), blocks[range].last()) {
            (Some(first), Some(last)) => [first.contig, first.start, last.contig, last.end],
            _ => [0; 4],
        };
        let bytes = |range| bounds(range).map(u32::to_le_bytes).as_flattened().to_vec();
        out.write_all(&MAGIC.to_le_bytes())?;
        out.write_all(&(tree::BLOCK as u32).to_le_bytes())?;
        out.write_all(&(blocks.len() as u64).to_le_bytes())?;
        out.write_all(&bytes(0..blocks.len()))?;
        out.write_all(&index.to_le_bytes())?;
        out.write_all(&(SLOT as u32).to_le_bytes())?;
        out.write_all(&[0; 4])?;
        let leaf = |i: usize| {
            let mut leaf = bytes(i..i + 1);
            leaf.extend((first + blocks[i].offset).to_le_bytes());
            leaf.extend(u64::from(blocks[i].size).to_le_bytes());
            leaf
        };
        tree::write(out, index + HEADER, blocks.len(), leaf, bytes)?;
        Ok(index)
    }
}
