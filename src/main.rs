//! Entry point: parses arguments, starts logging, runs the command, exits with its code.

use std::io::{self, Write};

use clap::{
    Parser,
    error::{ContextKind, ContextValue, Error},
};
use hyenadna::{
    commands::Cli,
    formats::output::stdout,
    model::libtorch,
    process::{exit, logging, signals},
};

fn main() {
    let cli = Cli::try_parse().unwrap_or_else(|error| with_tip(error).exit());
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

/// Adds a tip to the error of an option that other programs have.
fn with_tip(mut error: Error) -> Error {
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.clone(),
        _ => return error,
    };
    let tip = match argument.as_str() {
        "-O" | "--output-type" => {
            "the suffix of -o names the format, as in -o out.vcf.gz; or use --format"
        }
        "-W" | "--write-index" => {
            "`tabix -p vcf out.vcf.gz` or `bcftools index out.bcf` writes an index"
        }
        _ => return error,
    };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}
