//! The start of processes that train one model: they wait for each other, compare what must not differ, and
//! connect to each other.

use std::{
    cell::{Cell, RefCell},
    net::IpAddr,
    thread,
    time::{Duration, Instant},
};

use tch::{Device, Kind, Tensor};

use super::{Fact, PAUSE, Team, WorkerError, difference, error::brief};
use crate::{
    model::libtorch::c10d::{Group, Store},
    process::rank::Rank,
};

/// Key of the word on which all connect, or of the message of the process that cannot: the first one counts.
const START: &str = "start";
/// That word.
const GO: &str = "go";
/// Least wait for an answer of the store, whatever the wait for others is.
const ANSWER: Duration = Duration::from_secs(60);

impl Team {
    /// See [`Workers::join`](super::Workers::join).
    pub(super) fn form(rank: Rank, timeout: Duration) -> Result<Self, WorkerError> {
        let team = Team {
            store: open_store(&rank, timeout)?,
            rank,
            group: RefCell::new(None),
            timeout,
            stop: Cell::new(None),
            is_said: Cell::new(false),
            lost: Cell::new(0),
        };
        match team.meet() {
            Ok(()) => Ok(team),
            Err(error) => {
                team.fail(&error.to_string());
                Err(error)
            }
        }
    }

    /// Waits until all agree to start, and connects to them: all do, or none.
    fn meet(&self) -> Result<(), WorkerError> {
        let agreed = self.agree_to_start();
        let ours = match &agreed {
            Ok(()) => GO.to_owned(),
            Err(error) => self.failure(&error.to_string()),
        };
        let word = self.store.set_first(START, &ours);
        if let Err(WorkerError::Twice(_)) = agreed {
            self.is_said.set(true); // messages of its rank are those of the other process
            return agreed;
        }
        word.map_err(WorkerError::Gone)?;
        let first = self.read(START)?;
        match agreed {
            _ if first == GO => self.connect(),
            Ok(()) => {
                self.has_seen();
                Err(WorkerError::Failed(first))
            }
            Err(error) => Err(error),
        }
    }

    /// Waits for all, compares their numbers and programs, and waits until all have done so.
    fn agree_to_start(&self) -> Result<(), WorkerError> {
        let Rank { number, size, .. } = self.rank;
        if self.store.add(&joined(number), 1).map_err(WorkerError::Gone)? > 1 {
            return Err(WorkerError::Twice(number));
        }
        let hello = format!("{size}\n{}", env!("CARGO_PKG_VERSION"));
        self.store.set(&format!("hello/{number}"), &hello).map_err(WorkerError::Gone)?;
        let start = Instant::now();
        for rank in 0..size {
            let theirs = self.wait_for("hello", rank, start)?;
            let (here, there) = (facts_of(&hello), facts_of(&theirs));
            if let Some((what, here, there)) = difference(&here, &there) {
                return Err(WorkerError::differs(&what, (number, &here), (rank, &there)));
            }
        }
        self.store.set(&format!("agreed/{number}"), "").map_err(WorkerError::Gone)?;
        for rank in 0..size {
            self.wait_for("agreed", rank, start)?;
        }
        Ok(())
    }

    /// Waits for what another process says before the start.
    fn wait_for(&self, word: &str, rank: usize, start: Instant) -> Result<String, WorkerError> {
        let key = format!("{word}/{rank}");
        while !self.store.has(&key).map_err(WorkerError::Gone)? {
            if self.store.has(START).map_err(WorkerError::Gone)? {
                let first = self.read(START)?;
                if first != GO {
                    self.has_seen();
                    return Err(WorkerError::Failed(first));
                }
            }
            if start.elapsed() > self.timeout {
                let (size, timeout) = (self.rank.size, self.timeout);
                return Err(WorkerError::Absent { rank, size, timeout });
            }
            thread::sleep(PAUSE);
        }
        self.read(&key)
    }

    /// The value of a key that has one.
    pub(super) fn read(&self, key: &str) -> Result<String, WorkerError> {
        self.store.get(key, self.timeout.max(ANSWER)).map_err(WorkerError::Gone)
    }

    /// Connects to the others.
    fn connect(&self) -> Result<(), WorkerError> {
        let Rank { number, size, .. } = self.rank;
        let is_chosen = std::env::var_os("GLOO_SOCKET_IFNAME").is_some_and(|name| !name.is_empty());
        let host = Some(self.rank.address.as_str()).filter(|host| !is_chosen && is_loopback(host));
        match Group::join(&self.store, host, (number, size), self.timeout) {
            Ok(group) => *self.group.borrow_mut() = Some(group),
            Err(cause) => return Err(self.said()?.unwrap_or(WorkerError::Connect(cause))),
        }
        // those that others connected to may be connected before these know it
        self.exchange(|group| group.sum(&mut Tensor::zeros([1], (Kind::Float, Device::Cpu))))
    }
}

/// Key of the number of processes that came with a rank.
pub(super) fn joined(rank: usize) -> String {
    format!("joined/{rank}")
}

/// The store in which the processes meet.
fn open_store(rank: &Rank, timeout: Duration) -> Result<Store, WorkerError> {
    let prefix = format!("hyenadna/{}", rank.agent.as_deref().unwrap_or("0"));
    let (address, port) = (rank.address.as_str(), rank.port);
    // who serves it need not wait for others
    let wait = if rank.serves() { timeout.max(ANSWER) } else { timeout };
    Store::open(address, port, rank.serves(), &prefix, wait).map_err(|source| {
        let (what, advice) = match rank.serves() {
            true => {
                ("the ranks cannot meet", "choose a free port of this machine, where rank 0 runs")
            }
            false => (
                "nobody serves the store of the ranks",
                "check that rank 0 runs there, and that no firewall is between",
            ),
        };
        WorkerError::Store(format!(
            "{what} at {address}:{port} (MASTER_ADDR, MASTER_PORT) within {} s: {}; {advice}",
            timeout.as_secs(),
            brief(&source)
        ))
    })
}

/// The lines of a greeting by name.
fn facts_of(hello: &str) -> Vec<Fact> {
    let names = ["the numbers of ranks (WORLD_SIZE)", "the versions of the program"];
    names.into_iter().zip(hello.lines()).map(|(name, value)| (name.into(), value.into())).collect()
}

/// True for an address that other machines cannot reach.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
