//! Quantiles of Student's t distribution.

use std::f64::consts::FRAC_2_PI;

/// Degrees of freedom beyond which the distribution is taken as constant: quantiles change by less than 0.1 %.
const MANY: usize = 10_000;
/// Halvings of the range of angles that holds a quantile.
const HALVINGS: usize = 60;

/// Quantile such that the absolute value of t is larger with the probability `outside`: with 0.05, half the
/// width of the 95 % interval in standard errors. Without a degree of freedom it is infinite.
pub fn quantile(freedom: usize, outside: f64) -> f64 {
    if freedom == 0 {
        return f64::INFINITY;
    }
    let freedom = freedom.min(MANY);
    let (mut low, mut high) = (0.0, std::f64::consts::FRAC_PI_2);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        match within(freedom, middle) < 1.0 - outside {
            true => low = middle,
            false => high = middle,
        }
    }
    f64::midpoint(low, high).tan() * (freedom as f64).sqrt()
}

/// Probability that the absolute value of t is at most tan(angle) √freedom (Abramowitz and Stegun 26.7.3 and
/// 26.7.4).
fn within(freedom: usize, angle: f64) -> f64 {
    let (sine, cosine) = angle.sin_cos();
    let square = cosine * cosine;
    // of an odd number 1, 2/3, 2·4/(3·5) …, of an even one 1, 1/2, 1·3/(2·4) …, times powers of the cosine
    let odd = freedom % 2;
    let (mut term, mut sum) = (1.0, 0.0);
    for step in 0..(freedom - odd) / 2 {
        sum += term;
        let above = (2 * step + 1 + odd) as f64;
        term *= square * above / (above + 1.0);
    }
    match odd {
        1 => FRAC_2_PI * (angle + sine * cosine * sum),
        _ => sine * sum,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Next to R: `qt(1 - outside / 2, freedom)`.
    #[test]
    fn quantiles_are_those_of_tables() {
        for (freedom, outside, expected) in [
            (1, 0.05, 12.7062),
            (2, 0.05, 4.3027),
            (4, 0.05, 2.7764),
            (9, 0.05, 2.2622),
            (30, 0.05, 2.0423),
            (4, 0.01, 4.6041),
            (10, 0.001, 4.5869),
            (1_000_000, 0.05, 1.9602),
        ] {
            let found = quantile(freedom, outside);
            assert!((found - expected).abs() < 1e-4, "{freedom} {outside}: {found}");
        }
        assert_eq!(quantile(0, 0.05), f64::INFINITY);
    }

    /// A smaller probability and fewer degrees of freedom both widen an interval.
    #[test]
    fn quantiles_grow_with_comparisons() {
        for freedom in [1, 2, 19, 399] {
            assert!(quantile(freedom, 0.05 / 30.0) > quantile(freedom, 0.05));
            assert!(quantile(freedom, 0.05) > quantile(freedom + 1, 0.05));
        }
    }
}
