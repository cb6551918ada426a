//! Figures of a model over all trials.

use super::{
    design::{Background, Design},
    measure::Measured,
};
use crate::{statistics::Estimate, windows::repeats::Repeat};

/// Standard errors above 0 from which on a copy advantage counts as recall. By chance, one of 740 rows is
/// so far.
const RECALLED: f64 = 3.0;

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
    /// True if the advantage is above chance.
    pub fn recalls(&self) -> bool {
        let Estimate { mean, error } = self.advantage;
        error.is_some_and(|error| mean > RECALLED * error)
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
        let mut found: Vec<(Background, Repeat, Vec<usize>)> = Vec::new();
        for copy in self.copies.iter().filter(|copy| copy.recalls()) {
            let alike = |(background, repeat, _): &&mut (Background, Repeat, Vec<usize>)| {
                (*background, *repeat) == (copy.background, copy.repeat)
            };
            match found.iter_mut().find(alike) {
                Some((_, _, distances)) => distances.push(copy.distance),
                None => found.push((copy.background, copy.repeat, vec![copy.distance])),
            }
        }
        if found.is_empty() {
            return "no recall beyond chance: no copy advantage is more than 3 standard errors above 0".to_owned();
        }
        let words = found.iter().map(|(background, repeat, distances)| {
            let distances: Vec<String> = distances.iter().map(usize::to_string).collect();
            format!("{} in {} DNA at {}", repeat.name(), background.name(), distances.join(", "))
        });
        format!("recall of copies: {}", words.collect::<Vec<_>>().join("; "))
    }
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
        assert!((copy.advantage.mean - 0.5).abs() < 1e-12 && copy.recalls());
        assert!((copy.loss - 1.0).abs() < 1e-12 && (copy.control - 1.5).abs() < 1e-12);
        assert_eq!(found.verdict(), "recall of copies: exact in native DNA at 8");
        assert_eq!(found.positions[0].before, (1, 16));
        assert!((found.positions[0].loss.mean - 1.5).abs() < 1e-12);
    }

    #[test]
    fn noise_and_a_better_control_are_not_recall() {
        for losses in [[[1.0, 1.5], [1.5, 1.2], [1.2, 1.1]], [[1.5, 1.0], [1.6, 1.0], [1.4, 1.0]]] {
            let found = results(&losses);
            assert!(!found.copies[0].recalls());
            assert!(found.verdict().starts_with("no recall beyond chance"));
        }
    }
}
