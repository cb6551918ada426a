//! State that a run keeps so that it can be resumed exactly: a folder for each checkpoint, which gets its
//! name when it is complete.
//!
//! A folder that was complete when its run was killed, but had not yet its name, gets it when the run goes on
//! ([`recover`]).
//!
//! `checkpoints/step-0001000/` holds the model in the Hub layout, the moments of the optimiser
//! under the names of the weights, and `state.json`. The order of the samples, strands and dropout
//! are functions of the seed and the step, so the step is all there is to keep of them.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tch::TchError;
use thiserror::Error;

use super::{optimizer::Moments, parameters::Parameters};
use crate::{
    formats::{output::folder, whole},
    model::weights::{
        Weights, WeightsError,
        convert::{self, ConvertError},
        safetensors_file,
    },
};

/// Folder of the checkpoints within that of a run.
pub const FOLDER: &str = "checkpoints";
/// Folder of the model at the end.
pub const FINAL: &str = "model";
/// Folder of the model with the best validation.
pub const BEST: &str = "best";

/// End of the name of a checkpoint that is being written.
const UNFINISHED: &str = ".tmp";
/// End of the name of one that is being replaced or removed.
const OLD: &str = ".old";
/// File of the optimiser's moments.
const MOMENTS: &str = "optimizer.safetensors";
/// File of the progress.
const STATE: &str = "state.json";

/// A checkpoint that cannot be written or read.
#[derive(Debug, Error)]
pub enum RunStateError {
    /// A file or folder cannot be written.
    #[error("cannot write {path}: {source}; check that the folder is writable and has space")]
    Write {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// `state.json` is damaged.
    #[error("{path} is damaged ({source})")]
    State {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: serde_json::Error,
    },
    /// `state.json` has numbers that no run has.
    #[error("{path} is damaged: {problem}")]
    Numbers {
        /// Path of the file.
        path: PathBuf,
        /// Problem.
        problem: String,
    },
    /// There is none.
    #[error("{0} holds no checkpoint to resume from; start the run again")]
    NoCheckpoint(PathBuf),
    /// The moments are not those of the weights.
    #[error("{0} does not fit the model beside it")]
    Mismatch(PathBuf),
    /// The configuration or the genomes are not those that the run began with.
    #[error(
        "the configuration of {0} or the contigs of its genomes are not those that it began with; put them back, or begin a new run"
    )]
    AnotherRun(PathBuf),
    /// The model cannot be written.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// The weights cannot be read or written.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// libtorch failed.
    #[error("a checkpoint cannot be brought to or from the device: {0}")]
    Torch(#[from] TchError),
}

/// Progress of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Tells the run from others: a hash of its configuration and contigs.
    #[serde(default)]
    pub run: String,
    /// Steps done.
    pub step: u64,
    /// Steps in which the weights moved: the optimiser's own count.
    pub moved: u64,
    /// Steps skipped because a loss or gradient was NaN or infinite.
    pub skipped: u64,
    /// Number of them in a row up to now.
    pub skipped_in_a_row: u64,
    /// Windows that were mostly N and drawn again.
    pub windows_skipped: u64,
    /// Best score of a validation so far: in pretraining the lowest loss, in nats.
    pub best: Option<f64>,
    /// Validations since the best one.
    #[serde(default)]
    pub stale: u64,
    /// Validations without a better score, in all.
    #[serde(default)]
    pub stalls: u64,
    /// Bases that the network read.
    #[serde(default)]
    pub tokens: Option<u64>,
    /// The last step that was validated.
    #[serde(default)]
    pub validated: u64,
    /// Losses since the last row of the table.
    #[serde(default)]
    pub since_row: LossSums,
}

impl State {
    /// Describes a number that a run of so many steps cannot have.
    fn problem(&self, steps: u64) -> Option<String> {
        let Self { step, moved, skipped, skipped_in_a_row, stale, stalls, validated, .. } = *self;
        let most = |name: &str, value: u64, most: u64| {
            (value > most).then(|| format!("{name} is {value}, expected at most {most}"))
        };
        let counts = [
            ("step", step, steps),
            ("moved", moved, step),
            ("skipped", skipped, step - moved.min(step)),
            ("skipped_in_a_row", skipped_in_a_row, skipped),
            ("validated", validated, step),
            ("stale", stale, step),
            ("stalls", stalls, step),
            ("windows_skipped", self.windows_skipped, MOST_COUNTED),
            ("tokens", self.tokens.unwrap_or(0), MOST_COUNTED),
            ("targets", self.since_row.targets, MOST_COUNTED),
        ];
        counts.into_iter().find_map(|(name, value, limit)| most(name, value, limit))
    }
}

/// Largest count of bases or windows.
const MOST_COUNTED: u64 = i64::MAX as u64;

/// Losses of several steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct LossSums {
    /// Summed loss in nats.
    pub loss: f64,
    /// Known targets.
    pub targets: u64,
}

/// Writes a checkpoint into `run`, and removes the oldest beyond `keep`.
///
/// # Errors
/// A file cannot be written; no incomplete folder has the name of a checkpoint then.
pub fn save(
    run: &Path,
    state: &State,
    parameters: &Parameters,
    moments: &Moments,
    keep: usize,
) -> Result<PathBuf, RunStateError> {
    let folder = run.join(FOLDER);
    let path = folder.join(format!("step-{:07}", state.step));
    let made = folder.join(format!(".step-{:07}{UNFINISHED}", state.step));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| RunStateError::Write { path, source }
    };
    fs::create_dir_all(&folder).map_err(failed(&folder))?;
    remove_unfinished(run)?;
    fs::create_dir(&made).map_err(failed(&made))?;
    convert::write_hub_layout(&parameters.weights()?, &made)?;
    let named = [("mean", &moments.mean), ("square", &moments.square)];
    let mut tensors = BTreeMap::new();
    for (kind, flat) in named {
        let named = parameters.named(flat)?;
        tensors.extend(named.into_iter().map(|(name, tensor)| (format!("{kind}.{name}"), tensor)));
    }
    safetensors_file::write(&made.join(MOMENTS), &tensors)?;
    folder::sync(&made).map_err(failed(&made))?;
    // last, and after the others are on disk: a folder that has it is complete
    let json = serde_json::to_vec_pretty(state).expect("numbers can be written");
    let file = made.join(STATE);
    fs::write(&file, json).map_err(failed(&file))?;
    folder::replace(&made, &path).map_err(failed(&path))?;
    let mut all = list(run)?;
    while all.len() > keep.max(1) {
        // by another name, so that one that is half removed does not look like a checkpoint
        let (oldest, old) = (&all[0], folder::aside(&all[0]));
        fs::rename(oldest, &old).map_err(failed(oldest))?;
        remove(&old)?;
        all.remove(0);
    }
    Ok(path)
}

/// Writes the model alone under `run/name`, in place of what was there.
pub fn save_model(
    run: &Path,
    name: &str,
    parameters: &Parameters,
) -> Result<PathBuf, RunStateError> {
    save_weights(run, name, &parameters.weights()?)
}

/// The same of weights in host memory.
pub fn save_weights(run: &Path, name: &str, weights: &Weights) -> Result<PathBuf, RunStateError> {
    let (path, made) = (run.join(name), run.join(format!(".{name}.tmp")));
    let failed = |source| RunStateError::Write { path: path.clone(), source };
    remove(&made)?;
    fs::create_dir_all(&made).map_err(failed)?;
    convert::write_hub_layout(weights, &made)?;
    folder::replace(&made, &path).map_err(failed)?;
    Ok(path)
}

/// Gives its name to the newest checkpoint that a killed run completed but did not name, if no other is as
/// new. No other process may train in `run`.
///
/// # Errors
/// The folder cannot be read, or the checkpoint cannot be renamed.
pub fn recover(run: &Path) -> Result<(), RunStateError> {
    let named = list(run)?.last().and_then(|path| step_of(path, "", ""));
    let found = entries(run)?.into_iter().filter_map(|path| {
        let step = step_of(&path, ".", UNFINISHED).or_else(|| step_of(&path, ".", OLD))?;
        (named.is_none_or(|named| step > named) && is_complete(&path)).then_some((step, path))
    });
    let Some((step, path)) = found.max() else { return Ok(()) };
    let name = run.join(FOLDER).join(format!("step-{step:07}"));
    fs::rename(&path, &name).map_err(|source| RunStateError::Write { path, source })?;
    log::info!("{} was complete when the run ended", name.display());
    Ok(())
}

/// True if a folder has all files of a checkpoint, and the last one can be read.
fn is_complete(checkpoint: &Path) -> bool {
    let files = ["config.json", "model.safetensors", MOMENTS];
    files.iter().all(|file| checkpoint.join(file).is_file()) && state(checkpoint).is_ok()
}

/// Removes what interrupted runs left half-written.
fn remove_unfinished(run: &Path) -> Result<(), RunStateError> {
    for path in entries(run)? {
        if step_of(&path, ".", UNFINISHED).or_else(|| step_of(&path, ".", OLD)).is_some() {
            remove(&path)?;
        }
    }
    Ok(())
}

/// The newest complete checkpoint of a run.
///
/// # Errors
/// The folder has no checkpoint, or cannot be read.
pub fn newest(run: &Path) -> Result<PathBuf, RunStateError> {
    list(run)?.pop().ok_or_else(|| RunStateError::NoCheckpoint(run.to_owned()))
}

/// Reads the state of a checkpoint.
///
/// # Errors
/// The file cannot be read or is damaged.
pub fn state(checkpoint: &Path) -> Result<State, RunStateError> {
    let path = checkpoint.join(STATE);
    let json = whole::read(&path, whole::SETTINGS)
        .map_err(|source| RunStateError::Read { path: path.clone(), source })?;
    serde_json::from_slice(&json).map_err(|source| RunStateError::State { path, source })
}

/// Reads the state of a checkpoint of a run of so many steps.
///
/// # Errors
/// See [`state`], or a number is too large.
pub fn state_within(checkpoint: &Path, steps: u64) -> Result<State, RunStateError> {
    let state = state(checkpoint)?;
    match state.problem(steps) {
        Some(problem) => Err(RunStateError::Numbers { path: checkpoint.join(STATE), problem }),
        None => Ok(state),
    }
}

/// Reads the moments of the optimiser.
///
/// # Errors
/// The file cannot be read, or its tensors are not those of `parameters`.
pub fn moments(
    checkpoint: &Path,
    state: &State,
    parameters: &Parameters,
) -> Result<Moments, RunStateError> {
    let path = checkpoint.join(MOMENTS);
    let bytes = whole::read(&path, 2 * whole::WEIGHTS)
        .map_err(|source| RunStateError::Read { path: path.clone(), source })?;
    let tensors = safetensors_file::parse(&path, &bytes)?;
    let flat = |kind: &str| {
        let named = tensors.iter().filter_map(|(name, tensor)| {
            Some((name.strip_prefix(kind)?.strip_prefix('.')?.to_owned(), tensor.clone()))
        });
        let flat = parameters.flattened(&named.collect())?;
        flat.ok_or_else(|| RunStateError::Mismatch(path.clone()))
    };
    Ok(Moments { mean: flat("mean")?, square: flat("square")?, steps: state.moved })
}

/// The complete checkpoints, oldest first.
fn list(run: &Path) -> Result<Vec<PathBuf>, RunStateError> {
    let numbered = |path: PathBuf| Some((step_of(&path, "", "")?, path));
    let mut found: Vec<(u64, PathBuf)> = entries(run)?.into_iter().filter_map(numbered).collect();
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// All in the folder of the checkpoints of a run; nothing without one.
fn entries(run: &Path) -> Result<Vec<PathBuf>, RunStateError> {
    let folder = run.join(FOLDER);
    let failed = |source| RunStateError::Read { path: folder.clone(), source };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed(source)),
    };
    entries.map(|entry| Ok(entry.map_err(failed)?.path())).collect()
}

/// Step in the name of a checkpoint's folder with something before and after it.
fn step_of(path: &Path, before: &str, after: &str) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix(before)?.strip_prefix("step-")?.strip_suffix(after)?.parse().ok()
}

fn remove(folder: &Path) -> Result<(), RunStateError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RunStateError::Write { path: folder.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
