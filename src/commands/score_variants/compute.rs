//! From windows to scores: what alleles have in common is computed once.

use std::{collections::HashMap, sync::Arc};

use super::alleles::{Allele, Windows};
use crate::{
    dna,
    formats::vcf::Record,
    inference::{
        family::{Branch, Family},
        runner::{EngineError, Runner, Scope},
    },
    scoring::{self, Pair, Scores},
    variant::Status,
    window::Ending,
};

/// An allele with its scores, if it has any.
#[derive(Debug, Clone)]
pub struct Scored {
    /// The record that it belongs to.
    pub record: Arc<Record>,
    /// Its number among the record's ALT alleles, from 0.
    pub number: usize,
    /// Whether it is the record's last.
    pub last: bool,
    /// Whether it could be scored.
    pub status: Status,
    /// The scores, for status `ok`.
    pub scores: Option<Scores>,
}

/// The windows of one strand, each once, with the alternatives that begin like them, each once.
#[derive(Default)]
struct Families<'a> {
    families: Vec<Family<'a>>,
    windows: HashMap<&'a [u8], usize>,
    branches: HashMap<(usize, Branch<'a>), usize>,
}

/// Number of a family, and of a branch in it.
type Place = (usize, usize);

impl<'a> Families<'a> {
    /// Where the pair of a window and an alternative will be found.
    fn place(&mut self, window: &'a [u8], ending: &'a Ending) -> Place {
        let family = *self.windows.entry(window).or_insert_with(|| {
            self.families.push(Family::alone(window));
            self.families.len() - 1
        });
        let branch = Branch { from: ending.from, bases: &ending.bases };
        let branches = &mut self.families[family].branches;
        let number = *self.branches.entry((family, branch)).or_insert_with(|| {
            branches.push(branch);
            branches.len() - 1
        });
        (family, number)
    }
}

/// Scores the alleles of a chunk.
///
/// # Errors
/// The model cannot compute a batch.
pub fn score(
    alleles: Vec<Allele>,
    runner: &mut Runner,
    scope: Scope,
) -> Result<Vec<Scored>, EngineError> {
    // reverse complements of the windows whose other strand is read, each once
    let mut turned: HashMap<&[u8], Vec<u8>> = HashMap::new();
    for Windows { reference, reverse, .. } in alleles.iter().filter_map(|a| a.windows.as_ref()) {
        if reverse.is_some() {
            turned.entry(reference).or_insert_with(|| dna::reverse_complement(reference));
        }
    }
    let mut families = Families::default();
    let places: Vec<Option<[Option<Place>; 2]>> = alleles
        .iter()
        .map(|allele| {
            let Windows { reference, forward, reverse } = allele.windows.as_ref()?;
            let forward = forward.as_ref().map(|ending| families.place(reference, ending));
            let reverse =
                reverse.as_ref().map(|ending| families.place(&turned[&**reference], ending));
            Some([forward, reverse])
        })
        .collect();
    let pairs = runner.compare(&families.families, scope)?;
    let pair = |place: Option<Place>| -> Option<&Pair> {
        place.map(|(family, branch)| &pairs[family][branch])
    };
    let scores = |[forward, reverse]: [_; 2]| scoring::scores(pair(forward), pair(reverse));
    let scored: Vec<Option<Scores>> = places.into_iter().map(|places| places.map(scores)).collect();
    let with_scores = alleles.into_iter().zip(scored);
    Ok(with_scores
        .map(|(Allele { record, number, last, status, .. }, scores)| Scored {
            record,
            number,
            last,
            status,
            scores,
        })
        .collect())
}
