//! Inference: batches of sequences, the only owner of the model, and the pipeline of a command.

pub mod check;
pub mod compare;
pub mod computed;
mod device;
pub mod draw;
pub mod effects;
pub mod embedding;
pub mod engine;
pub mod family;
pub mod generation;
pub mod in_context;
pub mod memory;
pub mod outputs;
pub mod pass;
pub mod pipeline;
pub mod place;
pub mod predict;
pub mod reduction;
pub mod runner;
