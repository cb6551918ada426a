//! From the windows of alleles to their scores.

use super::item::{QueuedAllele, WorkItem};
use crate::{
    genome::variant::Status,
    inference::{compare::CompareOptions, computed::EngineError, effects::effects, runner::Runner},
    scoring::{
        Score, Scores,
        null::{Class, NullEntry},
    },
    windows::strands::Windows,
};

/// An allele after computing.
#[derive(Debug, Clone)]
pub struct Scored {
    pub allele: QueuedAllele,
    /// The scores, for status `ok` and `swapped`.
    pub scores: Option<Scores>,
    /// Percentiles and the like, in the order of the columns; empty unless scores are ranked.
    pub calibrated: Vec<Option<f64>>,
}

/// Result of an item.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The scores of a null variant, in the order of those that are ranked.
    Null(Class, NullEntry),
    /// An allele of the input.
    Allele(Box<Scored>),
}

/// Scores the items of a chunk; `ranked` are the scores that null variants are to have.
///
/// # Errors
/// The model cannot compute a batch.
pub fn score(
    items: Vec<WorkItem>,
    runner: &mut Runner,
    options: CompareOptions,
    ranked: &[&Score],
) -> Result<Vec<Answer>, EngineError> {
    let windows: Vec<Option<&Windows>> = items.iter().map(WorkItem::windows).collect();
    let scores = effects(&windows, runner, options)?;
    let answer = |(item, scores): (WorkItem, Option<Scores>)| match item {
        WorkItem::Null(null) => {
            let of = |score: &&Score| scores.as_ref().and_then(score.value).unwrap_or(f64::NAN);
            let scores = ranked.iter().map(of).collect();
            Answer::Null(null.class, null.variant.entry(&null.contig, scores))
        }
        WorkItem::Allele(allele) => {
            let scores = match allele.status {
                Status::Swapped => scores.map(Scores::exchanged),
                _ => scores,
            };
            let allele = QueuedAllele { windows: None, ..*allele };
            Answer::Allele(Box::new(Scored { allele, scores, calibrated: Vec::new() }))
        }
    };
    Ok(items.into_iter().zip(scores).map(answer).collect())
}
