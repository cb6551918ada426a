//! Figures of predictions, with bootstrap intervals: of a score that separates positives from
//! negatives (a higher score means positive), of predicted classes, and of predicted numbers. Pure
//! functions.

mod bootstrap;
mod classification;
mod confusion;
mod ranking;
mod regression;
mod ties;

pub use bootstrap::{ConfidenceInterval, Intervals, intervals};
pub use classification::{ClassPredictions, Classification, OneVsRest};
pub use confusion::Confusion;
pub use ranking::{Figures, Ranking};
pub use regression::{NumberPredictions, Regression};

#[cfg(test)]
mod tests;
