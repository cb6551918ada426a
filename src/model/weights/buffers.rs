//! Stored buffers that the configuration alone determines.

use std::collections::BTreeSet;

use tch::{Device, TchError, Tensor};

use super::{Weights, host::HostTensor};
use crate::model::network::filter::PositionBuffers;

/// Largest difference of a stored value and the recomputed one: the last bits of f32, which differ
/// between versions of the mathematical library.
const TOLERANCE: f32 = 1e-6;

/// Ends of the names of the buffers, and their values.
fn suffixes(generated: &PositionBuffers) -> [(&'static str, &Tensor); 3] {
    [
        (".pos_emb.z", &generated.z),
        (".pos_emb.t", &generated.t),
        (".modulation.deltas", &generated.deltas),
    ]
}

/// Names of the stored buffers, in two sets: those that recomputing gives again, to the last bits
/// of f32, and those that it does not.
///
/// # Errors
/// libtorch fails.
pub fn stored(weights: &Weights) -> Result<[BTreeSet<String>; 2], TchError> {
    let [mut regenerable, mut own] = [BTreeSet::new(), BTreeSet::new()];
    let is_buffer = |name: &&String| name.contains(".pos_emb.") || name.ends_with(".deltas");
    if !weights.tensors.keys().any(|name| is_buffer(&name)) {
        return Ok([regenerable, own]);
    }
    let generated = PositionBuffers::generate(&weights.config, Device::Cpu)?;
    for (suffix, made) in suffixes(&generated) {
        let made = HostTensor::of(made)?;
        for (name, tensor) in weights.tensors.iter().filter(|(name, _)| name.ends_with(suffix)) {
            let set = if equal(tensor, &made) { &mut regenerable } else { &mut own };
            set.insert(name.clone());
        }
    }
    Ok([regenerable, own])
}

/// Removes the buffers that can be computed again from `weights`. Returns the names of those that
/// stay, because computing them again would give other values.
///
/// # Errors
/// libtorch fails.
pub fn drop_regenerable(weights: &mut Weights) -> Result<BTreeSet<String>, TchError> {
    let [regenerable, own] = stored(weights)?;
    weights.tensors.retain(|name, _| !regenerable.contains(name));
    Ok(own)
}

/// Adds the buffers that are missing to `weights`: three for each layer.
///
/// # Errors
/// libtorch fails.
pub fn add_missing(weights: &mut Weights) -> Result<(), TchError> {
    let generated = PositionBuffers::generate(&weights.config, Device::Cpu)?;
    for (suffix, made) in suffixes(&generated) {
        let made = HostTensor::of(made)?;
        for layer in 0..weights.config.n_layer {
            let name = format!("backbone.layers.{layer}.mixer.filter_fn{suffix}");
            weights.tensors.entry(name).or_insert_with(|| made.clone());
        }
    }
    Ok(())
}

fn equal(stored: &HostTensor, made: &HostTensor) -> bool {
    stored.data.len() == made.data.len()
        && stored.data.iter().zip(&made.data).all(|(a, b)| (a - b).abs() <= TOLERANCE)
}
