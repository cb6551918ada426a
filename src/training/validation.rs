//! The loss on windows that cover intervals.

use thiserror::Error;

use super::{
    data::{DataError, Genome, Interval, Tiles, windows},
    evaluation::{Evaluation, Evaluator},
};
use crate::region::Strand;

/// What stops an evaluation.
#[derive(Debug, Error)]
pub enum ValidationError {
    /// The windows cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// libtorch failed.
    #[error("windows of {length} bases cannot be evaluated: {source}")]
    Torch { length: u64, source: tch::TchError },
}

/// Windows that do not overlap.
#[derive(Debug, Clone, Copy)]
pub struct Windows<'a> {
    /// What they cover.
    pub intervals: &'a [Interval],
    /// Bases of each.
    pub length: u64,
    /// Most of them, spread evenly.
    pub most: Option<u64>,
}

/// Tokens of a batch, and batches that are handed over at once.
const BATCH_TOKENS: u64 = 4096;
const BATCHES: usize = 16;

/// The loss of a network on windows; the first base of each is not predicted. `None` where `stop`
/// says so in between.
///
/// # Errors
/// The genome cannot be read, or libtorch fails.
pub fn evaluate(
    mut evaluator: Evaluator<'_>,
    genomes: &mut [Genome],
    over: &Windows<'_>,
    stop: impl Fn() -> bool,
) -> Result<Option<Evaluation>, ValidationError> {
    let mut sums = Evaluation::default();
    let tiles: Vec<Interval> = Tiles::new(over.intervals, over.length, over.most).collect();
    // intervals shorter than a window make windows of lengths of their own
    for same in tiles.chunk_by(|a, b| a.len() == b.len()) {
        let length = same[0].len();
        let rows = (BATCH_TOKENS / length.max(1)).max(1) as usize;
        for tiles in same.chunks(rows * BATCHES) {
            if stop() {
                return Ok(None);
            }
            let mut batches = Vec::new();
            for tiles in tiles.chunks(rows) {
                let mut tokens = Vec::with_capacity(tiles.len() * length as usize);
                for tile in tiles {
                    windows::append(genomes, tile, length, Strand::Forward, &mut tokens)?;
                }
                batches.push(tokens);
            }
            evaluator
                .add(&batches, length as usize, &mut sums)
                .map_err(|source| ValidationError::Torch { length, source })?;
        }
    }
    Ok(Some(sums))
}
