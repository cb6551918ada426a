//! Writes a model in the Hub layout, without the buffers that can be computed again.

use std::{collections::BTreeMap, fs, path::Path};

use tch::{Device, TchError, Tensor};
use thiserror::Error;

use super::{Weights, WeightsError, host::HostTensor, names, safetensors_file};
use crate::model::network::filter::PositionBuffers;

/// Errors of writing a model.
#[derive(Debug, Error)]
pub enum ConvertError {
    /// A file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// Path of the file.
        path: std::path::PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// The weights could not be written.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// libtorch failed.
    #[error("the positional buffers cannot be computed: {0}")]
    Torch(#[from] TchError),
}

/// Removes the buffers that can be computed again from `weights`. Returns the names of those that
/// stay, because computing them again would give other values.
///
/// # Errors
/// libtorch fails.
pub fn drop_regenerable(weights: &mut Weights) -> Result<Vec<String>, TchError> {
    let generated = PositionBuffers::generate(&weights.config, Device::Cpu)?;
    let made = |name: &str| {
        let buffers = [
            (".pos_emb.z", &generated.z),
            (".pos_emb.t", &generated.t),
            (".modulation.deltas", &generated.deltas),
        ];
        buffers.into_iter().find(|(suffix, _)| name.ends_with(suffix)).map(|(_, made)| made)
    };
    weights.tensors.retain(|name, tensor| !made(name).is_some_and(|made| equal(tensor, made)));
    Ok(weights.tensors.keys().filter(|name| made(name).is_some()).cloned().collect())
}

/// Writes `model.safetensors` and `config.json` into `folder`, which must exist. Returns the names
/// of the buffers that were kept, see [`drop_regenerable`].
///
/// # Errors
/// See [`ConvertError`].
pub fn write_hub_layout(weights: &Weights, folder: &Path) -> Result<Vec<String>, ConvertError> {
    let mut weights = weights.clone();
    let kept = drop_regenerable(&mut weights)?;
    let named = weights.tensors.iter().map(|(name, tensor)| (hub_name(name), tensor.clone()));
    let mut tensors: BTreeMap<String, HostTensor> = named.collect();
    if let Some(embedding) = weights.tensors.get(names::EMBEDDING) {
        // the Hub's loader wants the head even where it is tied
        tensors.entry(names::HEAD.to_owned()).or_insert_with(|| embedding.clone());
    }
    safetensors_file::write(&folder.join("model.safetensors"), &tensors)?;
    let path = folder.join("config.json");
    fs::write(&path, weights.config.to_json())
        .map_err(|source| ConvertError::Write { path, source })?;
    Ok(kept)
}

fn hub_name(canonical: &str) -> String {
    if canonical.starts_with("backbone.") {
        format!("hyena.{canonical}")
    } else {
        canonical.to_owned()
    }
}

/// Equal up to the last bits of f32, which differ between versions of the mathematical library.
fn equal(stored: &HostTensor, made: &Tensor) -> bool {
    let mut values = vec![0_f32; made.numel()];
    made.copy_data(&mut values, made.numel());
    stored.data.len() == values.len()
        && stored.data.iter().zip(&values).all(|(a, b)| (a - b).abs() <= 1e-6)
}
