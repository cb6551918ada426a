//! Outputs that several commands share.

pub mod matrix;
pub mod paths;
pub mod pictures;
