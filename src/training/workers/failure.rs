//! What goes wrong in one of the processes that train one model, as the others learn of it.

use std::{
    thread,
    time::{Duration, Instant},
};

use tch::TchError;

use super::{PAUSE, Team, WorkerError, error::brief};
use crate::process::rank::Rank;

/// Key of the message of the process that failed first.
const FAILED: &str = "failed";
/// How many times as long as the wait for other processes is that for a sign of life of them after a lost
/// connection, and that of rank 0 for others to read a message from its store.
const GRACE: u32 = 120;

impl Team {
    /// The message of the process that failed first, if there is one.
    pub(super) fn said(&self) -> Result<Option<WorkerError>, WorkerError> {
        if !self.store.has(FAILED).map_err(WorkerError::Gone)? {
            return Ok(None);
        }
        let message = self.read(FAILED)?;
        self.has_seen();
        Ok(Some(WorkerError::Failed(message)))
    }

    /// Says that rank 0 need not keep the store for this process.
    pub(super) fn has_seen(&self) {
        if !self.is_said.replace(true) {
            let _ = self.store.set(&seen(self.rank.number), "");
        }
    }

    /// Why an exchange failed: what another process said, or which one is silent.
    pub(super) fn lost(&self, cause: TchError) -> WorkerError {
        drop(self.group.borrow_mut().take()); // so that the others notice too
        self.diagnose(&cause).unwrap_or_else(|gone| {
            self.is_said.set(true);
            gone
        })
    }

    fn diagnose(&self, cause: &TchError) -> Result<WorkerError, WorkerError> {
        if let Some(failed) = self.said()? {
            return Ok(failed);
        }
        let Rank { number, size, .. } = self.rank;
        let alive = |rank: usize| format!("alive/{rank}");
        self.store.set(&alive(number), "").map_err(WorkerError::Gone)?;
        let silent = || -> Result<Vec<usize>, WorkerError> {
            let mut silent = Vec::new();
            for rank in 0..size {
                if !self.store.has(&alive(rank)).map_err(WorkerError::Gone)? {
                    silent.push(rank);
                }
            }
            Ok(silent)
        };
        // rank 0 says what all say; another one does where rank 0 is silent
        let patience = match (size, self.rank.is_first()) {
            (2, _) => Duration::ZERO,
            (_, true) => self.grace(),
            (_, false) => 2 * self.grace(),
        };
        let start = Instant::now();
        let mut of = silent()?;
        while start.elapsed() < patience && (!of.is_empty() || !self.rank.is_first()) {
            thread::sleep(PAUSE);
            if let Some(failed) = self.said()? {
                return Ok(failed);
            }
            of = silent()?;
        }
        let named: Vec<String> = of.iter().map(ToString::to_string).collect();
        let message = match named.as_slice() {
            [] => format!(
                "the ranks lost their connections ({}); if one of them is slow, give --worker-timeout more than {} s",
                brief(cause),
                self.timeout.as_secs()
            ),
            [one] => format!(
                "rank {one} is lost ({}): it was killed, its machine is gone, or it did not answer within the {} s of --worker-timeout",
                brief(cause),
                self.timeout.as_secs()
            ),
            some => format!(
                "ranks {} are lost ({}): they were killed, their machines are gone, or they did not answer within the {} s of --worker-timeout",
                some.join(", "),
                brief(cause),
                self.timeout.as_secs()
            ),
        };
        self.store.set_first(FAILED, &message).map_err(WorkerError::Gone)?;
        let message = self.read(FAILED)?;
        self.has_seen();
        self.lost.set(of.len());
        Ok(WorkerError::Failed(message))
    }

    /// See [`Workers::fail`](super::Workers::fail).
    pub(super) fn fail(&self, message: &str) {
        if !self.is_said.get() {
            // before the connections close, as the others look for it then
            let _ = self.store.set_first(FAILED, &self.failure(message));
            self.has_seen();
        }
        drop(self.group.borrow_mut().take());
        if self.rank.serves() {
            self.keep_store();
        }
    }

    /// What the others read of a failure here.
    pub(super) fn failure(&self, message: &str) -> String {
        format!("rank {} failed: {message}", self.rank.number)
    }

    /// Keeps the store until all that are not lost have read the message, or for a while.
    fn keep_store(&self) {
        let start = Instant::now();
        let has_seen = |rank: &usize| self.store.has(&seen(*rank)).unwrap_or(true);
        let all =
            || (0..self.rank.size).filter(has_seen).count() + self.lost.get() >= self.rank.size;
        while start.elapsed() < self.grace() && !all() {
            thread::sleep(PAUSE);
        }
    }

    /// See [`GRACE`]; 5 to 30 seconds.
    fn grace(&self) -> Duration {
        (self.timeout / GRACE).clamp(Duration::from_secs(5), Duration::from_secs(30))
    }
}

/// Key that says that a process has read the message.
fn seen(rank: usize) -> String {
    format!("seen/{rank}")
}
