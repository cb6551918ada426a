//! Arguments that commands share.

pub mod download;
pub mod genomes;
pub mod io;
pub mod model;
pub mod tasks;
pub mod tips;
pub mod vectors;
pub mod windows;

use std::num::NonZero;

use clap::Args;

use crate::{model::libtorch::DeviceChoice, process::logging::Verbosity};

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "General")]
pub struct Global {
    /// Log errors only, and show no progress bar
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log debugging messages too
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Number of threads [default: all cores]
    #[arg(short = 't', long, global = true, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N
    #[arg(long, global = true, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
}

impl Global {
    /// Verbosity of the log.
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }

    /// The requested number of threads, or the number of cores.
    pub fn threads(&self) -> usize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get)
    }
}
