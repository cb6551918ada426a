//! Labelled sequences for tasks: their files, labels of sequences and bases, parts, and what train and test
//! share. No tensors.

pub mod collect;
pub mod columns;
mod contigs;
pub mod dataset;
pub mod error;
pub mod example;
mod folder;
mod genome;
pub mod genomes;
pub mod label;
pub mod labels;
pub mod leaks;
pub mod options;
pub mod parts;
mod pieces;
pub mod read;
pub mod reading;
pub mod shots;
pub mod summary;
mod tracks;

#[cfg(test)]
mod testing;
