//! A window of the reference compared with alternatives that begin like it.

use std::ops::Range;

use super::{
    computed::Computed,
    family::{Branch, Family},
};
use crate::{
    model::tokenizer::log_probability,
    scoring::{
        self, Certainty, Comparison, Embedding, Score, Shift, distance,
        distribution::{entropy, jensen_shannon},
    },
    windows::placement::Site,
};

/// A window and alternatives of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowGroup<'a> {
    /// Normalised bases of the window.
    pub bases: &'a [u8],
    /// The alternatives.
    pub alternatives: Vec<Alternative<'a>>,
}

/// What follows the bases that an alternative has in common with the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alternative<'a> {
    /// Its bases from the first that may differ.
    pub branch: Branch<'a>,
    /// Where the alleles lie.
    pub site: Site,
}

impl<'a> WindowGroup<'a> {
    /// What goes through the model.
    pub fn family(&self) -> Family<'a> {
        let branches = self.alternatives.iter().map(|alternative| alternative.branch).collect();
        Family { bases: self.bases, branches }
    }
}

/// Which positions a comparison is about, and what is made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// If only the alleles and so many bases behind them count, in both sequences: those of the
    /// branch, which ends there.
    pub downstream: Option<u64>,
    /// Whether changes of predictions are: [`Comparison::shift`].
    pub shift: bool,
    /// Whether entropies are: [`Comparison::certainty`].
    pub certainty: bool,
}

impl Asked {
    /// What these scores need.
    pub fn of(scores: &[&Score], downstream: Option<u64>) -> Self {
        let shift = scoring::wanted(scores, scoring::ScoreSet::Jsd);
        let certainty = scoring::wanted(scores, scoring::ScoreSet::Entropy);
        Self { downstream, shift, certainty }
    }
}

/// Compares the window of a group, whose family was computed, with each of its alternatives.
pub fn compare(group: &WindowGroup<'_>, computed: &Computed<'_>, asked: Asked) -> Vec<Comparison> {
    let reference = ReferenceWindow::new(group, computed, asked);
    let alternatives = group.alternatives.iter().enumerate();
    alternatives.map(|(i, alternative)| reference.compare(i + 1, alternative)).collect()
}

/// What all comparisons of a group have in common.
struct ReferenceWindow<'a> {
    bases: &'a [u8],
    computed: &'a Computed<'a>,
    asked: Asked,
    /// Σ log P of the bases before each position, and of all.
    likelihoods: Vec<f64>,
    /// The sum of all hidden states; of none if only branches count.
    hidden: Vec<f64>,
    /// Entropy of the prediction of each position but the first; empty unless asked for.
    entropies: Vec<f64>,
}

impl<'a> ReferenceWindow<'a> {
    fn new(group: &WindowGroup<'a>, computed: &'a Computed<'a>, asked: Asked) -> Self {
        let bases = group.bases;
        let mut likelihoods = Vec::with_capacity(bases.len() + 1);
        likelihoods.push(0.0);
        let mut likelihood = 0.0;
        for (position, &base) in bases.iter().enumerate() {
            if position > 0 {
                let row = computed.predictions(0, position - 1..position);
                likelihood += log_probability(row, base).unwrap_or(0.0);
            }
            likelihoods.push(likelihood);
        }
        let row = |position: usize| computed.predictions(0, position..position + 1);
        let rows = if asked.certainty { bases.len().saturating_sub(1) } else { 0 };
        let hidden = match asked.downstream {
            Some(_) => Vec::new(),
            None => sums(computed.hidden(0, 0..bases.len()), computed.width),
        };
        let entropies = (0..rows).map(|position| entropy(row(position))).collect();
        Self { bases, computed, asked, likelihoods, hidden, entropies }
    }

    /// Compares with the alternative that is this member of the family.
    fn compare(&self, member: usize, alternative: &Alternative<'_>) -> Comparison {
        let Alternative { branch, site } = *alternative;
        let other = Other { reference: self, member, branch };
        let mut own = 0.0;
        for position in branch.from..other.end() {
            own += other.log_probability(position);
        }
        let whole = match self.asked.downstream {
            Some(_) => branch.from..other.end().min(self.bases.len()),
            None => branch.from..self.bases.len(),
        };
        let behind = self.behind(&other, site);
        Comparison {
            llr: own - (self.likelihoods[whole.end] - self.likelihoods[whole.start]),
            site: self.site(&other, site),
            embedding: self.embedding(&other, whole),
            shift: self.asked.shift.then(|| shift(behind.clone())),
            certainty: self.asked.certainty.then(|| self.certainty(site, &behind)),
        }
    }

    /// The part of the log-likelihood ratio that is about the alleles.
    fn site(&self, other: &Other<'_>, site: Site) -> f64 {
        let longest = site.removed.max(site.added);
        let here = |start: usize, end: usize| start..end.min(start + longest).max(start);
        let alternative = here(site.alternative, other.end());
        let reference = here(site.reference, self.bases.len());
        let of_alternative: f64 = alternative.map(|position| other.log_probability(position)).sum();
        of_alternative - (self.likelihoods[reference.end] - self.likelihoods[reference.start])
    }

    fn embedding(&self, other: &Other<'_>, whole: Range<usize>) -> Option<Embedding> {
        let computed = self.computed;
        let sum = |member: usize, positions: Range<usize>| {
            sums(computed.hidden(member, positions), computed.width)
        };
        let own = sum(other.member, other.branch.from..other.end());
        let (reference, alternative) = match self.asked.downstream {
            Some(_) => (
                mean(&sum(0, whole.clone()), whole.len()),
                mean(&own, other.end() - other.branch.from),
            ),
            None => {
                // of the bases before the branch what the two have in common
                let behind = sum(0, whole);
                let common = self.hidden.iter().zip(&behind).map(|(all, behind)| all - behind);
                let sums: Vec<f64> = common.zip(&own).map(|(common, own)| common + own).collect();
                (mean(&self.hidden, self.bases.len()), mean(&sums, other.end()))
            }
        };
        let (reference, alternative) = (reference?, alternative?);
        Some(Embedding {
            l2: distance::euclidean(&reference, &alternative),
            cosine: distance::cosine_distance(&reference, &alternative),
            inner: distance::inner_product(&reference, &alternative),
        })
    }

    /// For each base behind the alleles that both sequences have: where it stands in the reference
    /// window, and its predictions in the two.
    fn behind<'b>(
        &'b self,
        other: &'b Other<'b>,
        site: Site,
    ) -> impl Iterator<Item = Behind<'b>> + Clone {
        let first = [site.reference + site.removed, site.alternative + site.added];
        let last = [self.bases.len(), other.end()];
        let both = first[0].min(first[1]);
        let [reference, alternative] = [0, 1].map(|i| last[i].saturating_sub(first[i]));
        let most = self.asked.downstream.map_or(usize::MAX, |bases| bases as usize);
        let count = reference.min(alternative).min(most);
        // the very first base of a sequence has no prediction
        (usize::from(both == 0)..count).map(move |k| Behind {
            distance: k as u64 + 1,
            position: first[0] + k,
            reference: self.computed.predictions(0, first[0] + k - 1..first[0] + k),
            alternative: other.row(first[1] + k - 1),
        })
    }

    fn certainty<'b>(
        &self,
        site: Site,
        behind: &(impl Iterator<Item = Behind<'b>> + Clone),
    ) -> Certainty {
        let before = |position: usize| position.checked_sub(1).and_then(|i| self.entropies.get(i));
        let change =
            |at: Behind<'_>| entropy(at.alternative) - before(at.position).copied().unwrap_or(0.0);
        Certainty {
            site: before(site.reference).copied(),
            change: behind.clone().map(change).sum(),
        }
    }
}

/// A base behind the alleles.
#[derive(Clone, Copy)]
struct Behind<'a> {
    /// How far, in bases; 1 is the next.
    distance: u64,
    /// Where it stands in the reference window.
    position: usize,
    /// log P of each token there.
    reference: &'a [f32],
    alternative: &'a [f32],
}

fn shift<'a>(behind: impl Iterator<Item = Behind<'a>>) -> Shift {
    let mut shift = Shift::default();
    for Behind { distance, reference, alternative, .. } in behind {
        let divergence = jensen_shannon(reference, alternative);
        shift.sum += divergence;
        if shift.largest.is_none_or(|(largest, _)| divergence > largest) {
            shift.largest = Some((divergence, distance));
        }
    }
    shift
}

/// An alternative, of which the part before the branch is the reference's.
struct Other<'a> {
    reference: &'a ReferenceWindow<'a>,
    member: usize,
    branch: Branch<'a>,
}

impl<'a> Other<'a> {
    /// One past its last base.
    fn end(&self) -> usize {
        self.branch.from + self.branch.bases.len()
    }

    /// log P of each token behind a position.
    fn row(&self, position: usize) -> &'a [f32] {
        let member = if position < self.branch.from { 0 } else { self.member };
        self.reference.computed.predictions(member, position..position + 1)
    }

    /// log P of the base at a position; 0 for one that is not predicted.
    fn log_probability(&self, position: usize) -> f64 {
        let base = match position.checked_sub(self.branch.from) {
            Some(i) => self.branch.bases[i],
            None => self.reference.bases[position],
        };
        let before = position.checked_sub(1).map(|before| self.row(before));
        before.and_then(|row| log_probability(row, base)).unwrap_or(0.0)
    }
}

/// The sum of each column of rows of `width` numbers.
fn sums(rows: &[f32], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for row in rows.chunks_exact(width) {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += f64::from(*x);
        }
    }
    sums
}

fn mean(sums: &[f64], count: usize) -> Option<Vec<f64>> {
    (count > 0).then(|| sums.iter().map(|sum| sum / count as f64).collect())
}
