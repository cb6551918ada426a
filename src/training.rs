//! Pretraining: which windows are drawn, the step, the schedule, and what a run leaves behind.

pub mod config;
pub mod dropout;
pub mod engine;
pub mod evaluation;
pub mod gradient;
pub mod label_letters;
pub mod loader;
pub mod loss;
pub mod memory;
pub mod metrics;
pub mod next_base;
pub mod objective;
pub mod optimizer;
pub mod parameters;
pub mod plan;
pub mod plot;
pub mod preset;
pub mod recipe;
pub mod report;
pub mod run_state;
pub mod schedule;
pub mod step;
pub mod task;
pub mod trainer;
pub mod validation;
pub mod workers;
