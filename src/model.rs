//! HyenaDNA itself: configuration, weights and the forward pass. Knows tensors, no genomics.
//!
//! Reading order: [`config`] → [`leaves`] → [`fft`], [`filter`] → [`hyena`] → [`block`] →
//! [`network`]; where weights come from: [`source`] → [`hub`], [`checkpoint`],
//! [`safetensors_file`] → [`names`], [`weights`].

pub mod attention;
pub mod block;
pub mod checkpoint;
pub mod config;
pub mod convert;
pub mod cpu;
pub mod fft;
pub mod filter;
pub mod host;
pub mod hub;
pub mod hyena;
pub mod initial;
pub mod leaves;
pub mod libtorch;
pub mod names;
pub mod network;
pub mod released;
pub mod safetensors_file;
pub mod source;
pub mod weights;

#[cfg(test)]
mod gradients;
#[cfg(test)]
mod testing;
