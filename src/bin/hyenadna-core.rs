//! The program that computes: starts logging and threads, runs the command, exits with its code. `hyenadna` becomes
//! this one.

use anyhow::{Error, Result};
use hyenadna::{
    commands::{Cli, start},
    model::libtorch,
    process::{core_program, limits, logging, signals, threads::Need},
};

fn main() {
    let handled = signals::install();
    core_program::take_name();
    let mut cli = start::parse();
    match limits::room() {
        Some(_) => libtorch::save_address_space(),
        None => libtorch::keep_freed_memory(),
    }
    let display = logging::init(cli.global.verbosity());
    libtorch::waiting::report();
    let ready = handled.map_err(Error::from).and_then(|()| start_threads(&mut cli));
    start::end(ready.and_then(|()| cli.command.run(&cli.global, &display)))
}

/// Starts the threads that compute.
fn start_threads(cli: &mut Cli) -> Result<()> {
    cli.command.check_devices(&cli.global.device)?;
    let need = Need { runners: cli.global.device.named(), ..cli.command.need() };
    cli.global.limit_threads(need)?;
    Ok(rayon::ThreadPoolBuilder::new().num_threads(cli.global.threads()).build_global()?)
}
