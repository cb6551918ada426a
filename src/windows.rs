//! Windows, the bases given to the model: around variants, over long stretches, and as pieces of
//! sequences longer than the context. Pure functions.

pub mod pieces;
pub mod placement;
pub mod repeats;
pub mod shuffle;
pub mod strands;
pub mod sweep;
pub mod tiles;
