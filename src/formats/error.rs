//! What can be wrong with an input: always with its file, and the line or record.

use std::io;

use thiserror::Error;

/// An input that cannot be read or understood.
#[derive(Debug, Error)]
pub enum InputError {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}")]
    Open { path: String, source: io::Error },
    /// Reading failed midway: a truncated or damaged file, a failing disk.
    #[error("{path}, after line {line}: {source}")]
    Read { path: String, line: u64, source: io::Error },
    /// There is not a single byte.
    #[error("{path} is empty; expected {expected}. Did the step that wrote it fail?")]
    Empty { path: String, expected: &'static str },
    /// A line is not what the format says.
    #[error("{path}, line {line}: {problem}")]
    Line { path: String, line: u64, problem: String },
    /// A record is not what the format says.
    #[error("{path}, record {record}: {problem}")]
    Record { path: String, record: String, problem: String },
    /// The whole file is of another kind.
    #[error("{path}: {problem}")]
    Kind { path: String, problem: String },
}

/// Bytes of an input for an error message: printable, and not longer than a line.
pub fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 40;
    let shown = bytes[..bytes.len().min(LONGEST)].escape_ascii().to_string();
    if bytes.len() > LONGEST { format!("\"{shown}…\"") } else { format!("\"{shown}\"") }
}
