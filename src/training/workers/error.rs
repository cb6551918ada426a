//! What keeps several processes from training one model.

use std::time::Duration;

use tch::TchError;
use thiserror::Error;

/// An error of one of the processes that train together.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// The store cannot be opened.
    #[error("{0}")]
    Store(String),
    /// A process did not come.
    #[error(
        "rank {rank} of {size} has not joined within {} s; start all of them, or give --worker-timeout more seconds",
        timeout.as_secs()
    )]
    Absent {
        /// Its number.
        rank: usize,
        /// Number of processes.
        size: usize,
        /// Limit of the wait.
        timeout: Duration,
    },
    /// Two processes have the same number.
    #[error("two processes are rank {0}; give each a RANK of its own")]
    Twice(usize),
    /// Processes do not do the same.
    #[error("{0}; start all ranks with the same program, command and files")]
    Differs(String),
    /// Another process says that it failed, or which one is lost.
    #[error("{0}")]
    Failed(String),
    /// The store is gone, and with it whatever was said.
    #[error(
        "rank 0, or the agent that keeps the store of the ranks, is gone ({}); if it failed, its own message says why",
        brief(.0)
    )]
    Gone(TchError),
    /// The processes met, but cannot be connected.
    #[error(
        "the ranks cannot be connected to each other: {}; check the network between them, and the interface (GLOO_SOCKET_IFNAME)",
        brief(.0)
    )]
    Connect(TchError),
    /// libtorch cannot exchange numbers.
    #[error("numbers cannot be exchanged with the other ranks: {}", brief(.0))]
    Torch(#[from] TchError),
}

impl WorkerError {
    /// A value of this process is not that of another one.
    pub fn differs(what: &str, (rank, here): (usize, &str), (other, there): (usize, &str)) -> Self {
        let (here, there) = (shown(here), shown(there));
        Self::Differs(format!("{what} differ: {here} at rank {rank}, {there} at rank {other}"))
    }
}

/// First line of a message of libtorch.
pub fn brief(error: &TchError) -> String {
    let text = error.to_string();
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let line = line.trim().trim_end_matches('.');
    line.strip_prefix("Internal torch error: ").unwrap_or(line).to_owned()
}

/// A value in a message; nothing is a lack.
fn shown(value: &str) -> String {
    if value.is_empty() { "none".to_owned() } else { format!("`{value}`") }
}
