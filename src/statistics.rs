//! Statistics of a score that separates positives from negatives; a higher score means positive. Linear
//! models. Pure functions.

mod bootstrap;
pub mod linear;
pub mod matrix;
mod minimize;
mod ranking;
pub mod strength;

pub use bootstrap::{ConfidenceInterval, Intervals, intervals};
pub use ranking::{Figures, Ranking};

#[cfg(test)]
mod tests;
