//! Inputs that several commands share.

pub mod entries;
pub mod named;
pub mod order;
