//! From the windows of alleles to their scores.

use std::sync::Arc;

use super::item::{NullKey, Phase, QueuedAllele, WorkItem};
use crate::{
    formats::variants::vcf::Record,
    genome::variant::Status,
    inference::{compare::CompareOptions, computed::EngineError, effects::effects, runner::Runner},
    scoring::{
        Score, Scores,
        null::{Class, NullEntry},
    },
    windows::strands::Windows,
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
    /// The scores, for status `ok` and `swapped`.
    pub scores: Option<Scores>,
    /// What it stands among, if haplotypes are followed.
    pub phase: Option<Phase>,
    /// What it is compared with.
    pub key: NullKey,
    /// What became of that, in the order of the columns; empty unless scores are ranked.
    pub calibrated: Vec<Option<f64>>,
}

/// What became of an item.
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
            let QueuedAllele { record, number, last, status, phase, key, .. } = *allele;
            let scores = match status {
                Status::Swapped => scores.map(Scores::exchanged),
                _ => scores,
            };
            let calibrated = Vec::new();
            Answer::Allele(Box::new(Scored {
                record,
                number,
                last,
                status,
                scores,
                phase,
                key,
                calibrated,
            }))
        }
    };
    Ok(items.into_iter().zip(scores).map(answer).collect())
}
