//! Behaviour as a Unix process: exit codes, signals, limits, threads, log lines, progress bars and
//! provenance.

pub mod cgroup;
pub mod core_program;
pub mod exit;
pub mod limits;
pub mod logging;
pub mod progress;
pub mod provenance;
pub mod rank;
pub mod signals;
pub mod threads;
