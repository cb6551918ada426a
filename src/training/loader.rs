//! Reading ahead: batches are drawn on a thread while the step before is computed.

use std::{
    cmp,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, sync_channel},
    },
    thread::JoinHandle,
};

use crate::{
    model::tokenizer::{PAD, Tokenizer},
    process::threads,
    sampling::{DataError, Sampler},
};

/// Batches that wait.
const WAITING: usize = 2;
/// Batches in memory: one is computed, one is drawn, the others wait.
pub const AHEAD: usize = WAITING + 2;

/// Share of one of several processes in the samples of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Number of the process, from 0.
    pub rank: usize,
    /// Number of processes.
    pub size: usize,
}

impl Share {
    /// That of a process alone.
    pub const WHOLE: Self = Self { rank: 0, size: 1 };

    /// Its samples of so many, which follow each other. It may have none.
    pub fn of(self, samples: usize) -> Range<usize> {
        let bound = |rank: usize| (samples as u128 * rank as u128 / self.size as u128) as usize;
        bound(self.rank)..bound(self.rank + 1)
    }

    /// Its samples of some that need so much work each.
    pub fn of_work(self, work: &[usize]) -> Range<usize> {
        let total = work.iter().sum::<usize>().max(1);
        let (mut done, mut range) = (0, 0..0);
        for (i, work) in work.iter().enumerate() {
            // by the middle of each, so that every sample has one process
            let rank = (2 * done + work) as u128 * self.size as u128 / (2 * total) as u128;
            done += work;
            match (rank as usize).min(self.size - 1).cmp(&self.rank) {
                cmp::Ordering::Less => range = i + 1..i + 1,
                cmp::Ordering::Equal => range.end = i + 1,
                cmp::Ordering::Greater => {}
            }
        }
        range
    }
}

/// A batch that is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Index of the first sample of the step.
    pub first: u64,
    /// Samples of the step.
    pub rows: usize,
    /// Bases of a sample.
    pub length: u64,
    /// Those of them that are drawn.
    pub share: Share,
}

/// Windows of genomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Token ids, row after row; PAD on the right where a window has fewer bases.
    pub tokens: Vec<u8>,
    /// Rows.
    pub rows: usize,
    /// Rows of the step, of which these are a share.
    pub of_step: usize,
    /// Place of the first of them in the step.
    pub first_row: usize,
    /// Bases of a row.
    pub length: u64,
    /// Windows that were mostly N and drawn again.
    pub skipped: u64,
}

/// Draws batches: each is a function of its request alone.
pub trait Draw: Send + 'static {
    /// A batch.
    type Batch: Send + 'static;

    /// Draws a batch; `None` once `stop` is set, as it is not wanted any more.
    ///
    /// # Errors
    /// The data cannot be read.
    fn draw_batch(
        &mut self,
        request: Request,
        stop: &AtomicBool,
    ) -> Result<Option<Self::Batch>, DataError>;
}

/// Gives the batches of a plan in order. After an error there are no more. Dropping it ends its
/// thread, after the row that is being read at most.
pub struct Loader<T> {
    /// None once the thread is to end.
    drawn: Option<Receiver<Result<T, DataError>>>,
    unwanted: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Loader<T> {
    /// Starts to read what a plan asks for. If no thread can be started, the first batch is the error.
    pub fn spawn(
        mut sampler: impl Draw<Batch = T>,
        plan: impl Iterator<Item = Request> + Send + 'static,
    ) -> Self {
        let (sender, drawn) = sync_channel(WAITING);
        let unwanted = Arc::new(AtomicBool::new(false));
        let stop = unwanted.clone();
        let own = sender.clone();
        let thread = threads::start(move || {
            for request in plan {
                let Some(drawn) = sampler.draw_batch(request, &stop).transpose() else {
                    return;
                };
                let failed = drawn.is_err();
                if sender.send(drawn).is_err() || failed {
                    return;
                }
            }
        });
        let thread = thread.map_err(|error| {
            // there is room, and the receiver is there
            let _ = own.send(Err(DataError::Thread(error.to_string())));
        });
        Self { drawn: Some(drawn), unwanted, thread: thread.ok() }
    }
}

impl Draw for Sampler {
    type Batch = Drawn;

    fn draw_batch(
        &mut self,
        request: Request,
        stop: &AtomicBool,
    ) -> Result<Option<Drawn>, DataError> {
        let Request { first, rows: of_step, length, share } = request;
        let rows = share.of(of_step);
        let mut tokens = Vec::with_capacity(rows.len() * length as usize);
        let mut skipped = 0;
        let tokenizer = Tokenizer::default();
        for row in rows.clone() {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let start = tokens.len();
            skipped += self.draw(first + row as u64, length, &mut tokens)?;
            for base in &mut tokens[start..] {
                *base = tokenizer.token(*base);
            }
            tokens.resize(start + length as usize, PAD);
        }
        let (first_row, rows) = (rows.start, rows.len());
        Ok(Some(Drawn { tokens, rows, of_step, first_row, length, skipped }))
    }
}

impl<T> Iterator for Loader<T> {
    type Item = Result<T, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(drawn) = self.drawn.as_ref()?.recv() {
            return Some(drawn);
        }
        self.drawn = None;
        // a panic of the thread is resumed here: it must not look like the end of the plan
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        None
    }
}

impl<T> Drop for Loader<T> {
    fn drop(&mut self) {
        self.unwanted.store(true, Ordering::Relaxed);
        self.drawn = None; // a thread that waits for room in the channel is woken, and ends
        if let Some(thread) = self.thread.take() {
            // its panic was printed on stderr; to panic while dropping would abort
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests;
