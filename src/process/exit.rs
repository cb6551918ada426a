//! Exit codes.

use std::io;

use thiserror::Error;

/// Everything was done.
pub const SUCCESS: i32 = 0;
/// An error stopped the command.
pub const FAILURE: i32 = 1;
/// The command line asks for what does not go together.
pub const USAGE: i32 = 2;
/// With `--strict`: everything was written, but some records have no result.
pub const INCOMPLETE: i32 = 3;

/// Ends the process without running the destructors of libtorch, which take 50 to 100 ms and
/// have nothing to save.
pub fn now(code: i32) -> ! {
    // SAFETY: nothing of ours waits for a destructor at this point; outputs are renamed or removed.
    unsafe { libc::_exit(code) }
}

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// Everything was written, but some records could not be scored or embedded.
    Incomplete,
}

impl Outcome {
    /// 0, or 3 for incomplete results when `strict` was asked for.
    pub fn code(self, strict: bool) -> i32 {
        match self {
            Self::Incomplete if strict => INCOMPLETE,
            _ => SUCCESS,
        }
    }
}

/// What is wrong with a command line that could be parsed.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// The exit code for an error: a closed pipe is success.
pub fn code(error: &anyhow::Error) -> i32 {
    if is_closed_pipe(error) {
        SUCCESS
    } else if error.is::<Usage>() {
        USAGE
    } else {
        FAILURE
    }
}

/// An error with its causes in one line; a cause that the message before tells already is left
/// out.
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

/// Whether an error only says that nobody reads the output any more, as with `| head`.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once() {
        let error = anyhow::anyhow!("full").context("cannot write x: full").context("saving");
        assert_eq!(message(&error), "saving: cannot write x: full");
        assert_eq!(code(&error), FAILURE);
        assert_eq!(code(&Usage("no".into()).into()), USAGE);
    }

    #[test]
    fn a_closed_pipe_is_known_at_any_depth() {
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_closed_pipe(&anyhow::Error::new(closed).context("writing")));
        assert!(!is_closed_pipe(&anyhow::anyhow!("broken pipe")));
    }
}
