//! The rows of a pass over some families.

use std::ops::Range;

use super::{computed::Member, family::Family, reduction::PassFamilies};
use crate::model::{
    rows::{Parent, Segment},
    tokenizer::Tokenizer,
};

/// Rows of families under each other: a token for each, and what belongs together.
#[derive(Debug, Clone)]
pub struct Pass {
    /// Token ids, a prompt before each sequence.
    pub ids: Vec<u32>,
    /// Sequences, and branches from their first difference on.
    pub segments: Vec<Segment>,
    /// Where the members of each family are.
    pub families: PassFamilies,
}

impl Pass {
    /// Lays out the families of these `numbers`, each after `prompt`.
    pub fn new(
        families: &[Family<'_>],
        numbers: Range<usize>,
        prompt: &[u32],
        tokenizer: Tokenizer,
    ) -> Self {
        let (mut ids, mut segments) = (Vec::new(), Vec::new());
        let mut members = Vec::with_capacity(numbers.len());
        let tokens = |bases: &[u8]| -> Vec<u32> {
            bases.iter().map(|&base| u32::from(tokenizer.token(base))).collect()
        };
        for family in &families[numbers.clone()] {
            let first = ids.len();
            ids.extend(prompt);
            ids.extend(tokens(family.bases));
            segments.push(Segment { row: first, rows: ids.len() - first, parent: None });
            let sequence = Member { row: first + prompt.len(), from: 0, rows: family.bases.len() };
            let mut own = vec![sequence];
            for branch in &family.branches {
                let (row, rows) = (ids.len(), branch.bases.len());
                ids.extend(tokens(branch.bases));
                let parent = Some(Parent { row: first, from: prompt.len() + branch.from });
                segments.push(Segment { row, rows, parent });
                own.push(Member { row, from: branch.from, rows });
            }
            members.push(own);
        }
        let families = PassFamilies { numbers, members, rows: ids.len() };
        Self { ids, segments, families }
    }

    /// The longest sequence, in rows.
    pub fn longest(&self) -> usize {
        self.segments.iter().map(|segment| segment.rows).max().unwrap_or(0)
    }
}
