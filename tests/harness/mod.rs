//! What the tests share: running the program, test data, scratch folders.
#![allow(dead_code, unused_imports, reason = "each of the two test programs uses a part of this")]

pub mod calls;
pub mod demo;
pub mod files;
pub mod genome;
pub mod golden;
pub mod heads;
pub mod preload;
pub mod process;
pub mod scratch;
pub mod table;
pub mod watched;

use std::{fs, path::PathBuf};

pub use process::{
    Outcome, assert_none, command, end, fails, heed_signals, hyenadna, in_parallel, in_shell, ok,
    run, run_on, run_with, run_within, send_signal, skip, text, wait_until,
};
pub use scratch::Scratch;
pub use watched::Watched;

/// Path of a file of `test-data`.
pub fn data(name: &str) -> String {
    let path = format!("{}/test-data/{name}", env!("CARGO_MANIFEST_DIR"));
    assert!(fs::exists(&path).unwrap(), "{path} is missing");
    path
}

/// The same, as a path.
pub fn test_data(name: &str) -> PathBuf {
    data(name).into()
}

/// Text of a file.
pub fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap()
}
