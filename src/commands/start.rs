//! From the command line to a command, and from its result to an exit code.

use std::io::{self, Write};

use anyhow::Result;
use clap::{CommandFactory, Parser};

use super::{Cli, Command, packaging};
use crate::{
    cli::tips,
    formats::output::{OutputError, stdout},
    model::libtorch::waiting,
    process::{core_program, exit, logging, signals},
};

/// Answers what needs no model, and becomes the program that computes for the rest.
pub fn front() -> ! {
    let Cli { global, command } = parse();
    let shared = command.shares_operators() && global.threads() > 1;
    let result = match command {
        Command::Completions(args) => packaging::completions(&args, Cli::command()),
        Command::Man(args) => signals::install()
            .map_err(Into::into)
            .and_then(|()| packaging::man(&args, Cli::command())),
        _ => Err(core_program::become_core(waiting::asleep().filter(|_| shared)).into()),
    };
    logging::init(global.verbosity());
    end(result)
}

/// The command line of this process. Prints help, a version or an error of usage instead, and exits, if that is what
/// there is.
pub fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| explain(&tips::with_tip(error)))
}

/// Ends this process with the exit code of a command, or with that of its error, which is logged.
pub fn end(result: Result<i32>) -> ! {
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
