//! How a score depends on the length of an indel.
//!
//! Long indels change more of what is read, and their scores are larger whatever they do. For the
//! null insertions and the null deletions apart, least squares fit
//!
//! ```text
//! score = c₀ + c₁ ln(length) + c₂ length + e
//! ```
//!
//! with the length in bases; what is left, e, can be compared between lengths.

use super::{Class, Null};

/// The fits of one score.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LengthFit {
    /// Of insertions; none with fewer than two.
    pub insertion: Option<Fit>,
    /// Of deletions; none with fewer than two.
    pub deletion: Option<Fit>,
}

/// A fit of score on length by ordinary least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Of 1, ln(length) and length, the length in bases; 0 for a term that was left out.
    pub coefficients: [f64; 3],
    /// The longest indel of the fit, in bases.
    pub longest: u64,
    /// How many indels there were.
    pub n: usize,
    /// 1 − Σe² / Σ(score − mean)²: the share of the variance that the length explains; 0 where all
    /// scores are equal.
    pub r_squared: f64,
    /// (Σe² / (n − terms))^½, in the unit of the score.
    pub residual_sd: f64,
}

impl LengthFit {
    /// The fits of the score of a number to the indels of a null. Indels without a finite score do
    /// not count.
    pub fn of(null: &Null, column: usize) -> Self {
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

    /// The score that null indels of a length have on average: of a change of length in bases, above
    /// 0 for an insertion, below for a deletion. One beyond the longest of the fit gets the value of
    /// the longest: the formula is not carried on. None without a fit, and for 0.
    pub fn expected(&self, length: i64) -> Option<f64> {
        let fit = match length {
            0 => None,
            1.. => self.insertion,
            _ => self.deletion,
        };
        fit.map(|fit| fit.expected(length.unsigned_abs()))
    }

    /// A score less what is expected of its length; as it is where the length does not change. None
    /// without a fit.
    pub fn corrected(&self, score: f64, length: i64) -> Option<f64> {
        if length == 0 { Some(score) } else { Some(score - self.expected(length)?) }
    }
}

/// What is left of a column of the matrix, of its length, where others explain it.
const NOTHING: f64 = 1e-9;

impl Fit {
    /// The fit to points of length and score. Terms are left out from the end where the lengths do
    /// not tell them apart, as ln(length) and length with two lengths, and where there are no more
    /// points than terms. None with fewer than two points.
    fn of(points: &[(u64, f64)]) -> Option<Self> {
        let n = points.len();
        if n < 2 {
            return None;
        }
        let scores: Vec<f64> = points.iter().map(|(_, score)| *score).collect();
        let column = |term: usize| points.iter().map(|(length, _)| terms(*length)[term]).collect();
        let columns: Vec<Vec<f64>> = (0..3.min(n - 1)).map(column).collect();
        let (coefficients, used, residuals) = least_squares(columns, scores.clone());
        let mean = scores.iter().sum::<f64>() / n as f64;
        let all: f64 = scores.iter().map(|score| (score - mean).powi(2)).sum();
        let left = dot(&residuals, &residuals);
        Some(Self {
            coefficients,
            longest: points.iter().map(|(length, _)| *length).max().unwrap_or(0),
            n,
            r_squared: if all > 0.0 { (1.0 - left / all).max(0.0) } else { 0.0 },
            residual_sd: (left / (n - used) as f64).sqrt(),
        })
    }

    fn expected(&self, length: u64) -> f64 {
        dot(&self.coefficients, &terms(length.min(self.longest)))
    }
}

/// What the coefficients are multiplied with.
fn terms(length: u64) -> [f64; 3] {
    let length = length.max(1) as f64;
    [1.0, length.ln(), length]
}

/// Coefficients, how many columns were used, and residuals, by the modified Gram-Schmidt process on
/// the columns and the right-hand side (Björck 1967, doi:10.1007/BF01934122). It ends with the first
/// column that those before it explain.
fn least_squares(mut columns: Vec<Vec<f64>>, mut rest: Vec<f64>) -> ([f64; 3], usize, Vec<f64>) {
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
            triangle[used][used + 1 + number] = take_out(unit, other);
        }
        right[used] = take_out(unit, &mut rest);
        used += 1;
    }
    let mut coefficients = [0.0; 3];
    for row in (0..used).rev() {
        let known: f64 = (row + 1..used).map(|k| triangle[row][k] * coefficients[k]).sum();
        coefficients[row] = (right[row] - known) / triangle[row][row];
    }
    (coefficients, used, rest)
}

/// Makes a column orthogonal to a unit vector; returns how much of that it had.
fn take_out(unit: &[f64], column: &mut [f64]) -> f64 {
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
    use crate::null::Entry;
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
    /// b, _, k, _ = np.linalg.lstsq(X, y)
    /// e = y - X @ b
    /// print(b, 1 - e @ e / ((y - y.mean()) @ (y - y.mean())), np.sqrt(e @ e / (len(L) - k)))
    /// ```
    /// with `L` and `y` the lengths and the scores.
    #[test]
    fn fits_are_those_of_numpy() {
        let lengths = [1, 2, 3, 5, 8, 13, 21, 34, 50, 50];
        let scores = [-2.5, -3.1, -4.8, -5.0, -7.7, -9.1, -12.4, -15.2, -19.9, -21.3];
        let points: Vec<_> = lengths.into_iter().zip(scores).collect();
        let fit = Fit::of(&points).unwrap();
        close(
            &fit.coefficients,
            &[-2.002_305_084_460_721_8, -1.520_863_223_255_8, -0.250_524_020_069_239_85],
        );
        close(
            &[fit.r_squared, fit.residual_sd],
            &[0.993_046_025_235_624_2, 0.646_247_519_027_409_2],
        );
        assert_eq!((fit.n, fit.longest), (10, 50));
    }

    /// The same with `X = np.c_[np.ones(len(L)), np.log(L)]`.
    #[test]
    fn two_lengths_leave_two_terms() {
        let points: Vec<_> =
            [1, 1, 4, 4, 4].into_iter().zip([0.5, 1.5, -2.0, -3.0, -2.5]).collect();
        let fit = Fit::of(&points).unwrap();
        close(&fit.coefficients, &[1.0, -2.524_716_321_555_685_4, 0.0]);
        close(
            &[fit.r_squared, fit.residual_sd],
            &[0.936_305_732_484_076_4, 0.577_350_269_189_625_7],
        );
        assert_eq!(fit.coefficients[2], 0.0);
    }

    #[test]
    fn few_points_leave_few_terms() {
        for (points, coefficients, sd) in [
            (&[(3, 1.0), (3, 3.0), (3, 5.0)][..], [3.0, 0.0, 0.0], 2.0),
            (&[(1, 2.0), (9, 4.0)], [3.0, 0.0, 0.0], 2.0_f64.sqrt()),
            (&[(7, 4.0), (8, 4.0), (9, 4.0)], [4.0, 0.0, 0.0], 0.0),
        ] {
            let fit = Fit::of(points).unwrap();
            close(&fit.coefficients, &coefficients);
            close(&[fit.residual_sd], &[sd]);
            assert!(fit.r_squared < 1e-12);
        }
        assert_eq!((Fit::of(&[(1, 2.0)]), Fit::of(&[])), (None, None));
    }

    #[test]
    fn insertions_and_deletions_have_fits_of_their_own() {
        let mut null = Null::new(["llr"]);
        for length in [1_i64, 2, 4, 8, -1, -2, -4, -8] {
            let size = length.unsigned_abs() as f64;
            let score = if length > 0 { 1.0 - size } else { 2.0 * size.ln() };
            for score in [score, f64::NAN, f64::INFINITY] {
                let class = if length > 0 { Class::Insertion } else { Class::Deletion };
                null.push(
                    class,
                    Entry { contig: "1".into(), position: 1, length, scores: vec![score] },
                );
            }
        }
        let fit = LengthFit::of(&null, 0);
        close(&fit.insertion.unwrap().coefficients, &[1.0, 0.0, -1.0]);
        close(&fit.deletion.unwrap().coefficients, &[0.0, 2.0, 0.0]);
        close(&[fit.expected(6).unwrap(), fit.expected(-6).unwrap()], &[-5.0, 2.0 * 6.0_f64.ln()]);
        // as the longest of the fit
        assert_eq!(fit.expected(1000), fit.expected(8));
        assert_eq!(fit.expected(i64::MIN), fit.expected(-8));
        close(&[fit.corrected(3.0, 3).unwrap()], &[5.0]);
        assert_eq!((fit.expected(0), fit.corrected(3.0, 0)), (None, Some(3.0)));
        let none = LengthFit::of(&null, 1);
        assert_eq!((none, none.corrected(3.0, 3)), (LengthFit::default(), None));
    }

    proptest! {
        /// The residuals of least squares are orthogonal to every term.
        #[test]
        fn residuals_have_nothing_left_of_the_terms(
            points in prop::collection::vec((1..60_u64, -50.0..50.0_f64), 4..40),
        ) {
            let fit = Fit::of(&points).unwrap();
            for term in 0..3 {
                if fit.coefficients[term] == 0.0 {
                    continue; // left out
                }
                let product = |(length, score): &(u64, f64)| {
                    terms(*length)[term] * (score - fit.expected(*length))
                };
                let sum: f64 = points.iter().map(product).sum();
                prop_assert!(sum.abs() < 1e-5, "{term} {sum}");
            }
            prop_assert!((0.0..=1.0).contains(&fit.r_squared) && fit.residual_sd >= 0.0);
        }
    }
}
