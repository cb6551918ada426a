//! Division of genomes into intervals to train on, for validation and for the test.

mod bed;
mod blocks;
mod contigs;
mod overlap;
mod parts;

use std::path::PathBuf;

use super::{error::DataError, genome::Genome};

pub use parts::{Shares, Splits, find};

/// Way to divide genomes.
#[derive(Debug, Clone, PartialEq)]
pub enum SplitBy {
    /// By BED files whose fourth column is train, valid or test. What they do not name is not used.
    Bed {
        /// The files.
        paths: Vec<PathBuf>,
        /// True if each train interval is a sample of its own; if not, those that overlap are joined.
        in_turn: bool,
    },
    /// By contigs that are kept apart, under any name that means them, in every genome that has
    /// them; the others are trained on.
    Contigs {
        /// Names of the contigs for validation.
        valid: Vec<String>,
        /// Names of the contigs for the test.
        test: Vec<String>,
    },
    /// By chance: blocks of 100 kb are kept for validation.
    Fraction {
        /// Share of the blocks, between 0 and 1.
        valid: f64,
        /// Another seed keeps other blocks.
        seed: u64,
    },
    /// By contigs, and by chance what they leave: blocks of 100 kb.
    Held {
        /// Names of the contigs for validation.
        valid: Vec<String>,
        /// Names of the contigs for the test.
        test: Vec<String>,
        /// Shares of the blocks of the other contigs.
        shares: Shares,
        /// Another seed keeps other blocks.
        seed: u64,
    },
    /// Everything is trained on.
    Nothing,
}

impl Splits {
    /// Divides genomes.
    ///
    /// # Errors
    /// A BED file that cannot be read or does not fit the genomes, a contig that is in none of
    /// them, a fraction that is out of range or leaves one side without a block.
    pub fn new(genomes: &mut [Genome], by: &SplitBy) -> Result<Self, DataError> {
        match by {
            SplitBy::Bed { paths, in_turn } => bed::read(genomes, paths, *in_turn),
            SplitBy::Contigs { valid, test } => contigs::divide(genomes, valid, test),
            SplitBy::Fraction { valid, seed } => {
                let shares = Shares { valid: Some(*valid), test: None };
                held(genomes, (&[], &[]), shares, *seed)
            }
            SplitBy::Held { valid, test, shares, seed } => {
                held(genomes, (valid, test), *shares, *seed)
            }
            SplitBy::Nothing => contigs::divide(genomes, &[], &[]),
        }
    }
}

/// Divides by contigs, and then the rest by chance.
fn held(
    genomes: &mut [Genome],
    (valid, test): (&[String], &[String]),
    shares: Shares,
    seed: u64,
) -> Result<Splits, DataError> {
    let mut splits = contigs::divide(genomes, valid, test)?;
    if shares != Shares::default() {
        blocks::divide(genomes, &mut splits, shares, seed)?;
    }
    Ok(splits)
}
