//! Comparisons of a group from plain slices.

use std::ops::Range;

use super::{
    group::{CompareOptions, WindowGroup},
    places::Places,
};
use crate::{
    inference::computed::Computed,
    model::tokenizer::log_probability,
    scoring::{
        Certainty, Comparison, Embedding, LargestShift, Shift, distance,
        distribution::{entropy, jensen_shannon},
    },
    windows::placement::{Alternative, Site},
};

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
        let places = Places::of(self.bases.len(), alternative, self.options);
        let other = AlternativeWindow { reference: self, member, alternative };
        let difference = |alternative: Range<usize>, reference: Range<usize>| {
            let own: f64 = alternative.map(|position| other.log_probability(position)).sum();
            own - (self.likelihoods[reference.end] - self.likelihoods[reference.start])
        };
        let downstream = self.downstream(&other, &places);
        Comparison {
            llr: difference(places.own.clone(), places.whole.clone()),
            site: difference(places.site_alternative.clone(), places.site_reference.clone()),
            embedding: self.embedding(&other, &places),
            shift: self.options.shift.then(|| shift(downstream.clone())),
            certainty: self
                .options
                .certainty
                .then(|| self.certainty(alternative.site, &downstream)),
        }
    }

    /// Distances of the mean hidden states; `None` where no position counts.
    fn embedding(&self, other: &AlternativeWindow<'_>, places: &Places) -> Option<Embedding> {
        let computed = self.computed;
        let Places { own, whole, .. } = places.clone();
        let sum = |member: usize, positions: Range<usize>| {
            sums(computed.hidden(member, positions), computed.width)
        };
        let (end, len) = (own.end, own.len());
        let own = sum(other.member, own);
        let (reference, alternative) = match self.options.downstream {
            Some(_) => (mean(&sum(0, whole.clone()), whole.len()), mean(&own, len)),
            None => {
                // the two windows share the hidden states before `from`
                let beyond = sum(0, whole.end..self.bases.len());
                let counted: Vec<f64> =
                    self.hidden.iter().zip(&beyond).map(|(all, beyond)| all - beyond).collect();
                let rest = sum(0, whole.clone());
                let common = counted.iter().zip(&rest).map(|(all, rest)| all - rest);
                let sums: Vec<f64> = common.zip(&own).map(|(common, own)| common + own).collect();
                (mean(&counted, whole.end), mean(&sums, end))
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
        places: &Places,
    ) -> impl Iterator<Item = DownstreamBase<'b>> + Clone + use<'a, 'b> {
        let [reference, alternative] = places.after;
        places.downstream.clone().map(move |k| DownstreamBase {
            distance: k as u64 + 1,
            position: reference + k,
            reference: self.computed.predictions(0, reference + k - 1..reference + k),
            alternative: other.row(alternative + k - 1),
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
