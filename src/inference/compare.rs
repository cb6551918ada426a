//! Comparison of a window of the reference with alternatives that begin like it.

use std::ops::Range;

use super::{
    computed::Computed,
    family::{Branch, Family},
};
use crate::{
    model::tokenizer::log_probability,
    scoring::{
        self, Certainty, Comparison, Embedding, LargestShift, Score, Shift, distance,
        distribution::{entropy, jensen_shannon},
    },
    windows::placement::{Alternative, Site},
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
    /// Computes [`Comparison::shift`].
    pub shift: bool,
    /// Computes [`Comparison::certainty`].
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

/// Compares the window of a group with each of its alternatives, in order. `computed` holds the
/// results of [`WindowGroup::family`].
pub fn compare(
    group: &WindowGroup<'_>,
    computed: &Computed<'_>,
    options: CompareOptions,
) -> Vec<Comparison> {
    let reference = ReferenceWindow::new(group, computed, options);
    let alternatives = group.alternatives.iter().enumerate();
    alternatives.map(|(i, alternative)| reference.compare(i + 1, alternative)).collect()
}

/// The reference window of a group, with the numbers that all its comparisons share.
struct ReferenceWindow<'a> {
    bases: &'a [u8],
    computed: &'a Computed<'a>,
    options: CompareOptions,
    /// Σ log P of the bases before each position and, last, of all bases; in nats.
    likelihoods: Vec<f64>,
    /// Sum of the hidden states of all positions; empty if [`CompareOptions::downstream`] is set.
    hidden: Vec<f64>,
    /// Entropy of the prediction of each position but the first, in nats; empty unless requested.
    entropies: Vec<f64>,
}

impl<'a> ReferenceWindow<'a> {
    fn new(group: &WindowGroup<'a>, computed: &'a Computed<'a>, options: CompareOptions) -> Self {
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
        let rows = if options.certainty { bases.len().saturating_sub(1) } else { 0 };
        let hidden = match options.downstream {
            Some(_) => Vec::new(),
            None => sums(computed.hidden(0, 0..bases.len()), computed.width),
        };
        let entropies = (0..rows).map(|position| entropy(row(position))).collect();
        Self { bases, computed, options, likelihoods, hidden, entropies }
    }

    /// Compares the window with an alternative, which is `member` of the family.
    fn compare(&self, member: usize, alternative: &Alternative) -> Comparison {
        let Alternative { from, site, .. } = *alternative;
        let other = AlternativeWindow { reference: self, member, alternative };
        let mut own = 0.0;
        for position in from..other.end() {
            own += other.log_probability(position);
        }
        // an alternative that the contig's end cuts off is compared with as many bases
        let whole = from..other.end().min(self.bases.len());
        let downstream = self.downstream(&other);
        Comparison {
            llr: own - (self.likelihoods[whole.end] - self.likelihoods[whole.start]),
            site: self.site(&other),
            embedding: self.embedding(&other, whole),
            shift: self.options.shift.then(|| shift(downstream.clone())),
            certainty: self.options.certainty.then(|| self.certainty(site, &downstream)),
        }
    }

    /// The part of the log-likelihood ratio that comes from the alleles, in nats.
    fn site(&self, other: &AlternativeWindow<'_>) -> f64 {
        let site = other.alternative.site;
        let longest = site.removed.max(site.added);
        // as many bases of both
        let left = [(other.end(), site.alternative), (self.bases.len(), site.reference)]
            .map(|(end, start)| end.saturating_sub(start));
        let count = longest.min(left[0]).min(left[1]);
        let alternative = site.alternative..site.alternative + count;
        let reference = site.reference..site.reference + count;
        let of_alternative: f64 = alternative.map(|position| other.log_probability(position)).sum();
        of_alternative - (self.likelihoods[reference.end] - self.likelihoods[reference.start])
    }

    /// Distances of the mean hidden states; `whole` are the positions of the reference window that
    /// differ and count. `None` where no position counts.
    fn embedding(&self, other: &AlternativeWindow<'_>, whole: Range<usize>) -> Option<Embedding> {
        let computed = self.computed;
        let from = other.alternative.from;
        let sum = |member: usize, positions: Range<usize>| {
            sums(computed.hidden(member, positions), computed.width)
        };
        let own = sum(other.member, from..other.end());
        let (reference, alternative) = match self.options.downstream {
            Some(_) => (mean(&sum(0, whole.clone()), whole.len()), mean(&own, other.end() - from)),
            None => {
                // the two windows share the hidden states before `from`
                let beyond = sum(0, whole.end..self.bases.len());
                let counted: Vec<f64> =
                    self.hidden.iter().zip(&beyond).map(|(all, beyond)| all - beyond).collect();
                let rest = sum(0, whole.clone());
                let common = counted.iter().zip(&rest).map(|(all, rest)| all - rest);
                let sums: Vec<f64> = common.zip(&own).map(|(common, own)| common + own).collect();
                (mean(&counted, whole.end), mean(&sums, other.end()))
            }
        };
        let (reference, alternative) = (reference?, alternative?);
        Some(Embedding {
            l2: distance::euclidean(&reference, &alternative),
            cosine: distance::cosine_distance(&reference, &alternative),
            inner: distance::inner_product(&reference, &alternative),
        })
    }

    /// The bases downstream of the alleles that both windows have, nearest first.
    fn downstream<'b>(
        &'b self,
        other: &'b AlternativeWindow<'b>,
    ) -> impl Iterator<Item = DownstreamBase<'b>> + Clone {
        let site = other.alternative.site;
        let first = [site.reference + site.removed, site.alternative + site.added];
        let last = [self.bases.len(), other.end()];
        let both = first[0].min(first[1]);
        let [reference, alternative] = [0, 1].map(|i| last[i].saturating_sub(first[i]));
        let most = self.options.downstream.map_or(usize::MAX, |bases| bases as usize);
        let count = reference.min(alternative).min(most);
        // the first base of a window has no prediction
        (usize::from(both == 0)..count).map(move |k| DownstreamBase {
            distance: k as u64 + 1,
            position: first[0] + k,
            reference: self.computed.predictions(0, first[0] + k - 1..first[0] + k),
            alternative: other.row(first[1] + k - 1),
        })
    }

    fn certainty<'b>(
        &self,
        site: Site,
        downstream: &(impl Iterator<Item = DownstreamBase<'b>> + Clone),
    ) -> Certainty {
        let before = |position: usize| position.checked_sub(1).and_then(|i| self.entropies.get(i));
        let change = |at: DownstreamBase<'_>| {
            entropy(at.alternative) - before(at.position).copied().unwrap_or(0.0)
        };
        Certainty {
            site: before(site.reference).copied(),
            change: downstream.clone().map(change).sum(),
        }
    }
}

/// A base downstream of the alleles, with its predictions in both windows.
#[derive(Clone, Copy)]
struct DownstreamBase<'a> {
    /// Distance from the alleles, in bases; 1 for the next base.
    distance: u64,
    /// 0-based position in the reference window.
    position: usize,
    /// log P of each token at this base in the reference window, in nats.
    reference: &'a [f32],
    /// log P of each token at this base in the alternative window, in nats.
    alternative: &'a [f32],
}

fn shift<'a>(downstream: impl Iterator<Item = DownstreamBase<'a>>) -> Shift {
    let mut shift = Shift::default();
    for DownstreamBase { distance, reference, alternative, .. } in downstream {
        let divergence = jensen_shannon(reference, alternative);
        shift.sum += divergence;
        if shift.largest.is_none_or(|largest| divergence > largest.divergence) {
            shift.largest = Some(LargestShift { divergence, distance });
        }
    }
    shift
}

/// The alternative window: before [`Alternative::from`] its bases and predictions are those of the
/// reference window.
struct AlternativeWindow<'a> {
    reference: &'a ReferenceWindow<'a>,
    member: usize,
    alternative: &'a Alternative,
}

impl<'a> AlternativeWindow<'a> {
    /// One past the last base, 0-based.
    fn end(&self) -> usize {
        self.alternative.from + self.alternative.bases.len()
    }

    /// log P of each token at `position + 1`, in nats.
    fn row(&self, position: usize) -> &'a [f32] {
        let member = if position < self.alternative.from { 0 } else { self.member };
        self.reference.computed.predictions(member, position..position + 1)
    }

    /// log P of the base at a position, in nats; 0 for a base without a prediction.
    fn log_probability(&self, position: usize) -> f64 {
        let base = match position.checked_sub(self.alternative.from) {
            Some(i) => self.alternative.bases[i],
            None => self.reference.bases[position],
        };
        let before = position.checked_sub(1).map(|before| self.row(before));
        before.and_then(|row| log_probability(row, base)).unwrap_or(0.0)
    }
}

/// Sum of each column of a row-major matrix with `width` columns.
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
