//! Plain values of genomics: bases, contigs, regions, variants, haplotypes. No I/O, no tensors.

pub mod contig;
pub mod dna;
pub mod haplotype;
pub mod name;
pub mod region;
pub mod variant;
