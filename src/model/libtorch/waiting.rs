//! Waiting of libtorch's OpenMP threads for each other.
//!
//! By default they spin. Where another program takes one of the cores, a thread that spins keeps the
//! core that the thread it waits for needs, and small operators become ten times slower. OpenMP reads
//! its settings when it is loaded, before `main`.

use std::env;

/// OpenMP's setting.
const POLICY: &str = "OMP_WAIT_POLICY";

/// Settings of the same from which a user has chosen.
const CHOICES: [&str; 4] = [POLICY, "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY"];

/// The variable and its value with which threads sleep while they wait; `None` if the environment says how they
/// wait.
pub fn asleep() -> Option<(&'static str, &'static str)> {
    let chosen = CHOICES.iter().any(|name| env::var_os(name).is_some());
    (!chosen).then_some((POLICY, "passive"))
}

/// Logs how the threads wait.
pub fn report() {
    for name in CHOICES {
        if let Some(value) = env::var_os(name) {
            log::debug!("{name}={}", value.display());
        }
    }
}
