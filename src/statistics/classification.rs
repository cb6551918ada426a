//! Figures of predicted classes, computed as in scikit-learn.

use super::{
    bootstrap::{ConfidenceInterval, FEWEST, interval, replicate_weights},
    confusion::{Confusion, mean},
    ranking::Ranking,
    ties::DenseRanks,
};

/// Figures of a class against all others, or their means over classes. `T` is a number or an
/// interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneVsRest<T> {
    /// Share of the members predicted to be of the class that are; 0 if none is.
    pub precision: T,
    /// Share of the members of the class that are predicted to be; 0 without members.
    pub recall: T,
    /// Harmonic mean of precision and recall; 0 if both are.
    pub f1: T,
    /// Area under the ROC curve of the score of the class. `None` without scores, or if the class or
    /// the rest has no members.
    pub auroc: T,
    /// Average precision of the score of the class, as of [`Figures`](super::Figures). `None` as for
    /// `auroc`.
    pub average_precision: T,
}

/// Figures of predicted classes. `T` is a number or an interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification<T> {
    /// Share of members whose class is predicted.
    pub accuracy: T,
    /// Mean recall of the classes that have members.
    pub balanced_accuracy: T,
    /// Matthews correlation of any number of classes; 0 if all members are of one class, or predicted
    /// to be.
    pub mcc: T,
    /// Macro averages: the mean over the classes for which the figure exists. Classes without members
    /// that are never predicted are left out.
    pub macro_average: OneVsRest<T>,
    /// The figures of each class.
    pub classes: Vec<OneVsRest<T>>,
}

/// True classes, predicted classes and scores of members.
#[derive(Debug, Clone)]
pub struct ClassPredictions {
    classes: usize,
    truth: Vec<usize>,
    predicted: Vec<usize>,
    /// The order of the members by the score of each class; empty without scores.
    scores: Vec<DenseRanks>,
}

impl ClassPredictions {
    /// Takes the true and the predicted class of each member. Classes are below `classes`.
    ///
    /// # Panics
    /// The lengths differ.
    pub fn new(classes: usize, truth: Vec<usize>, predicted: Vec<usize>) -> Self {
        assert_eq!(truth.len(), predicted.len());
        Self { classes, truth, predicted, scores: Vec::new() }
    }

    /// Adds scores, members × classes; a higher score means that the class is more likely. Scores are
    /// finite.
    ///
    /// # Panics
    /// The number of scores is not that of members times classes.
    #[must_use]
    pub fn with_scores(self, scores: &[f64]) -> Self {
        assert_eq!(scores.len(), self.truth.len() * self.classes);
        let of = |class| scores.iter().skip(class).step_by(self.classes).copied();
        let column = |class| DenseRanks::new(&of(class).collect::<Vec<_>>());
        Self { scores: (0..self.classes).map(column).collect(), ..self }
    }

    /// Predicts the class with the highest score, the first of equal ones. `scores` are members ×
    /// classes, as of [`with_scores`](Self::with_scores).
    ///
    /// # Panics
    /// The number of scores is not that of members times classes, or there are no classes.
    pub fn of_scores(classes: usize, truth: Vec<usize>, scores: &[f64]) -> Self {
        let best = |row: &[f64]| (1..row.len()).fold(0, |a, b| if row[b] > row[a] { b } else { a });
        let predicted = scores.chunks_exact(classes).map(best).collect();
        Self::new(classes, truth, predicted).with_scores(scores)
    }

    /// The true class of each member.
    pub fn truth(&self) -> &[usize] {
        &self.truth
    }

    /// The predicted class of each member.
    pub fn predicted(&self) -> &[usize] {
        &self.predicted
    }

    /// The confusion matrix.
    pub fn confusion(&self) -> Confusion {
        self.weighted_confusion(&vec![1; self.truth.len()])
    }

    /// Computes the figures; each is `None` where it is not defined.
    pub fn figures(&self) -> Classification<Option<f64>> {
        self.weighted(&vec![1; self.truth.len()])
    }

    /// Computes intervals from `replicates` draws, stratified by true class. `None` without
    /// replicates, or if a class has a single member, as its draws do not vary.
    pub fn intervals(
        &self,
        replicates: u32,
        seed: u64,
    ) -> Option<Classification<Option<ConfidenceInterval>>> {
        let mut strata = vec![Vec::new(); self.classes];
        for (member, &class) in self.truth.iter().enumerate() {
            strata[class].push(member);
        }
        strata.retain(|members| !members.is_empty());
        if replicates == 0 || strata.iter().any(|members| (members.len() as u64) < FEWEST) {
            return None;
        }
        let draws: Vec<Vec<Option<f64>>> =
            replicate_weights(&strata, self.truth.len(), (replicates, seed), |weights| {
                self.weighted(weights).into_values()
            });
        let places = 0..draws.first()?.len();
        let of = |place: usize| interval(draws.iter().filter_map(|values| values[place]));
        Some(Classification::of_values(&places.map(of).collect::<Vec<_>>()))
    }

    fn weighted_confusion(&self, weights: &[u64]) -> Confusion {
        let members = self.truth.iter().zip(&self.predicted).zip(weights);
        Confusion::new(self.classes, members.map(|((&t, &p), &weight)| (t, p, weight)))
    }

    /// The figures if each member occurs as often as its weight.
    fn weighted(&self, weights: &[u64]) -> Classification<Option<f64>> {
        let confusion = self.weighted_confusion(weights);
        let one_vs_rest = |class: usize| {
            let ranked = self.scores.get(class).and_then(|ranks| {
                let members = ranks.places.iter().zip(&self.truth).zip(weights);
                let members = members.map(|((&place, &t), &weight)| (place, t == class, weight));
                Ranking::of_members(ranks, members).figures()
            });
            OneVsRest {
                precision: Some(confusion.precision(class)),
                recall: Some(confusion.recall(class)),
                f1: Some(confusion.f1(class)),
                auroc: ranked.map(|figures| figures.auroc),
                average_precision: ranked.map(|figures| figures.average_precision),
            }
        };
        let classes: Vec<_> = (0..self.classes).map(one_vs_rest).collect();
        let occurring = || classes.iter().enumerate().filter(|(class, _)| confusion.occurs(*class));
        let average = |of: fn(&OneVsRest<Option<f64>>) -> Option<f64>| {
            mean(occurring().filter_map(|(_, figures)| of(figures)))
        };
        Classification {
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            mcc: Some(confusion.matthews()),
            macro_average: OneVsRest {
                precision: average(|figures| figures.precision),
                recall: average(|figures| figures.recall),
                f1: average(|figures| figures.f1),
                auroc: average(|figures| figures.auroc),
                average_precision: average(|figures| figures.average_precision),
            },
            classes,
        }
    }
}

impl<T: Copy> OneVsRest<T> {
    pub(super) fn into_values(self) -> [T; 5] {
        [self.precision, self.recall, self.f1, self.auroc, self.average_precision]
    }

    pub(super) fn of_values([precision, recall, f1, auroc, average_precision]: [T; 5]) -> Self {
        Self { precision, recall, f1, auroc, average_precision }
    }
}

impl<T: Copy> Classification<T> {
    fn into_values(self) -> Vec<T> {
        let mut values = vec![self.accuracy, self.balanced_accuracy, self.mcc];
        values.extend(self.macro_average.into_values());
        values.extend(self.classes.into_iter().flat_map(OneVsRest::into_values));
        values
    }

    /// The inverse of `into_values`.
    fn of_values(values: &[T]) -> Self {
        let (whole, rest) = values.split_at(3);
        let (rows, _) = rest.as_chunks::<5>();
        Self {
            accuracy: whole[0],
            balanced_accuracy: whole[1],
            mcc: whole[2],
            macro_average: OneVsRest::of_values(rows[0]),
            classes: rows[1..].iter().copied().map(OneVsRest::of_values).collect(),
        }
    }
}
