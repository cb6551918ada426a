//! Entry point: parses arguments, starts logging, runs the command, exits with its code.

use std::io::{self, Write};

use clap::Parser;
use hyenadna::{
    cli::tips,
    commands::Cli,
    formats::output::stdout,
    model::libtorch,
    process::{exit, limits, logging, signals},
};

fn main() {
    let mut cli = Cli::try_parse().unwrap_or_else(|error| tips::with_tip(error).exit());
    // a program that is started again does not see that stdout is closed
    if cli.command.shares_operators() && cli.global.threads() > 1 && stdout().is_ok() {
        libtorch::waiting::wait_asleep();
    }
    match limits::room() {
        Some(_) => libtorch::save_address_space(),
        None => libtorch::keep_freed_memory(),
    }
    let display = logging::init(cli.global.verbosity());
    libtorch::waiting::report();
    let ready = start_threads(&mut cli);
    let code =
        ready.and_then(|()| cli.command.run(&cli.global, &display)).unwrap_or_else(|error| {
            let code = exit::code(&error);
            if code != exit::SUCCESS {
                log::error!("{}", exit::message(&error));
            }
            code
        });
    let _ = io::stdout().flush(); // writers have flushed and reported errors
    exit::now(code)
}

/// Starts the threads that compute and the one that handles signals.
fn start_threads(cli: &mut Cli) -> anyhow::Result<()> {
    cli.global.limit_threads(cli.command.need())?;
    rayon::ThreadPoolBuilder::new().num_threads(cli.global.threads()).build_global()?;
    Ok(signals::install()?)
}
