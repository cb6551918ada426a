//! Figures of predictions, with bootstrap intervals: of a score that separates positives from
//! negatives (a higher score means positive), of predicted classes, and of predicted numbers. Linear
//! models, boosted trees and principal components. Pure functions.

pub mod boosting;
mod bootstrap;
mod calibration;
mod classification;
pub mod components;
mod confusion;
mod estimate;
mod labels;
pub mod linear;
pub mod loss;
pub mod matrix;
mod minimize;
mod ranking;
mod regression;
pub mod strength;
mod student;
mod symmetric;
mod ties;
pub mod tsne;

pub use bootstrap::{ConfidenceInterval, Intervals, intervals};
pub use calibration::{Bin, Calibration};
pub use classification::{ClassPredictions, Classification, OneVsRest};
pub use confusion::{Confusion, mean};
pub use estimate::{Estimate, deviation};
pub use labels::{Averages, LabelPredictions, MultiLabel};
pub use ranking::{Figures, Ranking};
pub use regression::{NumberPredictions, Regression};

#[cfg(test)]
mod tests;
