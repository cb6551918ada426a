//! Pieces of a sequence that may be longer than the model's context.

use std::ops::Range;

use thiserror::Error;

/// Treatment of a sequence that is longer than the model's context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Long {
    /// Stop with an error
    #[default]
    Error,
    /// Read only the first bases in reading direction, up to the context
    Truncate,
    /// Split into pieces that are read independently, and pool over all of them
    Chunk,
}

/// Error: a sequence is longer than the context.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "{length} bases (flanks included) exceed the model's context of {limit}; use --long chunk or --long truncate, shorter flanks, or a model with a longer context (`hyenadna models list`)"
)]
pub struct TooLong {
    /// Length of the sequence, in bases.
    pub length: usize,
    /// The model's context, in bases.
    pub limit: usize,
}

/// A stretch that is read at once, and the part of it that is pooled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Bases to read, 0-based and half-open in the whole sequence.
    pub read: Range<usize>,
    /// Bases to pool, 0-based and half-open from the start of `read`.
    pub pooled: Range<usize>,
}

/// The end of a sequence that truncation keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptEnd {
    /// The first bases on the forward strand.
    First,
    /// The last bases on the forward strand, which come first on the reverse strand.
    Last,
}

/// The stretch of a sequence of `length` bases to read, 0-based and half-open: all of it, unless
/// `long` truncates it to the first or last `limit` bases.
///
/// # Errors
/// The sequence is longer than `limit`, and `long` is [`Long::Error`].
pub fn kept(
    length: usize,
    limit: usize,
    long: Long,
    end: KeptEnd,
) -> Result<Range<usize>, TooLong> {
    match long {
        _ if length <= limit => Ok(0..length),
        Long::Chunk => Ok(0..length),
        Long::Truncate => Ok(match end {
            KeptEnd::First => 0..limit,
            KeptEnd::Last => length - limit..length,
        }),
        Long::Error => Err(TooLong { length, limit }),
    }
}

/// Splits a sequence of `length` bases into pieces of at most `limit` bases. The bases of `core`,
/// 0-based and half-open, are pooled; the rest are flanks. Pieces without a base of the core are
/// skipped, so an empty core gives none.
pub fn cut(length: usize, core: Range<usize>, limit: usize) -> Vec<Piece> {
    let reads = (0..length).step_by(limit).map(|start| start..(start + limit).min(length));
    let pieces = reads.filter_map(|read| {
        let pooled = core.start.max(read.start)..core.end.min(read.end);
        (pooled.start < pooled.end)
            .then(|| Piece { pooled: pooled.start - read.start..pooled.end - read.start, read })
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_sequences_follow_the_option() {
        assert!(kept(11, 10, Long::Error, KeptEnd::First).is_err());
        assert_eq!(kept(10, 10, Long::Error, KeptEnd::First), Ok(0..10));
        assert_eq!(kept(11, 10, Long::Truncate, KeptEnd::First), Ok(0..10));
        assert_eq!(kept(11, 10, Long::Truncate, KeptEnd::Last), Ok(1..11));
        assert_eq!(kept(11, 10, Long::Chunk, KeptEnd::Last), Ok(0..11));
        assert_eq!(
            cut(25, 12..24, 10),
            [Piece { read: 10..20, pooled: 2..10 }, Piece { read: 20..25, pooled: 0..4 }]
        );
        assert_eq!(cut(5, 3..3, 10), []);
    }

    proptest! {
        #[test]
        fn chunks_pool_every_base_of_the_core_once(
            length in 1usize..200, limit in 1usize..50, a in 0usize..200, b in 0usize..200,
        ) {
            let core = a.min(b).min(length)..a.max(b).min(length);
            let pieces = cut(length, core.clone(), limit);
            let pooled: Vec<usize> = pieces
                .iter()
                .flat_map(|p| p.pooled.clone().map(|i| i + p.read.start))
                .collect();
            prop_assert_eq!(pooled, core.collect::<Vec<_>>());
            prop_assert!(pieces.iter().all(|p| p.read.len() <= limit));
        }
    }
}
