//! Null variants: random ones of the same class as a variant, which say how unusual its score is.
//!
//! A log-likelihood ratio depends on the bases around a variant and on what is changed into what,
//! above all for CpG. Among substitutions with the same neighbours ([`Class`]) at random places of
//! the genome it can be ranked: the percentile of a [`Distribution`] means the same for every class.
//! Indels are ranked among insertions or deletions at random places; [`LengthFit`] takes out what
//! their length explains. Plain values: bases come from whoever asks.

mod class;
mod distribution;
mod draws;
mod entries;
mod length;
mod matcher;
mod order;
mod regions;

pub use class::{Class, Substitution, UnknownClass};
pub use distribution::Distribution;
pub use draws::{Draws, Indel};
pub use entries::{NullEntry, NullScores};
pub use length::{Fit, LengthFit};
pub use matcher::{Matcher, NullVariant};
pub use regions::{RandomPlace, Regions};
