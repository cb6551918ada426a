//! Runs whose system calls are recorded, or interrupted by a signal: by a small library that is preloaded.

use std::{path::PathBuf, process::Command, sync::OnceLock};

use tempfile::TempDir;

use super::{process::heed_signals, skip};

/// The library, compiled once; `None` without a C compiler.
fn library() -> Option<&'static PathBuf> {
    static LIBRARY: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let compile = || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/harness/calls.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-O1", "-shared", "-fPIC", "-o"]).arg(&path).args([source, "-ldl"]);
        match compiler.status() {
            Ok(status) => {
                assert!(status.success(), "{source} is not compiled");
                Some((folder, path))
            }
            Err(_) => None,
        }
    };
    LIBRARY.get_or_init(compile).as_ref().map(|(_, path)| path)
}

/// Records the calls `fsync`, `rename` and `pthread_create` of a command in a file, each with its path. False, and
/// the test is skipped, without a C compiler.
#[must_use]
pub fn record(command: &mut Command, log: &str) -> bool {
    let Some(library) = library() else {
        skip("there is no C compiler");
        return false;
    };
    command.env("LD_PRELOAD", library).env("CALLS_LOG", log);
    true
}

/// Sends a signal to the command at the first of these calls (or `write`) with a path that contains a text: `call` is
/// `rename out.tsv`. A signal comes before the call, except that a file was renamed. False as
/// [`record`].
#[must_use]
pub fn signal_at(command: &mut Command, call: &str, signal: i32) -> bool {
    heed_signals(command).env("CALLS_AT", call).env("CALLS_SIGNAL", signal.to_string());
    record(command, "/dev/null")
}
