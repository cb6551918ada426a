//! The loss of a model on windows, by the number of bases before each target.

/// Sums of losses by position.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// Summed loss in nats of the targets with i + 1 bases before them.
    pub losses: Vec<f64>,
    /// Number of these targets.
    pub counts: Vec<u64>,
}

/// Targets with at least `from` and at most `to` bases before them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Fewest bases before a target.
    pub from: usize,
    /// Most.
    pub to: usize,
    /// Number of targets.
    pub targets: u64,
    /// Mean loss in nats; NaN without targets.
    pub loss: f64,
}

impl Evaluation {
    /// Mean loss of all targets in nats; NaN without any.
    pub fn loss(&self) -> f64 {
        self.bin(1, self.losses.len()).loss
    }

    /// Number of targets.
    pub fn targets(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The targets with `from`…`to` bases before them.
    pub fn bin(&self, from: usize, to: usize) -> Bin {
        let range = from.saturating_sub(1)..to.min(self.losses.len());
        let targets: u64 = self.counts[range.clone()].iter().sum();
        let loss = self.losses[range].iter().sum::<f64>() / targets as f64;
        Bin { from, to: to.min(self.losses.len()), targets, loss }
    }

    /// Bins of the bounds 16, 64, 256, 512, 1024, 4096, … as far as there are targets.
    pub fn bins(&self) -> Vec<Bin> {
        let longest = self.losses.len();
        let mut bounds = vec![16, 64, 256, 512, 1024];
        while bounds.last().is_some_and(|&last| last < longest) {
            bounds.push(bounds[bounds.len() - 1] * 4);
        }
        let mut from = 1;
        let mut bins = Vec::new();
        for to in bounds {
            if from <= longest {
                bins.push(self.bin(from, to));
            }
            from = to + 1;
        }
        bins
    }

    /// Adds what the model says of one window: its bases' log-probabilities in nats, first to last;
    /// `None` for those that are not counted.
    pub fn add(&mut self, window: impl Iterator<Item = Option<f64>>) {
        for (position, log_probability) in window.enumerate() {
            if self.losses.len() <= position {
                self.losses.push(0.0);
                self.counts.push(0);
            }
            if let Some(log_probability) = log_probability {
                self.losses[position] -= log_probability;
                self.counts[position] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_cover_every_target_once() {
        let evaluation = Evaluation { losses: vec![1.0; 1023], counts: vec![2; 1023] };
        let bins = evaluation.bins();
        let bounds: Vec<_> = bins.iter().map(|bin| (bin.from, bin.to)).collect();
        assert_eq!(bounds, [(1, 16), (17, 64), (65, 256), (257, 512), (513, 1023)]);
        assert_eq!(bins.iter().map(|bin| bin.targets).sum::<u64>(), evaluation.targets());
        assert!((evaluation.loss() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_is_unknown_is_not_counted() {
        let mut evaluation = Evaluation::default();
        evaluation.add([Some(-1.0), None, Some(-3.0)].into_iter());
        evaluation.add([Some(-2.0)].into_iter());
        assert_eq!(evaluation.losses, [3.0, 0.0, 3.0]);
        assert_eq!(evaluation.counts, [2, 0, 1]);
        assert_eq!(evaluation.loss(), 2.0);
    }
}
