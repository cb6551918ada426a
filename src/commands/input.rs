//! Inputs that several commands share.

pub mod entries;
pub mod order;
