//! Writes a model in the Hub layout.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use tch::TchError;
use thiserror::Error;

use super::{Weights, WeightsError, buffers, host::HostTensor, names, safetensors_file};

/// Errors of writing a model.
#[derive(Debug, Error)]
pub enum ConvertError {
    /// A file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// The weights could not be written.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// libtorch failed.
    #[error("the positional buffers cannot be computed: {0}")]
    Torch(#[from] TchError),
}

/// Writes `model.safetensors` and `config.json` into `folder`, which must exist, without the buffers
/// that can be recomputed. Returns the names of the buffers that were kept, see
/// [`buffers::drop_regenerable`].
///
/// # Errors
/// See [`ConvertError`].
pub fn write_hub_layout(
    weights: &Weights,
    folder: &Path,
) -> Result<BTreeSet<String>, ConvertError> {
    let mut weights = weights.clone();
    let kept = buffers::drop_regenerable(&mut weights)?;
    write_weights(&weights, folder)?;
    let mut config = weights.config.to_value();
    if let Some(head) = &weights.head {
        config["head"] = serde_json::to_value(head).expect("names and numbers can be written");
    }
    write_text(folder, "config.json", &format!("{config:#}\n"))?;
    Ok(kept)
}

/// Writes `model.safetensors` with all tensors of `weights`, named as on the Hub.
pub(super) fn write_weights(weights: &Weights, folder: &Path) -> Result<(), WeightsError> {
    let named = weights.tensors.iter().map(|(name, tensor)| (hub_name(name), tensor.clone()));
    let mut tensors: BTreeMap<String, HostTensor> = named.collect();
    if let Some(embedding) = weights.tensors.get(names::EMBEDDING) {
        // the Hub's loader wants the head even where it is tied
        tensors.entry(names::HEAD.to_owned()).or_insert_with(|| embedding.clone());
    }
    safetensors_file::write(&folder.join("model.safetensors"), &tensors)
}

/// Writes a text file into `folder`.
pub(super) fn write_text(folder: &Path, name: &str, text: &str) -> Result<(), ConvertError> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(|source| ConvertError::Write { path, source })
}

fn hub_name(canonical: &str) -> String {
    if canonical.starts_with("backbone.") {
        format!("hyena.{canonical}")
    } else {
        canonical.to_owned()
    }
}
