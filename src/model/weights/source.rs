//! Source of a model: a folder, a file, a released name, or the binary itself.

use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{Weights, WeightsError, pytorch, safetensors_file};
use crate::formats::number::hex;
use crate::{
    hub::{self, HubConfig, HubError, ModelId, released},
    model::config::Stated,
};

/// A model that cannot be found or loaded.
#[derive(Debug, Error)]
pub enum SourceError {
    /// There is no such file, and no such released name.
    #[error(
        "no model {name:?}: no such file or folder, and not a name of the form ORGANISATION/NAME; released models are {released}"
    )]
    Unknown {
        /// Requested name.
        name: String,
        /// Names of the released models.
        released: String,
    },
    /// A folder without weights.
    #[error(
        "{0} holds no model: expected model.safetensors or weights.ckpt (and config.json); a run of `train` that is not complete may have one in its best/"
    )]
    NoWeights(PathBuf),
    /// The weights cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The Hub or its cache cannot be used.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// A model in host memory and what identifies it.
#[derive(Debug, Clone)]
pub struct Named {
    /// Name for logs and tables: the released name, the folder's name, or `builtin:…`.
    pub name: String,
    /// SHA-256 of the weights file, in hexadecimal.
    pub sha256: String,
    /// Origin of the weights; `None` for the built-in model.
    pub path: Option<PathBuf>,
    /// The checked weights.
    pub weights: Weights,
    /// Disagreements of `config.json` and the tensors, in words.
    pub disagreements: Vec<String>,
}

/// Name of the model that the binary carries.
pub const BUILTIN: &str = "human-1k";
const BUILTIN_WEIGHTS: &[u8] = include_bytes!("../../../models/human-1k/model.safetensors");
const BUILTIN_CONFIG: &[u8] = include_bytes!("../../../models/human-1k/config.json");

/// The model that the binary carries.
///
/// # Errors
/// None in a binary whose tests passed.
pub fn builtin() -> Result<Named, SourceError> {
    let path = PathBuf::from(format!("builtin:{BUILTIN}"));
    let stated = Stated::parse(BUILTIN_CONFIG)
        .map_err(|source| WeightsError::Config { path: path.clone(), source })?;
    let tensors = safetensors_file::parse(&path, BUILTIN_WEIGHTS)?;
    let (weights, disagreements) = Weights::check(path.clone(), tensors, &stated)?;
    Ok(Named {
        name: path.display().to_string(),
        sha256: hex(&Sha256::digest(BUILTIN_WEIGHTS)),
        path: None,
        weights,
        disagreements,
    })
}

/// Loads what `spec` means: `builtin`, an existing file or folder, the name of the built-in model, else
/// a released or other Hub name, which is looked up in the cache and fetched when it is not there.
///
/// # Errors
/// See [`SourceError`].
pub fn load(
    spec: &str,
    progress: &mut dyn FnMut(hub::DownloadProgress<'_>),
) -> Result<Named, SourceError> {
    if spec == "builtin" || spec.strip_prefix("builtin:") == Some(BUILTIN) {
        return builtin();
    }
    let path = Path::new(spec);
    if path.exists() {
        return load_path(path, name_of(path));
    }
    if spec == BUILTIN {
        return builtin();
    }
    let unknown = || SourceError::Unknown { name: spec.to_owned(), released: released::names() };
    let id = ModelId::parse(spec).map_err(|_| unknown())?;
    let config = HubConfig::from_env(|key| std::env::var_os(key))?;
    let folder = match hub::find_cached(&config, &id) {
        Some(folder) => folder,
        None => hub::pull(&config, &id, progress)?,
    };
    load_path(&folder, Cow::Borrowed(spec))
}

/// Loads the model in a folder.
///
/// # Errors
/// See [`SourceError`].
pub fn load_folder(folder: &Path) -> Result<Named, SourceError> {
    load_path(folder, name_of(folder))
}

fn name_of(path: &Path) -> Cow<'static, str> {
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let file = absolute.file_name().unwrap_or(absolute.as_os_str());
    Cow::Owned(file.to_string_lossy().into_owned())
}

fn load_path(path: &Path, name: Cow<'_, str>) -> Result<Named, SourceError> {
    let file = weights_file(path)?;
    let read = |source| WeightsError::Read { path: file.clone(), source };
    let bytes = fs::read(&file).map_err(read)?;
    let tensors = if bytes.starts_with(b"PK") || !looks_like_safetensors(&bytes) {
        pytorch::read(&file).map_err(|e| WeightsError::Checkpoint(Box::new(e)))?
    } else {
        safetensors_file::parse(&file, &bytes)?
    };
    let stated = stated_beside(&file)?;
    let (weights, disagreements) = Weights::check(file.clone(), tensors, &stated)?;
    Ok(Named {
        name: name.into_owned(),
        sha256: hex(&Sha256::digest(&bytes)),
        path: Some(file),
        weights,
        disagreements,
    })
}

/// A safetensors file starts with the length of its JSON header, then the header.
fn looks_like_safetensors(bytes: &[u8]) -> bool {
    bytes.get(8) == Some(&b'{')
}

/// The weights file that a path means: itself, or the one in the folder (or in its `model/`,
/// where `train` leaves the final one).
fn weights_file(path: &Path) -> Result<PathBuf, SourceError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    ["model.safetensors", "weights.ckpt", "model/model.safetensors"]
        .iter()
        .map(|name| path.join(name))
        .find(|file| file.is_file())
        .ok_or_else(|| SourceError::NoWeights(path.to_owned()))
}

fn stated_beside(file: &Path) -> Result<Stated, SourceError> {
    let path = file.with_file_name("config.json");
    match fs::read(&path) {
        Ok(json) => {
            Stated::parse(&json).map_err(|source| WeightsError::Config { path, source }.into())
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Stated::default()),
        Err(source) => Err(WeightsError::Read { path, source }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_model_is_whole() {
        let model = builtin().unwrap();
        assert_eq!(model.weights.parameters(), 436_096);
        assert_eq!(model.weights.config.context(), 1024);
        assert!(model.disagreements.is_empty());
        assert_eq!(model.sha256.len(), 64);
    }

    #[test]
    fn an_unknown_model_is_refused_with_the_known_ones() {
        let error = load("no such model", &mut |_| {}).unwrap_err().to_string();
        assert!(error.contains("hyenadna-large-1m-seqlen"), "{error}");
    }

    #[test]
    fn a_folder_without_weights_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = load(folder.path().to_str().unwrap(), &mut |_| {}).unwrap_err();
        assert!(matches!(error, SourceError::NoWeights(_)), "{error}");
    }
}
