//! A confusion matrix, and the figures that follow from it.

/// Counts of members by true and predicted class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// True classes × predicted classes.
    counts: Vec<u64>,
}

impl Confusion {
    /// Counts members, each with its true class, its predicted class and its number of occurrences.
    /// Classes are below `classes`.
    pub fn new(classes: usize, members: impl IntoIterator<Item = (usize, usize, u64)>) -> Self {
        let mut counts = vec![0; classes * classes];
        for (truth, predicted, times) in members {
            counts[truth * classes + predicted] += times;
        }
        Self { classes, counts }
    }

    /// Number of members of the true class `truth` that are predicted to be of class `predicted`.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[truth * self.classes + predicted]
    }

    /// Number of members of a true class.
    pub fn members(&self, truth: usize) -> u64 {
        self.counts[truth * self.classes..][..self.classes].iter().sum()
    }

    /// Number of members that are predicted to be of a class.
    pub fn predicted(&self, class: usize) -> u64 {
        (0..self.classes).map(|truth| self.count(truth, class)).sum()
    }

    fn all(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn right(&self) -> u64 {
        (0..self.classes).map(|class| self.count(class, class)).sum()
    }

    /// True if a class has members or is predicted.
    pub(super) fn occurs(&self, class: usize) -> bool {
        self.members(class) + self.predicted(class) > 0
    }

    /// Share of members whose class is predicted; `None` without members.
    pub fn accuracy(&self) -> Option<f64> {
        share(self.right(), self.all())
    }

    /// Mean recall of the classes that have members; `None` without members.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let recall = |class| share(self.count(class, class), self.members(class));
        mean((0..self.classes).filter_map(recall))
    }

    /// Matthews correlation, generalised to any number of classes (Gorodkin's R_K). 0 if all members
    /// are of one class, or predicted to be.
    pub fn matthews(&self) -> f64 {
        let all = i128::from(self.all());
        let sides: Vec<[i128; 2]> = (0..self.classes)
            .map(|class| [self.members(class), self.predicted(class)].map(i128::from))
            .collect();
        let product = |a: usize, b: usize| sides.iter().map(|s| s[a] * s[b]).sum::<i128>();
        let shared = i128::from(self.right()) * all - product(0, 1);
        let [truth, predicted] = [product(0, 0), product(1, 1)].map(|squares| all * all - squares);
        if truth == 0 || predicted == 0 {
            return 0.0;
        }
        let correlation = shared as f64 / (truth as f64).sqrt() / (predicted as f64).sqrt();
        correlation.clamp(-1.0, 1.0)
    }

    /// Share of the members predicted to be of a class that are; 0 if none is.
    pub fn precision(&self, class: usize) -> f64 {
        share(self.count(class, class), self.predicted(class)).unwrap_or(0.0)
    }

    /// Share of the members of a class that are predicted to be; 0 without members.
    pub fn recall(&self, class: usize) -> f64 {
        share(self.count(class, class), self.members(class)).unwrap_or(0.0)
    }

    /// Harmonic mean of precision and recall of a class; 0 if both are.
    pub fn f1(&self, class: usize) -> f64 {
        let sum = self.members(class) + self.predicted(class);
        share(2 * self.count(class, class), sum).unwrap_or(0.0)
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The mean; `None` without values.
pub fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u64), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}
