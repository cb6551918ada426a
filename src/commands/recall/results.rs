//! Figures of a model over all trials.

use anyhow::{Result, bail};

use super::{
    design::{Background, Design},
    measure::Measured,
};
use crate::{formats::number::counted, statistics::Estimate, windows::repeats::Repeat};

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
    /// Loss after the control less that after the copy, over the trials whose control is not the copy.
    pub advantage: Estimate,
    /// Advantage less that of the reverse complement, of the same trials; `None` for that itself, and
    /// without it.
    pub over_reverse: Option<Estimate>,
}

impl CopyResult {
    /// The finding, of one of `rows` copies: a large number of replicates shows differences that are of no
    /// use.
    pub fn recall(&self, rows: usize) -> Recall {
        match self.advantage.is_above(rows) {
            true if self.advantage.mean >= SHARE * self.control => Recall::Yes,
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
    ///
    /// # Errors
    /// The controls of all trials are their copies, for some kind of copy.
    pub fn new(design: &Design, measured: &[Measured]) -> Result<Self> {
        let mut copies = Vec::new();
        let places: Vec<(usize, Repeat)> = design.places().collect();
        for &background in &design.backgrounds {
            let of_background: Vec<&Measured> =
                measured.iter().filter(|one| one.background == background).collect();
            for (number, &(distance, repeat)) in places.iter().enumerate() {
                let pairs: Vec<[f64; 2]> =
                    of_background.iter().filter_map(|one| one.pairs[number]).collect();
                if pairs.len() < 2 {
                    bail!(
                        "{} copies in {} DNA: {} of {} replicates have a control that differs from the copy, expected 2 or more; give a longer --segment, more --replicates, or DNA that is not of low complexity",
                        repeat.name(),
                        background.name(),
                        pairs.len(),
                        of_background.len()
                    );
                }
                let advantages: Vec<f64> = pairs.iter().map(advantage).collect();
                let Some(mean_advantage) = Estimate::of(&advantages) else { continue };
                let mean =
                    |of: usize| pairs.iter().map(|pair| pair[of]).sum::<f64>() / pairs.len() as f64;
                let reverse = places
                    .iter()
                    .position(|place| *place == (distance, Repeat::ReverseComplement))
                    .filter(|reverse| *reverse != number);
                let over = |reverse: usize| {
                    let both = of_background.iter().filter_map(|one| {
                        one.pairs[number].as_ref().zip(one.pairs[reverse].as_ref())
                    });
                    let over = both.map(|(own, reverse)| advantage(own) - advantage(reverse));
                    Estimate::of(&over.collect::<Vec<_>>())
                };
                copies.push(CopyResult {
                    background,
                    repeat,
                    distance,
                    loss: mean(0),
                    control: mean(1),
                    advantage: mean_advantage,
                    over_reverse: reverse.and_then(over),
                });
            }
        }
        let native = measured.iter().filter(|one| one.background == Background::Native);
        let bins: Vec<_> = native.map(|one| &one.positions).collect();
        let first = bins.first().map(|bins| bins.as_slice()).unwrap_or_default();
        let positions = first.iter().enumerate().filter_map(|(number, bin)| {
            let losses: Vec<f64> = bins.iter().map(|bins| bins[number].loss).collect();
            Some(PositionResult { before: (bin.from, bin.to), loss: Estimate::of(&losses)? })
        });
        Ok(Self { copies, positions: positions.collect() })
    }

    /// The finding of a row.
    pub fn recall(&self, copy: &CopyResult) -> Recall {
        copy.recall(self.copies.len())
    }

    /// True if the advantage of a copy is not an effect of composition alone: it is in shuffled DNA, or
    /// clearly larger than that of the reverse complement.
    fn is_of_order(&self, copy: &CopyResult) -> bool {
        let is_shuffled = |other: &CopyResult| {
            other.background == Background::Shuffled
                && (other.repeat, other.distance) == (copy.repeat, copy.distance)
                && self.recall(other) == Recall::Yes
        };
        self.copies.iter().any(is_shuffled)
            || copy.over_reverse.is_some_and(|over| over.is_above(self.copies.len()))
    }

    /// The finding in words.
    pub fn verdict(&self) -> String {
        let above = |least: Recall| {
            self.copies.iter().filter(move |copy| self.recall(copy) == least).collect::<Vec<_>>()
        };
        let (recalled, traces) = (above(Recall::Yes), above(Recall::Trace));
        if recalled.is_empty() && traces.is_empty() {
            let rows = counted(self.copies.len(), "row");
            return format!(
                "no recall beyond chance: no copy advantage of {rows} is clearly above 0"
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
        let (certain, native): (Vec<_>, Vec<_>) =
            recalled.into_iter().partition(|copy| self.is_of_order(copy));
        let mut parts = Vec::new();
        if !certain.is_empty() {
            parts.push(format!(
                "recall of copies: {}; at most {}",
                words(&certain),
                most(&certain)
            ));
        }
        if !native.is_empty() {
            parts.push(format!(
                "advantage in native DNA alone, which may be composition: {}; at most {}",
                words(&native),
                most(&native)
            ));
        }
        parts.join("; ")
    }
}

/// The advantage of a copy over its control.
fn advantage([copy, control]: &[f64; 2]) -> f64 {
    control - copy
}

/// Copies by kind and background with their distances, in words.
fn words(copies: &[&CopyResult]) -> String {
    let mut found: Vec<(&CopyResult, Vec<String>)> = Vec::new();
    for copy in copies {
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
    words.collect::<Vec<_>>().join("; ")
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

    const BOTH: [Background; 2] = [Background::Native, Background::Shuffled];

    /// Losses of each trial after the copy and the control, for each kind of copy.
    type Trials = Vec<Vec<Option<[f64; 2]>>>;

    /// Results of copies in each of the backgrounds.
    fn of(repeats: &[Repeat], backgrounds: &[(Background, Trials)]) -> Result<Results> {
        let design = Design {
            layout: Layout { window: 64, segment: 12, rate: 0.1 },
            distances: vec![16],
            repeats: repeats.to_vec(),
            backgrounds: backgrounds.iter().map(|(background, _)| *background).collect(),
            replicates: backgrounds[0].1.len() as u64,
            seed: 0,
        };
        let bin = Bin { from: 1, to: 16, targets: 16, loss: 1.5 };
        let one = |&(background, ref trials): &(Background, Trials)| {
            let measured = |pairs: &Vec<Option<[f64; 2]>>| Measured {
                background,
                pairs: pairs.clone(),
                positions: vec![bin],
            };
            trials.iter().map(measured).collect::<Vec<_>>()
        };
        Results::new(&design, &backgrounds.iter().flat_map(one).collect::<Vec<_>>())
    }

    /// Trials of one kind of copy.
    fn trials(losses: &[[f64; 2]]) -> Trials {
        losses.iter().map(|pair| vec![Some(*pair)]).collect()
    }

    fn in_native(losses: &[[f64; 2]]) -> Results {
        of(&[Repeat::Exact], &[(Background::Native, trials(losses))]).unwrap()
    }

    const CLEAR: [[f64; 2]; 5] = [[1.0, 1.5], [1.1, 1.5], [0.9, 1.5], [1.0, 1.5], [1.0, 1.5]];
    const NONE: [[f64; 2]; 5] = [[1.0, 1.5], [1.5, 1.2], [1.2, 1.1], [1.3, 1.3], [1.4, 1.1]];

    #[test]
    fn an_advantage_is_that_of_the_copy_over_its_control() {
        let found = in_native(&CLEAR);
        let copy = &found.copies[0];
        assert!((copy.advantage.mean - 0.5).abs() < 1e-12);
        assert_eq!(copy.recall(1), Recall::Yes);
        assert_eq!(copy.recall(100_000), Recall::No, "one of many rows");
        assert!((copy.loss - 1.0).abs() < 1e-12 && (copy.control - 1.5).abs() < 1e-12);
        assert_eq!(found.positions[0].before, (1, 16));
        assert!((found.positions[0].loss.mean - 1.5).abs() < 1e-12);
    }

    /// An advantage in native DNA is recall only with that in shuffled DNA, or over the reverse complement.
    #[test]
    fn recall_is_not_an_advantage_in_native_dna_alone() {
        let alone = "advantage in native DNA alone, which may be composition: exact in native DNA at 16; at most 0.5000 nats per base, 33.3 % of the loss";
        assert_eq!(in_native(&CLEAR).verdict(), alone);
        let both = |shuffled: &[[f64; 2]]| {
            let of_both = [trials(&CLEAR), trials(shuffled)];
            let backgrounds: Vec<_> = BOTH.into_iter().zip(of_both).collect();
            of(&[Repeat::Exact], &backgrounds).unwrap().verdict()
        };
        assert_eq!(both(&NONE), alone);
        let recall = "recall of copies: exact in native DNA at 16; exact in shuffled DNA at 16; at most 0.5000 nats per base, 33.3 % of the loss";
        assert_eq!(both(&CLEAR), recall);
        let kinds = |reverse: &[[f64; 2]]| {
            let pairs = CLEAR.iter().zip(reverse).map(|(a, b)| vec![Some(*a), Some(*b)]);
            let native = (Background::Native, pairs.collect());
            of(&[Repeat::Exact, Repeat::ReverseComplement], &[native]).unwrap()
        };
        let none = kinds(&[[1.5, 1.5], [1.4, 1.5], [1.6, 1.5], [1.5, 1.5], [1.5, 1.5]]);
        assert!(none.verdict().starts_with("recall of copies: exact in native DNA at 16;"));
        assert!(kinds(&CLEAR).verdict().starts_with("advantage in native DNA alone"));
    }

    #[test]
    fn noise_and_a_better_control_are_not_recall() {
        let worse = [[1.5, 1.0], [1.6, 1.0], [1.4, 1.0], [1.5, 1.0], [1.5, 1.0]];
        for losses in [NONE, worse] {
            let found = in_native(&losses);
            assert_eq!(found.copies[0].recall(1), Recall::No);
            let words = "no recall beyond chance: no copy advantage of 1 row is clearly above 0";
            assert_eq!(found.verdict(), words);
        }
    }

    #[test]
    fn an_advantage_without_use_is_a_trace() {
        let found =
            in_native(&[[1.0, 1.005], [1.0, 1.006], [1.0, 1.004], [1.0, 1.005], [1.0, 1.005]]);
        assert_eq!(found.copies[0].recall(1), Recall::Trace);
        let words = "no recall: the advantages above chance (1 of 1 rows) are at most 0.0050 nats per base, 0.5 % of the loss";
        assert_eq!(found.verdict(), words);
    }

    /// Trials whose control is the copy are left out; without two others there is no figure.
    #[test]
    fn a_control_that_is_the_copy_is_left_out() {
        let mut some = trials(&CLEAR);
        some[1] = vec![None];
        let found = of(&[Repeat::Exact], &[(Background::Native, some)]).unwrap();
        assert_eq!(found.copies[0].advantage.count, 4);
        assert!((found.copies[0].advantage.mean - 0.525).abs() < 1e-12);
        let none = of(&[Repeat::Exact], &[(Background::Native, vec![vec![None]; 5])]);
        let error = none.unwrap_err().to_string();
        assert!(error.starts_with("exact copies in native DNA: 0 of 5 replicates"), "{error}");
    }
}
