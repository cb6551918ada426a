//! Examples that are shown before queries or tuned on.

use anyhow::{Result, bail};

use super::cells::{Cell, Grid};
use crate::{
    cli::tasks::letters::{Letters, class},
    formats::number::counted,
    inference::in_context::demonstrations,
    tasks::{dataset::Dataset, example::Example, shots::balanced},
    training::label_letters::LabelledText,
};

/// Tokens of a demonstration after its bases: its letter and the separator.
const ENDING: usize = 2;

/// Examples of the train part that each seed draws: the demonstrations, then those to tune on, which are
/// the same for all cells of a grid. Both are balanced.
#[derive(Debug)]
pub struct Shown {
    /// Indices in the order of the draw, by place of the seed.
    drawn: Vec<Vec<usize>>,
    /// Number of demonstrations before the examples to tune on: the most of a cell, in whole rounds of the
    /// classes.
    most_shots: usize,
}

impl Shown {
    /// Draws the examples of each seed.
    ///
    /// # Errors
    /// The train part has too few examples of a class.
    pub fn draw(dataset: &Dataset, names: &[String], grid: &Grid) -> Result<Self> {
        let classes = names.len().max(1);
        let most_shots = match grid.most_tuned() {
            0 => grid.most_shots(),
            _ => grid.most_shots().div_ceil(classes).saturating_mul(classes),
        };
        let count = most_shots.saturating_add(grid.most_tuned());
        let of_seed = |place| balanced(&dataset.train, names, count, grid.seed(place));
        let drawn = (0..grid.seeds as usize).map(of_seed).collect::<Result<_, _>>()?;
        Ok(Self { drawn, most_shots })
    }

    /// Indices of the demonstrations of a cell.
    fn demonstrations(&self, place: usize, cell: Cell) -> &[usize] {
        &self.drawn[place][..cell.shots]
    }

    /// Indices of the examples that a cell is tuned on.
    fn tuned(&self, place: usize, cell: Cell) -> &[usize] {
        &self.drawn[place][self.most_shots..][..cell.tuned]
    }

    /// Indices of all examples whose class a cell knows.
    pub fn learned(&self, place: usize, cell: Cell) -> Vec<usize> {
        [self.demonstrations(place, cell), self.tuned(place, cell)].concat()
    }

    /// Indices of all examples that are drawn, in ascending order.
    pub fn all(&self) -> Vec<usize> {
        let mut all = self.drawn.concat();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The demonstrations of a cell as the model reads them.
    pub fn context(
        &self,
        place: usize,
        cell: Cell,
        train: &[Example],
        letters: &Letters,
    ) -> Vec<u8> {
        demonstrations(self.demonstrations(place, cell).iter().map(|&i| shown(&train[i], letters)))
    }

    /// The texts that a cell is tuned on: the demonstrations, and one example in place of the query.
    pub fn texts(
        &self,
        place: usize,
        cell: Cell,
        train: &[Example],
        letters: &Letters,
    ) -> Vec<LabelledText> {
        let text = |&sample: &usize| {
            let demonstrations = self.demonstrations(place, cell).iter();
            let all = demonstrations.chain([&sample]).map(|&i| shown(&train[i], letters));
            LabelledText::new(&all.collect::<Vec<_>>())
        };
        self.tuned(place, cell).iter().map(text).collect()
    }

    /// Length of the longest text that is tuned on, in tokens; 0 without tuning.
    pub fn longest_text(&self, train: &[Example], grid: &Grid) -> usize {
        let of_seed = |drawn: &Vec<usize>| {
            let (demonstrations, tuned) = drawn.split_at(self.most_shots);
            let longest = tuned.iter().take(grid.most_tuned()).map(|&i| train[i].bases.len()).max();
            longest.map_or(0, |longest| tokens(demonstrations, train) + longest)
        };
        self.drawn.iter().map(of_seed).max().unwrap_or(0)
    }

    /// Work of a cell, in bases: those of the queries, and three times those of the texts that it is tuned
    /// on, as a gradient takes about three passes.
    pub fn work(&self, cell: Cell, dataset: &Dataset) -> u64 {
        let queries: usize = dataset.test.iter().map(|example| example.bases.len()).sum();
        let start = |drawn: &Vec<usize>| tokens(&drawn[..cell.shots], &dataset.train);
        let start = self.drawn.first().map_or(0, start);
        let each = start + queries / dataset.test.len().max(1);
        (queries + 3 * cell.tuned * each) as u64
    }

    /// Refuses demonstrations that leave no room for the longest query in a context of so many tokens.
    ///
    /// # Errors
    /// There are some; the message says how many fit.
    pub fn check_lengths(&self, dataset: &Dataset, grid: &Grid, context: usize) -> Result<()> {
        let tuned = self.drawn.iter().flat_map(|drawn| &drawn[self.most_shots..]);
        let queries = dataset.test.iter().chain(tuned.map(|&i| &dataset.train[i]));
        let Some(longest) = queries.max_by_key(|example| example.bases.len()) else {
            return Ok(());
        };
        let room = context.saturating_sub(longest.bases.len());
        if longest.bases.len() > context {
            bail!(
                "{}: {} are more than the model's context of {context}; give --truncate N to read only the first bases, or a model with a longer context (`hyenadna models list`)",
                longest.place,
                counted(longest.bases.len() as u64, "base")
            );
        }
        let fit = |drawn: &Vec<usize>| {
            let fits = |&count: &usize| tokens(&drawn[..count], &dataset.train) <= room;
            (0..=self.most_shots).rev().find(fits).unwrap_or(0)
        };
        let fitting = self.drawn.iter().map(fit).min().unwrap_or(0);
        let Some(&shots) = grid.shots.iter().find(|&&shots| shots > fitting) else { return Ok(()) };
        let needed = self.drawn.iter().map(|drawn| tokens(&drawn[..shots], &dataset.train)).max();
        bail!(
            "--shots {shots}: the demonstrations and the longest query ({}, {}) take {} tokens, and the model's context has {context}; {fitting} fit: give --shots {fitting} at most, --truncate N to read only the first bases of each sequence, or a model with a longer context (`hyenadna models list`)",
            longest.place,
            counted(longest.bases.len() as u64, "base"),
            needed.unwrap_or(0) + longest.bases.len()
        );
    }
}

/// Tokens of demonstrations.
fn tokens(drawn: &[usize], train: &[Example]) -> usize {
    drawn.iter().map(|&i| train[i].bases.len() + ENDING).sum()
}

/// A sequence with the letter of its class.
fn shown<'a>(example: &'a Example, letters: &Letters) -> (&'a [u8], u8) {
    (&example.bases, letters.of[class(example)])
}
