//! Mean of independent values with its standard error.

use super::confusion::mean;

/// Standard errors on each side of a mean within its 95 % interval.
const HALF: f64 = 1.96;

/// A mean of independent values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean; `None` for a single value.
    pub error: Option<f64>,
}

impl Estimate {
    /// The mean of values; `None` without any.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        let mean = mean(values.iter().copied())?;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let error = (values.len() > 1).then(|| (squares / (count - 1.0) / count).sqrt());
        Some(Self { mean, error })
    }

    /// The 95 % interval of the normal approximation.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.error.map(|error| (self.mean - HALF * error, self.mean + HALF * error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2, 4, 9: variance 13, standard error √(13/3).
    #[test]
    fn mean_and_error() {
        let found = Estimate::of(&[2.0, 4.0, 9.0]).unwrap();
        let error = found.error.unwrap();
        assert_eq!(found.mean, 5.0);
        assert!((error - (13.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        let (low, high) = found.interval().unwrap();
        assert!((high - low - 2.0 * 1.96 * error).abs() < 1e-12);
        let single = Estimate::of(&[3.0]).unwrap();
        assert_eq!((single.mean, single.error, single.interval()), (3.0, None, None));
        assert_eq!(Estimate::of(&[]), None);
    }
}
