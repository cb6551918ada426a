//! Calibration: probabilities against the share of the members for which they hold.

/// Number of bins.
const BINS: usize = 10;

/// Members whose probability is above `low` and up to `high`; 0 is in the first bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Lower edge, exclusive.
    pub low: f64,
    /// Upper edge, inclusive.
    pub high: f64,
    /// Number of members.
    pub members: u64,
    /// Number of members for which the event occurred.
    pub hits: u64,
    /// Sum of the probabilities.
    sum: f64,
}

/// Bins of equal width from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    bins: Vec<Bin>,
}

impl Bin {
    /// Mean probability; `None` without members.
    pub fn probability(&self) -> Option<f64> {
        (self.members > 0).then(|| self.sum / self.members as f64)
    }

    /// Share of the members for which the event occurred; `None` without members.
    pub fn share(&self) -> Option<f64> {
        (self.members > 0).then(|| self.hits as f64 / self.members as f64)
    }
}

impl Calibration {
    /// Sorts pairs of a probability and its outcome into ten bins. `None` if a probability is not from 0 to
    /// 1, or without pairs.
    pub fn new(pairs: impl IntoIterator<Item = (f64, bool)>) -> Option<Self> {
        let edge = |i: usize| i as f64 * (1.0 / BINS as f64);
        let empty = |i| Bin { low: edge(i), high: edge(i + 1), members: 0, hits: 0, sum: 0.0 };
        let mut bins: Vec<Bin> = (0..BINS).map(empty).collect();
        let mut any = false;
        for (probability, hit) in pairs {
            if !(0.0..=1.0).contains(&probability) {
                return None;
            }
            let place = (1..BINS).take_while(|&i| edge(i) < probability).count();
            bins[place].members += 1;
            bins[place].hits += u64::from(hit);
            bins[place].sum += probability;
            any = true;
        }
        any.then_some(Self { bins })
    }

    /// The bins, in ascending order.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// Expected calibration error: the mean over the members of the difference between mean probability
    /// and share in their bin.
    pub fn expected_error(&self) -> f64 {
        let members: u64 = self.bins.iter().map(|bin| bin.members).sum();
        let gap = |bin: &Bin| (bin.sum - bin.hits as f64).abs();
        self.bins.iter().map(gap).sum::<f64>() / members as f64
    }
}
