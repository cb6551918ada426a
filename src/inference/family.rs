//! What goes through the model: a sequence, and others that begin like it.

use std::ops::Range;

/// A sequence and sequences that begin like it. The model is causal, so of these only what follows
/// the first difference is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family<'a> {
    /// Normalised bases of the sequence.
    pub bases: &'a [u8],
    /// The others.
    pub branches: Vec<Branch<'a>>,
}

/// A sequence that equals that of its family before position `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Branch<'a> {
    /// 0-based; at most the length of the family's sequence.
    pub from: usize,
    /// Its normalised bases from there on, as far as they matter; `from` and they together are no
    /// longer than the family's sequence.
    pub bases: &'a [u8],
}

impl<'a> Family<'a> {
    /// A sequence alone.
    pub fn alone(bases: &'a [u8]) -> Self {
        Self { bases, branches: Vec::new() }
    }

    /// Positions that are computed.
    pub fn rows(&self) -> usize {
        self.bases.len() + self.branches.iter().map(|branch| branch.bases.len()).sum::<usize>()
    }
}

/// Cuts families, given by their rows, into runs of at most `limit` rows, at least one family each.
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
