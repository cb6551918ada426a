//! Long-range DNA language modelling on the command line.
//!
//! Data flows one way: [`formats`] turn bytes into plain values ([`region`], [`variant`], bases of
//! [`dna`]); [`reading`], [`window`] and [`sweep`] decide which bases are read; [`inference`] makes batches of
//! them and is the only owner of the [`model`]; [`scoring`] turns what comes back into numbers;
//! [`formats`] write them. [`commands`] put these together; [`cli`] says what a user may ask.

pub mod chance;
pub mod cli;
pub mod commands;
pub mod formats;
pub mod genome;
pub mod hub;
pub mod inference;
pub mod model;
pub mod plot;
pub mod process;
pub mod scoring;
pub mod statistics;
pub mod training;
pub mod windows;
