//! One command line on several processes that train together.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::{
    process::{
        exit,
        logging::{Display, Verbosity},
        rank::{self, Rank},
    },
    training::workers::Workers,
};

/// Options of processes that train together.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Workers")]
pub struct WorkerOptions {
    /// Longest wait for the other processes of torchrun or srun, in seconds, before all of them end with
    /// an error
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    worker_timeout: u64,
}

/// Runs `work` with the other processes that the environment names, or alone. If it fails here, the others
/// learn why. Only rank 0 logs more than errors.
///
/// # Errors
/// The environment does not say where this process belongs, the others cannot be met, or `work` fails.
pub fn together(
    options: &WorkerOptions,
    display: &Display,
    work: impl FnOnce(&Workers, &Display) -> Result<i32>,
) -> Result<i32> {
    let Some(rank) = Rank::of(&rank::environment)? else {
        return work(&Workers::alone(), display);
    };
    let (number, size) = (rank.number, rank.size);
    let mut display = display.clone();
    if !rank.is_first() {
        display.verbosity = Verbosity::Quiet;
        log::set_max_level(log::LevelFilter::Error);
    }
    let named = |error: anyhow::Error| error.context(format!("rank {number}"));
    let timeout = Duration::from_secs(options.worker_timeout);
    let workers = Workers::join(rank, timeout).map_err(|error| named(error.into()))?;
    log::info!("{size} processes train together");
    work(&workers, &display).map_err(|error| {
        workers.fail(&exit::message(&error));
        named(error)
    })
}
