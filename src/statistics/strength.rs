//! The strength of a linear model, chosen by its loss on held-out rows.

use super::{
    linear::{Fit, Linear},
    loss::Targets,
    matrix::Matrix,
};

/// Strengths that are tried, in ascending order.
pub const STRENGTHS: [f64; 12] =
    [1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 10.0];

/// Strengths after the best one that are tried before the search ends.
const PATIENCE: usize = 2;

/// Rows to fit and rows to measure the loss on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldOut {
    /// Rows of the fit.
    pub fit: Vec<usize>,
    /// Rows that the fit does not see.
    pub measure: Vec<usize>,
}

/// Divides rows by their folds: each fold is held out once.
pub fn held_out(folds: &[usize]) -> Vec<HeldOut> {
    let count = folds.iter().max().map_or(0, |most| most + 1);
    let rows =
        |is_in: &dyn Fn(usize) -> bool| (0..folds.len()).filter(|&i| is_in(folds[i])).collect();
    (0..count)
        .map(|fold| HeldOut { fit: rows(&|of| of != fold), measure: rows(&|of| of == fold) })
        .collect()
}

/// A strength and its loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chosen {
    /// The strength.
    pub strength: f64,
    /// The mean loss on held-out rows: the negative log-likelihood in nats, or half the squared difference.
    pub loss: f64,
}

/// Chooses the strength whose mean loss on held-out rows is the lowest. Strengths ascend, each fit starts
/// from the one before, and the search ends after two strengths that are worse than the best.
pub fn choose(features: &Matrix, targets: &Targets, splits: &[HeldOut], fit: Fit) -> Chosen {
    let mut models: Vec<Option<Linear>> = vec![None; splits.len()];
    let (mut best, mut lowest) = (0, f64::INFINITY);
    for (number, strength) in STRENGTHS.into_iter().enumerate() {
        let fit = Fit { strength, ..fit };
        let mut sum = 0.0;
        for (split, model) in splits.iter().zip(&mut models) {
            let next = Linear::fit(features, targets, &split.fit, fit, model.as_ref());
            sum += next.loss(features, targets, &split.measure);
            *model = Some(next);
        }
        if sum < lowest {
            (best, lowest) = (number, sum);
        } else if number >= best + PATIENCE {
            break;
        }
    }
    Chosen { strength: STRENGTHS[best], loss: lowest / splits.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that follows the first of 20 features, the others being noise.
    #[test]
    fn noise_lowers_the_strength() {
        let noise = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
        let features = Matrix::new((0..60 * 20).map(noise).collect(), 20);
        let values = |noisy: f64| {
            let of =
                |i: usize| f64::from(features.row(i)[0]) + noisy * f64::from(noise(i * 37 + 5));
            Targets::Numbers((0..60).map(of).collect())
        };
        let splits = held_out(&(0..60).map(|i| i % 5).collect::<Vec<_>>());
        let fit = Fit { strength: 1.0, tolerance: 1e-6, steps: 200 };
        let [clean, noisy] = [0.0, 5.0].map(|n| choose(&features, &values(n), &splits, fit));
        assert!(clean.strength > noisy.strength, "{clean:?} {noisy:?}");
        assert!(clean.loss < noisy.loss, "{clean:?} {noisy:?}");
    }

    #[test]
    fn each_row_is_held_out_once() {
        let splits = held_out(&[0, 1, 0, 2]);
        assert_eq!(splits.len(), 3);
        assert_eq!(splits[0], HeldOut { fit: vec![1, 3], measure: vec![0, 2] });
    }
}
