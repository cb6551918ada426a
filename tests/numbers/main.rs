//! Numbers: what the library computes, against golden values and against itself.

#[path = "../harness/mod.rs"]
mod harness;

mod error;
mod parity;
mod properties;
mod training_golden;
