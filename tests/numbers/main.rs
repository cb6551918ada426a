//! Numbers: what the library computes, against golden values and against itself.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "test code")]

#[path = "../harness/mod.rs"]
mod harness;

mod error;
mod parity;
mod properties;
mod training_golden;
