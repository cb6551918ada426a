//! Entry point: parses arguments, starts logging, runs the command, exits with its code.

use std::io::{self, Write};

use anyhow::{Error, Result};
use clap::Parser;
use hyenadna::{
    cli::tips,
    commands::Cli,
    formats::output::{OutputError, stdout},
    model::libtorch,
    process::{exit, limits, logging, signals},
};

fn main() {
    let handled = signals::install();
    let mut cli = Cli::try_parse().unwrap_or_else(|error| explain(&tips::with_tip(error)));
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
    let ready = handled.map_err(Error::from).and_then(|()| start_threads(&mut cli));
    let result = ready.and_then(|()| cli.command.run(&cli.global, &display));
    let code = result.unwrap_or_else(|error| {
        let code = exit::code(&error);
        if code != exit::SUCCESS {
            log::error!("{}", exit::message(&error));
        }
        code
    });
    let _ = io::stdout().flush(); // writers have flushed and reported errors
    exit::now(code)
}

/// Starts the threads that compute.
fn start_threads(cli: &mut Cli) -> Result<()> {
    cli.global.limit_threads(cli.command.need())?;
    Ok(rayon::ThreadPoolBuilder::new().num_threads(cli.global.threads()).build_global()?)
}

/// Prints help, a version or an error of usage, and exits.
fn explain(explanation: &clap::Error) -> ! {
    if explanation.use_stderr() {
        explanation.exit();
    }
    let print = || -> Result<()> {
        let mut out = stdout()?;
        let printed = explanation.print().and_then(|()| out.flush());
        Ok(printed.map_err(|source| OutputError::Stdout { source })?)
    };
    let code = print().map_or_else(
        |error| {
            let code = exit::code(&error);
            if code != exit::SUCCESS {
                // no log is open yet
                let _ = writeln!(io::stderr(), "[error] {}", exit::message(&error));
            }
            code
        },
        |()| exit::SUCCESS,
    );
    exit::now(code)
}
