//! Reads the weights in a PyTorch (Lightning) checkpoint without executing anything in it.
//!
//! Such a file is a zip: a pickle, `data.pkl`, says which tensors there are, and each entry
//! under `data/` holds the bytes of one storage. A pickle is a program: Python runs it, and
//! with it whatever the author of the file wanted to have run. Here it is read as data.
//! Every call in it becomes a node (`pickle`), and only then is the `state_dict` looked up
//! and its tensors understood (`state_dict`); all other objects stay unread.
//!
//! Bounds, each checked before memory is taken: a pickle of `MAX_PICKLE` bytes and
//! `MAX_VALUES` values, no compressed entries (torch stores them), every length within
//! the bytes that are really there, no storage read twice, and tensors of no more than
//! `MAX_GROWTH` times the file. Nothing here recurses over the file's values: they lie in
//! an arena, so neither a cycle nor deep nesting can exhaust the stack, not even on drop.
//!
//! Why not the crate `pytorch-reader` (0.22.1 and 0.23.0-pre.1 were tried)? It executes
//! nothing and bounds its depth, but it read a dictionary that occurs twice as empty the
//! second time, dropped the entries that it could not read, took attributes of the
//! `state_dict` for tensors, refused files with a filled `defaultdict`, a `None` key or a
//! tensor in a callback, accepted 10 GB from a 1 kB file (a stride of 0), and let a call of
//! `os.system` pass unmentioned. ARCHITECTURE.md has the numbers. The `zip` crate is used,
//! without any decompressor: it withstood forged directories.

mod archive;
mod elements;
mod error;
mod foreign;
mod load;
mod pickle;
mod state_dict;
mod tensor;
#[cfg(test)]
mod tests;
mod view;

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::host::HostTensor;
use archive::{Archive, ArchiveError};
use foreign::Foreign;
use pickle::PickleError;
use state_dict::StateDictError;

/// Longest `data.pkl` that is read; those of real checkpoints have tens of kilobytes.
const MAX_PICKLE: u64 = 64 << 20;
/// Most values that a pickle may put together: some 100 MB of memory at the very worst.
const MAX_VALUES: usize = 1_000_000;

/// Errors of reading a checkpoint.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// The file could not be opened or read.
    #[error("cannot read the checkpoint {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file is not a zip archive, so not a checkpoint of PyTorch 1.6 or later.
    #[error("{} is {found}, not a checkpoint of PyTorch 1.6 or later (a zip archive); {}", path.display(), found.advice())]
    NotZip {
        /// The file.
        path: PathBuf,
        /// The kind of file that it seems to be.
        found: Foreign,
    },
    /// The zip archive is damaged, or not one that torch.save writes.
    #[error("{}: {reason}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// The problem.
        reason: ArchiveError,
    },
    /// The pickle is damaged, too large, or asks to call what no weights file needs.
    #[error("{}: {reason}", path.display())]
    Pickle {
        /// The file.
        path: PathBuf,
        /// The problem.
        reason: PickleError,
    },
    /// The pickle holds no state_dict whose tensors can be read.
    #[error("{}: {reason}", path.display())]
    StateDict {
        /// The file.
        path: PathBuf,
        /// The problem.
        reason: StateDictError,
    },
}

/// A problem without the name of the file.
#[derive(Debug, Error)]
enum Problem {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("not a zip archive but {0}")]
    NotZip(Foreign),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Pickle(#[from] PickleError),
    #[error(transparent)]
    StateDict(#[from] StateDictError),
}

impl Problem {
    fn at(self, path: &Path) -> CheckpointError {
        let path = path.to_path_buf();
        match self {
            Self::Io(source) => CheckpointError::Open { path, source },
            Self::NotZip(found) => CheckpointError::NotZip { path, found },
            Self::Archive(reason) => CheckpointError::Archive { path, reason },
            Self::Pickle(reason) => CheckpointError::Pickle { path, reason },
            Self::StateDict(reason) => CheckpointError::StateDict { path, reason },
        }
    }
}

/// What a checkpoint holds.
#[derive(Debug)]
pub struct Checkpoint {
    /// The tensors of its `state_dict`, under their names in the file.
    pub tensors: BTreeMap<String, HostTensor>,
    /// Functions and classes beyond those of plain weights, sorted: Python would import each, and may call
    /// it, to unpickle the file.
    pub imports: Vec<String>,
}

/// Reads a checkpoint in memory. `path` is for messages.
///
/// A file without a `state_dict` entry must itself be one. All element types become
/// f32, and views that are strided or share a storage become tensors of their own.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Checkpoint, CheckpointError> {
    read_from(Cursor::new(bytes)).map_err(|problem| problem.at(path))
}

fn read_from(mut reader: impl Read + Seek) -> Result<Checkpoint, Problem> {
    let mut head = Vec::with_capacity(foreign::HEAD);
    reader.by_ref().take(foreign::HEAD as u64).read_to_end(&mut head)?;
    if let Some(found) = foreign::identify(&head) {
        return Err(Problem::NotZip(found));
    }
    let len = reader.seek(SeekFrom::End(0))?;
    let mut archive = Archive::open(reader, len)?;
    let bytes = archive.read("data.pkl", MAX_PICKLE)?;
    let pickle = pickle::parse(&bytes, MAX_VALUES)?;
    let views = state_dict::views(&pickle)?;
    let tensors = load::load(views, &mut archive)?;
    Ok(Checkpoint { tensors, imports: pickle.imports() })
}
