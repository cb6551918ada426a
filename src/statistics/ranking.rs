//! A ranking by score, and figures of its separation of positives from negatives.

use super::ties::DenseRanks;

/// Numbers of members with the same score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RankingStep {
    pub score: f64,
    pub positives: u64,
    pub negatives: u64,
}

/// Members in descending order of their scores; those with the same score form one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    pub(super) steps: Vec<RankingStep>,
    /// Number of positives.
    pub positives: u64,
    /// Number of negatives.
    pub negatives: u64,
}

/// Figures of a score; both classes have members.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Area under the ROC curve: P(positive > negative) + P(equal) / 2 for a random pair.
    pub auroc: f64,
    /// Area under the precision-recall curve in steps, without interpolation: Σ (Rₖ − Rₖ₋₁) Pₖ over
    /// the thresholds from the highest, with precision P and recall R.
    pub average_precision: f64,
    /// Pearson's correlation of label and rank; equal scores have their mean rank. `None` if all
    /// scores are equal.
    pub spearman: Option<f64>,
    /// Largest Matthews correlation of any threshold; 0 for a threshold that leaves a side empty.
    pub mcc: f64,
    /// Highest threshold that reaches `mcc`: scores at or above it are called positive.
    pub threshold: f64,
}

impl Ranking {
    /// Ranks pairs of score and label, true for positive. Scores are finite.
    pub fn new(scored: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let (scores, labels): (Vec<f64>, Vec<bool>) = scored.into_iter().unzip();
        let ranks = DenseRanks::new(&scores);
        let members = ranks.places.iter().zip(labels).map(|(&place, label)| (place, label, 1));
        Self::of_members(&ranks, members)
    }

    /// Ranks members by place among the values of `ranks`, label and number of occurrences.
    pub(super) fn of_members(
        ranks: &DenseRanks,
        members: impl Iterator<Item = (usize, bool, u64)>,
    ) -> Self {
        let empty = |&score| RankingStep { score, positives: 0, negatives: 0 };
        let mut steps: Vec<RankingStep> = ranks.values.iter().map(empty).collect();
        for (place, positive, times) in members {
            match positive {
                true => steps[place].positives += times,
                false => steps[place].negatives += times,
            }
        }
        Self::of_steps(steps)
    }

    pub(super) fn of_steps(steps: Vec<RankingStep>) -> Self {
        let positives = steps.iter().map(|step| step.positives).sum();
        let negatives = steps.iter().map(|step| step.negatives).sum();
        Self { steps, positives, negatives }
    }

    /// Share of positives: the precision of a random score.
    pub fn base_rate(&self) -> f64 {
        self.positives as f64 / (self.positives + self.negatives) as f64
    }

    /// Steps from the highest, with the positives and negatives at or above each.
    fn called(&self) -> impl Iterator<Item = (RankingStep, u64, u64)> + '_ {
        self.steps.iter().scan((0, 0), |(hits, alarms), &step| {
            *hits += step.positives;
            *alarms += step.negatives;
            Some((step, *hits, *alarms))
        })
    }

    /// Computes the figures; `None` unless both classes have members.
    pub fn figures(&self) -> Option<Figures> {
        if self.positives == 0 || self.negatives == 0 {
            return None;
        }
        let (positives, negatives) = (self.positives as f64, self.negatives as f64);
        let mut twice_won = 0_u128; // twice the pairs won; a tie is half a pair
        let mut average_precision = 0.0;
        let mut ties = 0.0; // Σ t³ − t
        let (mut mcc, mut threshold) = (f64::NEG_INFINITY, f64::NAN);
        for (step, hits, alarms) in self.called() {
            let size = step.positives + step.negatives;
            if size == 0 {
                continue; // not drawn
            }
            let below = self.negatives - alarms;
            twice_won +=
                u128::from(step.positives) * (2 * u128::from(below) + u128::from(step.negatives));
            average_precision +=
                step.positives as f64 / positives * (hits as f64 / (hits + alarms) as f64);
            ties += (size as f64).powi(3) - size as f64;
            let here = matthews(hits, alarms, self.positives, self.negatives);
            if here > mcc {
                (mcc, threshold) = (here, step.score);
            }
        }
        let auroc = twice_won as f64 / 2.0 / (positives * negatives);
        // the rank sum of the positives exceeds its expectation by P N (AUROC − 1/2)
        let all = positives + negatives;
        let spread = (all.powi(3) - all - ties) / 12.0;
        let spearman = (self.steps.len() > 1 && spread > 0.0).then(|| {
            let shared = positives * negatives * (auroc - 0.5);
            (shared / (spread * positives * negatives / all).sqrt()).clamp(-1.0, 1.0)
        });
        Some(Figures { auroc, average_precision, spearman, mcc, threshold })
    }

    /// False and true positive rates at every threshold, from (0, 0) to (1, 1).
    pub fn roc(&self) -> Vec<(f64, f64)> {
        let rate = |(_, hits, alarms): (RankingStep, u64, u64)| {
            (alarms as f64 / self.negatives as f64, hits as f64 / self.positives as f64)
        };
        [(0.0, 0.0)].into_iter().chain(self.called().map(rate)).collect()
    }

    /// Recall and precision at every threshold, from the highest.
    pub fn precision_recall(&self) -> Vec<(f64, f64)> {
        let rate = |(_, hits, alarms): (RankingStep, u64, u64)| {
            (hits as f64 / self.positives as f64, hits as f64 / (hits + alarms) as f64)
        };
        self.called().map(rate).collect()
    }
}

/// Matthews correlation if `hits` positives and `alarms` negatives are called positive.
fn matthews(hits: u64, alarms: u64, positives: u64, negatives: u64) -> f64 {
    let [hits, alarms, positives, negatives] =
        [hits, alarms, positives, negatives].map(|n| n as f64);
    let called = hits + alarms;
    let rest = positives + negatives - called;
    if called == 0.0 || rest == 0.0 {
        return 0.0;
    }
    // tp tn − fp fn = tp N − fp P
    (hits * negatives - alarms * positives)
        / (called * rest).sqrt()
        / (positives * negatives).sqrt()
}
