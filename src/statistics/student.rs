//! Mean, deviation and interval of a few independent values, such as those of seeds.

use super::mean;

/// The 97.5th percentile of Student's t distribution with 1 to 30 degrees of freedom.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

/// Standard deviation of a sample (n − 1); `None` for fewer than two values.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values.iter().copied())?;
    let square: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (values.len() > 1).then(|| (square / (values.len() - 1) as f64).sqrt())
}

/// Half the width of the 95 % interval of the mean by Student's t; `None` for fewer than two values.
/// Beyond 31 values the quantile is that of 31, which is wider by 4 % at most.
pub fn margin(values: &[f64]) -> Option<f64> {
    let deviation = deviation(values)?;
    let quantile = T[(values.len() - 2).min(T.len() - 1)];
    Some(quantile * deviation / (values.len() as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_those_of_a_sample() {
        assert_eq!(deviation(&[1.0, 3.0]), Some(2.0_f64.sqrt()));
        assert_eq!((deviation(&[1.0]), deviation(&[])), (None, None));
    }

    /// Next to R: `t.test(c(1, 2, 4))$conf.int` is −1.461 to 6.128.
    #[test]
    fn margins_are_those_of_a_t_test() {
        let margin = margin(&[1.0, 2.0, 4.0]).unwrap();
        assert!((margin - 3.7947).abs() < 1e-3, "{margin}");
        assert_eq!(super::margin(&[1.0]), None);
        assert!(super::margin(&[0.5; 100]).unwrap().abs() < 1e-12);
    }
}
