//! Runs the parser that TARGET names on bytes of libFuzzer; with SEEDS, first writes the files that the parser
//! reads as it should into that folder.

#![no_main]
#![allow(clippy::unwrap_used, reason = "test code")]

#[allow(dead_code, reason = "the tests check the seeds")]
#[path = "../../tests/fuzzing/seeds.rs"]
mod seeds;
#[path = "../../tests/fuzzing/targets.rs"]
mod targets;

use std::{env, fs, path::Path, sync::OnceLock};

use libfuzzer_sys::fuzz_target;
use targets::{TARGETS, Target};

static TARGET: OnceLock<&'static Target> = OnceLock::new();

/// The parser that TARGET names, or an end with the names that there are.
fn target() -> &'static Target {
    let name = env::var("TARGET").unwrap_or_default();
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("TARGET is {name:?}, expected one of {}", names.join(", "));
        std::process::exit(2)
    })
}

fn start() {
    let target = target();
    if let Some(folder) = env::var_os("SEEDS") {
        for (number, bytes) in seeds::of(target.name).iter().enumerate() {
            fs::write(Path::new(&folder).join(format!("seed-{number}")), bytes).unwrap();
        }
    }
    let _ = TARGET.set(target);
}

fuzz_target!(init: start(), |bytes: &[u8]| {
    if let Some(target) = TARGET.get() {
        (target.run)(bytes);
    }
});
