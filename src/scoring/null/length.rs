//! Dependence of a score on the length of an indel.
//!
//! Long indels change more of the window, so their scores are larger whatever their effect. The
//! model
//!
//! ```text
//! score = c₀ + c₁ ln(length) + c₂ length + e
//! ```
//!
//! with the length in bases is fitted to the null insertions and to the null deletions separately.
//! The residuals e are comparable between lengths. A few null indels have scores of many tens of
//! nats, which would dominate least squares, so outliers count less: the fit is Huber's M-estimate
//! (Huber 1964, doi:10.1214/aoms/1177703732) by iterated weighted least squares, with weights
//! min(1, 1.345 s/|e|) and s = 1.4826 median |e|.

use super::{
    class::Class,
    entries::{NullEntry, NullScores},
};

/// The fits of one score.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LengthFit {
    /// Fit of insertions; `None` with fewer than two.
    pub insertion: Option<Fit>,
    /// Fit of deletions; `None` with fewer than two.
    pub deletion: Option<Fit>,
}

/// A robust fit of score on length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Coefficients of 1, ln(length) and length, with the length in bases; 0 for an omitted term.
    pub coefficients: [f64; 3],
    /// The longest indel of the fit, in bases.
    pub longest: u64,
    /// Number of indels.
    pub n: usize,
    /// Share of the variance that the length explains: 1 − Σwe² / Σw(score − mean)², with the
    /// weights w and the weighted mean; 0 if all scores are equal.
    pub r_squared: f64,
    /// 1.4826 median |e|, in the unit of the score: the standard deviation if residuals are normal.
    pub residual_sd: f64,
}

impl LengthFit {
    /// Fits the score of an index to the indels of a null. Indels without a finite score do not
    /// count.
    pub fn of(null: &NullScores, column: usize) -> Self {
        let fit = |class| {
            let entries = null.classes.get(&class).into_iter().flatten();
            let points = entries.filter_map(|entry| {
                let score = entry.scores.get(column).copied().filter(|score| score.is_finite())?;
                Some((entry.length.unsigned_abs(), score))
            });
            Fit::of(&points.collect::<Vec<_>>())
        };
        Self { insertion: fit(Class::Insertion), deletion: fit(Class::Deletion) }
    }

    /// Average score of null indels of a length: the change of length in bases, positive for an
    /// insertion, negative for a deletion. Beyond the longest indel of the fit it is that of the
    /// longest: the formula is not extrapolated. `None` without a fit, and for 0.
    pub fn expected(&self, length: i64) -> Option<f64> {
        let fit = match length {
            0 => None,
            1.. => self.insertion,
            _ => self.deletion,
        };
        fit.map(|fit| fit.expected(length.unsigned_abs()))
    }

    /// A score less the [expected](Self::expected) score of its length; unchanged if the length
    /// does not change. `None` without a fit.
    pub fn corrected(&self, score: f64, length: i64) -> Option<f64> {
        if length == 0 { Some(score) } else { Some(score - self.expected(length)?) }
    }
}

impl NullScores {
    /// Fits the effect of length on each score, in order.
    pub fn length_fits(&self) -> Vec<LengthFit> {
        (0..self.names.len()).map(|column| LengthFit::of(self, column)).collect()
    }
}

impl NullEntry {
    /// The entry with the effect of its length removed from one score, which becomes NaN without a
    /// fit for its kind.
    #[must_use]
    pub fn length_corrected(mut self, column: usize, fit: &LengthFit) -> Self {
        if let Some(score) = self.scores.get_mut(column) {
            *score = fit.corrected(*score, self.length).unwrap_or(f64::NAN);
        }
        self
    }
}

/// Rounds of weighted least squares.
const ROUNDS: usize = 100;

/// Relative norm below which the rest of a column counts as zero.
const NOTHING: f64 = 1e-9;

impl Fit {
    /// Fits points of length and score. The last terms are omitted if the lengths do not determine
    /// them, such as length beside ln(length) with only two lengths, or if there are no more points
    /// than terms. `None` with fewer than two points.
    fn of(points: &[(u64, f64)]) -> Option<Self> {
        let n = points.len();
        if n < 2 {
            return None;
        }
        let scores: Vec<f64> = points.iter().map(|(_, score)| *score).collect();
        let mut weights = vec![1.0; n];
        let mut coefficients = weighted(points, &weights);
        let residuals = |coefficients: &[f64; 3]| -> Vec<f64> {
            let of = |(length, score): &(u64, f64)| score - dot(coefficients, &terms(*length));
            points.iter().map(of).collect()
        };
        let size = scores.iter().map(|score| score.abs()).fold(0.0, f64::max);
        let mut left = residuals(&coefficients);
        let mut scale = 1.4826 * median_size(&left);
        for _ in 0..ROUNDS {
            if scale <= NOTHING * size {
                break;
            }
            let limit = 1.345 * scale;
            weights = left.iter().map(|e| limit / e.abs().max(limit)).collect();
            coefficients = weighted(points, &weights);
            left = residuals(&coefficients);
            scale = 1.4826 * median_size(&left);
        }
        let sum = |of: &dyn Fn(usize) -> f64| -> f64 { (0..n).map(|i| weights[i] * of(i)).sum() };
        let mean = sum(&|i| scores[i]) / weights.iter().sum::<f64>();
        let all = sum(&|i| (scores[i] - mean).powi(2));
        let unexplained = sum(&|i| left[i].powi(2));
        Some(Self {
            coefficients,
            longest: points.iter().map(|(length, _)| *length).max().unwrap_or(0),
            n,
            r_squared: if all > 0.0 { (1.0 - unexplained / all).max(0.0) } else { 0.0 },
            residual_sd: scale,
        })
    }

    fn expected(&self, length: u64) -> f64 {
        dot(&self.coefficients, &terms(length.min(self.longest)))
    }
}

/// Coefficients by least squares with a weight for each point.
fn weighted(points: &[(u64, f64)], weights: &[f64]) -> [f64; 3] {
    let roots: Vec<f64> = weights.iter().map(|weight| weight.sqrt()).collect();
    let times = |of: &dyn Fn(&(u64, f64)) -> f64| -> Vec<f64> {
        points.iter().zip(&roots).map(|(point, root)| root * of(point)).collect()
    };
    let columns = (0..3.min(points.len() - 1)).map(|term| times(&|point| terms(point.0)[term]));
    least_squares(columns.collect(), times(&|point| point.1))
}

/// The median of |x|; 0 without values.
fn median_size(values: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = values.iter().map(|value| value.abs()).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let middle = sizes.len() / 2;
    match (sizes.get(middle), sizes.len().is_multiple_of(2)) {
        (Some(upper), true) => f64::midpoint(sizes[middle - 1], *upper),
        (Some(only), false) => *only,
        (None, _) => 0.0,
    }
}

/// Terms of the formula at a length, in bases.
fn terms(length: u64) -> [f64; 3] {
    let length = length.max(1) as f64;
    [1.0, length.ln(), length]
}

/// Coefficients by the modified Gram-Schmidt process on the columns and the right-hand side (Björck
/// 1967, doi:10.1007/BF01934122). Stops at the first column that depends linearly on those before
/// it.
fn least_squares(mut columns: Vec<Vec<f64>>, mut rest: Vec<f64>) -> [f64; 3] {
    let norm = |column: &[f64]| dot(column, column).sqrt();
    let lengths: Vec<f64> = columns.iter().map(|column| norm(column)).collect();
    let mut triangle = [[0.0; 3]; 3];
    let mut right = [0.0; 3];
    let mut used = 0;
    while used < columns.len() {
        let (done, others) = columns.split_at_mut(used + 1);
        let unit = &mut done[used];
        let left = norm(unit);
        if left <= NOTHING * lengths[used] {
            break;
        }
        unit.iter_mut().for_each(|value| *value /= left);
        triangle[used][used] = left;
        for (number, other) in others.iter_mut().enumerate() {
            triangle[used][used + 1 + number] = project_out(unit, other);
        }
        right[used] = project_out(unit, &mut rest);
        used += 1;
    }
    let mut coefficients = [0.0; 3];
    for row in (0..used).rev() {
        let known: f64 = (row + 1..used).map(|k| triangle[row][k] * coefficients[k]).sum();
        coefficients[row] = (right[row] - known) / triangle[row][row];
    }
    coefficients
}

/// Makes a column orthogonal to a unit vector. Returns their inner product.
fn project_out(unit: &[f64], column: &mut [f64]) -> f64 {
    let share = dot(unit, column);
    column.iter_mut().zip(unit).for_each(|(value, unit)| *value -= share * unit);
    share
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: &[f64], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            let scale = expected.abs().max(1.0);
            assert!((found - expected).abs() < 1e-10 * scale, "{found} {expected}");
        }
    }

    /// ```python
    /// import numpy as np
    /// X = np.c_[np.ones(len(L)), np.log(L), L]
    /// w = np.ones(len(L))
    /// for _ in range(200):
    ///     r = np.sqrt(w)
    ///     b = np.linalg.lstsq(X * r[:, None], y * r)[0]
    ///     e = y - X @ b
    ///     s = 1.4826 * np.median(np.abs(e))
    ///     w = 1.345 * s / np.maximum(np.abs(e), 1.345 * s)
    /// m = (w * y).sum() / w.sum()
    /// print(b, 1 - (w * e**2).sum() / (w * (y - m)**2).sum(), s)
    /// ```
    /// with `L` and `y` the lengths and the scores.
    #[test]
    fn fits_are_those_of_numpy() {
        let lengths = [1, 2, 3, 5, 8, 13, 21, 34, 50, 50];
        let scores = [-2.5, -3.1, -4.8, -5.0, -7.7, -9.1, -12.4, -15.2, -19.9, -21.3];
        let points: Vec<_> = lengths.into_iter().zip(scores).collect();
        // all weights are 1: ordinary least squares
        let fit = Fit::of(&points).unwrap();
        close(
            &fit.coefficients,
            &[-2.002_305_084_460_721_8, -1.520_863_223_255_8, -0.250_524_020_069_239_85],
        );
        close(
            &[fit.r_squared, fit.residual_sd],
            &[0.993_046_025_235_624_2, 0.768_983_756_214_633_7],
        );
        assert_eq!((fit.n, fit.longest), (10, 50));
        // one score is far off, and hardly counts
        let mut points = points;
        points[4].1 = -60.0;
        let fit = Fit::of(&points).unwrap();
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-6;
        let expected =
            [-1.988_622_586_641_622_3, -1.635_141_214_785_165_2, -0.241_050_676_972_598_63];
        assert!(fit.coefficients.iter().zip(expected).all(|(a, b)| near(*a, b)), "{fit:?}");
        assert!(near(fit.r_squared, 0.875_437_770_821_306_8), "{fit:?}");
    }

    #[test]
    fn few_points_leave_few_terms() {
        for (points, coefficients, sd) in [
            (&[(3, 1.0), (3, 3.0), (3, 5.0)][..], [3.0, 0.0, 0.0], 1.4826 * 2.0),
            (&[(1, 2.0), (9, 4.0)], [3.0, 0.0, 0.0], 1.4826),
            (&[(7, 4.0), (8, 4.0), (9, 4.0)], [4.0, 0.0, 0.0], 0.0),
        ] {
            let fit = Fit::of(points).unwrap();
            close(&fit.coefficients, &coefficients);
            close(&[fit.residual_sd], &[sd]);
            assert!(fit.r_squared < 1e-12);
        }
        assert_eq!((Fit::of(&[(1, 2.0)]), Fit::of(&[])), (None, None));
        // two lengths determine two terms
        let points: Vec<_> =
            [1, 1, 4, 4, 4].into_iter().zip([0.5, 1.5, -2.0, -3.0, -2.5]).collect();
        let fit = Fit::of(&points).unwrap();
        assert!(fit.coefficients[1] < 0.0 && fit.coefficients[2] == 0.0);
        close(&[fit.expected(1), fit.expected(4)], &[1.0, -2.5]);
    }

    #[test]
    fn insertions_and_deletions_have_fits_of_their_own() {
        let mut null = NullScores::new(["llr"]);
        for length in [1_i64, 2, 4, 8, -1, -2, -4, -8] {
            let size = length.unsigned_abs() as f64;
            let score = if length > 0 { 1.0 - size } else { 2.0 * size.ln() };
            for score in [score, f64::NAN, f64::INFINITY] {
                let class = if length > 0 { Class::Insertion } else { Class::Deletion };
                null.push(
                    class,
                    NullEntry { contig: "1".into(), position: 1, length, scores: vec![score] },
                );
            }
        }
        let fit = LengthFit::of(&null, 0);
        close(&fit.insertion.unwrap().coefficients, &[1.0, 0.0, -1.0]);
        close(&fit.deletion.unwrap().coefficients, &[0.0, 2.0, 0.0]);
        close(&[fit.expected(6).unwrap(), fit.expected(-6).unwrap()], &[-5.0, 2.0 * 6.0_f64.ln()]);
        // beyond the longest indel of the fit
        assert_eq!(fit.expected(1000), fit.expected(8));
        assert_eq!(fit.expected(i64::MIN), fit.expected(-8));
        close(&[fit.corrected(3.0, 3).unwrap()], &[5.0]);
        assert_eq!((fit.expected(0), fit.corrected(3.0, 0)), (None, Some(3.0)));
        let none = LengthFit::of(&null, 1);
        assert_eq!((none, none.corrected(3.0, 3)), (LengthFit::default(), None));
    }

    proptest! {
        /// A few outliers hardly change the fit to points on a line.
        #[test]
        fn outliers_hardly_count(
            others in prop::collection::vec((1..40_u64, 100.0..900.0_f64), 0..4),
        ) {
            let line = |length: u64| 2.0 - 0.5 * length as f64 + 0.01 * (length % 3) as f64;
            let mut points: Vec<(u64, f64)> = (1..40).map(|length| (length, line(length))).collect();
            points.extend(others);
            let fit = Fit::of(&points).unwrap();
            for length in [1, 10, 39] {
                prop_assert!((fit.expected(length) - line(length)).abs() < 0.1, "{fit:?}");
            }
            prop_assert!((0.0..=1.0).contains(&fit.r_squared) && fit.residual_sd >= 0.0);
        }
    }
}
