//! Results of a forward pass: hidden states and predictions of each computed position, and its
//! errors.

use std::ops::Range;

use tch::TchError;
use thiserror::Error;

use super::memory::{Advice, Bytes, TooLarge};
use crate::model::network::leaves::Precision;

/// Errors of computing families.
#[derive(Debug, Error)]
pub enum EngineError {
    /// libtorch reports an error, most often that memory ran out.
    #[error(
        "computing {sequences} sequences ({bases} bases in total) failed: {source}; if memory ran out, use a smaller --batch-tokens or shorter sequences"
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
        "the model gave a NaN or infinite value for a sequence of {length} bases; the weights are damaged, or the device computes wrongly (compare --device cpu)"
    )]
    NotFinite {
        /// Length of the sequence, in bases.
        length: usize,
    },
    /// A sequence is longer than the model's context.
    #[error("a sequence of {length} bases is longer than the model's context of {limit}")]
    TooLong {
        /// Length of the sequence, in bases.
        length: usize,
        /// Context of the model, in bases.
        limit: usize,
    },
    /// The free memory is not enough.
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

/// Limits of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most tokens computed at once on a thread, or on a GPU; a single sequence may be longer.
    pub batch_tokens: usize,
    /// Number of threads.
    pub threads: usize,
    /// Most bytes of spectra of filters that are kept between calls.
    pub cache_bytes: usize,
    /// Type of the matrix products.
    pub precision: Precision,
}

/// Rows of a member of a family among the computed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Row of the first computed position.
    pub row: usize,
    /// First computed position, 0-based in the sequence.
    pub from: usize,
    /// Number of computed positions.
    pub rows: usize,
}

/// Results of a family. Member 0 is its sequence; its branches follow.
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
    /// Hidden states (positions, width) at computed positions of a member, 0-based and half-open.
    pub fn hidden(&self, member: usize, positions: Range<usize>) -> &'a [f32] {
        rows(self.hidden, self.width, self.members[member], positions)
    }

    /// log P (positions, vocabulary), in nats, of each token at position + 1, given the bases up to
    /// the position. Positions are 0-based and half-open.
    pub fn predictions(&self, member: usize, positions: Range<usize>) -> &'a [f32] {
        rows(self.predictions, self.vocabulary, self.members[member], positions)
    }
}

fn rows(values: &[f32], width: usize, member: Member, positions: Range<usize>) -> &[f32] {
    let row = |position: usize| member.row + position - member.from;
    &values[row(positions.start) * width..row(positions.end) * width]
}
