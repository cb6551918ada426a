//! Exit codes.

use std::{io, process::ExitCode};

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
    pub fn code(self, strict: bool) -> ExitCode {
        match self {
            Self::Incomplete if strict => ExitCode::from(3),
            _ => ExitCode::SUCCESS,
        }
    }
}

/// Whether an error only says that nobody reads the output any more, as with `| head`.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_known_at_any_depth() {
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_closed_pipe(
            &anyhow::Error::new(closed).context("writing")
        ));
        assert!(!is_closed_pipe(&anyhow::anyhow!("broken pipe")));
    }
}
