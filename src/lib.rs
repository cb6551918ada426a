//! Long-range DNA language modelling on the command line.
//!
//! Data flows one way: [`formats`] turn bytes into plain values ([`region`], [`variant`], bases of
//! [`dna`]); [`reading`], [`window`] and [`sweep`] decide which bases are read; [`inference`] makes batches of
//! them and is the only owner of the [`model`]; [`scoring`] turns what comes back into numbers;
//! [`formats`] write them. [`commands`] put these together; [`cli`] says what a user may ask.

pub mod chance;
pub mod cli;
pub mod commands;
pub mod contig;
pub mod dna;
pub mod exit;
pub mod formats;
pub mod haplotype;
pub mod inference;
pub mod logging;
pub mod model;
pub mod null;
pub mod plot;
pub mod progress;
pub mod provenance;
pub mod reading;
pub mod region;
pub mod scoring;
pub mod signals;
pub mod statistics;
pub mod sweep;
pub mod tokenizer;
pub mod training;
pub mod variant;
pub mod window;
