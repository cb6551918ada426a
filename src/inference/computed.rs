//! Results of a forward pass: hidden states and predictions of each computed position, and its errors.

use std::ops::Range;

use tch::TchError;
use thiserror::Error;

use super::memory::Bytes;
use crate::model::network::leaves::Precision;

/// Computing failed.
#[derive(Debug, Error)]
pub enum EngineError {
    /// libtorch reports an error; most often there was not enough memory.
    #[error(
        "computing {sequences} sequences of {bases} bases in all failed: {source}; if memory ran out, use a smaller --batch-tokens or shorter sequences"
    )]
    Torch {
        /// Number of sequences.
        sequences: usize,
        /// Number of bases in all of them.
        bases: usize,
        /// Cause.
        source: TchError,
    },
    /// A result is NaN or infinite.
    #[error(
        "the model gave a value that is not finite for a sequence of {length} bases; the weights are damaged, or the device computes wrongly (compare --device cpu)"
    )]
    NotFinite {
        /// Length of the sequence, in bases.
        length: usize,
    },
    /// A sequence is longer than the model reads.
    #[error("a sequence of {length} bases is longer than the model's context of {limit}")]
    TooLong {
        /// Length of the sequence, in bases.
        length: usize,
        /// Context of the model, in bases.
        limit: usize,
    },
    /// There is not enough memory.
    #[error(
        "{rows} bases at once need about {} of memory, and {} are free; about {fits} would fit: use shorter sequences or a smaller --context, a smaller --cache-bytes (now {}), or a machine with more memory",
        Bytes(*.needed), Bytes(*.free), Bytes(*.cache)
    )]
    TooLarge {
        /// Number of rows computed at once, in bases.
        rows: usize,
        /// Memory needed, in bytes.
        needed: usize,
        /// Free memory, in bytes.
        free: usize,
        /// Number of rows that would fit.
        fits: usize,
        /// Size of the cache of spectra, in bytes.
        cache: usize,
    },
}

/// How much is computed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most tokens that are computed at once on a thread, or on a GPU; one sequence may be longer.
    pub batch_tokens: usize,
    /// Threads in all.
    pub threads: usize,
    /// Most bytes of filters' spectra that are kept between calls.
    pub cache_bytes: usize,
    /// Type of the matrix products.
    pub precision: Precision,
}

/// Where a member of a family lies among the computed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Row of its first computed position.
    pub row: usize,
    /// That position, 0-based.
    pub from: usize,
    /// Computed positions.
    pub rows: usize,
}

/// What the model makes of a family. Members are numbered: 0 is the sequence, and its branches
/// follow.
#[derive(Debug, Clone, Copy)]
pub struct Computed<'a> {
    /// Hidden states (rows, width).
    pub hidden: &'a [f32],
    /// log P of each token behind each row (rows, letters), in nats; empty unless asked for.
    pub predictions: &'a [f32],
    /// Width of the hidden states.
    pub width: usize,
    /// Size of the vocabulary.
    pub letters: usize,
    /// The members.
    pub members: &'a [Member],
}

impl<'a> Computed<'a> {
    /// Hidden states at some positions of a member, which were computed for it.
    pub fn hidden(&self, member: usize, positions: Range<usize>) -> &'a [f32] {
        rows(self.hidden, self.width, self.members[member], positions)
    }

    /// log P of each token at position + 1, given the bases up to it.
    pub fn predictions(&self, member: usize, positions: Range<usize>) -> &'a [f32] {
        rows(self.predictions, self.letters, self.members[member], positions)
    }
}

fn rows(values: &[f32], width: usize, member: Member, positions: Range<usize>) -> &[f32] {
    let row = |position: usize| member.row + position - member.from;
    &values[row(positions.start) * width..row(positions.end) * width]
}
