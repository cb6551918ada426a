//! Regions and strands, as in BED.

use std::fmt;

/// A stretch of a contig, 0-based and half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Name of the contig, as in the input.
    pub contig: String,
    /// First base, 0-based.
    pub start: u64,
    /// One past the last base.
    pub end: u64,
}

impl Region {
    /// Length in bases.
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// True if the region has no bases.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The region extended by `flank` bases on either side, clamped to the contig.
    pub fn widened(&self, flank: u64, contig_length: u64) -> Self {
        Self {
            contig: self.contig.clone(),
            start: self.start.saturating_sub(flank),
            end: self.end.saturating_add(flank).min(contig_length),
        }
    }
}

impl fmt::Display for Region {
    /// Writes `contig:start-end`, 1-based and closed, as samtools does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}-{}", self.contig, self.start + 1, self.end)
    }
}

/// Strand of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strand {
    /// The strand of the reference.
    Forward,
    /// Its reverse complement.
    Reverse,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widening_stops_at_the_ends_of_the_contig() {
        let region = Region { contig: "chr1".into(), start: 5, end: 10 };
        let wide = region.widened(100, 20);
        assert_eq!((wide.start, wide.end), (0, 20));
        assert_eq!(region.to_string(), "chr1:6-10");
        assert_eq!((region.len(), region.is_empty()), (5, false));
    }
}
