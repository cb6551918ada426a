//! Files: what is read and written, each format behind one file. Knows no tensors.
//!
//! Inputs are opened by [`input`] (stdin, compression told by content) and read line by line
//! ([`lines`]); outputs go through [`output`], which gives them their name only when complete,
//! as [`folder`] does for several files at once.

pub mod bed;
pub mod bigwig;
pub mod error;
pub mod folder;
pub mod genes;
pub mod input;
pub mod lines;
pub mod npy;
pub mod null_table;
pub mod number;
pub mod output;
pub mod parquet;
pub mod reference;
pub mod sequences;
pub mod table;
pub mod tensorboard;
pub mod variants;
