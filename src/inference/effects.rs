//! From windows to scores: windows and alternatives that alleles share are computed once.

use std::collections::HashMap;

use super::{
    compare::{CompareOptions, WindowGroup},
    computed::EngineError,
    runner::Runner,
};
use crate::{
    genome::dna,
    scoring::Scores,
    windows::{placement::Alternative, strands::Windows},
};

/// Distinct windows, each with its distinct alternatives. Equal ones are found by value.
#[derive(Default)]
struct Groups<'a> {
    groups: Vec<WindowGroup<'a>>,
    windows: HashMap<&'a [u8], usize>,
    alternatives: HashMap<(usize, &'a Alternative), usize>,
}

/// Indexes of a group and of an alternative in it.
#[derive(Clone, Copy)]
struct ComparisonIndex {
    group: usize,
    alternative: usize,
}

impl<'a> Groups<'a> {
    /// Adds a window and an alternative unless they are there. Returns the index of their
    /// comparison.
    fn add(&mut self, window: &'a [u8], alternative: &'a Alternative) -> ComparisonIndex {
        let group = *self.windows.entry(window).or_insert_with(|| {
            self.groups.push(WindowGroup { bases: window, alternatives: Vec::new() });
            self.groups.len() - 1
        });
        let alternatives = &mut self.groups[group].alternatives;
        let alternative = *self.alternatives.entry((group, alternative)).or_insert_with(|| {
            alternatives.push(alternative);
            alternatives.len() - 1
        });
        ComparisonIndex { group, alternative }
    }
}

/// Computes the scores of each allele that has windows, in order.
pub fn effects(
    windows: &[Option<&Windows>],
    runner: &mut Runner,
    options: CompareOptions,
) -> Result<Vec<Option<Scores>>, EngineError> {
    // reverse complements of the windows whose reverse strand is read, each once
    let mut complements: HashMap<&[u8], Vec<u8>> = HashMap::new();
    for Windows { reference, reverse, .. } in windows.iter().flatten() {
        if reverse.is_some() {
            complements.entry(reference).or_insert_with(|| dna::reverse_complement(reference));
        }
    }
    let mut groups = Groups::default();
    let indexes: Vec<Option<[Option<ComparisonIndex>; 2]>> = windows
        .iter()
        .map(|windows| {
            let Windows { reference, forward, reverse, .. } = (*windows)?;
            let forward = forward.as_ref().map(|forward| groups.add(reference, forward));
            let reverse =
                reverse.as_ref().map(|reverse| groups.add(&complements[&**reference], reverse));
            Some([forward, reverse])
        })
        .collect();
    let compared = runner.compare(&groups.groups, options)?;
    let at = |index: Option<ComparisonIndex>| {
        index.map(|index| compared[index.group][index.alternative])
    };
    let scores = |[forward, reverse]: [_; 2]| Scores { forward: at(forward), reverse: at(reverse) };
    Ok(indexes.into_iter().map(|strands| strands.map(scores)).collect())
}
