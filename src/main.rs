//! Parse, log, run, exit.

use std::process::ExitCode;

use clap::Parser;
use hyenadna::{cli::Cli, exit, logging, model::libtorch, signals};

fn main() -> ExitCode {
    let cli = Cli::parse();
    libtorch::keep_freed_memory();
    let display = logging::init(cli.global.verbosity());
    let threads = cli.global.threads();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global();
    let ready = pool
        .map_err(anyhow::Error::from)
        .and_then(|()| Ok(signals::install()?));
    match ready.and_then(|()| cli.command.run(&cli.global, &display)) {
        Ok(code) => code,
        Err(error) if exit::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
