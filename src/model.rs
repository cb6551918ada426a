//! HyenaDNA itself: configuration, weights and the forward pass. Knows tensors, no genomics.
//!
//! Reading order: [`config`] → [`network`] (leaves → fft, filter → hyena → block); its weights are in
//! [`weights`] (source → pytorch, safetensors_file → names).

pub mod config;
pub mod cpu;
pub mod device;
pub mod head;
pub mod libtorch;
pub mod network;
pub mod pool;
pub mod recorded;
pub mod rows;
pub mod threads;
pub mod tokenizer;
pub mod weights;

#[cfg(test)]
mod gradients;
#[cfg(test)]
pub(crate) mod testing;
