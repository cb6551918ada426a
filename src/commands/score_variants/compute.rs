//! From the windows of alleles to their scores.

use std::sync::Arc;

use super::alleles::{Allele, Phase};
use crate::{
    formats::vcf::Record,
    inference::{
        compare::Asked,
        effects::effects,
        runner::{EngineError, Runner},
    },
    reading::Windows,
    scoring::Scores,
    variant::Status,
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
}

/// Scores the alleles of a chunk.
///
/// # Errors
/// The model cannot compute a batch.
pub fn score(
    alleles: Vec<Allele>,
    runner: &mut Runner,
    asked: Asked,
) -> Result<Vec<Scored>, EngineError> {
    let windows: Vec<Option<&Windows>> =
        alleles.iter().map(|allele| allele.windows.as_ref()).collect();
    let scores = effects(&windows, runner, asked)?;
    let scored = alleles.into_iter().zip(scores).map(|(allele, scores)| {
        let Allele { record, number, last, status, phase, .. } = allele;
        let scores = match status {
            Status::Swapped => scores.map(Scores::exchanged),
            _ => scores,
        };
        Scored { record, number, last, status, scores, phase }
    });
    Ok(scored.collect())
}
