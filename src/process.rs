//! Behaviour as a Unix process: exit codes, signals, log lines, progress bars and provenance.

pub mod exit;
pub mod logging;
pub mod progress;
pub mod provenance;
pub mod signals;
