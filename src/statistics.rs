//! How well a score tells positives from negatives. Pure functions; higher means positive.

mod bootstrap;
mod ranking;

pub use bootstrap::{ConfidenceInterval, Intervals, intervals};
pub use ranking::{Figures, Ranking};

#[cfg(test)]
mod tests;
