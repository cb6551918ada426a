//! Threads of this process: how many it may have, and starting them.
//!
//! A library that cannot start a thread of its pool waits for ever or ends the process. So a run starts
//! as many threads as it will need before any pool exists, and ends them again: a limit is then
//! reported, or fewer threads are used.

use std::{
    fs, io,
    path::Path,
    sync::RwLock,
    thread::{self, Builder, JoinHandle, Scope, ScopedJoinHandle},
    time::{Duration, Instant},
};

use thiserror::Error;

use super::{
    cgroup,
    limits::{self, Room},
};

/// What a command needs of the system for its threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// True if it runs a model: libtorch and OpenMP then have threads of their own.
    pub model: bool,
    /// Threads beside those that compute, such as readers and writers.
    pub beside: usize,
    /// Models that compute side by side. Several have a thread each, and those on a CPU threads of their own.
    pub runners: usize,
}

/// A limit below what one computing thread needs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TooTight {
    /// Too few threads can be started.
    #[error(
        "this command starts {needed} more threads even with -t 1, but only {started} can be started{limits}; raise the limit"
    )]
    Threads {
        /// Threads beside the first one.
        needed: usize,
        /// Those that could be started.
        started: usize,
        /// Limits that may be the reason, in brackets.
        limits: String,
    },
    /// Too little address space is left.
    #[error(
        "this command needs about {} MB of address space even with -t 1, but only {} of {} MB are left ({}); raise the limit",
        needed / 1_000_000, room.left / 1_000_000, room.limit / 1_000_000, room.name
    )]
    AddressSpace {
        /// Bytes that are needed.
        needed: usize,
        /// The limit.
        room: Room,
    },
}

/// Number of threads that compute, and the reason if it is less than requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The number.
    pub threads: usize,
    /// The limits that allow no more.
    pub reason: Option<String>,
}

impl Need {
    /// Threads beside the first one if `computing` threads compute.
    fn threads(self, computing: usize) -> usize {
        // the thread that handles signals is there already; libtorch and OpenMP each have a pool, to which the first thread belongs
        let pools = if self.model { 2 * (computing - 1) } else { 0 };
        let side_by_side = match self.runners {
            1 => 0,
            several => several + several.max(computing),
        };
        self.beside + computing + pools + side_by_side
    }

    /// Address space in bytes, of which stacks of libraries have `stack` each.
    fn address_space(self, computing: usize, stack: usize) -> usize {
        /// A small model and a batch, as measured (docs/robustness.md).
        const MODEL: usize = 160 << 20;
        /// Products and transforms of one thread, and its stack.
        const THREAD: usize = 8 << 20;
        match self.model {
            true => MODEL + computing * THREAD + 2 * (computing - 1) * stack,
            false => computing * THREAD,
        }
    }

    /// The number of computing threads, at most `wanted`, that the limits of the system allow.
    ///
    /// # Errors
    /// They do not allow one.
    pub fn allowed(self, wanted: usize) -> Result<Allowed, TooTight> {
        self.within(wanted, limits::room(), limits::stack(), startable, listed)
    }

    fn within(
        self,
        wanted: usize,
        room: Option<Room>,
        stack: usize,
        startable: impl Fn(usize) -> usize,
        listed: impl Fn() -> String,
    ) -> Result<Allowed, TooTight> {
        let (mut threads, mut reason) = (wanted, None);
        if let Some(room) = room {
            let fits = |threads| self.address_space(threads, stack) <= room.left;
            threads = (1..=wanted).rev().find(|&threads| fits(threads)).ok_or_else(|| {
                TooTight::AddressSpace { needed: self.address_space(1, stack), room }
            })?;
            if threads < wanted {
                let [left, limit] = [room.left, room.limit].map(|bytes| bytes / 1_000_000);
                reason = Some(format!("{left} of {limit} MB are left, {}", room.name));
            }
        }
        let started = startable(self.threads(threads));
        if started < self.threads(threads) {
            let fits = |threads| self.threads(threads) <= started;
            threads = (1..threads).rev().find(|&threads| fits(threads)).ok_or_else(|| {
                let limits = listed();
                TooTight::Threads { needed: self.threads(1), started, limits: bracketed(&limits) }
            })?;
            reason = Some(match listed() {
                limits if limits.is_empty() => "no more can be started".to_owned(),
                limits => limits,
            });
        }
        Ok(Allowed { threads, reason })
    }
}

fn bracketed(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

/// Starts `wanted` threads, which exist at the same time, and ends them. Returns the number that could
/// be started.
fn startable(wanted: usize) -> usize {
    let before = living();
    let gate = RwLock::new(());
    let started = thread::scope(|scope| {
        let closed = gate.write();
        let start = || start_within(scope, || drop(gate.read())).ok();
        let started: Vec<_> = (0..wanted).map_while(|_| start()).collect();
        drop(closed);
        let count = started.len();
        // a scope ends when the work of its threads does, but they live a little longer
        started.into_iter().for_each(|thread| drop(thread.join()));
        count
    });
    // a thread counts until the system has cleared it away, shortly after it was joined
    const PATIENCE: Duration = Duration::from_secs(1);
    let start = Instant::now();
    while living() > before && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_micros(50));
    }
    started
}

/// Threads of this process that the system knows.
fn living() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Limits on threads, for messages; empty if none is known.
fn listed() -> String {
    let mut limits = Vec::new();
    // SAFETY: geteuid only returns a number.
    let is_root = unsafe { libc::geteuid() } == 0; // root has no such limit
    if let Some(most) = limits::limit(libc::RLIMIT_NPROC).filter(|_| !is_root) {
        limits.push(format!("ulimit -u: {most} processes and threads of this user"));
    }
    if let Some(group) = cgroup::pids(Path::new("/")) {
        limits.push(format!(
            "{}: {}, of which {} are used",
            group.file.display(),
            group.limit,
            group.used
        ));
    }
    if let Some(Room { name, limit, left }) = limits::room() {
        limits.push(format!("{name}: {} of {} MB are left", left / 1_000_000, limit / 1_000_000));
    }
    limits.join("; ")
}

/// A thread that could not be started.
#[derive(Debug, Error)]
#[error(
    "a thread cannot be started: {failure}{}; use a smaller -t, or raise the limit",
    bracketed(&listed())
)]
pub struct StartError {
    failure: io::Error,
}

/// Starts a thread.
///
/// # Errors
/// A limit of the system is reached.
pub fn start<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, StartError> {
    Builder::new().spawn(work).map_err(|failure| StartError { failure })
}

/// Starts a thread that ends within `scope`.
///
/// # Errors
/// A limit of the system is reached.
pub fn start_within<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, StartError> {
    Builder::new().spawn_scoped(scope, work).map_err(|failure| StartError { failure })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: Need = Need { model: true, beside: 2, runners: 1 };
    const STACK: usize = 8 << 20;

    /// The outcome if `most` threads can be started.
    fn with(need: Need, wanted: usize, most: usize) -> Result<Allowed, TooTight> {
        need.within(wanted, None, STACK, |n| n.min(most), || "ulimit -u: 6".to_owned())
    }

    #[test]
    fn fewer_threads_are_used_if_no_more_can_be_started() {
        let threads = |need, wanted, most| with(need, wanted, most).map(|allowed| allowed.threads);
        // reader, writer; n that compute; n − 1 of libtorch and of OpenMP
        for (wanted, most, allowed) in
            [(1, 3, 1), (1, 100, 1), (2, 6, 2), (2, 5, 1), (8, 24, 8), (8, 23, 7), (8, 3, 1)]
        {
            assert_eq!(threads(STREAM, wanted, most), Ok(allowed), "{wanted} of {most}");
        }
        assert_eq!(threads(Need { model: false, beside: 0, runners: 1 }, 8, 3), Ok(3));
        // two models: a thread each, and one each that computes
        let two = Need { runners: 2, ..STREAM };
        for (wanted, most, allowed) in [(1, 7, 1), (2, 10, 2), (2, 9, 1), (3, 14, 3)] {
            assert_eq!(threads(two, wanted, most), Ok(allowed), "{wanted} of {most}, two models");
        }
        assert_eq!(with(STREAM, 2, 6).unwrap().reason, None);
        assert_eq!(with(STREAM, 2, 5).unwrap().reason.unwrap(), "ulimit -u: 6");
    }

    #[test]
    fn one_thread_that_cannot_be_had_is_an_error() {
        let error = with(STREAM, 8, 2).unwrap_err().to_string();
        assert_eq!(
            error,
            "this command starts 3 more threads even with -t 1, but only 2 can be started \
             (ulimit -u: 6); raise the limit"
        );
    }

    #[test]
    fn address_space_limits_threads_too() {
        let room = |left| Some(Room { name: "ulimit -v", limit: 2_000_000_000, left });
        let with = |wanted, left| STREAM.within(wanted, room(left), STACK, |n| n, String::new);
        let one = STREAM.address_space(1, STACK);
        assert_eq!(with(1, one).unwrap().threads, 1);
        assert_eq!(with(8, one).unwrap().threads, 1);
        assert!(with(8, one).unwrap().reason.unwrap().ends_with("of 2000 MB are left, ulimit -v"));
        assert_eq!(with(8, 1 << 30).unwrap(), Allowed { threads: 8, reason: None });
        let error = with(8, one - 1).unwrap_err().to_string();
        assert!(error.contains("of 2000 MB are left (ulimit -v); raise the limit"), "{error}");
    }

    #[test]
    fn threads_of_the_trial_are_gone_after_it() {
        assert_eq!(startable(9), 9);
        assert_eq!(startable(0), 0);
    }
}
