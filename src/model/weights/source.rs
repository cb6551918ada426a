//! Source of a model: a folder, a file, a released name, or the binary itself.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    Checked, Weights, WeightsError, folder, host::HostTensor, identity::identity, pytorch,
    safetensors_file,
};
use crate::{
    formats::{number::hex, whole},
    hub::{self, HubConfig, HubError, ModelId, nearest::nearest, released},
    model::config::Stated,
};

/// A model that cannot be found or loaded.
#[derive(Debug, Error)]
pub enum SourceError {
    /// There is no such file, and no such released name.
    #[error(
        "no model {name:?}: no such file or folder, and not a released model, which are {}; others of the Hub are named ORGANISATION/NAME{}",
        released::names(),
        did_you_mean(meant.as_slice())
    )]
    Unknown {
        /// Requested name.
        name: String,
        /// The name that may be meant.
        meant: Option<String>,
    },
    /// There is no such file or folder.
    #[error("no model {path}: no such file or folder{}", did_you_mean(meant.as_slice()))]
    NoPath {
        /// Requested path.
        path: PathBuf,
        /// The path that may be meant.
        meant: Option<String>,
    },
    /// A folder without weights.
    #[error(
        "{path} holds no model: expected model.safetensors, weights.ckpt or pytorch_model.bin (and config.json){}",
        did_you_mean(meant)
    )]
    NoWeights {
        /// The folder.
        path: PathBuf,
        /// Models in the folder.
        meant: Vec<String>,
    },
    /// The identity of the model cannot be computed.
    #[error("the positional buffers cannot be computed: {0}")]
    Torch(#[from] tch::TchError),
    /// The weights cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The Hub or its cache cannot be used.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// Most suggestions of an error.
const MOST_SUGGESTIONS: usize = 3;

/// `; did you mean A or B?`, or nothing.
fn did_you_mean(meant: &[String]) -> String {
    match meant {
        [] => String::new(),
        _ => {
            let named = &meant[..meant.len().min(MOST_SUGGESTIONS)];
            format!("; did you mean {}?", named.join(" or "))
        }
    }
}

/// A model in host memory and what identifies it.
#[derive(Debug, Clone)]
pub struct Named {
    /// Name for logs and tables: the released name, the folder's name, or `builtin:…`.
    pub name: String,
    /// SHA-256 of the weights file, in hexadecimal.
    pub sha256: String,
    /// Hash of all that the results depend on; see [`identity`].
    pub identity: String,
    /// Origin of the weights; `None` for the built-in model.
    pub path: Option<PathBuf>,
    /// The checked weights.
    pub weights: Weights,
    /// Disagreements of `config.json` and the tensors, in words.
    pub disagreements: Vec<String>,
    /// Heads for other tasks that were left out: tensors by their names in the file.
    pub left_out: BTreeMap<String, HostTensor>,
    /// Functions and classes beyond those of plain weights that Python would import, and could run, to unpickle
    /// the file. Here nothing is run.
    pub imports: Vec<String>,
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
    let Checked { weights, disagreements, left_out } =
        Weights::check(path.clone(), tensors, &stated)?;
    Ok(Named {
        name: path.display().to_string(),
        sha256: hex(&Sha256::digest(BUILTIN_WEIGHTS)),
        identity: identity(&weights)?,
        path: None,
        weights,
        disagreements,
        left_out,
        imports: Vec::new(),
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
    if is_path(spec) {
        return Err(no_path(path));
    }
    let id = hub_name(spec)?;
    let config = HubConfig::from_env(|key| std::env::var_os(key))?;
    let folder = match hub::find_cached(&config, &id) {
        Some(folder) => folder,
        // the name of a repository, unless a folder here has the name of the organisation
        None if in_a_folder(path) => return Err(no_path(path)),
        None => hub::pull(&config, &id, progress)?,
    };
    load_path(&folder, Cow::Borrowed(spec))
}

/// The files that [`load`] reads: weights and configuration. None for the built-in model, and for one that is not
/// there or not in the cache yet.
pub fn files(spec: &str) -> Vec<PathBuf> {
    let path = Path::new(spec);
    let is_builtin = [BUILTIN, "builtin"].contains(&spec) || spec.starts_with("builtin:");
    let cached = || {
        let config = HubConfig::from_env(|key| std::env::var_os(key)).ok()?;
        hub::find_cached(&config, &hub_name(spec).ok()?)
    };
    let place = match path.exists() {
        true => Some(path.to_owned()),
        false if is_builtin || is_path(spec) => None,
        false => cached(),
    };
    let weights = place.and_then(|place| weights_file(&place).ok());
    weights.map_or_else(Vec::new, |file| vec![file.with_file_name("config.json"), file])
}

/// The name of a model on the Hub: ORGANISATION/NAME, or the name of a released one.
///
/// # Errors
/// Not such a name; suggests one that is like it.
pub fn hub_name(spec: &str) -> Result<ModelId, SourceError> {
    let (bare, _) = spec.split_once('@').unwrap_or((spec, ""));
    let unknown = || {
        let here = folder::names_in(Path::new("."));
        let released = released::RELEASED.iter().map(|model| model.name);
        let names = released.chain([BUILTIN]).chain(here.iter().map(String::as_str));
        let meant = nearest(bare.rsplit('/').next().unwrap_or(bare), names).map(str::to_owned);
        SourceError::Unknown { name: spec.to_owned(), meant }
    };
    if !bare.contains('/') && released::find(bare).is_none() {
        return Err(unknown());
    }
    ModelId::parse(spec).map_err(|_| unknown())
}

/// True if a text can only be a path.
fn is_path(spec: &str) -> bool {
    let ends = [".safetensors", ".ckpt", ".bin", ".pt", ".pth", "/"];
    spec.starts_with(['/', '.', '~'])
        || spec.matches('/').count() > 1
        || ends.iter().any(|end| spec.ends_with(end))
}

/// True if a path has the form FOLDER/NAME, and the folder exists.
fn in_a_folder(path: &Path) -> bool {
    path.parent().is_some_and(|parent| !parent.as_os_str().is_empty() && parent.is_dir())
}

fn no_path(path: &Path) -> SourceError {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let names = folder::names_in(parent.unwrap_or(Path::new(".")));
    let typed = path.file_name().unwrap_or_default().to_string_lossy();
    let meant = nearest(&typed, names.iter().map(String::as_str)).map(|name| match parent {
        Some(parent) => parent.join(name).display().to_string(),
        None => name.to_owned(),
    });
    SourceError::NoPath { path: path.to_owned(), meant }
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
    let bytes = whole::read(&file, whole::WEIGHTS).map_err(read)?;
    hub::verify(&file, &bytes)?;
    // from the same bytes as the hash: the file may be replaced meanwhile
    let (tensors, imports) = if bytes.starts_with(b"PK") || !looks_like_safetensors(&bytes) {
        let pytorch::Checkpoint { tensors, imports } =
            pytorch::parse(&file, &bytes).map_err(|e| WeightsError::Checkpoint(Box::new(e)))?;
        (tensors, imports)
    } else {
        (safetensors_file::parse(&file, &bytes)?, Vec::new())
    };
    let stated = stated_beside(&file)?;
    let Checked { weights, disagreements, left_out } =
        Weights::check(file.clone(), tensors, &stated)?;
    Ok(Named {
        name: name.into_owned(),
        sha256: hex(&Sha256::digest(&bytes)),
        identity: identity(&weights)?,
        path: Some(file),
        weights,
        disagreements,
        left_out,
        imports,
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
    folder::weights_file(path).ok_or_else(|| SourceError::NoWeights {
        path: path.to_owned(),
        meant: folder::models_in(path).iter().map(|path| path.display().to_string()).collect(),
    })
}

fn stated_beside(file: &Path) -> Result<Stated, SourceError> {
    let path = file.with_file_name("config.json");
    match whole::read(&path, whole::SETTINGS) {
        Ok(json) => {
            hub::verify(&path, &json)?;
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
        assert!(model.disagreements.is_empty() && model.left_out.is_empty());
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
        assert!(matches!(error, SourceError::NoWeights { .. }), "{error}");
    }
}
