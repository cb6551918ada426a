//! Statistics of a score that separates positives from negatives; a higher score means positive.
//! Pure functions.

mod bootstrap;
mod ranking;

pub use bootstrap::{ConfidenceInterval, Intervals, intervals};
pub use ranking::{Figures, Ranking};

#[cfg(test)]
mod tests;
