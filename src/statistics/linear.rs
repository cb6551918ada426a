//! Linear models with a quadratic penalty: logistic regression of classes, ridge regression of numbers.

use rayon::prelude::*;

use super::{
    loss::{Loss, Targets},
    matrix::Matrix,
    minimize::minimize,
};

/// Penalty and end of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Weight of the examples against the penalty: C of scikit-learn's `LogisticRegression`, and 1 / alpha
    /// of its `Ridge`. The objective is ½ Σ weight² + strength × Σ loss.
    pub strength: f64,
    /// Largest partial derivative of the mean loss and the penalty at the end.
    pub tolerance: f64,
    /// Most steps.
    pub steps: usize,
}

/// A linear model of standardised features.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// For each output, a weight for each feature, then the intercept.
    weights: Vec<f64>,
    width: usize,
    loss: Loss,
    /// False if the solver stopped before the requested tolerance.
    pub converged: bool,
}

impl Linear {
    /// Fits a model to `rows` of a matrix of standardised features; `from` is a model of the same features
    /// and targets to start from. The intercept has no penalty. The result does not depend on the number of
    /// threads.
    pub fn fit(
        features: &Matrix,
        targets: &Targets,
        rows: &[usize],
        fit: Fit,
        from: Option<&Self>,
    ) -> Self {
        const ROWS: usize = 256;
        let loss = Loss::of(targets);
        let (width, outputs) = (features.width(), loss.outputs());
        let stride = width + 1;
        let count = rows.len() as f64;
        let penalty = 1.0 / (fit.strength * count);
        let objective = |weights: &[f64]| -> (f64, Vec<f64>) {
            let parts: Vec<(f64, Vec<f64>)> = rows
                .par_chunks(ROWS)
                .map(|rows| {
                    let mut gradient = vec![0.0; outputs * stride];
                    let mut of_row = vec![0.0; outputs];
                    let mut sum = 0.0;
                    for &row in rows {
                        let values = features.row(row);
                        compute(weights, values, &mut of_row);
                        sum += loss.differentiate(&mut of_row, targets, row);
                        for (gradient, &derivative) in
                            gradient.chunks_exact_mut(stride).zip(&of_row)
                        {
                            let (slopes, intercept) = gradient.split_at_mut(width);
                            slopes
                                .iter_mut()
                                .zip(values)
                                .for_each(|(slope, x)| *slope += derivative * f64::from(*x));
                            intercept[0] += derivative;
                        }
                    }
                    (sum, gradient)
                })
                .collect();
            let mut value = 0.0;
            let mut gradient = vec![0.0; weights.len()];
            for (sum, part) in parts {
                value += sum / count;
                gradient.iter_mut().zip(part).for_each(|(all, x)| *all += x / count);
            }
            let all = gradient.chunks_exact_mut(stride).zip(weights.chunks_exact(stride));
            for (gradient, weights) in all {
                for (slope, weight) in gradient[..width].iter_mut().zip(&weights[..width]) {
                    *slope += penalty * weight;
                    value += penalty * weight * weight / 2.0;
                }
            }
            (value, gradient)
        };
        let start = from.map_or_else(|| vec![0.0; outputs * stride], |from| from.weights.clone());
        let found = minimize(start, objective, fit.tolerance, fit.steps);
        Self { weights: found.point, width, loss, converged: found.converged }
    }

    /// The mean loss of `rows`: the negative log-likelihood in nats, or half the squared difference.
    pub fn loss(&self, features: &Matrix, targets: &Targets, rows: &[usize]) -> f64 {
        let mut outputs = vec![0.0; self.loss.outputs()];
        let of = |&row: &usize| {
            compute(&self.weights, features.row(row), &mut outputs);
            self.loss.differentiate(&mut outputs, targets, row)
        };
        rows.iter().map(of).sum::<f64>() / rows.len() as f64
    }

    /// Predictions for each row: the probability of each class (rows × classes), or a number.
    pub fn predict(&self, features: &Matrix) -> Vec<f64> {
        let mut outputs = vec![0.0; self.loss.outputs()];
        let mut all = Vec::new();
        for row in 0..features.rows() {
            compute(&self.weights, features.row(row), &mut outputs);
            self.loss.push_predictions(&mut outputs, &mut all);
        }
        debug_assert!(self.weights.len() == (self.width + 1) * self.loss.outputs());
        all
    }
}

/// The outputs of a row of features.
fn compute(weights: &[f64], row: &[f32], outputs: &mut [f64]) {
    for (output, weights) in outputs.iter_mut().zip(weights.chunks_exact(row.len() + 1)) {
        *output = inner(row, &weights[..row.len()]) + weights[row.len()];
    }
}

/// An inner product in eight sums, which the compiler computes side by side.
fn inner(row: &[f32], weights: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (row, weights) = (row.chunks_exact(8), weights.chunks_exact(8));
    let rest = row.remainder().iter().zip(weights.remainder());
    let rest: f64 = rest.map(|(x, w)| f64::from(*x) * w).sum();
    for (row, weights) in row.zip(weights) {
        for ((sum, x), w) in sums.iter_mut().zip(row).zip(weights) {
            *sum += f64::from(*x) * w;
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: usize = 60;

    const FIT: Fit = Fit { strength: 0.3, tolerance: 1e-10, steps: 1000 };

    fn features() -> Matrix {
        let of =
            |i: usize, j: usize| ((i * (7 + 3 * j) + j * j * 5 + i * i) % 23) as f32 / 11.0 - 1.0;
        Matrix::new((0..ROWS).flat_map(|i| (0..5).map(move |j| of(i, j))).collect(), 5)
    }

    fn score(i: usize) -> f64 {
        let features = features();
        f64::from(features.row(i)[0]) - 0.5 * f64::from(features.row(i)[3])
    }

    fn assert_close(got: &[f64], expected: &[f64]) {
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-7, "{got} {expected}");
        }
    }

    fn fit(targets: &Targets) -> Vec<f64> {
        let rows: Vec<usize> = (0..ROWS).collect();
        let model = Linear::fit(&features(), targets, &rows, FIT, None);
        assert!(model.converged);
        let again = Linear::fit(&features(), targets, &rows, FIT, Some(&model));
        assert_close(&again.weights, &model.weights);
        let lower = Linear::fit(&features(), targets, &rows, Fit { strength: 0.01, ..FIT }, None);
        assert!(lower.loss(&features(), targets, &rows) > model.loss(&features(), targets, &rows));
        model.predict(&features())
    }

    /// scikit-learn 1.9.1, the same numbers: `LogisticRegression(C=0.3, tol=1e-10).fit(X, y)
    /// .predict_proba(X)`, and `Ridge(alpha=1/0.3).fit(X, y).predict(X)`.
    #[test]
    fn predictions_are_those_of_scikit_learn() {
        let two = |i: usize| usize::from(score(i) > 0.2) ^ usize::from(i.is_multiple_of(7));
        let found = fit(&Targets::Classes { of: (0..ROWS).map(two).collect(), count: 2 });
        let second: Vec<f64> = found.chunks(2).map(|row| row[1]).collect();
        assert_close(&second, &[0.15113601041953098, 0.2813190071911762, 0.5390346725721032]);
        let three = |i: usize| {
            let class = usize::from(score(i) >= -0.4) + usize::from(score(i) >= 0.5);
            (class + usize::from(i.is_multiple_of(11))) % 3
        };
        let found = fit(&Targets::Classes { of: (0..ROWS).map(three).collect(), count: 3 });
        let expected = [0.6691567782103544, 0.3100749389393815, 0.020768282850264125];
        assert_close(&found, &expected);
        assert_close(&found[3..], &[0.46851827654910855, 0.35021053077633524]);
        let number = |i: usize| 2.0 * score(i) + (i as f64).cos();
        let found = fit(&Targets::Numbers((0..ROWS).map(number).collect()));
        assert_close(&found, &[-2.6248330687681576, -0.785321096351812, 0.9447811535879769]);
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let values = |i: usize| ((i * i * 31 + i * 7) % 101) as f32 / 50.0 - 1.0;
        let features = Matrix::new((0..3000).map(values).collect(), 3);
        let of = (0..1000).map(|i| usize::from(i % 3 == 0)).collect();
        let targets = Targets::Classes { of, count: 2 };
        let rows: Vec<usize> = (0..1000).collect();
        let fit = || Linear::fit(&features, &targets, &rows, FIT, None);
        let pool = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        assert_eq!(pool(1).install(fit), pool(3).install(fit));
    }

    #[test]
    fn extreme_outputs_stay_finite() {
        let features = Matrix::new(vec![-1e30, 1e30], 1);
        let targets = Targets::Classes { of: vec![0, 1], count: 2 };
        let model =
            Linear { weights: vec![1.0, 0.0], width: 1, loss: Loss::Binomial, converged: true };
        assert_eq!(model.loss(&features, &targets, &[0, 1]), 0.0);
        assert_eq!(model.predict(&features), [1.0, 0.0, 0.0, 1.0]);
    }
}
