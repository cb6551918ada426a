//! Distances between vectors.

/// Euclidean distance ‖a − b‖.
pub fn euclidean(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// Cosine distance 1 − a·b / (‖a‖‖b‖). Computed as ½‖a/‖a‖ − b/‖b‖‖², which stays accurate when a
/// and b are almost parallel, as they are for all but the largest variants.
pub fn cosine_distance(a: &[f64], b: &[f64]) -> f64 {
    let norm = |x: &[f64]| x.iter().map(|x| x.powi(2)).sum::<f64>().sqrt();
    let (norm_a, norm_b) = (norm(a), norm(b));
    a.iter().zip(b).map(|(a, b)| (a / norm_a - b / norm_b).powi(2)).sum::<f64>() / 2.0
}

/// Inner product a·b.
pub fn inner_product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(euclidean(&[0.0, 3.0], &[4.0, 0.0]), 5.0);
        assert_eq!(inner_product(&[1.0, 3.0], &[4.0, -2.0]), -2.0);
        assert!((cosine_distance(&[1.0, 0.0], &[0.0, 2.0]) - 1.0).abs() < 1e-12);
        assert!((cosine_distance(&[1.0, 1.0], &[1.0, 0.0]) - (1.0 - 0.5_f64.sqrt())).abs() < 1e-12);
        let tiny = cosine_distance(&[1.0, 0.0], &[1.0, 1e-6]);
        assert!((tiny / 5e-13 - 1.0).abs() < 1e-6, "{tiny:e}");
    }
}
