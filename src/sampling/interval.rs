//! Stretches of genomes, and what they are for.

use std::ops::Range;

use clap::ValueEnum;

/// A stretch of a contig of one of several genomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Number of the genome, in the order in which they were given.
    pub genome: usize,
    /// Number of the contig within its genome.
    pub contig: usize,
    /// Bases, 0-based and half-open.
    pub range: Range<u64>,
}

impl Interval {
    /// Length in bases.
    pub fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// True if it has no bases.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }
}

/// Use of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Split {
    /// Training intervals
    Train,
    /// Validation intervals, measured during training
    Valid,
    /// Test intervals, held out to the end
    Test,
}

impl Split {
    /// All splits, in the order of use.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// Its name in the fourth column of a BED file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }

    /// Reads the fourth column of a BED file, in upper or lower case.
    pub fn parse(text: &[u8]) -> Option<Self> {
        match text.to_ascii_lowercase().as_slice() {
            b"train" => Some(Self::Train),
            b"valid" | b"val" | b"validation" => Some(Self::Valid),
            b"test" => Some(Self::Test),
            _ => None,
        }
    }
}
