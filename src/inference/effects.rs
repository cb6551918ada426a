//! From windows to scores: what alleles have in common is computed once.

use std::collections::HashMap;

use super::{
    compare::{Alternative, Asked, WindowGroup},
    computed::EngineError,
    family::Branch,
    runner::Runner,
};
use crate::{
    genome::dna,
    scoring::Scores,
    windows::{placement::Ending, strands::Windows},
};

/// The windows of one strand, each once, with the alternatives that begin like them, each once.
#[derive(Default)]
struct Groups<'a> {
    groups: Vec<WindowGroup<'a>>,
    windows: HashMap<&'a [u8], usize>,
    alternatives: HashMap<(usize, Alternative<'a>), usize>,
}

/// Number of a group, and of an alternative in it.
type BranchIndex = (usize, usize);

impl<'a> Groups<'a> {
    /// Where the comparison of a window and an alternative will be found.
    fn place(&mut self, window: &'a [u8], ending: &'a Ending) -> BranchIndex {
        let group = *self.windows.entry(window).or_insert_with(|| {
            self.groups.push(WindowGroup { bases: window, alternatives: Vec::new() });
            self.groups.len() - 1
        });
        let branch = Branch { from: ending.from, bases: &ending.bases };
        let alternative = Alternative { branch, site: ending.site };
        let alternatives = &mut self.groups[group].alternatives;
        let number = *self.alternatives.entry((group, alternative)).or_insert_with(|| {
            alternatives.push(alternative);
            alternatives.len() - 1
        });
        (group, number)
    }
}

/// The scores of each allele that has windows, in order.
///
/// # Errors
/// The model cannot compute a batch.
pub fn effects(
    windows: &[Option<&Windows>],
    runner: &mut Runner,
    asked: Asked,
) -> Result<Vec<Option<Scores>>, EngineError> {
    // reverse complements of the windows whose other strand is read, each once
    let mut turned: HashMap<&[u8], Vec<u8>> = HashMap::new();
    for Windows { reference, reverse, .. } in windows.iter().flatten() {
        if reverse.is_some() {
            turned.entry(reference).or_insert_with(|| dna::reverse_complement(reference));
        }
    }
    let mut groups = Groups::default();
    let places: Vec<Option<[Option<BranchIndex>; 2]>> = windows
        .iter()
        .map(|windows| {
            let Windows { reference, forward, reverse, .. } = (*windows)?;
            let forward = forward.as_ref().map(|ending| groups.place(reference, ending));
            let reverse =
                reverse.as_ref().map(|ending| groups.place(&turned[&**reference], ending));
            Some([forward, reverse])
        })
        .collect();
    let compared = runner.compare(&groups.groups, asked)?;
    let at = |place: Option<BranchIndex>| place.map(|(group, number)| compared[group][number]);
    let scores = |[forward, reverse]: [_; 2]| Scores { forward: at(forward), reverse: at(reverse) };
    Ok(places.into_iter().map(|places| places.map(scores)).collect())
}
