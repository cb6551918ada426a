//! Sequences of the trials.

use clap::ValueEnum;

use crate::{
    chance::{Purpose, RandomStream},
    windows::{
        repeats::{Layout, Pair, Repeat},
        shuffle::dinucleotides,
    },
};

/// DNA around the segment and its copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Background {
    /// A window of the genomes
    Native,
    /// Its shuffle with the same dinucleotides
    Shuffled,
}

impl Background {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Shuffled => "shuffled",
        }
    }
}

/// Trials to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Layout of the windows.
    pub layout: Layout,
    /// Distances of the copies, in bases, ascending.
    pub distances: Vec<usize>,
    /// Kinds of copies.
    pub repeats: Vec<Repeat>,
    /// Backgrounds.
    pub backgrounds: Vec<Background>,
    /// Number of trials.
    pub replicates: u64,
    /// Seed of windows, copies and shuffles.
    pub seed: u64,
}

/// A window of a trial, and the windows with a copy or a control, which begin like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Background; the native one is measured by position too.
    pub background: Background,
    /// Bases of the window.
    pub window: Vec<u8>,
    /// First base that may differ, 0-based, and the bases from there on: for each of
    /// [`Design::places`] the window with the copy, then the one with the control.
    pub branches: Vec<(usize, Vec<u8>)>,
}

impl Design {
    /// Distance and kind of each copy, in order.
    pub fn places(&self) -> impl Iterator<Item = (usize, Repeat)> {
        let kinds = move |&distance: &usize| self.repeats.iter().map(move |&kind| (distance, kind));
        self.distances.iter().flat_map(kinds)
    }

    /// The cases of a trial: the native one, and the shuffled one if it is requested. A draw depends on
    /// the seed, the trial, the background and the kind of copy alone.
    pub fn cases(&self, trial: u64, native: Vec<u8>) -> Vec<Case> {
        let mut cases = Vec::new();
        if self.backgrounds.contains(&Background::Shuffled) {
            let mut chance = RandomStream::new(self.seed, Purpose::RepeatShuffle, trial);
            cases.push(self.case(trial, Background::Shuffled, dinucleotides(&native, &mut chance)));
        }
        cases.insert(0, self.case(trial, Background::Native, native));
        cases
    }

    fn case(&self, trial: u64, background: Background, window: Vec<u8>) -> Case {
        let mut branches = Vec::new();
        if self.backgrounds.contains(&background) {
            let pairs = self.repeats.iter().map(|&repeat| {
                let number = (trial * 2 + background as u64) * 3 + repeat as u64;
                let mut chance = RandomStream::new(self.seed, Purpose::RepeatCopy, number);
                self.layout.pair(&window, repeat, &mut chance)
            });
            let pairs: Vec<Pair> = pairs.collect();
            for &distance in &self.distances {
                for bases in pairs.iter().flat_map(|pair| [&pair.copy, &pair.control]) {
                    branches.push(self.layout.place(&window, bases, distance));
                }
            }
        }
        Case { background, window, branches }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design(repeats: &[Repeat], backgrounds: &[Background]) -> Design {
        Design {
            layout: Layout { window: 64, segment: 8, rate: 0.2 },
            distances: vec![8, 16, 32],
            repeats: repeats.to_vec(),
            backgrounds: backgrounds.to_vec(),
            replicates: 3,
            seed: 7,
        }
    }

    fn native() -> Vec<u8> {
        (0..64_usize).map(|i| b"ACGT"[i * i * 7 % 11 % 4]).collect()
    }

    #[test]
    fn only_the_place_of_the_copy_differs() {
        let all = [Repeat::Exact, Repeat::Mutated, Repeat::ReverseComplement];
        let design = design(&all, &[Background::Native, Background::Shuffled]);
        let cases = design.cases(2, native());
        assert_eq!(cases.len(), 2);
        for case in &cases {
            assert_eq!((case.window.len(), case.branches.len()), (64, 2 * 3 * 3));
            let pairs = case.branches.chunks(2).zip(design.places());
            for (pair, (distance, _)) in pairs {
                for (from, bases) in pair {
                    assert_eq!((*from, from + bases.len()), (56 - distance, 64));
                    assert_eq!(bases[8..], case.window[from + 8..]);
                }
                let sorted = |bases: &[u8]| {
                    let mut bases = bases.to_vec();
                    bases.sort_unstable();
                    bases
                };
                assert_eq!(sorted(&pair[0].1), sorted(&pair[1].1));
            }
            assert_eq!(case.branches[0].1[..8], case.window[56..], "the exact copy");
        }
        assert_ne!(cases[0].window, cases[1].window);
    }

    /// Other options leave the draws of a kind as they are.
    #[test]
    fn draws_do_not_depend_on_each_other() {
        let both = [Background::Native, Background::Shuffled];
        let all = design(&[Repeat::Exact, Repeat::Mutated], &both).cases(1, native());
        let few = design(&[Repeat::Mutated], &[Background::Shuffled]).cases(1, native());
        assert_eq!(few[1].window, all[1].window);
        assert_eq!(few[1].branches[..2], all[1].branches[2..4]);
        assert!(few[0].branches.is_empty(), "native windows are measured by position alone");
        let other = design(&[Repeat::Mutated], &[Background::Shuffled]).cases(0, native());
        assert_ne!(few[1].window, other[1].window, "another trial is another shuffle");
        assert_ne!(few[1].branches[0], other[1].branches[0], "and another copy");
    }
}
