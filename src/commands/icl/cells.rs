//! The grid of numbers of demonstrations and of tuning examples, and the figures of a cell.

use anyhow::Result;

use super::args::IclArgs;
use crate::{
    cli::tasks::letters::{Letters, class},
    inference::{engine::Engine, in_context::after_queries},
    statistics::ClassPredictions,
    tasks::example::Example,
};

/// Numbers of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Demonstrations before each query.
    pub shots: usize,
    /// Examples that the weights are tuned on.
    pub tuned: usize,
}

impl Cell {
    /// The cell that knows no example.
    pub const NOTHING: Self = Self { shots: 0, tuned: 0 };
}

/// All cells and seeds.
#[derive(Debug, Clone)]
pub struct Grid {
    /// Numbers of demonstrations, as they were given.
    pub shots: Vec<usize>,
    /// Numbers of tuning examples: 0, then those that were given.
    pub tuned: Vec<usize>,
    /// Number of seeds.
    pub seeds: u64,
    first_seed: u64,
}

impl Grid {
    /// The grid of a command line.
    pub fn new(args: &IclArgs) -> Self {
        Self {
            shots: args.shots.clone(),
            tuned: [0].iter().chain(&args.tune).copied().collect(),
            seeds: args.seeds,
            first_seed: args.task.seed,
        }
    }

    /// The cells in the order of the table.
    pub fn cells(&self) -> Vec<Cell> {
        let of = |&tuned| self.shots.iter().map(move |&shots| Cell { shots, tuned });
        self.tuned.iter().flat_map(of).collect()
    }

    /// The seed at a place, from 0.
    pub fn seed(&self, place: usize) -> u64 {
        self.first_seed + place as u64
    }

    /// Most demonstrations of a cell.
    pub fn most_shots(&self) -> usize {
        self.shots.iter().copied().max().unwrap_or(0)
    }

    /// Most tuning examples of a cell.
    pub fn most_tuned(&self) -> usize {
        self.tuned.iter().copied().max().unwrap_or(0)
    }
}

/// Figures of predicted classes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    /// Number of queries.
    pub queries: usize,
    /// Share of the queries whose class is the most likely letter of those of the classes.
    pub accuracy: Option<f64>,
    /// Share of the queries whose letter is the most likely one of all tokens.
    pub accuracy_all: Option<f64>,
    /// Share of the queries after which a letter of a class is the most likely token.
    pub letter_share: Option<f64>,
    /// Area under the ROC curve: of the second of two classes, else the mean over classes.
    pub auroc: Option<f64>,
    /// Matthews correlation.
    pub mcc: Option<f64>,
}

impl Figures {
    /// Figures of scores (queries × classes), of which the highest is the predicted class.
    pub fn of_scores(truth: Vec<usize>, classes: usize, scores: &[f64]) -> Self {
        let queries = truth.len();
        let found = ClassPredictions::of_scores(classes, truth, scores).figures();
        let ranked = match &found.classes[..] {
            [_, second] => second,
            _ => &found.macro_average,
        };
        Self {
            queries,
            accuracy: found.accuracy,
            auroc: ranked.auroc,
            mcc: found.mcc,
            ..Self::default()
        }
    }

    /// Figures of predictions (log P of each token of the vocabulary after each query).
    fn of_predictions(truth: Vec<usize>, rows: &[Vec<f32>], letters: &Letters) -> Self {
        let tokens = letters.tokens();
        // normalised over the letters, so that queries can be ranked
        let scores = rows.iter().flat_map(|row| {
            let of = |&token: &usize| f64::from(row[token]);
            let all: f64 = tokens.iter().map(|token| of(token).exp()).sum();
            tokens.iter().map(of).map(|x| x - all.ln()).collect::<Vec<f64>>()
        });
        let scores: Vec<f64> = scores.collect();
        let best = |row: &Vec<f32>| {
            (1..row.len()).fold(0, |best, token| if row[token] > row[best] { token } else { best })
        };
        let best: Vec<usize> = rows.iter().map(best).collect();
        let share = |count: usize| Some(count as f64 / rows.len().max(1) as f64);
        let right = best.iter().zip(&truth).filter(|(best, class)| **best == tokens[**class]);
        Self {
            accuracy_all: share(right.count()),
            letter_share: share(best.iter().filter(|best| tokens.contains(best)).count()),
            ..Self::of_scores(truth, tokens.len(), &scores)
        }
    }
}

/// Figures of the letters that a model predicts after a context and each query.
///
/// # Errors
/// The model cannot compute a query.
pub fn measure(
    engine: &mut Engine,
    context: &[u8],
    queries: &[Example],
    letters: &Letters,
) -> Result<Figures> {
    let bases: Vec<&[u8]> = queries.iter().map(|example| example.bases.as_slice()).collect();
    let rows = after_queries(engine, context, &bases)?;
    Ok(Figures::of_predictions(queries.iter().map(class).collect(), &rows, letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three queries of classes A, C and C: A is likeliest, then T before C, then C.
    #[test]
    fn the_argmax_is_over_letters_and_over_all_tokens() {
        let row = |a: f32, c: f32, t: f32| {
            let mut row = vec![-20.0; 16];
            (row[7], row[8], row[10]) = (a, c, t);
            row
        };
        let rows = [row(-0.5, -1.0, -4.0), row(-3.0, -1.0, -0.5), row(-3.0, -0.2, -2.0)];
        let names = ["no", "yes"].map(str::to_owned);
        let letters = Letters::choose(&[], &names).unwrap();
        let found = Figures::of_predictions(vec![0, 1, 1], &rows, &letters);
        assert_eq!(found.accuracy, Some(1.0));
        assert_eq!(found.accuracy_all, Some(2.0 / 3.0));
        assert_eq!(found.letter_share, Some(2.0 / 3.0));
        assert_eq!((found.auroc, found.mcc, found.queries), (Some(1.0), Some(1.0), 3));
    }
}
