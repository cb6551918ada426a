//! Effects of changes, computed from their windows.

use anyhow::Result;

use super::read::{Base, CHANGES, Part, ReadWindow, Task};
use crate::{
    inference::{
        compare::CompareOptions,
        computed::EngineError,
        effects::effects,
        predict::{LETTERS, Prediction, PredictionJob, predict},
        runner::Runner,
    },
    scoring::{Score, Scores},
    windows::strands::{Strands, Windows},
};

/// A base, and the effects of its changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutated {
    /// The base of the forward strand.
    pub base: u8,
    /// The numbers of each change, in the order of columns; empty if it is not scored.
    pub effects: [Vec<Option<f64>>; CHANGES],
}

impl Mutated {
    /// One of the numbers of a change.
    pub fn value(&self, change: usize, number: usize) -> Option<f64> {
        self.effects[change].get(number).copied().flatten()
    }
}

/// Names of the numbers of [`Task::Fast`].
pub const FAST: [&str; 3] = ["site", "site_fwd", "site_rev"];

/// Computes the parts of a chunk.
///
/// # Errors
/// The model cannot compute a batch.
pub fn compute(
    chunk: Vec<Part<Task>>,
    runner: &mut Runner,
    scores: &[&Score],
    options: CompareOptions,
) -> Result<Vec<Part<Vec<Mutated>>>, EngineError> {
    let (mut windows, mut jobs): (Vec<Option<&Windows>>, Vec<PredictionJob>) = Default::default();
    for part in &chunk {
        match part {
            Part::Bases(Task::Exact(bases)) => {
                let changes = bases.iter().flat_map(|base| &base.windows);
                windows.extend(changes.map(Option::as_ref));
            }
            Part::Bases(Task::Fast(tile)) => {
                jobs.extend([&tile.forward, &tile.reverse].into_iter().flatten().cloned());
            }
            Part::Start(_) | Part::End => {}
        }
    }
    let mut compared = effects(&windows, runner, options)?.into_iter();
    let mut predicted = predict(runner.engine(), &jobs)?.into_iter();
    let parts = chunk.into_iter().map(|part| match part {
        Part::Start(head) => Part::Start(head),
        Part::End => Part::End,
        Part::Bases(Task::Exact(bases)) => {
            let numbers = |found: Option<Scores>| match found {
                Some(found) => scores.iter().map(|score| (score.value)(&found)).collect(),
                None => Vec::new(),
            };
            let mutated = |Base { base, .. }| Mutated {
                base,
                effects: std::array::from_fn(|_| numbers(compared.next().flatten())),
            };
            Part::Bases(bases.into_iter().map(mutated).collect())
        }
        Part::Bases(Task::Fast(ReadWindow { bases, forward, reverse })) => {
            let forward = forward.and_then(|_| predicted.next());
            let reverse = reverse.and_then(|_| predicted.next());
            Part::Bases(sites(&bases, forward.as_deref(), reverse.as_deref()))
        }
    });
    Ok(parts.collect())
}

/// The site scores of all substitutions: log P(other base) − log P(base), each given the bases
/// before it on its strand. `reverse` has the predictions of the reverse strand, in its direction.
fn sites(
    bases: &[(u8, Strands)],
    forward: Option<&[Option<Prediction>]>,
    reverse: Option<&[Option<Prediction>]>,
) -> Vec<Mutated> {
    let site = |i: usize, change: usize| {
        let (base, strands) = bases[i];
        let own = LETTERS.iter().position(|letter| *letter == base)?;
        // the first base of a window has no prediction, so that the two bases are equally likely
        let ratio = |p: Option<Prediction>| {
            p.map_or(0.0, |p| (p.probabilities[change] / p.probabilities[own]).ln())
        };
        let forward = forward.filter(|_| strands.forward).map(|found| ratio(found[i]));
        let reverse = reverse
            .filter(|_| strands.reverse)
            .map(|found| ratio(found[bases.len() - 1 - i].map(Prediction::complemented)));
        let both = [forward, reverse];
        let read: Vec<f64> = both.into_iter().flatten().collect();
        let mean = read.iter().sum::<f64>() / read.len() as f64;
        (change != own).then(|| vec![Some(mean), forward, reverse])
    };
    let effects = |i: usize| {
        std::array::from_fn(|change| match LETTERS.get(change) {
            Some(_) => site(i, change).unwrap_or_default(),
            None => Vec::new(),
        })
    };
    (0..bases.len()).map(|i| Mutated { base: bases[i].0, effects: effects(i) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strands_of_a_site_are_aligned() {
        let prediction = |probabilities: [f64; 4]| {
            Some(Prediction { log_probability: 0.0, entropy: 0.0, probabilities })
        };
        let forward = [None, prediction([0.1, 0.2, 0.3, 0.4])];
        // of G and T read backwards: A, C
        let reverse = [prediction([0.5, 0.1, 0.2, 0.2]), prediction([0.25, 0.25, 0.3, 0.2])];
        let both = Strands { forward: true, reverse: true };
        let found = sites(&[(b'G', both), (b'T', both)], Some(&forward), Some(&reverse));
        let value =
            |i: usize, change: usize, which: usize| found[i].effects[change][which].unwrap();
        assert_eq!(found[0].base, b'G');
        // T>A: forwards ln(.1/.4); backwards A>T: ln(.2/.5)
        assert!((value(1, 0, 1) - 0.25_f64.ln()).abs() < 1e-12);
        assert!((value(1, 0, 2) - 0.4_f64.ln()).abs() < 1e-12);
        assert!((value(1, 0, 0) - (0.25_f64.ln() + 0.4_f64.ln()) / 2.0).abs() < 1e-12);
        // G>T: nothing is known forwards; backwards C>A: ln(.25/.25)
        assert_eq!((value(0, 3, 1), value(0, 3, 2)), (0.0, 0.0));
        assert!(found[1].effects[3].is_empty() && found[1].effects[4].is_empty());
        let unknown = sites(&[(b'N', both)], Some(&forward[..1]), None);
        assert!(unknown[0].effects.iter().all(Vec::is_empty));
        let one = sites(
            &[(b'T', Strands { reverse: false, ..both })],
            Some(&forward[1..]),
            Some(&reverse[1..]),
        );
        assert_eq!(one[0].effects[0][2], None);
        assert_eq!(one[0].effects[0][0], one[0].effects[0][1]);
    }
}
