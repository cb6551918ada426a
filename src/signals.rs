//! SIGINT, SIGTERM and SIGHUP: unfinished outputs are removed, and the exit code says which it was.

use std::{io, thread};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::formats::output;

/// Handles the signals on a thread of its own from here on, those excepted that the caller of this
/// program had it ignore: `nohup` does that, and shells with jobs in the background.
///
/// # Errors
/// The system refuses the handler.
pub fn install() -> io::Result<()> {
    let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal));
    let mut signals = Signals::new(wanted)?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            output::remove_unfinished();
            // without unwinding: other threads may be inside libtorch
            signal_hook::low_level::exit(128 + signal);
        }
    });
    Ok(())
}

/// Whether this process ignores a signal.
fn is_ignored(signal: i32) -> bool {
    // SAFETY: with a null action sigaction only fills in the one that is in force, for which all
    // zeroes are a valid start.
    unsafe {
        let mut current: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut current) == 0
            && current.sa_sigaction == libc::SIG_IGN
    }
}
