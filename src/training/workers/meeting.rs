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
        let agreed = team.agree_to_start();
        let first = team.first_word(&agreed);
        if let Err(error @ WorkerError::Twice(_)) = agreed {
            return Err(error); // the other process speaks for this rank
        }
        let goes = match (first, &agreed) {
            (Ok(word), _) => word == GO,
            (Err(gone), Ok(())) => return Err(gone),
            (Err(_), Err(_)) => false, // the store has gone since, but why is known
        };
        let met = match agreed {
            Ok(()) | Err(WorkerError::Absent { .. }) if goes => team.connect(),
            Err(error) if goes => return Err(error), // the others train without this one
            Ok(()) => Err(team.refused()?),
            Err(error) => Err(error),
        };
        match met {
            Ok(()) => Ok(team),
            Err(error) => {
                team.fail(&error.to_string());
                Err(error)
            }
        }
    }

    /// Says "go" or why not, and returns the word that counts for all.
    fn first_word(&self, agreed: &Result<(), WorkerError>) -> Result<String, WorkerError> {
        let ours = match agreed {
            Ok(()) => GO.to_owned(),
            Err(error) => self.failure(&error.to_string()),
        };
        self.store.set_first(START, &ours).map_err(WorkerError::Gone)?;
        self.read(START)
    }

    /// The failure of another process, for which none starts.
    fn refused(&self) -> Result<WorkerError, WorkerError> {
        let failed = WorkerError::Failed(self.read(START)?);
        self.has_seen();
        Ok(failed)
    }

    /// Waits for all, compares their numbers and programs, and waits until all have done so and can listen.
    fn agree_to_start(&self) -> Result<(), WorkerError> {
        let Rank { number, size, .. } = self.rank;
        if self.store.add(&format!("joined/{number}"), 1).map_err(WorkerError::Gone)? > 1 {
            return Err(WorkerError::Twice(number));
        }
        let hello = format!("{size}\n{}", env!("CARGO_PKG_VERSION"));
        self.store.set(&format!("hello/{number}"), &hello).map_err(WorkerError::Gone)?;
        let mut start = Instant::now();
        for rank in 0..size {
            let theirs = self.wait_for("hello", rank, start)?;
            let (here, there) = (facts_of(&hello), facts_of(&theirs));
            if let Some((what, here, there)) = difference(&here, &there) {
                return Err(WorkerError::differs(&what, (number, &here), (rank, &there)));
            }
        }
        Group::can_listen(self.host()).map_err(WorkerError::Connect)?;
        self.store.set(&format!("agreed/{number}"), "").map_err(WorkerError::Gone)?;
        start = Instant::now();
        for rank in 0..size {
            self.wait_for("agreed", rank, start)?;
        }
        Ok(())
    }

    /// Waits for what another process says before the start.
    fn wait_for(&self, word: &str, rank: usize, start: Instant) -> Result<String, WorkerError> {
        let key = format!("{word}/{rank}");
        while !self.store.has(&key).map_err(WorkerError::Gone)? {
            if self.store.has(START).map_err(WorkerError::Gone)? && self.read(START)? != GO {
                return Err(self.refused()?);
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
        match Group::join(&self.store, self.host(), (number, size), self.timeout) {
            Ok(group) => *self.group.borrow_mut() = Some(group),
            Err(cause) => return Err(self.said()?.unwrap_or(WorkerError::Connect(cause))),
        }
        // one may be connected while another is not yet: none goes on, or leaves, before all are
        self.exchange(|group| group.sum(&mut Tensor::zeros([1], (Kind::Float, Device::Cpu))))
    }

    /// The host at whose interface this process listens; none if the environment or the name of this machine
    /// says it.
    fn host(&self) -> Option<&str> {
        let is_chosen = std::env::var_os("GLOO_SOCKET_IFNAME").is_some_and(|name| !name.is_empty());
        Some(self.rank.address.as_str()).filter(|host| !is_chosen && is_loopback(host))
    }
}

/// The store in which the processes meet.
fn open_store(rank: &Rank, timeout: Duration) -> Result<Store, WorkerError> {
    let prefix = format!("hyenadna/{}", rank.agent.as_deref().unwrap_or("0"));
    let (address, port) = (rank.address.as_str(), rank.port);
    // its own server answers, however slow a busy machine is
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
            wait.as_secs(),
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
