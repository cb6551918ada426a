//! Waiting of libtorch's OpenMP threads for each other.
//!
//! By default they spin. Where another program takes one of the cores, a thread that spins keeps the
//! core that the thread it waits for needs, and small operators become ten times slower. OpenMP reads
//! its settings when it is loaded, before `main`.

use std::{env, ffi::OsStr, os::unix::process::CommandExt, process::Command};

/// OpenMP's setting.
const POLICY: &str = "OMP_WAIT_POLICY";

/// Settings of the same from which a user has chosen.
const CHOICES: [&str; 4] = [POLICY, "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY"];

/// Starts this program again, in this process, with threads that sleep while they wait; does nothing if
/// the environment says how they wait. To be called before anything is read or written. If the program
/// cannot be started again, threads spin.
pub fn wait_asleep() {
    if CHOICES.iter().any(|name| env::var_os(name).is_some()) {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    // not if another program, such as a debugger or the dynamic linker, runs this one
    let is_own =
        |name: &OsStr| name.as_encoded_bytes().starts_with(env!("CARGO_PKG_NAME").as_bytes());
    if !program.file_name().is_some_and(is_own) {
        return;
    }
    let mut arguments = env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    let _ = command.args(arguments).env(POLICY, "passive").exec();
}

/// Logs how the threads wait.
pub fn report() {
    for name in CHOICES {
        if let Some(value) = env::var_os(name) {
            log::debug!("{name}={}", value.display());
        }
    }
}
