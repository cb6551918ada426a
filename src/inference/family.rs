//! Input of the model: a sequence, and others that begin like it.

use std::ops::Range;

use crate::windows::placement::Alternative;

/// A sequence and others that begin like it, its branches. The model is causal, so a branch is
/// computed only from its first difference on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family<'a> {
    /// Normalised bases of the sequence.
    pub bases: &'a [u8],
    /// The sequences that begin like it.
    pub branches: Vec<Branch<'a>>,
}

/// A sequence that equals the sequence of its family before position `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Branch<'a> {
    /// First position that may differ, 0-based; at most the length of the family's sequence.
    pub from: usize,
    /// Normalised bases from `from` on, as far as they matter. The branch is no longer than the
    /// family's sequence.
    pub bases: &'a [u8],
}

impl<'a> From<&'a Alternative> for Branch<'a> {
    fn from(alternative: &'a Alternative) -> Self {
        Self { from: alternative.from, bases: &alternative.bases }
    }
}

impl<'a> Family<'a> {
    /// A sequence without branches.
    pub fn alone(bases: &'a [u8]) -> Self {
        Self { bases, branches: Vec::new() }
    }

    /// Number of positions to compute.
    pub fn rows(&self) -> usize {
        self.bases.len() + self.branches.iter().map(|branch| branch.bases.len()).sum::<usize>()
    }
}

/// Splits a list of families, given by their numbers of rows, into passes of at most `limit` rows;
/// a pass has at least one family.
pub fn passes(rows: &[usize], limit: usize) -> Vec<Range<usize>> {
    let mut passes: Vec<Range<usize>> = Vec::new();
    let mut size = 0;
    for (i, &rows) in rows.iter().enumerate() {
        match passes.last_mut() {
            Some(pass) if size + rows <= limit => {
                pass.end = i + 1;
                size += rows;
            }
            _ => {
                passes.push(i..i + 1);
                size = rows;
            }
        }
    }
    passes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn passes_hold_every_family_once(
            rows in prop::collection::vec(0usize..300, 0..40), limit in 1usize..500,
        ) {
            let passes = passes(&rows, limit);
            let held: Vec<usize> = passes.iter().cloned().flatten().collect();
            prop_assert_eq!(held, (0..rows.len()).collect::<Vec<_>>());
            for pass in passes {
                prop_assert!(pass.len() == 1 || rows[pass].iter().sum::<usize>() <= limit);
            }
        }
    }
}
