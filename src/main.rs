//! Entry point: parses arguments, starts logging, runs the command, exits with its code.

use std::io::{self, Write};

use clap::Parser;
use hyenadna::{
    cli::tips,
    commands::Cli,
    formats::output::stdout,
    model::libtorch,
    process::{exit, logging, signals},
};

fn main() {
    let cli = Cli::try_parse().unwrap_or_else(|error| tips::with_tip(error).exit());
    let threads = cli.global.threads();
    // a program that is started again does not see that stdout is closed
    if cli.command.shares_operators() && threads > 1 && stdout().is_ok() {
        libtorch::waiting::wait_asleep();
    }
    libtorch::keep_freed_memory();
    let display = logging::init(cli.global.verbosity());
    libtorch::waiting::report();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    let ready = pool.map_err(anyhow::Error::from).and_then(|()| Ok(signals::install()?));
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
