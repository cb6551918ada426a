//! Libraries in C, in `tests/preload/`, that take the place of functions of the C library: for failures
//! of the system that a test can bring about in no other way.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

/// Loads `tests/preload/NAME.c` into a command. It is compiled once for each run of the tests.
pub fn preload<'a>(command: &'a mut Command, name: &'static str) -> &'a mut Command {
    static COMPILED: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let library = compiled.entry(name).or_insert_with(|| compile(name));
    command.env("LD_PRELOAD", library)
}

fn compile(name: &str) -> PathBuf {
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/preload").join(name).with_extension("c");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(folder).unwrap();
    let library = folder.join(format!("{name}-{}.so", std::process::id()));
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned()); // may have arguments
    let mut words = compiler.split_whitespace();
    let status = Command::new(words.next().unwrap())
        .args(words)
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(status.success(), "{} cannot be compiled", source.display());
    library
}
