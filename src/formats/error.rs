//! What can be wrong with an input: always with its file, and the line or record.

use std::io;

use thiserror::Error;

/// An input that cannot be read or understood.
#[derive(Debug, Error)]
pub enum InputError {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}")]
    Open {
        /// Name of the file, or of stdin.
        path: String,
        /// Cause.
        source: io::Error,
    },
    /// Reading failed midway: a truncated or damaged file, a failing disk.
    #[error("{path}, after line {line}: {source}")]
    Read {
        /// Name of the file, or of stdin.
        path: String,
        /// Last line that was read.
        line: u64,
        /// Cause.
        source: io::Error,
    },
    /// There is not a single byte.
    #[error("{path} is empty; expected {expected}. Did the step that wrote it fail?")]
    Empty {
        /// Name of the file, or of stdin.
        path: String,
        /// Expected content.
        expected: &'static str,
    },
    /// A line is not what the format says.
    #[error("{path}, line {line}: {problem}")]
    Line {
        /// Name of the file, or of stdin.
        path: String,
        /// Number of the line, from 1.
        line: u64,
        /// Problem and expected content.
        problem: String,
    },
    /// A record is not what the format says.
    #[error("{path}, record {record}: {problem}")]
    Record {
        /// Name of the file, or of stdin.
        path: String,
        /// Name of the record.
        record: String,
        /// Problem and expected content.
        problem: String,
    },
    /// The whole file is of another kind.
    #[error("{path}: {problem}")]
    Kind {
        /// Name of the file, or of stdin.
        path: String,
        /// Problem and expected content.
        problem: String,
    },
}

/// Bytes of an input for an error message: printable, and not longer than a line.
pub fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 40;
    let shown = bytes[..bytes.len().min(LONGEST)].escape_ascii().to_string();
    if bytes.len() > LONGEST { format!("\"{shown}…\"") } else { format!("\"{shown}\"") }
}
