//! Summaries of stretches, each level of them four times as coarse as the one before.

use std::{io, path::Path};

use super::blocks::{BlockFile, SLOT};

/// How many levels there can be.
pub const LEVELS: usize = 10;
/// Bases of a stretch of the first level.
const FINEST: u32 = 40;

/// What is told of some bases at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Bases with a value.
    pub bases: u64,
    /// Smallest value; infinite without any.
    pub min: f64,
    /// Largest value; infinite without any.
    pub max: f64,
    /// Sum of the values.
    pub sum: f64,
    /// Sum of their squares.
    pub squares: f64,
}

impl Summary {
    /// That of no base.
    pub const EMPTY: Self =
        Self { bases: 0, min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0, squares: 0.0 };

    /// That of one base.
    pub fn of(value: f32) -> Self {
        let value = f64::from(value);
        Self { bases: 1, min: value, max: value, sum: value, squares: value * value }
    }

    /// Adds other bases.
    pub fn add(&mut self, other: &Self) {
        self.bases += other.bases;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.squares += other.squares;
    }
}

/// A stretch of a contig and its summary.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// Number of the contig.
    pub contig: u32,
    /// First base, 0-based.
    pub start: u32,
    /// One past the last base.
    pub end: u32,
    /// Of the bases in it.
    pub summary: Summary,
}

impl Stretch {
    fn bytes(&self) -> [[u8; 4]; 8] {
        let Summary { bases, min, max, sum, squares } = self.summary;
        let [a, b, c, d] = [self.contig, self.start, self.end, bases as u32].map(u32::to_le_bytes);
        let [e, f, g, h] = [min, max, sum, squares].map(|value| (value as f32).to_le_bytes());
        [a, b, c, d, e, f, g, h]
    }
}

/// One level.
pub struct Level {
    /// Bases that a stretch spans at most.
    pub reduction: u32,
    /// Its stretches.
    pub blocks: BlockFile,
    /// How many stretches there are.
    pub count: u32,
    open: Option<Stretch>,
    waiting: Vec<Stretch>,
}

impl Level {
    fn new(reduction: u32, folder: &Path) -> io::Result<Self> {
        let blocks = BlockFile::new(folder)?;
        Ok(Self { reduction, blocks, count: 0, open: None, waiting: Vec::new() })
    }

    /// Adds what lies behind all that was added. Returns a stretch that this completes.
    fn add(&mut self, next: &Stretch) -> io::Result<Option<Stretch>> {
        if let Some(open) = &mut self.open
            && open.contig == next.contig
            && next.end - open.start <= self.reduction
        {
            open.end = next.end;
            open.summary.add(&next.summary);
            return Ok(None);
        }
        let closed = self.close()?;
        self.open = Some(*next);
        Ok(closed)
    }

    fn close(&mut self) -> io::Result<Option<Stretch>> {
        let Some(closed) = self.open.take() else { return Ok(None) };
        let another = self.waiting.first().is_some_and(|first| first.contig != closed.contig);
        if another || self.waiting.len() == SLOT {
            self.flush()?;
        }
        self.waiting.push(closed);
        self.count += 1;
        Ok(Some(closed))
    }

    fn flush(&mut self) -> io::Result<()> {
        if let (Some(first), Some(last)) = (self.waiting.first(), self.waiting.last()) {
            let bytes: Vec<u8> = self.waiting.iter().flat_map(Stretch::bytes).flatten().collect();
            self.blocks.push(first.contig, first.start..last.end, &bytes)?;
            self.waiting.clear();
        }
        Ok(())
    }
}

/// All levels, filled at the same time.
pub struct Levels(Vec<Level>);

impl Levels {
    /// Levels without stretches, whose files lie in `folder`.
    ///
    /// # Errors
    /// No temporary file can be made.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let level = |i| Level::new(FINEST << (2 * i), folder);
        Ok(Self((0..LEVELS).map(level).collect::<io::Result<_>>()?))
    }

    /// Adds a base that lies behind all that were added.
    ///
    /// # Errors
    /// Writing fails.
    pub fn add(&mut self, contig: u32, position: u32, value: f32) -> io::Result<()> {
        let summary = Summary::of(value);
        let base = Stretch { contig, start: position, end: position + 1, summary };
        Self::carry(&mut self.0, Some(base))
    }

    /// Gives what one level has completed to the next.
    fn carry(levels: &mut [Level], mut completed: Option<Stretch>) -> io::Result<()> {
        for level in levels {
            let Some(stretch) = completed else { break };
            completed = level.add(&stretch)?;
        }
        Ok(())
    }

    /// The levels that are worth their space: each less than half as large as what comes before
    /// it, of which the first, the values, has `size` bytes.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(mut self, mut size: u64) -> io::Result<Vec<Level>> {
        for i in 0..self.0.len() {
            let (level, coarser) = self.0[i..].split_at_mut(1);
            let last = level[0].close()?;
            level[0].flush()?;
            Self::carry(coarser, last)?;
        }
        let mut worth = |level: &Level| {
            let worth = level.count > 0 && level.blocks.size() < size / 2;
            size = if worth { level.blocks.size() } else { size };
            worth
        };
        Ok(self.0.into_iter().filter(|level| worth(level)).collect())
    }
}
