//! Entry point: parses arguments, starts logging, runs the command, exits with its code.

use std::io::{self, Write};

use anyhow::Result;
use clap::Parser;
use hyenadna::{
    cli::tips,
    commands::Cli,
    formats::output::{OutputError, stdout},
    model::libtorch,
    process::{exit, logging, signals},
};

fn main() {
    let handled = signals::install();
    let cli = Cli::try_parse().unwrap_or_else(|error| explain(&tips::with_tip(error)));
    let threads = cli.global.threads();
    // a program that is started again does not see that stdout is closed
    if cli.command.shares_operators() && threads > 1 && stdout().is_ok() {
        libtorch::waiting::wait_asleep();
    }
    libtorch::keep_freed_memory();
    let display = logging::init(cli.global.verbosity());
    libtorch::waiting::report();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    let ready = pool.map_err(anyhow::Error::from).and_then(|()| Ok(handled?));
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
