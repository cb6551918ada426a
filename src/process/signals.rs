//! Signals that end a process by default: unfinished outputs are removed, and the exit code is 128 plus the
//! number of the signal. A command with something to save defers the first signal with [`defer`];
//! the second one ends the process.

use std::{
    io, mem,
    sync::atomic::{AtomicBool, AtomicI32, Ordering},
};

use signal_hook::{
    consts::{
        SIGALRM, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM,
        SIGXCPU,
    },
    iterator::Signals,
};

use super::threads;
use crate::formats::output;

/// Signals that others send to end a process: terminals, shells, batch systems (Slurm warns with
/// SIGUSR1, a limit on processor time with SIGXCPU) and timers.
const ENDING: [i32; 12] = [
    SIGHUP,
    SIGINT,
    SIGQUIT,
    SIGUSR1,
    SIGUSR2,
    SIGALRM,
    SIGTERM,
    SIGXCPU,
    SIGVTALRM,
    SIGPROF,
    SIGIO,
    libc::SIGPWR,
];

/// True if the first signal is recorded instead of ending the process.
static DEFERRED: AtomicBool = AtomicBool::new(false);
/// The recorded signal; 0 for none.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

/// Starts a thread that ends the process at a signal, unless that is deferred; to be called before anything
/// is written. Signals that the process was started to ignore stay ignored: `nohup` does that, and so do
/// shells for jobs in the background.
pub fn install() -> io::Result<()> {
    // a write beyond the limit of file sizes (`ulimit -f`) is then an error that is reported
    // SAFETY: no handler of ours is replaced, and ignoring the signal runs no code.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    let wanted: Vec<i32> = ENDING.into_iter().filter(|&signal| !is_ignored(signal)).collect();
    let mut signals = Signals::new(&wanted)?;
    for &signal in &wanted {
        // in the handler itself, so that the next look at it finds the signal, however late the thread is
        // SAFETY: it only changes an atomic number.
        unsafe { signal_hook::low_level::register(signal, move || record(signal)) }?;
    }
    let handler = threads::start(move || {
        let mut is_first = true;
        for signal in signals.forever() {
            record(signal); // one that came before it was to be deferred
            if mem::take(&mut is_first) && received().is_some() {
                log::warn!("stopping when this step is saved; press Ctrl-C again to quit at once");
                continue;
            }
            output::remove_unfinished();
            // no unwinding: other threads may be inside libtorch
            signal_hook::low_level::exit(128 + signal);
        }
    });
    handler.map(drop).map_err(io::Error::other)
}

/// Keeps the first signal that is deferred.
fn record(signal: i32) {
    if DEFERRED.load(Ordering::SeqCst) {
        let _ = RECEIVED.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
    }
}

/// Defers the first signal: it does not end the process, and [`received`] returns it.
pub fn defer() {
    DEFERRED.store(true, Ordering::SeqCst);
}

/// Exit code of the signal that arrived since [`defer`], if any.
pub fn received() -> Option<i32> {
    Some(RECEIVED.load(Ordering::SeqCst)).filter(|&signal| signal != 0).map(|signal| 128 + signal)
}

/// True if this process ignores a signal.
fn is_ignored(signal: i32) -> bool {
    // SAFETY: with a null action sigaction only fills in the current one, for which all zeroes are
    // a valid start.
    unsafe {
        let mut current: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut current) == 0
            && current.sa_sigaction == libc::SIG_IGN
    }
}
