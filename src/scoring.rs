//! Scores of an allele, from the comparison of its windows to named numbers and their ranks among
//! null variants. Plain arithmetic.

mod comparison;
pub mod distance;
pub mod distribution;
pub mod known;
pub mod null;
mod score;

pub use comparison::{Certainty, Comparison, Embedding, LargestShift, Scores, Shift};
pub use score::{DEFAULT, OF_LENGTH, OF_NULL_VARIANTS, SCORES, Score, ScoreSet, chosen, wanted};
