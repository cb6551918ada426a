//! Intervals by split.

use crate::{
    formats::error::InputError,
    sampling::{
        genome::Genome,
        interval::{Interval, Split},
    },
};

/// Shares that are held out, between 0 and 1; `None` for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shares {
    /// For validation.
    pub valid: Option<f64>,
    /// For the test.
    pub test: Option<f64>,
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
    /// The intervals of a split.
    pub fn of(&self, split: Split) -> &[Interval] {
        match split {
            Split::Train => &self.train,
            Split::Valid => &self.valid,
            Split::Test => &self.test,
        }
    }

    /// The intervals of a split, to add to.
    pub fn of_mut(&mut self, split: Split) -> &mut Vec<Interval> {
        match split {
            Split::Train => &mut self.train,
            Split::Valid => &mut self.valid,
            Split::Test => &mut self.test,
        }
    }
}

/// Genome and contig numbers of a name in every genome that has it.
///
/// # Errors
/// The name may mean either of two contigs of a genome.
pub fn find(genomes: &mut [Genome], name: &str) -> Result<Vec<(usize, usize)>, InputError> {
    let mut found = Vec::new();
    for (number, genome) in genomes.iter_mut().enumerate() {
        found.extend(genome.reference.find(name)?.map(|contig| (number, contig)));
    }
    Ok(found)
}
