//! The processes that train one model together, each on its share of every step: sums over them, what
//! they compare, and what one says when another fails.
//!
//! All of them call the same functions that exchange numbers in the same order. What goes wrong is said in
//! the store: a process that fails leaves its message there and closes its connections, so that the others
//! notice at their next exchange and find the message.

mod error;
mod sums;

use std::{
    cell::{Cell, RefCell},
    net::IpAddr,
    thread,
    time::{Duration, Instant},
};

use tch::{Device, Kind, TchError, Tensor};

use crate::{
    model::libtorch::c10d::{Group, Store},
    process::{rank::Rank, signals},
};
pub use error::WorkerError;
use error::brief;
pub use sums::StepSums;

/// Key of the message of the process that failed first.
const FAILED: &str = "failed";
/// Count of the processes that have read it.
const SEEN: &str = "seen";
/// For how long a process that lost a connection waits for others to say that they live, and rank 0 for
/// others to read a message from its store.
const GRACE: Duration = Duration::from_secs(5);
/// Between two looks at the store.
const PAUSE: Duration = Duration::from_millis(20);

/// The processes that train one model, as one of them sees them.
#[derive(Debug)]
pub struct Workers {
    team: Option<Team>,
}

/// Several of them.
#[derive(Debug)]
struct Team {
    rank: Rank,
    store: Store,
    /// Connections to the others; none after a failure.
    group: RefCell<Option<Group>>,
    timeout: Duration,
    /// Exit code of a signal that one of them received, as of the last exchange.
    stop: Cell<Option<i32>>,
    /// True once the failure of a process is known to the others.
    is_said: Cell<bool>,
}

/// A named value that all processes must have in common.
pub type Fact = (String, String);

impl Workers {
    /// One process that trains alone.
    pub fn alone() -> Self {
        Self { team: None }
    }

    /// Meets the others in the store, and connects to them. Each exchange may take `timeout`, as may the
    /// meeting.
    ///
    /// # Errors
    /// The store cannot be reached, not all come, or they do not agree on their number.
    pub fn join(rank: Rank, timeout: Duration) -> Result<Self, WorkerError> {
        let prefix = format!("hyenadna/{}", rank.agent.as_deref().unwrap_or("0"));
        let (address, port) = (rank.address.as_str(), rank.port);
        let store = Store::open(address, port, rank.serves(), &prefix, timeout);
        let store = store.map_err(|source| {
            let (what, advice) = match rank.serves() {
                true => (
                    "the ranks cannot meet",
                    "choose a free port of this machine, where rank 0 runs",
                ),
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
        })?;
        let team = Team {
            rank,
            store,
            group: RefCell::new(None),
            timeout,
            stop: Cell::new(None),
            is_said: Cell::new(false),
        };
        match team.meet() {
            Ok(()) => Ok(Self { team: Some(team) }),
            Err(error) => {
                team.fail(&error.to_string());
                Err(error)
            }
        }
    }

    /// True for one process alone.
    pub fn is_alone(&self) -> bool {
        self.team.is_none()
    }

    /// True for the process that writes the files of a run.
    pub fn is_first(&self) -> bool {
        self.rank() == 0
    }

    /// Number of this process.
    pub fn rank(&self) -> usize {
        self.team.as_ref().map_or(0, |team| team.rank.number)
    }

    /// Number of processes.
    pub fn size(&self) -> usize {
        self.team.as_ref().map_or(1, |team| team.rank.size)
    }

    /// Number of this process among those of its machine.
    pub fn local(&self) -> usize {
        self.team.as_ref().map_or(0, |team| team.rank.local)
    }

    /// Exit code of a signal that one of the processes received: as of the last exchange, so that all stop
    /// at the same step.
    pub fn stop(&self) -> Option<i32> {
        match &self.team {
            Some(team) => team.stop.get(),
            None => signals::received(),
        }
    }

    /// Compares values with those of rank 0.
    ///
    /// # Errors
    /// One differs, or a process failed.
    pub fn agree(&self, facts: &[Fact]) -> Result<(), WorkerError> {
        let Some(team) = &self.team else { return Ok(()) };
        let text = serde_json::to_string(facts).unwrap_or_default();
        let first = self.of_first(&text)?;
        let first: Vec<Fact> = serde_json::from_str(&first).unwrap_or_default();
        if let Some((what, here, there)) = difference(facts, &first) {
            return Err(WorkerError::differs(&what, (team.rank.number, &here), (0, &there)));
        }
        self.sum(Vec::new()).map(drop) // nobody goes on before all have compared
    }

    /// A text as rank 0 has it.
    ///
    /// # Errors
    /// A process failed; so below.
    pub fn of_first(&self, text: &str) -> Result<String, WorkerError> {
        let Some(team) = &self.team else { return Ok(text.to_owned()) };
        let mut length = Tensor::from_slice(&[text.len() as i64]);
        team.exchange(|group| group.broadcast(&mut length))?;
        let count = length.int64_value(&[0]) as usize;
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(count, 0);
        let mut bytes = Tensor::f_from_slice(&bytes)?;
        team.exchange(|group| group.broadcast(&mut bytes))?;
        let bytes = Vec::<u8>::try_from(&bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Replaces tensors by those of rank 0.
    ///
    /// # Errors
    /// See [`of_first`](Self::of_first).
    pub fn broadcast(&self, tensors: &[&Tensor]) -> Result<(), WorkerError> {
        let Some(team) = &self.team else { return Ok(()) };
        for tensor in tensors {
            let mut host = tensor.detach().f_to_device(Device::Cpu)?.f_contiguous()?;
            team.exchange(|group| group.broadcast(&mut host))?;
            tch::no_grad(|| tensor.detach().f_copy_(&host))?;
        }
        Ok(())
    }

    /// Sums values over all processes, and learns of signals.
    ///
    /// # Errors
    /// See [`of_first`](Self::of_first).
    pub fn sum(&self, values: Vec<f64>) -> Result<Vec<f64>, WorkerError> {
        let Some(team) = &self.team else { return Ok(values) };
        let count = values.len();
        let mut all = values;
        all.resize(count + team.rank.size, 0.0);
        all[count + team.rank.number] = f64::from(signals::received().unwrap_or(0));
        let mut sum = Tensor::f_from_slice(&all)?;
        team.exchange(|group| group.sum(&mut sum))?;
        let mut all = Vec::<f64>::try_from(&sum)?;
        let codes = all.split_off(count);
        team.learn_of(codes.into_iter().map(|code| code as i32));
        Ok(all)
    }

    /// Sums a flat gradient over all processes together with what else is summed of a step, and learns of
    /// signals. The gradient of several processes comes back on its device.
    ///
    /// # Errors
    /// See [`of_first`](Self::of_first).
    pub fn sum_step(&self, flat: Tensor, sums: &mut StepSums) -> Result<Tensor, WorkerError> {
        let Some(team) = &self.team else { return Ok(flat) };
        let Rank { number, size, .. } = team.rank;
        let code = signals::received().unwrap_or(0);
        let words = sums::pieces(sums, code, (number, size));
        let host = flat.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?;
        let mut all = Tensor::f_cat(&[host, Tensor::f_from_slice(&words)?], 0)?;
        team.exchange(|group| group.sum(&mut all))?;
        let (elements, count) = (flat.size()[0], words.len() as i64);
        let words = Vec::<f32>::try_from(&all.f_narrow(0, elements, count)?)?;
        let codes;
        (*sums, codes) = sums::whole(&words);
        team.learn_of(codes.into_iter());
        Ok(all.f_narrow(0, 0, elements)?.f_to_device(flat.device())?)
    }

    /// Says in the store that this process failed, unless that is known, and closes its connections.
    pub fn fail(&self, message: &str) {
        if let Some(team) = &self.team {
            team.fail(message);
        }
    }
}

impl Team {
    /// Waits for all, compares their numbers and programs, and connects to them.
    fn meet(&self) -> Result<(), WorkerError> {
        let Rank { number, size, .. } = self.rank;
        let hello = format!("{size}\n{}", env!("CARGO_PKG_VERSION"));
        if self.store.add(&format!("joined/{number}"), 1).map_err(WorkerError::Gone)? > 1 {
            return Err(WorkerError::Twice(number));
        }
        self.store.set(&format!("hello/{number}"), &hello).map_err(WorkerError::Gone)?;
        let start = Instant::now();
        for rank in 0..size {
            let key = format!("hello/{rank}");
            while !self.store.has(&key).map_err(WorkerError::Gone)? {
                if let Some(failed) = self.said()? {
                    return Err(failed);
                }
                if start.elapsed() > self.timeout {
                    return Err(WorkerError::Absent { rank, size, timeout: self.timeout });
                }
                thread::sleep(PAUSE);
            }
            let theirs = self.store.get(&key, self.timeout).map_err(WorkerError::Gone)?;
            let (here, there) = (facts_of(&hello), facts_of(&theirs));
            if let Some((what, here, there)) = difference(&here, &there) {
                return Err(WorkerError::differs(&what, (number, &here), (rank, &there)));
            }
        }
        let is_chosen = std::env::var_os("GLOO_SOCKET_IFNAME").is_some_and(|name| !name.is_empty());
        let host = Some(self.rank.address.as_str()).filter(|host| !is_chosen && is_loopback(host));
        match Group::join(&self.store, host, (number, size), self.timeout) {
            Ok(group) => *self.group.borrow_mut() = Some(group),
            Err(cause) => return Err(self.said()?.unwrap_or(WorkerError::Connect(cause))),
        }
        Ok(())
    }

    /// Exchanges numbers, or finds out why that fails.
    fn exchange(
        &self,
        work: impl FnOnce(&Group) -> Result<(), TchError>,
    ) -> Result<(), WorkerError> {
        let done = match &*self.group.borrow() {
            Some(group) => work(group),
            None => Err(TchError::Torch("the connections are closed".into())),
        };
        done.map_err(|cause| self.lost(cause))
    }

    /// Keeps the exit code of a signal.
    fn learn_of(&self, codes: impl Iterator<Item = i32>) {
        if let Some(code) = codes.max().filter(|&code| code > 0) {
            self.stop.set(Some(code));
        }
    }

    /// The message of the process that failed first, if there is one.
    fn said(&self) -> Result<Option<WorkerError>, WorkerError> {
        if !self.store.has(FAILED).map_err(WorkerError::Gone)? {
            return Ok(None);
        }
        let message = self.store.get(FAILED, self.timeout).map_err(WorkerError::Gone)?;
        self.has_seen();
        Ok(Some(WorkerError::Failed(message)))
    }

    /// Tells rank 0 that it need not keep the store for this process.
    fn has_seen(&self) {
        if !self.is_said.replace(true) {
            let _ = self.store.add(SEEN, 1);
        }
    }

    /// Why an exchange failed: what another process said, or which one is silent.
    fn lost(&self, cause: TchError) -> WorkerError {
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
            (_, true) => GRACE,
            (_, false) => 2 * GRACE,
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
        let message = self.store.get(FAILED, self.timeout).map_err(WorkerError::Gone)?;
        self.has_seen();
        self.keep_store(size - of.len());
        Ok(WorkerError::Failed(message))
    }

    fn fail(&self, message: &str) {
        if self.is_said.get() {
            drop(self.group.borrow_mut().take());
            return;
        }
        // first, as the others look for it when the connections close
        let said = format!("rank {} failed: {message}", self.rank.number);
        let is_set = self.store.set_first(FAILED, &said).is_ok();
        drop(self.group.borrow_mut().take());
        if is_set {
            self.has_seen();
            self.keep_store(self.rank.size);
        }
    }

    /// Keeps the store until so many processes have read the message, or for a while.
    fn keep_store(&self, readers: usize) {
        let start = Instant::now();
        let has_all = || self.store.add(SEEN, 0).is_ok_and(|seen| seen >= readers as u64);
        while self.rank.serves() && start.elapsed() < GRACE && !has_all() {
            thread::sleep(PAUSE);
        }
    }
}

/// The lines of a greeting by name.
fn facts_of(hello: &str) -> Vec<Fact> {
    let names = ["the numbers of ranks (WORLD_SIZE)", "the versions of the program"];
    names.into_iter().zip(hello.lines()).map(|(name, value)| (name.into(), value.into())).collect()
}

/// The first fact that differs, with both values.
fn difference(here: &[Fact], there: &[Fact]) -> Option<(String, String, String)> {
    for i in 0..here.len().max(there.len()) {
        let (ours, theirs) = (here.get(i), there.get(i));
        if ours != theirs {
            let what = ours.or(theirs).map(|(name, _)| name.clone()).unwrap_or_default();
            let value = |of: Option<&Fact>| of.map(|(_, value)| value.clone()).unwrap_or_default();
            return Some((what, value(ours), value(theirs)));
        }
    }
    None
}

/// True for an address that other machines cannot reach.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
