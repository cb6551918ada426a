//! How a sequence that may be longer than the model's context is read.

use std::ops::Range;

use thiserror::Error;

/// What to do with a sequence that is longer than the model's context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Long {
    /// Stop with an error
    #[default]
    Error,
    /// Read the first bases in reading direction, as many as the context has
    Truncate,
    /// Read piece after piece, each without knowledge of the others, and pool over all of them
    Chunk,
}

/// A sequence that the model cannot read as it is.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "{length} bases (flanks included) are more than the {limit} that the model reads at once; use --long chunk or --long truncate, shorter flanks, or a model with a longer context (`hyenadna models list`)"
)]
pub struct TooLong {
    /// Bases to be read.
    pub length: usize,
    /// The context.
    pub limit: usize,
}

/// A stretch that is read in one go, and which of its bases are pooled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Bases that are read, counted in the whole sequence.
    pub read: Range<usize>,
    /// Bases that are pooled, counted from the start of `read`.
    pub pooled: Range<usize>,
}

/// The stretch of a sequence of `length` bases that is read at all: all of it, unless `long`
/// truncates it to the first (or, if `from_end`, the last) `limit` bases.
///
/// # Errors
/// The sequence is too long and `long` says that this is an error.
pub fn kept(
    length: usize,
    limit: usize,
    long: Long,
    from_end: bool,
) -> Result<Range<usize>, TooLong> {
    match long {
        _ if length <= limit => Ok(0..length),
        Long::Chunk => Ok(0..length),
        Long::Truncate if from_end => Ok(length - limit..length),
        Long::Truncate => Ok(0..limit),
        Long::Error => Err(TooLong { length, limit }),
    }
}

/// Cuts a sequence of `length` bases, of which those of `core` are pooled and the rest are flanks,
/// into pieces of at most `limit` bases. Pieces without a base of the core are left out; so there
/// is none when the core is empty.
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
        assert!(kept(11, 10, Long::Error, false).is_err());
        assert_eq!(kept(10, 10, Long::Error, false), Ok(0..10));
        assert_eq!(kept(11, 10, Long::Truncate, false), Ok(0..10));
        assert_eq!(kept(11, 10, Long::Truncate, true), Ok(1..11));
        assert_eq!(kept(11, 10, Long::Chunk, true), Ok(0..11));
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
