//! Pretraining: which windows are drawn, the step, the schedule, and what a run leaves behind.

pub mod gradient;
pub mod loss;
pub mod metrics;
pub mod optimizer;
pub mod parameters;
pub mod plot;
pub mod schedule;
