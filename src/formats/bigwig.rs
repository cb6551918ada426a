//! bigWig: f32 values of single bases, compressed and indexed, with summaries for zoomed-out views.
//! The layout is that of Kent and others (Bioinformatics 26, 2204, 2010, with its supplement),
//! version 4: header, contigs, values and their index, summaries and their indexes.
//!
//! Blocks are kept in temporary files, because names and lengths of contigs come before them and
//! may be known only at the end. Memory holds 24 bytes for each block of 1024 values.

mod blocks;
mod tree;
mod zoom;

use std::{
    io::{self, BufWriter, Seek, SeekFrom, Write},
    ops::Range,
    path::PathBuf,
};

use self::{
    blocks::{BlockFile, SLOT},
    zoom::{LEVELS, Levels, Summary},
};
use super::{
    output::{Output, folder::parent},
    reference::Contig,
};
use crate::genome::name;

/// Length of the longest contig that the format can describe, in bases.
pub const LONGEST: u64 = u32::MAX as u64;

const MAGIC: u32 = 0x888F_FC26;
const VERSION: u16 = 4;
const CONTIGS_MAGIC: u32 = 0x78CA_8C91;
/// Bytes of the header.
const HEADER: usize = 64;
/// Bytes of the summary of all values.
const SUMMARY: usize = 40;
/// Bytes before the tree of contigs.
const CONTIGS_HEADER: u64 = 32;
/// Bytes that describe a level of summaries.
const LEVEL: usize = 24;

/// Encoding of the positions of a block.
#[derive(Clone, Copy)]
enum BlockKind {
    /// A position for each value.
    Listed = 2,
    /// Only the first position; each further value belongs to the next base.
    Consecutive = 3,
}

/// Writes values of single bases, contig by contig and in ascending order.
pub struct Writer {
    output: Output,
    /// Contigs begun so far; the last is the current one.
    contigs: u32,
    /// 0-based positions and values of the current block.
    waiting: Vec<(u32, f32)>,
    /// One past the last base with a value on the current contig.
    end: u32,
    values: BlockFile,
    levels: Levels,
    summary: Summary,
}

impl Writer {
    /// Starts a bigWig without contigs.
    ///
    /// # Errors
    /// The output cannot be rewound, or temporary files cannot be created.
    pub fn new(output: Output) -> io::Result<Self> {
        if !output.is_seekable() {
            return Err(io::ErrorKind::NotSeekable.into());
        }
        let folder: PathBuf = parent(output.path()).into();
        Ok(Self {
            output,
            contigs: 0,
            waiting: Vec::with_capacity(SLOT),
            end: 0,
            values: BlockFile::new(&folder)?,
            levels: Levels::new(&folder)?,
            summary: Summary::EMPTY,
        })
    }

    /// Begins the next contig, whose name and length go to [`complete`](Self::complete).
    pub fn contig(&mut self) -> io::Result<()> {
        self.flush()?;
        self.contigs += 1;
        self.end = 0;
        Ok(())
    }

    /// Adds the value of a base of the current contig; positions are 0-based and ascend.
    ///
    /// # Errors
    /// Writing fails, there is no contig, or the base does not lie after the one before.
    pub fn value(&mut self, position: u64, value: f32) -> io::Result<()> {
        let position = u32::try_from(position).ok().filter(|&p| p >= self.end && p < u32::MAX);
        let (Some(position), Some(contig)) = (position, self.contigs.checked_sub(1)) else {
            return Err(invalid("the bases of a bigWig are not in order"));
        };
        if self.waiting.len() == SLOT {
            self.flush()?;
        }
        self.waiting.push((position, value));
        self.end = position + 1;
        self.summary.add(&Summary::of(value));
        self.levels.add(contig, position, value)
    }

    fn flush(&mut self) -> io::Result<()> {
        let (Some(&(start, _)), Some(&(last, _))) = (self.waiting.first(), self.waiting.last())
        else {
            return Ok(());
        };
        let (contig, end) = (self.contigs - 1, last + 1);
        let positions = if (end - start) as usize == self.waiting.len() {
            BlockKind::Consecutive
        } else {
            BlockKind::Listed
        };
        let step = u32::from(matches!(positions, BlockKind::Consecutive));
        let mut bytes = Vec::with_capacity(24 + 8 * self.waiting.len());
        bytes.extend([contig, start, end, step, 1].map(u32::to_le_bytes).as_flattened());
        bytes.extend([positions as u8, 0]);
        bytes.extend((self.waiting.len() as u16).to_le_bytes());
        for (position, value) in self.waiting.drain(..) {
            if matches!(positions, BlockKind::Listed) {
                bytes.extend(position.to_le_bytes());
            }
            bytes.extend(value.to_le_bytes());
        }
        self.values.push(contig, start..end, &bytes)
    }

    /// Writes the file and gives the output back, which has no name yet. `contigs` has those begun, in
    /// their order, then those without values; names are unique.
    ///
    /// # Errors
    /// Writing fails, or a contig is missing or longer than [`LONGEST`].
    pub fn complete(mut self, contigs: &[Contig]) -> io::Result<Output> {
        self.flush()?;
        if contigs.len() < self.contigs as usize {
            return Err(invalid("a contig of a bigWig has no name"));
        }
        let levels = self.levels.finish(self.values.size())?;
        let largest = levels.iter().map(|level| level.blocks.largest());
        let largest = largest.fold(self.values.largest(), usize::max);
        let mut out = BufWriter::with_capacity(1 << 16, self.output);
        // filled in at the end
        out.write_all(&[0; HEADER + LEVELS * LEVEL + SUMMARY])?;
        let tree = out.stream_position()?;
        write_contigs(&mut out, tree, contigs)?;
        let data = out.stream_position()?;
        out.write_all(&(self.values.len() as u64).to_le_bytes())?;
        let index = self.values.write(&mut out)?;
        let count = levels.len() as u16;
        let mut described = Vec::new();
        for level in levels {
            let data = out.stream_position()?;
            out.write_all(&level.count.to_le_bytes())?;
            let index = level.blocks.write(&mut out)?;
            described.extend([level.reduction, 0].map(u32::to_le_bytes).as_flattened());
            described.extend([data, index].map(u64::to_le_bytes).as_flattened());
        }
        out.write_all(&MAGIC.to_le_bytes())?;
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&MAGIC.to_le_bytes())?;
        out.write_all([VERSION, count].map(u16::to_le_bytes).as_flattened())?;
        out.write_all([tree, data, index].map(u64::to_le_bytes).as_flattened())?;
        out.write_all(&[0; 12])?; // fields of bigBed
        out.write_all(&((HEADER + LEVELS * LEVEL) as u64).to_le_bytes())?;
        out.write_all(&(largest as u32).to_le_bytes())?;
        out.write_all(&[0; 8])?; // no extension
        out.write_all(&described)?;
        out.seek(SeekFrom::Start((HEADER + LEVELS * LEVEL) as u64))?;
        let Summary { bases, min, max, sum, squares } = self.summary;
        let [min, max] = [min, max].map(|value| if bases == 0 { 0.0 } else { value });
        out.write_all(&bases.to_le_bytes())?;
        out.write_all([min, max, sum, squares].map(f64::to_le_bytes).as_flattened())?;
        out.into_inner().map_err(|e| e.into_error())
    }
}

/// Writes the tree of contigs, numbers and lengths by name, at offset `start`.
fn write_contigs(out: &mut impl Write, start: u64, contigs: &[Contig]) -> io::Result<()> {
    let width = contigs.iter().map(|contig| name::encode(&contig.name).len()).max().unwrap_or(1);
    let mut sorted = Vec::with_capacity(contigs.len());
    for (number, Contig { name, length }) in (0_u32..).zip(contigs) {
        let length = u32::try_from(*length)
            .map_err(|_| invalid(format!("contig {name} is too long for a bigWig")))?;
        sorted.push((name::encode(name), number, length));
    }
    sorted.sort_unstable();
    out.write_all(
        [CONTIGS_MAGIC, tree::BLOCK as u32, width as u32, 8].map(u32::to_le_bytes).as_flattened(),
    )?;
    out.write_all([sorted.len() as u64, 0].map(u64::to_le_bytes).as_flattened())?;
    let key = |range: Range<usize>| {
        let mut key = sorted[range.start].0.to_vec();
        key.resize(width, 0);
        key
    };
    let leaf = |i: usize| {
        let &(_, number, length) = &sorted[i];
        let mut leaf = key(i..i + 1);
        leaf.extend([number, length].map(u32::to_le_bytes).as_flattened());
        leaf
    };
    tree::write(out, start + CONTIGS_HEADER, sorted.len(), leaf, key)
}

fn invalid(problem: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.into())
}

#[cfg(test)]
mod tests;
