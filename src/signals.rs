//! SIGINT, SIGTERM and SIGHUP: unfinished outputs are removed, and the exit code says which it was.

use std::{io, thread};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::formats::output;

/// Handles the signals on a thread of its own from here on.
///
/// # Errors
/// The system refuses the handler.
pub fn install() -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            output::remove_unfinished();
            // without unwinding: other threads may be inside libtorch
            signal_hook::low_level::exit(128 + signal);
        }
    });
    Ok(())
}
