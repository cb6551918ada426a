//! Inference: batches of sequences, the only owner of the model, and the pipeline of a command.

pub mod batch;
pub mod compare;
pub mod computed;
mod device;
pub mod draw;
pub mod effects;
pub mod engine;
pub mod family;
pub mod generation;
pub mod in_context;
pub mod memory;
pub mod outputs;
pub mod pipeline;
pub mod predict;
pub mod runner;
