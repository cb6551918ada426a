//! Reading ahead: batches are drawn on a thread while the step before is computed.

use std::{
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

/// A batch that is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Index of the first row's sample.
    pub first: u64,
    /// From the sample of a row to that of the next.
    pub stride: u64,
    /// Rows.
    pub rows: usize,
    /// Bases of a row.
    pub length: u64,
}

impl Request {
    /// The part of one of `world` processes that share the samples from `first` on: number `rank`
    /// (from 0) takes `first + rank`, and every `world`th after it.
    pub fn of_rank(first: u64, rank: u64, world: u64, rows: usize, length: u64) -> Self {
        Self { first: first + rank, stride: world, rows, length }
    }

    /// Index of the sample of a row, counted from 0.
    pub fn sample_index(&self, row: usize) -> u64 {
        self.first + self.stride * row as u64
    }
}

/// Windows of genomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Token ids, row after row; PAD on the right where a window has fewer bases.
    pub tokens: Vec<u8>,
    /// Rows.
    pub rows: usize,
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
        let Request { rows, length, .. } = request;
        let mut tokens = Vec::with_capacity(rows * length as usize);
        let mut skipped = 0;
        let tokenizer = Tokenizer::default();
        for row in 0..rows {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let start = tokens.len();
            skipped += self.draw(request.sample_index(row), length, &mut tokens)?;
            for base in &mut tokens[start..] {
                *base = tokenizer.token(*base);
            }
            tokens.resize(start + length as usize, PAD);
        }
        Ok(Some(Drawn { tokens, rows, length, skipped }))
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
