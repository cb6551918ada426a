//! SIGINT, SIGTERM and SIGHUP: unfinished outputs are removed, and the exit code says which it was.
//! A command with something to save asks to be told instead; the second signal ends it all the same.

use std::{
    io,
    sync::atomic::{AtomicBool, AtomicI32, Ordering},
    thread,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::formats::output;

/// Whether the first signal is only told.
static TOLD: AtomicBool = AtomicBool::new(false);
/// The signal that was told; 0 for none.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

/// Handles the signals on a thread of its own from here on, those excepted that the caller of this
/// program had it ignore: `nohup` does that, and shells with jobs in the background.
///
/// # Errors
/// The system refuses the handler.
pub fn install() -> io::Result<()> {
    let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal));
    let mut signals = Signals::new(wanted)?;
    thread::spawn(move || {
        for signal in signals.forever() {
            if TOLD.load(Ordering::SeqCst) && RECEIVED.swap(signal, Ordering::SeqCst) == 0 {
                log::warn!("stopping when this step is saved; once more ends at once");
                continue;
            }
            output::remove_unfinished();
            // without unwinding: other threads may be inside libtorch
            signal_hook::low_level::exit(128 + signal);
        }
    });
    Ok(())
}

/// From here on the first signal does not end the process: [`received`] tells it.
pub fn tell() {
    TOLD.store(true, Ordering::SeqCst);
}

/// The exit code for the signal that came since [`tell`], if one did.
pub fn received() -> Option<i32> {
    Some(RECEIVED.load(Ordering::SeqCst)).filter(|&signal| signal != 0).map(|signal| 128 + signal)
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
