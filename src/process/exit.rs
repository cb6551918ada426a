//! Exit codes.

use std::io;

use thiserror::Error;

/// The command succeeded.
pub const SUCCESS: i32 = 0;
/// An error stopped the command.
pub const FAILURE: i32 = 1;
/// The command line is not valid, for example because options exclude each other.
pub const USAGE: i32 = 2;
/// With `--strict`: all records were written, but some have no result.
pub const INCOMPLETE: i32 = 3;

/// Ends the process without the destructors of libtorch, which take 50 to 100 ms and save nothing.
pub fn now(code: i32) -> ! {
    // SAFETY: nothing of ours waits for a destructor at this point; outputs are renamed or removed.
    unsafe { libc::_exit(code) }
}

/// Outcome of a command that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All records have a result.
    Done,
    /// All records were written, but some could not be scored or embedded.
    Incomplete,
}

impl Outcome {
    /// Exit code: 0, or with `strict` 3 for incomplete results.
    pub fn code(self, strict: bool) -> i32 {
        match self {
            Self::Incomplete if strict => INCOMPLETE,
            _ => SUCCESS,
        }
    }
}

/// Error of a command line that can be parsed but is not valid.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Exit code of an error. A closed pipe is success.
pub fn code(error: &anyhow::Error) -> i32 {
    if is_closed_pipe(error) {
        SUCCESS
    } else if error.is::<Usage>() {
        USAGE
    } else {
        FAILURE
    }
}

/// Message of an error and its causes on one line. Causes that the message already contains are
/// skipped.
pub fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !message.contains(&cause) {
            let separator = if message.is_empty() { "" } else { ": " };
            message = format!("{message}{separator}{cause}");
        }
    }
    message
}

/// True if the error is a closed output pipe, as with `| head`.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_reported_once() {
        let error = anyhow::anyhow!("full").context("cannot write x: full").context("saving");
        assert_eq!(message(&error), "saving: cannot write x: full");
        assert_eq!(code(&error), FAILURE);
        assert_eq!(code(&Usage("no".into()).into()), USAGE);
    }

    #[test]
    fn a_closed_pipe_is_detected_at_any_depth() {
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_closed_pipe(&anyhow::Error::new(closed).context("writing")));
        assert!(!is_closed_pipe(&anyhow::anyhow!("broken pipe")));
    }
}
