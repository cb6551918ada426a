//! Losses of predictions, shared by linear models and boosted trees.

/// Values to predict, one for each row of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// Indices of classes, below their number, which is 2 or more.
    Classes {
        /// The class of each row.
        of: Vec<usize>,
        /// Number of classes.
        count: usize,
    },
    /// Numbers.
    Numbers(Vec<f64>),
}

/// Loss of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Two classes: one output, the log-odds of the second.
    Binomial,
    /// Several classes: an output for each, the logarithm of its share.
    Multinomial(usize),
    /// Numbers: half the squared difference.
    Squared,
}

impl Loss {
    /// The loss of some targets.
    pub fn of(targets: &Targets) -> Self {
        match targets {
            Targets::Classes { count: 2, .. } => Self::Binomial,
            Targets::Classes { count, .. } => Self::Multinomial(*count),
            Targets::Numbers(_) => Self::Squared,
        }
    }

    /// Numbers that a model of this loss computes for a row.
    pub fn outputs(self) -> usize {
        match self {
            Self::Binomial | Self::Squared => 1,
            Self::Multinomial(classes) => classes,
        }
    }

    /// The loss of a row; replaces its outputs by the derivatives of the loss.
    pub fn differentiate(self, outputs: &mut [f64], targets: &Targets, row: usize) -> f64 {
        match (self, targets) {
            (Self::Binomial, Targets::Classes { of, .. }) => {
                let z = outputs[0];
                let is_second = of[row] == 1;
                outputs[0] = 1.0 / (1.0 + (-z).exp()) - f64::from(u8::from(is_second));
                // log(1 + e^z) - z y, without overflow
                z.max(0.0) + (-z.abs()).exp().ln_1p() - if is_second { z } else { 0.0 }
            }
            (Self::Multinomial(_), Targets::Classes { of, .. }) => {
                let own = outputs[of[row]];
                let log_sum = softmax(outputs);
                outputs[of[row]] -= 1.0;
                log_sum - own
            }
            (Self::Squared, Targets::Numbers(values)) => {
                outputs[0] -= values[row];
                outputs[0].powi(2) / 2.0
            }
            _ => unreachable!("the loss follows from the targets"),
        }
    }

    /// The second derivative of the loss by an output, from the first one.
    pub fn curvature(self, derivative: f64) -> f64 {
        match self {
            Self::Squared => 1.0,
            // the derivative is p for the other classes and p - 1 for the own one
            _ => derivative.abs() * (1.0 - derivative.abs()),
        }
    }

    /// Outputs of the model that predicts the same for every row and has the lowest loss on `rows`.
    pub fn constant(self, targets: &Targets, rows: &[usize]) -> Vec<f64> {
        let count = rows.len() as f64;
        match targets {
            Targets::Classes { of, count: classes } => {
                let mut members = vec![0.0; *classes];
                rows.iter().for_each(|&row| members[of[row]] += 1.0);
                // a class without members has half of one, so that its logarithm is finite
                let log = |members: &f64| (members.max(0.5) / count).ln();
                let logs: Vec<f64> = members.iter().map(log).collect();
                match self {
                    Self::Binomial => vec![logs[1] - logs[0]],
                    _ => logs,
                }
            }
            Targets::Numbers(values) => {
                vec![rows.iter().map(|&row| values[row]).sum::<f64>() / count]
            }
        }
    }

    /// Appends the predictions of a row: the probability of each class, or a number.
    pub fn push_predictions(self, outputs: &mut [f64], all: &mut Vec<f64>) {
        match self {
            Self::Binomial => {
                let second = 1.0 / (1.0 + (-outputs[0]).exp());
                all.extend([1.0 - second, second]);
            }
            Self::Multinomial(_) => {
                softmax(outputs);
                all.extend_from_slice(outputs);
            }
            Self::Squared => all.push(outputs[0]),
        }
    }
}

/// Replaces logarithms by shares that sum to 1; gives the logarithm of the sum before.
fn softmax(outputs: &mut [f64]) -> f64 {
    let most = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = outputs.iter().map(|x| (x - most).exp()).sum();
    outputs.iter_mut().for_each(|x| *x = (*x - most).exp() / sum);
    most + sum.ln()
}
