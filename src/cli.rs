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

use crate::{
    formats::number::counted,
    model::libtorch::devices::DeviceChoice,
    process::{
        limits::{self, Room},
        logging::Verbosity,
        rank,
        threads::{Need, TooTight},
    },
};

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
    /// Number of threads, at most that of the cores [default: all cores]
    #[arg(short = 't', long, global = true, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// Most threads that this process may use; see [`limit_threads`](Self::limit_threads).
    #[arg(skip = NonZero::<usize>::MAX)]
    pub most_threads: NonZero<usize>,
    /// Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as
    /// cuda:0,1 or cuda:all
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

    /// The requested number of threads, or the number of cores, of which processes that train together on a
    /// machine have a share each; no more than [`limit_threads`](Self::limit_threads) found.
    pub fn threads(&self) -> usize {
        let share = || rank::share_of_cores(&rank::environment, cores());
        self.at_most(self.threads.unwrap_or_else(share).get())
    }

    /// A number of threads, or the share of this process in the cores if that is less.
    pub fn of_share(&self, threads: usize) -> usize {
        let share = rank::share_of_cores(&rank::environment, cores()).get();
        self.at_most(threads.min(share))
    }

    /// A number of threads, or the most that this process may use if that is less.
    pub fn at_most(&self, threads: usize) -> usize {
        threads.min(self.most_threads.get())
    }

    /// Limits the number of threads to that of the cores, and to what the limits of the system allow a
    /// command with this need. Warns if that is less than requested. To be called before any other thread is
    /// started.
    ///
    /// # Errors
    /// The limits do not allow one thread that computes.
    pub fn limit_threads(&mut self, need: Need) -> Result<(), TooTight> {
        let cores = cores();
        if let Some(requested) = self.threads.filter(|&requested| requested > cores) {
            log::warn!(
                "-t {requested}: this process can use {} only",
                counted(cores.get(), "core")
            );
        }
        self.most_threads = cores;
        if let Some(Room { name, limit, left }) = limits::room() {
            let [limit, left] = [limit, left].map(|bytes| bytes / 1_000_000);
            log::info!("{name}: {left} of {limit} MB are left for data");
        }
        let allowed = need.allowed(self.threads())?;
        if let Some(reason) = allowed.reason {
            let used = counted(allowed.threads, "thread");
            log::warn!("{used} instead of {}, as limits allow no more ({reason})", self.threads());
            self.most_threads = NonZero::new(allowed.threads).unwrap_or(NonZero::<usize>::MIN);
        }
        Ok(())
    }
}

/// Cores that this process may use: those of its affinity, within the quota of its control group.
fn cores() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}
