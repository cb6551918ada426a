//! Data of pretraining, as plain values: token ids of windows, one byte each.
//!
//! ```text
//! FASTA ──► Genome ──► Splits ──► train ──► Sampler ──► Loader ──► Drawn, a batch of rows
//! BED, contigs, fraction ──┘  └─► valid, test ──► Tiles ──► windows::append
//! ```
//!
//! [`Splits`] says which intervals are trained on and which are kept apart. [`Sampler`] draws
//! windows at random, each a function of the seed and its index alone; [`Loader`] runs it ahead of
//! the training step on a thread. [`Tiles`] covers the intervals that are kept apart with windows
//! that do not overlap. Validation reads the genomes of the sampler, which waits meanwhile
//! ([`Shared`]).

pub mod error;
pub mod genome;
pub mod interval;
pub mod loader;
pub mod sampler;
pub mod splits;
pub mod tiles;
pub mod turn;
pub mod windows;

pub use error::DataError;
pub use genome::{Genome, GenomeFile};
pub use interval::{Interval, Split};
pub use loader::{Draw, Drawn, Loader, Request};
pub use sampler::{Sampler, SamplerOptions, Sampling, Shared};
pub use splits::{SplitBy, Splits};
pub use tiles::{Rest, Tiles};
pub use turn::Turn;

#[cfg(test)]
mod testing;
