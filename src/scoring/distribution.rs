//! Entropy and divergence of distributions given as natural logarithms of probabilities; that of
//! probability 0 is −∞.

/// Entropy H(p) = −Σ p ln p, in nats.
pub fn entropy(log_p: &[f32]) -> f64 {
    log_p.iter().map(|&log_p| -weighted(f64::from(log_p).exp(), f64::from(log_p))).sum()
}

/// Jensen–Shannon divergence ½ Σ p ln(p/m) + ½ Σ q ln(q/m) with m = (p + q)/2, in nats: from 0
/// (equal) to ln 2 (disjoint). Lin 1991, doi:10.1109/18.61115.
pub fn jensen_shannon(log_p: &[f32], log_q: &[f32]) -> f64 {
    let term = |(&log_p, &log_q): (&f32, &f32)| {
        let (log_p, log_q) = (f64::from(log_p), f64::from(log_q));
        let (p, q) = (log_p.exp(), log_q.exp());
        let log_m = ((p + q) / 2.0).ln();
        weighted(p, log_p - log_m) + weighted(q, log_q - log_m)
    };
    let sum: f64 = log_p.iter().zip(log_q).map(term).sum();
    // rounding may give a sum below 0
    (sum / 2.0).max(0.0)
}

/// p·x, or 0 if p is 0, even for an infinite x.
fn weighted(p: f64, x: f64) -> f64 {
    if p == 0.0 { 0.0 } else { p * x }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn logarithms(p: &[f64]) -> Vec<f32> {
        p.iter().map(|p| p.ln() as f32).collect()
    }

    #[test]
    fn of_known_distributions() {
        let [even, sure, other, skewed] =
            [[0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [0.9, 0.1]].map(|p| logarithms(&p));
        let ln_2 = std::f64::consts::LN_2;
        assert!((entropy(&even) - ln_2).abs() < 1e-7);
        assert_eq!(entropy(&sure), 0.0);
        assert!((jensen_shannon(&sure, &other) - ln_2).abs() < 1e-12);
        assert_eq!(jensen_shannon(&even, &even), 0.0);
        // numpy: m = (p + q) / 2; ((p * log(p / m)).sum() + (q * log(q / m)).sum()) / 2
        assert!((jensen_shannon(&even, &skewed) - 0.101_749_225_079_196_76).abs() < 1e-7);
    }

    proptest! {
        #[test]
        fn a_divergence_is_symmetric_and_bounded(
            p in prop::collection::vec(1e-6..1.0_f64, 16), q in prop::collection::vec(1e-6..1.0_f64, 16),
        ) {
            let normal = |x: &[f64]| {
                let sum: f64 = x.iter().sum();
                logarithms(&x.iter().map(|x| x / sum).collect::<Vec<_>>())
            };
            let (p, q) = (normal(&p), normal(&q));
            let found = jensen_shannon(&p, &q);
            prop_assert!((0.0..=std::f64::consts::LN_2 + 1e-6).contains(&found));
            prop_assert!((found - jensen_shannon(&q, &p)).abs() < 1e-12);
            prop_assert!(jensen_shannon(&p, &p) < 1e-12);
            prop_assert!(entropy(&p) <= 16_f64.ln() + 1e-5);
        }
    }
}
