//! Scores of an allele: from what the model says of two windows to the numbers that are written.
//! Plain arithmetic.

mod comparison;
pub mod distance;
pub mod distribution;
pub mod null;
mod score;

pub use comparison::{Certainty, Comparison, Embedding, LargestShift, Scores, Shift};
pub use score::{DEFAULT, SCORES, Score, ScoreSet, chosen, wanted};
