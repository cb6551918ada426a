//! Figures of labels of which a member may have any number, computed as in scikit-learn.

use super::{
    bootstrap::{ConfidenceInterval, FEWEST, interval, replicate_weights},
    classification::OneVsRest,
    confusion::{Confusion, mean},
    ranking::Ranking,
    ties::DenseRanks,
};

/// Score from which on a label is predicted.
const THRESHOLD: f64 = 0.5;

/// Averages over labels, of those for which a figure exists. `T` is a number or an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Averages<T> {
    /// Means: macro averages.
    pub mean: OneVsRest<T>,
    /// Medians; of an even number, the mean of the middle two.
    pub median: OneVsRest<T>,
}

/// Figures of labels. `T` is a number or an interval.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiLabel<T> {
    /// The figures of each label.
    pub labels: Vec<OneVsRest<T>>,
    /// The averages of each set of labels.
    pub sets: Vec<Averages<T>>,
}

/// True labels and scores of members.
#[derive(Debug, Clone)]
pub struct LabelPredictions {
    labels: Vec<Label>,
    members: usize,
}

/// One label.
#[derive(Debug, Clone)]
struct Label {
    truth: Vec<bool>,
    /// Empty if scores are not probabilities.
    predicted: Vec<bool>,
    ranks: DenseRanks,
}

impl LabelPredictions {
    /// Takes labels and scores, each members × labels. A label with a score of 0.5 or more is predicted;
    /// precision, recall and F1 do not exist if a score is not from 0 to 1. Scores are finite.
    ///
    /// # Panics
    /// The numbers of labels and scores differ, or are not multiples of `labels`.
    pub fn new(labels: usize, truth: &[bool], scores: &[f64]) -> Self {
        assert_eq!(truth.len(), scores.len());
        assert!(truth.len().is_multiple_of(labels));
        let are_probabilities = scores.iter().all(|score| (0.0..=1.0).contains(score));
        let label = |label: usize| {
            let scores: Vec<f64> = scores.iter().skip(label).step_by(labels).copied().collect();
            let predicted = scores.iter().filter(|_| are_probabilities);
            Label {
                truth: truth.iter().skip(label).step_by(labels).copied().collect(),
                predicted: predicted.map(|score| *score >= THRESHOLD).collect(),
                ranks: DenseRanks::new(&scores),
            }
        };
        Self { labels: (0..labels).map(label).collect(), members: truth.len() / labels }
    }

    /// Number of members.
    pub fn members(&self) -> usize {
        self.members
    }

    /// Number of members with a label, and of those for which it is predicted; the latter is `None` if
    /// scores are not probabilities.
    pub fn counts(&self, label: usize) -> (u64, Option<u64>) {
        let Label { truth, predicted, .. } = &self.labels[label];
        let count = |of: &[bool]| of.iter().filter(|is| **is).count() as u64;
        (count(truth), (predicted.len() == truth.len()).then(|| count(predicted)))
    }

    /// Computes the figures of the labels, and their averages over sets of labels.
    pub fn figures(&self, sets: &[Vec<usize>]) -> MultiLabel<Option<f64>> {
        self.weighted(&vec![1; self.members], sets)
    }

    /// Computes intervals from `replicates` draws of members. `None` without replicates, or with fewer
    /// than two members, as draws do not vary.
    pub fn intervals(
        &self,
        sets: &[Vec<usize>],
        replicates: u32,
        seed: u64,
    ) -> Option<MultiLabel<Option<ConfidenceInterval>>> {
        if replicates == 0 || (self.members as u64) < FEWEST {
            return None;
        }
        let strata = [(0..self.members).collect::<Vec<_>>()];
        let draws: Vec<Vec<Option<f64>>> =
            replicate_weights(&strata, self.members, (replicates, seed), |weights| {
                self.weighted(weights, sets).into_values()
            });
        let of = |place: usize| interval(draws.iter().filter_map(|values| values[place]));
        let values: Vec<_> = (0..draws.first()?.len()).map(of).collect();
        Some(MultiLabel::of_values(&values, self.labels.len()))
    }

    /// The figures if each member occurs as often as its weight.
    fn weighted(&self, weights: &[u64], sets: &[Vec<usize>]) -> MultiLabel<Option<f64>> {
        let labels: Vec<_> = self.labels.iter().map(|label| label.figures(weights)).collect();
        let values: Vec<[Option<f64>; 5]> =
            labels.iter().map(|figures| figures.into_values()).collect();
        let of = |set: &Vec<usize>, average: fn(Vec<f64>) -> Option<f64>| {
            let figure = |place: usize| {
                average(set.iter().filter_map(|&label| values[label][place]).collect())
            };
            OneVsRest::of_values(std::array::from_fn(figure))
        };
        let averages = |set: &Vec<usize>| Averages {
            mean: of(set, |values| mean(values.into_iter())),
            median: of(set, median),
        };
        MultiLabel { sets: sets.iter().map(averages).collect(), labels }
    }
}

impl Label {
    fn figures(&self, weights: &[u64]) -> OneVsRest<Option<f64>> {
        let members = self.ranks.places.iter().zip(&self.truth).zip(weights);
        let members = members.map(|((&place, &truth), &weight)| (place, truth, weight));
        let ranked = Ranking::of_members(&self.ranks, members).figures();
        let called = self.truth.iter().zip(&self.predicted).zip(weights);
        let called = called.map(|((&t, &p), &weight)| (usize::from(t), usize::from(p), weight));
        let confusion = (!self.predicted.is_empty()).then(|| Confusion::new(2, called));
        OneVsRest {
            precision: confusion.as_ref().map(|confusion| confusion.precision(1)),
            recall: confusion.as_ref().map(|confusion| confusion.recall(1)),
            f1: confusion.as_ref().map(|confusion| confusion.f1(1)),
            auroc: ranked.map(|figures| figures.auroc),
            average_precision: ranked.map(|figures| figures.average_precision),
        }
    }
}

/// The median; `None` without values.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(f64::midpoint(values[last / 2], values[last.div_ceil(2)]))
}

impl<T: Copy> MultiLabel<T> {
    fn into_values(self) -> Vec<T> {
        let sets = self.sets.into_iter().flat_map(|set| [set.mean, set.median]);
        self.labels.into_iter().chain(sets).flat_map(OneVsRest::into_values).collect()
    }

    /// The inverse of `into_values`.
    fn of_values(values: &[T], labels: usize) -> Self {
        let (rows, _) = values.as_chunks::<5>();
        let (labels, sets) = rows.split_at(labels);
        let of = |row: &[T; 5]| OneVsRest::of_values(*row);
        let (sets, _) = sets.as_chunks::<2>();
        let averages =
            |[mean, median]: &[[T; 5]; 2]| Averages { mean: of(mean), median: of(median) };
        Self { labels: labels.iter().map(of).collect(), sets: sets.iter().map(averages).collect() }
    }
}
