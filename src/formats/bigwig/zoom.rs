//! Zoom levels: summaries of stretches, each level four times as coarse as the one before.

use std::{io, path::Path};

use super::blocks::{BlockFile, SLOT};

/// Most levels of a file.
pub const LEVELS: usize = 10;
/// Length of a stretch of the first level, in bases.
const FINEST: u32 = 40;

/// A summary of the values of some bases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Bases with a value.
    pub bases: u64,
    /// Smallest value; infinite if there is none.
    pub min: f64,
    /// Largest value; negative infinity if there is none.
    pub max: f64,
    /// Sum of the values.
    pub sum: f64,
    /// Sum of the squared values.
    pub squares: f64,
}

impl Summary {
    /// Summary of no base.
    pub const EMPTY: Self =
        Self { bases: 0, min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0, squares: 0.0 };

    /// Summary of one base.
    pub fn of(value: f32) -> Self {
        let value = f64::from(value);
        Self { bases: 1, min: value, max: value, sum: value, squares: value * value }
    }

    /// Adds the bases of another summary.
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
    /// Number of the contig, 0-based.
    pub contig: u32,
    /// First base, 0-based.
    pub start: u32,
    /// One past the last base.
    pub end: u32,
    /// Summary of its bases.
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

/// A zoom level.
pub struct Level {
    /// Longest span of a stretch, in bases.
    pub reduction: u32,
    /// Blocks of stretches.
    pub blocks: BlockFile,
    /// Number of stretches.
    pub count: u32,
    open: Option<Stretch>,
    waiting: Vec<Stretch>,
}

impl Level {
    fn new(reduction: u32, folder: &Path) -> io::Result<Self> {
        let blocks = BlockFile::new(folder)?;
        Ok(Self { reduction, blocks, count: 0, open: None, waiting: Vec::new() })
    }

    /// Adds a stretch that lies after all added before. Returns the stretch that this completes.
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
    /// Creates empty levels, with temporary files in `folder`.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let level = |i| Level::new(FINEST << (2 * i), folder);
        Ok(Self((0..LEVELS).map(level).collect::<io::Result<_>>()?))
    }

    /// Adds a base that lies after all added before.
    pub fn add(&mut self, contig: u32, position: u32, value: f32) -> io::Result<()> {
        let summary = Summary::of(value);
        let base = Stretch { contig, start: position, end: position + 1, summary };
        Self::carry(&mut self.0, Some(base))
    }

    /// Passes a stretch that one level completed to the next.
    fn carry(levels: &mut [Level], mut completed: Option<Stretch>) -> io::Result<()> {
        for level in levels {
            let Some(stretch) = completed else { break };
            completed = level.add(&stretch)?;
        }
        Ok(())
    }

    /// Returns the levels worth their space: each less than half as large as the level before it,
    /// or as the values, which have `size` bytes.
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
