//! Errors of inputs: each names the file, and the line or record.

use std::io;

use thiserror::Error;

/// An input that cannot be read or understood.
#[derive(Debug, Error)]
pub enum InputError {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}")]
    Open { path: String, source: io::Error },
    /// Reading failed midway: the file is truncated or damaged, or the disk fails.
    #[error("{path}, after line {line}: {source}")]
    Read { path: String, line: u64, source: io::Error },
    /// The file is empty.
    #[error("{path} is empty; expected {expected}. Did the step that wrote it fail?")]
    Empty { path: String, expected: &'static str },
    /// A line does not conform to the format.
    #[error("{path}, line {line}: {problem}")]
    Line { path: String, line: u64, problem: String },
    /// A record does not conform to the format.
    #[error("{path}, record {record}: {problem}")]
    Record { path: String, record: String, problem: String },
    /// The file is of another kind, or unusable as a whole.
    #[error("{path}: {problem}")]
    Kind { path: String, problem: String },
}

/// Bytes of an input for an error message: quoted, escaped, and cut to 40 bytes.
pub fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 40;
    let shown = bytes[..bytes.len().min(LONGEST)].escape_ascii().to_string();
    if bytes.len() > LONGEST { format!("\"{shown}…\"") } else { format!("\"{shown}\"") }
}
