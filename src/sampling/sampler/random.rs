//! Windows anywhere in the intervals.

use crate::{
    chance::RandomStream,
    sampling::{genome::Genome, interval::Interval},
};

/// Chooses a genome by weight, and each window of it that does not leave its interval equally
/// often.
pub(super) struct Random {
    genomes: Vec<Share>,
    /// True if weights were given: they are the shares of what is trained on, so a window that is
    /// mostly N makes room for another of the same genome. By default every base counts the same,
    /// and a genome full of N gives less.
    weighted: bool,
    /// Length of the windows, in bases, that the sums are for; 0 before the first.
    length: u64,
}

/// Contribution of one genome.
struct Share {
    /// Number of the genome.
    genome: usize,
    /// Sum of the weights up to and with this genome.
    weights: f64,
    /// Numbers of its intervals.
    intervals: Vec<usize>,
    /// Window starts in its intervals, summed up to and with each.
    starts: Vec<u64>,
}

impl Random {
    /// At least one interval is needed.
    pub(super) fn new(genomes: &[Genome], intervals: &[Interval]) -> Self {
        let mut shares = Vec::new();
        let mut weights = 0.0;
        for (number, genome) in genomes.iter().enumerate() {
            let own: Vec<usize> =
                (0..intervals.len()).filter(|&i| intervals[i].genome == number).collect();
            if own.is_empty() {
                if genome.weight().is_some() {
                    log::warn!(
                        "nothing is drawn from {}, despite its weight: no interval of it is trained on",
                        genome.name()
                    );
                }
                continue;
            }
            let bases: u64 = own.iter().map(|&i| intervals[i].len()).sum();
            weights += genome.weight().unwrap_or(bases as f64);
            shares.push(Share { genome: number, weights, intervals: own, starts: Vec::new() });
        }
        let weighted = genomes.iter().any(|genome| genome.weight().is_some());
        Self { genomes: shares, weighted, length: 0 }
    }

    /// The bases of a window, or of another one after a window of genome `before` was mostly N.
    /// An interval shorter than `length` is taken whole.
    pub(super) fn choose(
        &mut self,
        intervals: &[Interval],
        length: u64,
        before: Option<usize>,
        chance: &mut RandomStream,
    ) -> Interval {
        if self.length != length {
            for share in &mut self.genomes {
                share.sum(intervals, length);
            }
            self.length = length;
        }
        let kept = before
            .filter(|_| self.weighted)
            .and_then(|before| self.genomes.iter().find(|share| share.genome == before));
        let share = kept.unwrap_or_else(|| self.any(chance));
        share.choose(intervals, length, chance)
    }

    /// A genome by weight.
    fn any(&self, chance: &mut RandomStream) -> &Share {
        let last = self.genomes.len() - 1;
        let point = chance.unit() * self.genomes[last].weights;
        &self.genomes[self.genomes.partition_point(|share| share.weights <= point).min(last)]
    }
}

impl Share {
    fn sum(&mut self, intervals: &[Interval], length: u64) {
        let mut sum = 0;
        self.starts.clear();
        for &interval in &self.intervals {
            sum += (intervals[interval].len() + 1).saturating_sub(length).max(1);
            self.starts.push(sum);
        }
    }

    fn choose(&self, intervals: &[Interval], length: u64, chance: &mut RandomStream) -> Interval {
        let total = *self.starts.last().expect("a share has at least one interval");
        let start = chance.below(total);
        let place = self.starts.partition_point(|sum| *sum <= start);
        let before = if place == 0 { 0 } else { self.starts[place - 1] };
        let interval = &intervals[self.intervals[place]];
        let start = interval.range.start + (start - before);
        Interval { range: start..interval.range.end.min(start + length), ..interval.clone() }
    }
}
