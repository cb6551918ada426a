//! Figures of predicted numbers, computed as in scikit-learn and SciPy.

use super::{
    bootstrap::{ConfidenceInterval, FEWEST, interval, replicate_weights},
    ties::DenseRanks,
};

/// Figures of predicted numbers. `T` is a number or an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regression<T> {
    /// Coefficient of determination, 1 − Σ (y − ŷ)² / Σ (y − mean y)²; below 0 if the mean of the true
    /// numbers predicts better. `None` if these are all equal.
    pub r2: T,
    /// Pearson's correlation. `None` if the true or the predicted numbers are all equal.
    pub pearson: T,
    /// Spearman's correlation; equal numbers have their mean rank. `None` as for `pearson`.
    pub spearman: T,
    /// Mean squared error.
    pub mean_squared_error: T,
    /// Mean absolute error.
    pub mean_absolute_error: T,
}

/// True and predicted numbers of members.
#[derive(Debug, Clone)]
pub struct NumberPredictions {
    truth: Vec<f64>,
    predicted: Vec<f64>,
    truth_ranks: DenseRanks,
    predicted_ranks: DenseRanks,
}

impl NumberPredictions {
    /// Takes the true and the predicted number of each member. Numbers are finite.
    ///
    /// # Panics
    /// The lengths differ.
    pub fn new(truth: Vec<f64>, predicted: Vec<f64>) -> Self {
        assert_eq!(truth.len(), predicted.len());
        let [truth_ranks, predicted_ranks] = [&truth, &predicted].map(|v| DenseRanks::new(v));
        Self { truth, predicted, truth_ranks, predicted_ranks }
    }

    /// Computes the figures; `None` without members.
    pub fn figures(&self) -> Option<Regression<Option<f64>>> {
        (!self.truth.is_empty()).then(|| self.weighted(&vec![1; self.truth.len()]))
    }

    /// Computes intervals from `replicates` draws. `None` without replicates, or with fewer than two
    /// members, as draws do not vary.
    pub fn intervals(
        &self,
        replicates: u32,
        seed: u64,
    ) -> Option<Regression<Option<ConfidenceInterval>>> {
        let members = self.truth.len();
        if replicates == 0 || (members as u64) < FEWEST {
            return None;
        }
        let strata = [(0..members).collect::<Vec<_>>()];
        let draws = replicate_weights(&strata, members, (replicates, seed), |weights| {
            self.weighted(weights)
        });
        let of = |value: fn(&Regression<Option<f64>>) -> Option<f64>| {
            interval(draws.iter().filter_map(value))
        };
        Some(Regression {
            r2: of(|f| f.r2),
            pearson: of(|f| f.pearson),
            spearman: of(|f| f.spearman),
            mean_squared_error: of(|f| f.mean_squared_error),
            mean_absolute_error: of(|f| f.mean_absolute_error),
        })
    }

    /// The figures if each member occurs as often as its weight; one at least does.
    fn weighted(&self, weights: &[u64]) -> Regression<Option<f64>> {
        let (truth, predicted) = (&self.truth, &self.predicted);
        let total = weights.iter().sum::<u64>() as f64;
        let mean_error = |of: fn(f64) -> f64| {
            let errors = truth.iter().zip(predicted).map(|(y, p)| of(y - p));
            errors.zip(weights).map(|(error, &weight)| error * weight as f64).sum::<f64>() / total
        };
        let mean_squared_error = mean_error(|error| error * error);
        let deviations = Deviations::new(truth, weights);
        let [truth_ranks, predicted_ranks] =
            [&self.truth_ranks, &self.predicted_ranks].map(|ranks| ranks.mean_ranks(weights));
        Regression {
            r2: deviations.as_ref().map(|d| 1.0 - mean_squared_error * total / d.squares),
            pearson: correlation(truth, predicted, weights),
            spearman: correlation(&truth_ranks, &predicted_ranks, weights),
            mean_squared_error: Some(mean_squared_error),
            mean_absolute_error: Some(mean_error(f64::abs)),
        }
    }
}

/// Differences from the mean.
struct Deviations {
    of_members: Vec<f64>,
    /// Their sum of squares.
    squares: f64,
}

impl Deviations {
    /// `None` if the values that occur are all equal.
    fn new(values: &[f64], weights: &[u64]) -> Option<Self> {
        let weighted = || values.iter().copied().zip(weights).filter(|(_, weight)| **weight > 0);
        let (first, _) = weighted().next()?;
        if weighted().all(|(value, _)| value == first) {
            return None;
        }
        let total = weights.iter().sum::<u64>() as f64;
        let mean = weighted().map(|(value, &weight)| value * weight as f64).sum::<f64>() / total;
        let of_members: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let squares =
            of_members.iter().zip(weights).map(|(d, &weight)| d * d * weight as f64).sum();
        Some(Self { of_members, squares })
    }
}

/// Pearson's correlation; `None` if the values of a side are all equal.
fn correlation(a: &[f64], b: &[f64], weights: &[u64]) -> Option<f64> {
    let (a, b) = (Deviations::new(a, weights)?, Deviations::new(b, weights)?);
    let products = a.of_members.iter().zip(&b.of_members).zip(weights);
    let shared: f64 = products.map(|((a, b), &weight)| a * b * weight as f64).sum();
    Some((shared / a.squares.sqrt() / b.squares.sqrt()).clamp(-1.0, 1.0))
}
