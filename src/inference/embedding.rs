//! Sequences whose hidden states are pooled.

use std::ops::Range;

use crate::{
    model::pool::Stretch,
    windows::pieces::{self, Piece},
};

/// A sequence to embed, and the bases to pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingJob {
    /// Normalised bases.
    pub bases: Vec<u8>,
    /// Bases to pool, 0-based and half-open; not empty.
    pub pooled: Range<usize>,
    /// Place of these among all pooled bases of which the sequence is a piece.
    pub stretch: Stretch,
}

impl EmbeddingJob {
    /// A whole sequence, of which the bases in `pooled` are pooled.
    pub fn whole(bases: Vec<u8>, pooled: Range<usize>) -> Self {
        let stretch = Stretch { before: 0, whole: pooled.len() };
        Self { bases, pooled, stretch }
    }

    /// The pieces of at most `context` bases of a sequence, of which the bases in `core` are pooled
    /// together.
    pub fn pieces(bases: &[u8], core: Range<usize>, context: usize) -> Vec<Self> {
        let job = |Piece { read, pooled }: Piece| {
            let before = read.start + pooled.start - core.start;
            let stretch = Stretch { before, whole: core.len() };
            Self { bases: bases[read].to_vec(), pooled, stretch }
        };
        pieces::cut(bases.len(), core.clone(), context).into_iter().map(job).collect()
    }
}
