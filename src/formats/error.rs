//! Errors of inputs: each names the file, and the line or record.

use std::io;

use thiserror::Error;

/// A temporary file that cannot be written.
#[derive(Debug, Error)]
#[error(
    "a temporary file in {folder} cannot be written: {0}; set TMPDIR to a folder that exists and has space",
    folder = std::env::temp_dir().display()
)]
pub struct TemporaryError(#[source] pub io::Error);

/// Says of an error of a temporary file that it is one.
pub fn temporary(source: io::Error) -> io::Error {
    io::Error::new(source.kind(), TemporaryError(source))
}

/// An input that cannot be read or understood.
#[derive(Debug, Error)]
pub enum InputError {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}")]
    Open {
        /// Name of the file, or `<stdin>`.
        path: String,
        /// Cause.
        source: io::Error,
    },
    /// Reading failed midway: the file is truncated or damaged, or the disk fails.
    #[error("{path}, after line {line}: {source}")]
    Read {
        /// Name of the file, or `<stdin>`.
        path: String,
        /// Last line read, 1-based; 0 before the first.
        line: u64,
        /// Cause.
        source: io::Error,
    },
    /// The temporary file that it is copied to cannot be written.
    #[error("{path}: {source}")]
    Temporary {
        /// Name of the file, or `<stdin>`.
        path: String,
        /// Cause.
        source: TemporaryError,
    },
    /// The file is empty.
    #[error("{path} is empty; expected {expected}. Did the step that wrote it fail?")]
    Empty {
        /// Name of the file, or `<stdin>`.
        path: String,
        /// Expected content.
        expected: &'static str,
    },
    /// A line does not conform to the format.
    #[error("{path}, line {line}: {problem}")]
    Line {
        /// Name of the file, or `<stdin>`.
        path: String,
        /// Number of the line, 1-based.
        line: u64,
        /// Problem and expected content.
        problem: String,
    },
    /// A record does not conform to the format.
    #[error("{path}, record {record}: {problem}")]
    Record {
        /// Name of the file, or `<stdin>`.
        path: String,
        /// Name or number of the record.
        record: String,
        /// Problem and expected content.
        problem: String,
    },
    /// The file is of another kind, or unusable as a whole.
    #[error("{path}: {problem}")]
    Kind {
        /// Name of the file, or `<stdin>`.
        path: String,
        /// Problem and expected content.
        problem: String,
    },
}

/// Bytes of an input for an error message: quoted, escaped, and cut to 40 bytes.
pub fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 40;
    let shown = bytes[..bytes.len().min(LONGEST)].escape_ascii().to_string();
    if bytes.len() > LONGEST { format!("\"{shown}…\"") } else { format!("\"{shown}\"") }
}
