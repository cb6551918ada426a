//! Results of a forward pass: hidden states and predictions of each computed position, and its errors.

use std::ops::Range;

use tch::TchError;
use thiserror::Error;

use super::memory::{Advice, Bytes, TooLarge};
use crate::model::network::leaves::Precision;

/// Computing failed.
#[derive(Debug, Error)]
pub enum EngineError {
    /// libtorch reports an error; most often there was not enough memory.
    #[error(
        "computing {sequences} sequences of {bases} bases in all failed: {source}; if memory ran out, use a smaller --batch-tokens or shorter sequences"
    )]
    Torch { sequences: usize, bases: usize, source: TchError },
    /// A result is NaN or infinite.
    #[error(
        "the model gave a value that is not finite for a sequence of {length} bases; the weights are damaged, or the device computes wrongly (compare --device cpu)"
    )]
    NotFinite { length: usize },
    /// A sequence is longer than the model reads.
    #[error("a sequence of {length} bases is longer than the model's context of {limit}")]
    TooLong { length: usize, limit: usize },
    /// There is not enough memory.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

impl EngineError {
    /// The refusal of `rows` bases at once, of which about `fits` would fit, by an engine that may
    /// keep `cache` bytes of spectra.
    pub fn too_large(rows: usize, [needed, free]: [Bytes; 2], fits: usize, cache: Bytes) -> Self {
        let remedy = format!(
            "use shorter sequences or a smaller --context, a smaller --cache-bytes (now {cache}), or a machine with more memory"
        );
        let advice = Advice { fits: Some(format!("about {fits} bases")), remedy };
        Self::TooLarge(TooLarge {
            work: format!("a pass over {rows} bases at once"),
            needed,
            free,
            advice,
        })
    }
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
    /// log P of each token after each row (rows, vocabulary), in nats; empty unless requested.
    pub predictions: &'a [f32],
    /// Width of the hidden states.
    pub width: usize,
    /// Size of the vocabulary.
    pub vocabulary: usize,
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
        rows(self.predictions, self.vocabulary, self.members[member], positions)
    }
}

fn rows(values: &[f32], width: usize, member: Member, positions: Range<usize>) -> &[f32] {
    let row = |position: usize| member.row + position - member.from;
    &values[row(positions.start) * width..row(positions.end) * width]
}
