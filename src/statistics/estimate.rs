//! Mean of independent values with its standard error and interval.

use super::{confusion::mean, student::quantile};

/// Probability that an interval does not hold the mean.
const OUTSIDE: f64 = 0.05;

/// A mean of independent values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean; `None` for a single value.
    pub error: Option<f64>,
    /// Number of values.
    pub count: usize,
}

impl Estimate {
    /// The mean of values; `None` without any.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mean = mean(values.iter().copied())?;
        let error = deviation(values).map(|deviation| deviation / (values.len() as f64).sqrt());
        Some(Self { mean, error, count: values.len() })
    }

    /// Half the width of the 95 % interval by Student's t.
    pub fn margin(&self) -> Option<f64> {
        self.margin_of(1)
    }

    /// Half the width of an interval that is one of `comparisons`, which hold their means all together
    /// with a probability of at least 95 % (Bonferroni).
    pub fn margin_of(&self, comparisons: usize) -> Option<f64> {
        let quantile = || quantile(self.count - 1, OUTSIDE / comparisons.max(1) as f64);
        self.error.map(|error| quantile() * error)
    }

    /// The 95 % interval by Student's t.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.margin().map(|margin| (self.mean - margin, self.mean + margin))
    }

    /// True if the mean is above 0 by more than the margin of one of `comparisons`.
    pub fn is_above(&self, comparisons: usize) -> bool {
        self.mean > 0.0 && self.margin_of(comparisons).is_some_and(|margin| self.mean > margin)
    }

    /// True if the mean is below 0 by more than the margin of one of `comparisons`.
    pub fn is_below(&self, comparisons: usize) -> bool {
        Self { mean: -self.mean, ..*self }.is_above(comparisons)
    }
}

/// Standard deviation of a sample (n − 1); `None` for fewer than two values.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values.iter().copied())?;
    let square: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (values.len() > 1).then(|| (square / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2, 4, 9: variance 13, standard error √(13/3).
    #[test]
    fn mean_and_error() {
        let found = Estimate::of(&[2.0, 4.0, 9.0]).unwrap();
        assert_eq!((found.mean, found.count), (5.0, 3));
        assert!((found.error.unwrap() - (13.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        let single = Estimate::of(&[3.0]).unwrap();
        assert_eq!((single.mean, single.error, single.interval()), (3.0, None, None));
        assert!(!single.is_above(1) && !single.is_below(1));
        assert_eq!(Estimate::of(&[]), None);
        assert_eq!(deviation(&[1.0, 3.0]), Some(2.0_f64.sqrt()));
        assert_eq!((deviation(&[1.0]), deviation(&[])), (None, None));
    }

    /// Next to R: `t.test(c(1, 2, 4))$conf.int` is −1.461 to 6.128.
    #[test]
    fn intervals_are_those_of_a_t_test() {
        let (low, high) = Estimate::of(&[1.0, 2.0, 4.0]).unwrap().interval().unwrap();
        assert!((low + 1.461).abs() < 1e-3 && (high - 6.128).abs() < 1e-3, "{low} {high}");
        let (low, high) = Estimate::of(&[0.5; 100]).unwrap().interval().unwrap();
        assert!((high - low).abs() < 1e-12);
    }

    #[test]
    fn more_comparisons_need_a_larger_difference() {
        let found = Estimate::of(&[1.0, 2.0, 3.0, 4.0, 2.0]).unwrap();
        assert!(found.is_above(1) && !found.is_above(100) && !found.is_below(1));
        let below = Estimate { mean: -found.mean, ..found };
        assert!(below.is_below(1) && !below.is_below(100) && !below.is_above(1));
    }
}
