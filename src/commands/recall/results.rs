//! Figures of a model over all trials.

use super::{
    design::{Background, Design},
    measure::Measured,
};
use crate::{statistics::Estimate, windows::repeats::Repeat};

/// Standard errors above 0 from which on a copy advantage is above chance: one of 740 rows is so far by
/// chance.
const CLEAR: f64 = 3.0;
/// Share of the loss after the control from which on an advantage above chance is recall.
const SHARE: f64 = 0.01;

/// Finding of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recall {
    /// The advantage is above chance, and not negligible.
    Yes,
    /// The advantage is above chance, but below 1 % of the loss.
    Trace,
    /// The advantage is not above chance.
    No,
}

impl Recall {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Trace => "trace",
            Self::No => "no",
        }
    }
}

/// Copies of a kind at a distance.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyResult {
    pub background: Background,
    pub repeat: Repeat,
    /// From the start of the copy to that of the segment, in bases.
    pub distance: usize,
    /// Mean loss of the segment after a copy, in nats per base.
    pub loss: f64,
    /// The same after the control.
    pub control: f64,
    /// Loss after the control less that after the copy, over the trials.
    pub advantage: Estimate,
}

impl CopyResult {
    /// The finding: a large number of replicates shows differences that are of no use.
    pub fn recall(&self) -> Recall {
        let Estimate { mean, error } = self.advantage;
        match error.is_some_and(|error| mean > CLEAR * error) {
            true if mean >= SHARE * self.control => Recall::Yes,
            true => Recall::Trace,
            false => Recall::No,
        }
    }
}

/// Bases of native windows by the number of bases before.
#[derive(Debug, Clone, PartialEq)]
pub struct PositionResult {
    /// Fewest bases before, and most.
    pub before: (usize, usize),
    /// Mean loss over the windows, in nats per base.
    pub loss: Estimate,
}

/// Figures of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    pub copies: Vec<CopyResult>,
    pub positions: Vec<PositionResult>,
}

impl Results {
    /// Figures over the cases of all trials.
    pub fn new(design: &Design, measured: &[Measured]) -> Self {
        let mut copies = Vec::new();
        for &background in &design.backgrounds {
            let of_background: Vec<&Measured> =
                measured.iter().filter(|one| one.background == background).collect();
            for (number, (distance, repeat)) in design.places().enumerate() {
                let pairs = || of_background.iter().map(|one| one.pairs[number]);
                let advantages: Vec<f64> = pairs().map(|[copy, control]| control - copy).collect();
                let mean =
                    |of: usize| pairs().map(|pair| pair[of]).sum::<f64>() / advantages.len() as f64;
                copies.extend(Estimate::of(&advantages).map(|advantage| CopyResult {
                    background,
                    repeat,
                    distance,
                    loss: mean(0),
                    control: mean(1),
                    advantage,
                }));
            }
        }
        let native = measured.iter().filter(|one| one.background == Background::Native);
        let bins: Vec<_> = native.map(|one| &one.positions).collect();
        let first = bins.first().map(|bins| bins.as_slice()).unwrap_or_default();
        let positions = first.iter().enumerate().filter_map(|(number, bin)| {
            let losses: Vec<f64> = bins.iter().map(|bins| bins[number].loss).collect();
            Some(PositionResult { before: (bin.from, bin.to), loss: Estimate::of(&losses)? })
        });
        Self { copies, positions: positions.collect() }
    }

    /// The finding in words.
    pub fn verdict(&self) -> String {
        let above = |least: Recall| {
            self.copies.iter().filter(move |copy| copy.recall() == least).collect::<Vec<_>>()
        };
        let (recalled, traces) = (above(Recall::Yes), above(Recall::Trace));
        if recalled.is_empty() && traces.is_empty() {
            return format!(
                "no recall beyond chance: no copy advantage is more than {CLEAR} standard errors above 0"
            );
        }
        if recalled.is_empty() {
            return format!(
                "no recall: the advantages above chance ({} of {} rows) are at most {}",
                traces.len(),
                self.copies.len(),
                most(&traces)
            );
        }
        let mut found: Vec<(&CopyResult, Vec<String>)> = Vec::new();
        for copy in &recalled {
            let alike = |(other, _): &&mut (&CopyResult, Vec<String>)| {
                (other.background, other.repeat) == (copy.background, copy.repeat)
            };
            let distance = copy.distance.to_string();
            match found.iter_mut().find(alike) {
                Some((_, distances)) => distances.push(distance),
                None => found.push((copy, vec![distance])),
            }
        }
        let words = found.iter().map(|(copy, distances)| {
            let (repeat, background) = (copy.repeat.name(), copy.background.name());
            format!("{repeat} in {background} DNA at {}", distances.join(", "))
        });
        let words = words.collect::<Vec<_>>().join("; ");
        format!("recall of copies: {words}; at most {}", most(&recalled))
    }
}

/// The largest of some advantages, in words.
fn most(copies: &[&CopyResult]) -> String {
    let largest = copies.iter().max_by(|a, b| a.advantage.mean.total_cmp(&b.advantage.mean));
    largest.map_or(String::new(), |copy| {
        let share = 100.0 * copy.advantage.mean / copy.control;
        format!("{:.4} nats per base, {share:.1} % of the loss", copy.advantage.mean)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{training::evaluation::Bin, windows::repeats::Layout};

    fn results(losses: &[[f64; 2]]) -> Results {
        let design = Design {
            layout: Layout { window: 64, segment: 8, rate: 0.1 },
            distances: vec![8],
            repeats: vec![Repeat::Exact],
            backgrounds: vec![Background::Native],
            replicates: losses.len() as u64,
            seed: 0,
        };
        let bin = |loss| Bin { from: 1, to: 16, targets: 16, loss };
        let one = |&pair: &[f64; 2]| Measured {
            background: Background::Native,
            pairs: vec![pair],
            positions: vec![bin(pair[1])],
        };
        Results::new(&design, &losses.iter().map(one).collect::<Vec<_>>())
    }

    #[test]
    fn an_advantage_is_that_of_the_copy_over_its_control() {
        let found = results(&[[1.0, 1.5], [1.1, 1.5], [0.9, 1.5]]);
        let copy = &found.copies[0];
        assert!((copy.advantage.mean - 0.5).abs() < 1e-12);
        assert_eq!(copy.recall(), Recall::Yes);
        assert!((copy.loss - 1.0).abs() < 1e-12 && (copy.control - 1.5).abs() < 1e-12);
        let words = "recall of copies: exact in native DNA at 8; at most 0.5000 nats per base, 33.3 % of the loss";
        assert_eq!(found.verdict(), words);
        assert_eq!(found.positions[0].before, (1, 16));
        assert!((found.positions[0].loss.mean - 1.5).abs() < 1e-12);
    }

    #[test]
    fn noise_and_a_better_control_are_not_recall() {
        for losses in [[[1.0, 1.5], [1.5, 1.2], [1.2, 1.1]], [[1.5, 1.0], [1.6, 1.0], [1.4, 1.0]]] {
            let found = results(&losses);
            assert_eq!(found.copies[0].recall(), Recall::No);
            assert!(found.verdict().starts_with("no recall beyond chance"));
        }
    }

    #[test]
    fn an_advantage_without_use_is_a_trace() {
        let found = results(&[[1.0, 1.005], [1.0, 1.006], [1.0, 1.004]]);
        assert_eq!(found.copies[0].recall(), Recall::Trace);
        let words = "no recall: the advantages above chance (1 of 1 rows) are at most 0.0050 nats per base, 0.5 % of the loss";
        assert_eq!(found.verdict(), words);
    }
}
