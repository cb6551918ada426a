//! Weights files in folders.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Names of weights files, the preferred one first; `train` leaves the last.
const NAMES: [&str; 4] =
    ["model.safetensors", "weights.ckpt", "pytorch_model.bin", "model/model.safetensors"];

/// Most entries of a folder that are looked at for a suggestion.
const MOST: usize = 1_000;

/// The weights file of a model's folder: that of the Hub, of Lightning, of PyTorch, or the final one
/// of a run of `train`.
pub fn weights_file(folder: &Path) -> Option<PathBuf> {
    NAMES.iter().map(|name| folder.join(name)).find(|file| file.is_file())
}

/// Models within a folder that is not one itself: folders in it, and in those (a cache has
/// `snapshots/REVISION`), and checkpoints of another name.
pub fn models_in(folder: &Path) -> Vec<PathBuf> {
    let mut models = Vec::new();
    for entry in entries(folder) {
        if is_checkpoint(&entry) || weights_file(&entry).is_some() {
            models.push(entry);
        } else {
            models.extend(entries(&entry).into_iter().filter(|path| weights_file(path).is_some()));
        }
    }
    models
}

/// Names in a folder that may be those of models.
pub fn names_in(folder: &Path) -> Vec<String> {
    let models = models_in(folder).into_iter();
    let direct = models.filter(|path| path.parent() == Some(folder));
    direct.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        entries.take(MOST).filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn is_checkpoint(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("safetensors" | "ckpt" | "pt" | "pth")) && path.is_file()
}
