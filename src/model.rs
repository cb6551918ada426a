//! HyenaDNA itself: configuration, weights and the forward pass. Knows tensors, no genomics.
//!
//! Reading order: [`config`] → [`leaves`] → [`fft`], [`filter`] → [`hyena`] → [`block`] →
//! [`network`]; where weights come from: [`source`] → [`hub`], [`checkpoint`],
//! [`safetensors_file`] → [`names`], [`weights`].

pub mod config;
pub mod cpu;
pub mod libtorch;
pub mod network;
pub mod tokenizer;
pub mod weights;

#[cfg(test)]
mod gradients;
#[cfg(test)]
pub(crate) mod testing;
