//! Division of genomes into intervals to train on, for validation and for the test.

mod bed;
mod blocks;
mod contigs;
mod overlap;

use std::path::PathBuf;

use super::{
    error::DataError,
    genome::Genome,
    interval::{Interval, Split},
};

/// Way to divide genomes.
#[derive(Debug, Clone, PartialEq)]
pub enum SplitBy {
    /// By BED files whose fourth column is train, valid or test. What they do not name is not used.
    Bed(Vec<PathBuf>),
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
    /// Everything is trained on.
    Nothing,
}

/// Intervals by what they are for; none is empty and none leaves its contig.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Splits {
    /// Trained on.
    pub train: Vec<Interval>,
    /// For validation.
    pub valid: Vec<Interval>,
    /// For the test at the end.
    pub test: Vec<Interval>,
}

impl Splits {
    /// Divides genomes.
    ///
    /// # Errors
    /// A BED file that cannot be read or does not fit the genomes, a contig that is in none of
    /// them, a fraction that is out of range or leaves one side without a block.
    pub fn new(genomes: &mut [Genome], by: &SplitBy) -> Result<Self, DataError> {
        match by {
            SplitBy::Bed(paths) => bed::read(genomes, paths),
            SplitBy::Contigs { valid, test } => contigs::divide(genomes, valid, test),
            SplitBy::Fraction { valid, seed } => blocks::divide(genomes, *valid, *seed),
            SplitBy::Nothing => contigs::divide(genomes, &[], &[]),
        }
    }

    /// The intervals of a split.
    pub fn of(&self, split: Split) -> &[Interval] {
        match split {
            Split::Train => &self.train,
            Split::Valid => &self.valid,
            Split::Test => &self.test,
        }
    }

    fn of_mut(&mut self, split: Split) -> &mut Vec<Interval> {
        match split {
            Split::Train => &mut self.train,
            Split::Valid => &mut self.valid,
            Split::Test => &mut self.test,
        }
    }
}

/// Genome and contig numbers of a name in every genome that has it.
fn find(genomes: &mut [Genome], name: &str) -> Vec<(usize, usize)> {
    let numbered = genomes.iter_mut().enumerate();
    numbered.filter_map(|(number, genome)| Some((number, genome.reference.find(name)?))).collect()
}
