//! Long-range DNA language modelling on the command line.
//!
//! Imports point downwards only. From top to bottom:
//!
//! - [`commands`]: one module for each command, from arguments to outputs
//! - [`cli`]: global options, and argument groups that commands share
//! - [`training`]: the training loop, its data and checkpoints
//! - [`inference`]: batches, threads, and the only owner of the model
//! - [`model`]: configuration, weights, and the forward pass on CPUs and GPUs
//! - [`hub`]: the Hugging Face cache and downloads
//! - [`process`]: exit codes, signals, log lines, progress and provenance
//! - [`tasks`]: labelled sequences
//! - [`sampling`]: stretches of genomes to learn from and to hold out, and windows of them
//! - [`formats`]: readers and writers of files
//! - [`scoring`]: scores of alleles, and their percentiles among null variants
//! - [`windows`]: the bases given to the model
//! - [`genome`]: bases, contigs, regions, variants and haplotypes
//!
//! Beside them are [`plot`] (charts), [`statistics`] (figures of scores and predictions) and [`chance`]
//! (random numbers), which import nothing from the others.

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
pub mod sampling;
pub mod scoring;
pub mod statistics;
pub mod tasks;
pub mod training;
pub mod windows;
