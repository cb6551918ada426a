//! Null variants: random variants of the same class as a variant, among which its score is ranked.
//!
//! A log-likelihood ratio depends on the bases around a variant and on the kind of substitution,
//! above all for CpG. It is ranked among substitutions with the same neighbours ([`Class`]) at
//! random places of the genome, so a percentile of a [`Distribution`] means the same for every
//! class. Indels are ranked among insertions or deletions at random places; [`LengthFit`] removes
//! the effect of their length. Plain values: the caller supplies the bases.

mod class;
mod distribution;
mod draws;
mod entries;
mod length;
mod matcher;
mod order;
mod regions;

pub use class::{Class, Spectrum, Substitution, UnknownClass};
pub use distribution::{Distribution, Locus};
pub use draws::{Draws, Indel};
pub use entries::{NullEntry, NullScores};
pub use length::{Fit, LengthFit};
pub use matcher::{Matcher, NullVariant};
pub use regions::{RandomPlace, Regions};
