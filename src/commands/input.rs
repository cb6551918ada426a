//! Inputs that several commands share.

pub mod entries;
pub mod lengths;
pub mod named;
pub mod order;
