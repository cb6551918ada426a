//! Files: reading and writing, one module for each format. Knows no tensors.
//!
//! Inputs are opened by [`input`] (stdin, compression detected from the content) and read line by
//! line ([`lines`]); outputs go through [`output`], which gives files their name only when
//! complete, and folders with [`output::folder`].

pub mod annotations;
pub mod bed;
pub mod bigwig;
pub mod delimited;
pub mod error;
pub mod genes;
pub mod input;
pub mod kind;
pub mod lines;
pub mod meter;
pub mod npy;
pub mod null_table;
pub mod number;
pub mod output;
pub mod parquet;
pub mod picture;
pub mod reference;
pub mod score_table;
pub mod sequences;
pub mod shard;
pub mod spooled;
pub mod tabix;
pub mod table;
pub mod tensorboard;
pub mod variants;
pub mod vectors;
pub mod whole;
