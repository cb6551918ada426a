//! Errors of writing an output.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::formats::input::is_dash;

/// An output that cannot be written.
#[derive(Debug, Error)]
pub enum OutputError {
    /// The file cannot be created.
    #[error(
        "cannot write {path}: {source}; check that the folder exists, is writable and has space"
    )]
    Create {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// Writing failed midway.
    #[error("writing {path} failed: {source}; no incomplete file was left under that name")]
    Write {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// The output is complete, but has no index.
    #[error("{path} is complete, but cannot be indexed: {source}")]
    Index {
        /// Path of the output.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// Appending to a file that others read meanwhile failed.
    #[error("cannot append to {path}: {source}; check that the disk has space")]
    Append {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// Writing to stdout failed midway.
    #[error("writing to stdout failed: {source}")]
    Stdout {
        /// Cause.
        source: io::Error,
    },
}

impl OutputError {
    /// The error of a write to `path`.
    pub fn write(path: &Path, source: io::Error) -> Self {
        if is_dash(path) {
            Self::Stdout { source }
        } else {
            Self::Write { path: path.to_owned(), source }
        }
    }
}
