//! The bases that the model reads: windows of variants, overlapping windows of long stretches. Pure functions.

pub mod pieces;
pub mod placement;
pub mod strands;
pub mod sweep;
