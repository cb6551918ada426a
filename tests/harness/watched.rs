//! A run that a test follows by its log, and interrupts where it wants to.

use std::{
    io::{self, BufRead, BufReader, PipeReader},
    os::fd::AsRawFd,
    process::{Child, Command, Stdio},
};

use super::process::{Outcome, end, heed_signals, send_signal};

/// A run whose log waits to be read in a pipe of one page. It gets no further than what it logs
/// until then, and does not end before the test has read on, however fast it is.
pub struct Watched {
    child: Child,
    log: BufReader<PipeReader>,
    read: String,
}

impl Watched {
    /// Starts a command.
    pub fn start(command: &mut Command) -> Self {
        const PAGE: libc::c_int = 1 << 12;
        let (log, stderr) = io::pipe().unwrap();
        // SAFETY: the descriptor is open as long as `log`.
        let size = unsafe { libc::fcntl(log.as_raw_fd(), libc::F_SETPIPE_SZ, PAGE) };
        assert!(size >= PAGE, "the pipe keeps its size");
        let child = heed_signals(command).stderr(stderr).spawn().unwrap();
        command.stderr(Stdio::null()); // the child's is the only one left
        Self { child, log: BufReader::with_capacity(64, log), read: String::new() }
    }

    /// Reads the log up to the line that has all `parts`.
    pub fn wait_for(&mut self, parts: &[&str]) {
        loop {
            let start = self.read.len();
            let bytes = self.log.read_line(&mut self.read).unwrap();
            assert!(bytes > 0, "the log ends without {parts:?}: {}", self.read);
            if parts.iter().all(|part| self.read[start..].contains(part)) {
                return;
            }
        }
    }

    /// Sends a signal to the run.
    pub fn signal(&self, number: i32) {
        send_signal(self.child.id(), number);
    }

    /// Reads the rest of the log, and waits for the end.
    pub fn end(mut self) -> Outcome {
        while self.log.read_line(&mut self.read).unwrap() > 0 {}
        Outcome { stderr: self.read, ..end(self.child) }
    }
}
