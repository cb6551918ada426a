//! Labelled sequences for tasks: their files, labels, parts, and what train and test share. No tensors.

pub mod collect;
pub mod columns;
pub mod dataset;
pub mod example;
mod folder;
pub mod label;
pub mod labels;
pub mod leaks;
pub mod parts;
pub mod read;
pub mod reading;
pub mod summary;

#[cfg(test)]
mod testing;
