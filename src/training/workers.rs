//! The processes that train one model together, each on its share of every step: sums over them, what
//! they compare, and what one says when another fails.
//!
//! All of them call the same functions that exchange numbers in the same order. What goes wrong is said in
//! the store: a process that fails leaves its message there and closes its connections, so that the others
//! notice at their next exchange and find the message.

mod error;
mod failure;
mod meeting;
mod sums;

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use tch::{Device, Kind, TchError, Tensor};

use crate::{
    model::libtorch::c10d::{Group, Store},
    process::{rank::Rank, signals},
};
pub use error::WorkerError;
pub use sums::StepSums;

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
    /// Number of processes that are lost.
    lost: Cell<usize>,
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
    /// The store cannot be reached, not all come, they differ in their number or version, another one has this
    /// rank, or they cannot be connected.
    pub fn join(rank: Rank, timeout: Duration) -> Result<Self, WorkerError> {
        Ok(Self { team: Some(Team::form(rank, timeout)?) })
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

    /// True if this process received a signal, or another one did as of the last exchange.
    pub fn is_stopping(&self) -> bool {
        signals::received().or(self.stop()).is_some()
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

#[cfg(test)]
mod tests;
