//! Stretches of genomes: what to learn from, what to hold out, and windows of both. It knows no tensors.
//!
//! ```text
//! FASTA ──► Genome ──► Splits ──► train ──► Sampler ──► bases of random windows
//! BED, contigs, fraction ──┘  └─► valid, test ──► Tiles ──► windows one after the other
//! ```
//!
//! [`Splits`] says which intervals are trained on and which are held out. [`Sampler`] draws windows at
//! random, each a function of the seed and its index alone. [`Tiles`] covers intervals with windows that
//! do not overlap. Others may read the genomes of a sampler meanwhile ([`Shared`]).

pub mod error;
pub mod fetch;
pub mod genome;
pub mod interval;
pub mod sampler;
pub mod splits;
pub mod tiles;
pub mod turn;

pub use error::DataError;
pub use genome::{Genome, GenomeFile};
pub use interval::{Interval, Split};
pub use sampler::{Sampler, SamplerOptions, Sampling, Shared};
pub use splits::{Shares, SplitBy, Splits};
pub use tiles::{Rest, Tiles};
pub use turn::Turn;

#[cfg(test)]
pub(crate) mod testing;
