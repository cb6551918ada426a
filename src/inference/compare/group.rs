//! What is compared.

use crate::{
    inference::family::{Branch, Family},
    scoring::{self, Score},
    windows::placement::Alternative,
};

/// A window of the reference and its alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowGroup<'a> {
    /// Normalised bases of the window.
    pub bases: &'a [u8],
    /// The alternatives.
    pub alternatives: Vec<&'a Alternative>,
}

impl<'a> WindowGroup<'a> {
    /// The window and its alternatives as input of the model.
    pub fn family(&self) -> Family<'a> {
        let branches = self.alternatives.iter().copied().map(Branch::from).collect();
        Family { bases: self.bases, branches }
    }
}

/// Positions that a comparison covers, and the optional numbers to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompareOptions {
    /// Bases downstream of the alleles that count; `None` for the whole window. With a limit, only
    /// the bases of the alternative from [`Alternative::from`] on count, and those at the same
    /// positions of the reference window.
    pub downstream: Option<u64>,
    /// Computes [`Comparison::shift`](scoring::Comparison::shift).
    pub shift: bool,
    /// Computes [`Comparison::certainty`](scoring::Comparison::certainty).
    pub certainty: bool,
}

impl CompareOptions {
    /// The options that these scores require.
    pub fn of(scores: &[&Score], downstream: Option<u64>) -> Self {
        let shift = scoring::wanted(scores, scoring::ScoreSet::Jsd);
        let certainty = scoring::wanted(scores, scoring::ScoreSet::Entropy);
        Self { downstream, shift, certainty }
    }
}
