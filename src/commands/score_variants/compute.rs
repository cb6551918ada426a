//! From windows to scores: equal windows are computed once.

use std::{collections::HashMap, sync::Arc};

use super::alleles::{Allele, Windows};
use crate::{
    dna,
    formats::vcf::Record,
    inference::runner::{Runner, RunnerError},
    scoring::{self, Pair, Scores, Summary},
    variant::Status,
};

/// Which strands of a window are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum StrandChoice {
    /// Both, and the mean of their scores
    #[default]
    Both,
    /// As the reference has it
    Forward,
    /// The reverse complement
    Reverse,
}

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

/// Windows of a chunk, each once.
#[derive(Default)]
struct Distinct<'a> {
    windows: Vec<&'a [u8]>,
    numbers: HashMap<&'a [u8], usize>,
}

impl<'a> Distinct<'a> {
    fn number(&mut self, window: &'a [u8]) -> usize {
        *self.numbers.entry(window).or_insert_with(|| {
            self.windows.push(window);
            self.windows.len() - 1
        })
    }
}

/// Scores the alleles of a chunk.
///
/// # Errors
/// The model cannot compute a batch.
pub fn score(
    alleles: Vec<Allele>,
    runner: &mut Runner,
    strand: StrandChoice,
) -> Result<Vec<Scored>, RunnerError> {
    let mut distinct = Distinct::default();
    let numbers: Vec<Option<(usize, usize)>> = alleles
        .iter()
        .map(|allele| {
            let Windows { reference, alternative } = allele.windows.as_ref()?;
            Some((distinct.number(reference), distinct.number(alternative)))
        })
        .collect();
    let windows = distinct.windows;
    let turned: Vec<Vec<u8>> = match strand {
        StrandChoice::Forward => Vec::new(),
        _ => windows.iter().map(|window| dna::reverse_complement(window)).collect(),
    };
    let straight = if strand == StrandChoice::Reverse { &[][..] } else { &windows };
    let all: Vec<&[u8]> =
        straight.iter().copied().chain(turned.iter().map(Vec::as_slice)).collect();
    let summaries = runner.summarize(&all)?;
    let (forward, reverse) = summaries.split_at(straight.len());
    let (forward, reverse) = (some(forward), some(reverse));
    let scores = |windows| {
        scoring::scores(
            forward.map(|summaries| pair(summaries, windows)),
            reverse.map(|summaries| pair(summaries, windows)),
        )
    };
    let scored: Vec<Option<Scores>> = numbers.into_iter().map(|pair| pair.map(scores)).collect();
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

fn pair(summaries: &[Summary], (reference, alternative): (usize, usize)) -> Pair<'_> {
    Pair { reference: &summaries[reference], alternative: &summaries[alternative] }
}

/// A strand's summaries, if it was read.
fn some(summaries: &[Summary]) -> Option<&[Summary]> {
    (!summaries.is_empty()).then_some(summaries)
}
