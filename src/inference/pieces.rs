//! How a sequence that may be longer than the model's context is read.

use std::ops::Range;

use thiserror::Error;

/// What to do with a sequence that is longer than the model's context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Long {
    /// Stop with an error
    #[default]
    Error,
    /// Read the first bases, as many as the context has
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

/// Cuts a sequence of `length` bases, of which those of `core` are pooled and the rest are flanks,
/// into pieces of at most `limit` bases. Pieces without a base of the core are left out; so there
/// is none when the core is empty.
///
/// # Errors
/// The sequence is too long and `long` says that this is an error, or truncation leaves nothing
/// of the core.
pub fn cut(
    length: usize,
    core: Range<usize>,
    limit: usize,
    long: Long,
) -> Result<Vec<Piece>, TooLong> {
    let too_long = TooLong { length, limit };
    let end = match long {
        _ if length <= limit => length,
        Long::Error => return Err(too_long),
        Long::Truncate if core.start >= limit => return Err(too_long),
        Long::Truncate => limit,
        Long::Chunk => length,
    };
    let reads = (0..end).step_by(limit).map(|start| start..(start + limit).min(end));
    let pieces = reads.filter_map(|read| {
        let pooled = core.start.max(read.start)..core.end.min(read.end);
        (pooled.start < pooled.end)
            .then(|| Piece { pooled: pooled.start - read.start..pooled.end - read.start, read })
    });
    Ok(pieces.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_sequences_follow_the_option() {
        assert!(cut(11, 0..11, 10, Long::Error).is_err());
        assert_eq!(
            cut(11, 2..11, 10, Long::Truncate).unwrap(),
            [Piece { read: 0..10, pooled: 2..10 }]
        );
        assert!(cut(30, 12..20, 10, Long::Truncate).is_err());
        assert_eq!(
            cut(25, 12..24, 10, Long::Chunk).unwrap(),
            [Piece { read: 10..20, pooled: 2..10 }, Piece { read: 20..25, pooled: 0..4 }]
        );
        assert_eq!(cut(5, 3..3, 10, Long::Error).unwrap(), []);
    }

    proptest! {
        #[test]
        fn chunks_pool_every_base_of_the_core_once(
            length in 1usize..200, limit in 1usize..50, a in 0usize..200, b in 0usize..200,
        ) {
            let core = a.min(b).min(length)..a.max(b).min(length);
            let pieces = cut(length, core.clone(), limit, Long::Chunk).unwrap();
            let pooled: Vec<usize> = pieces
                .iter()
                .flat_map(|p| p.pooled.clone().map(|i| i + p.read.start))
                .collect();
            prop_assert_eq!(pooled, core.collect::<Vec<_>>());
            prop_assert!(pieces.iter().all(|p| p.read.len() <= limit));
        }
    }
}
