//! Reading, computing and writing at the same time, in input order and bounded memory.

use std::{
    ops::ControlFlow,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use crate::process::threads::{self, StartError};

/// Chunks that may wait between two stages.
const WAITING: usize = 2;
/// Time after which a stage that waits for input checks that its results are still wanted.
const LOOK_UP: Duration = Duration::from_millis(100);

/// The reader's end of the pipeline, which takes chunks until a later stage has stopped.
pub struct Feeder<C> {
    sender: SyncSender<(C, u64)>,
}

impl<C> Feeder<C> {
    /// Hands on a chunk that ends at `position` in the input. Returns false if a later stage failed and
    /// takes no more.
    #[must_use]
    pub fn feed(&self, chunk: C, position: u64) -> bool {
        self.sender.send((chunk, position)).is_ok()
    }
}

/// Size of an item, in bases, that every item counts for in addition, however short it is.
pub const OVERHEAD: usize = 64;

/// Gathers items into chunks of about the same size, in bases, and hands them on.
pub struct Chunks<T> {
    feeder: Feeder<Vec<T>>,
    items: Vec<T>,
    size: usize,
    /// Position in the input that the items so far correspond to.
    position: u64,
    /// Size at which the chunk at hand is full.
    limit: usize,
    /// Size at which later chunks are full.
    budget: usize,
    /// Items to leave out, which come first.
    done: u64,
}

impl<T> Chunks<T> {
    /// Chunks of `budget` bases.
    pub fn new(feeder: Feeder<Vec<T>>, budget: usize) -> Self {
        Self { feeder, items: Vec::new(), size: 0, position: 0, limit: budget, budget, done: 0 }
    }

    /// Makes the first chunk this part of the others; later ones double up to their size.
    #[must_use]
    pub fn with_first(mut self, part: usize) -> Self {
        self.limit = self.budget / part;
        self
    }

    /// Leaves out the first items, which an earlier run has written.
    #[must_use]
    pub fn after(mut self, done: u64) -> Self {
        self.done = done;
        self
    }

    /// Sets the position in the input, in bytes, at which the next item ends.
    pub fn reach(&mut self, position: u64) {
        self.position = position;
    }

    /// Adds an item without handing the chunk on.
    pub fn add(&mut self, item: T, size: usize) {
        if self.done > 0 {
            self.done -= 1;
            return;
        }
        self.items.push(item);
        self.size += size;
    }

    /// Adds an item, and hands the chunk on if it is full. Breaks if a later stage failed and takes
    /// no more.
    pub fn push(&mut self, item: T, size: usize) -> ControlFlow<()> {
        self.add(item, size);
        if !self.is_filled_by(0) {
            return ControlFlow::Continue(());
        }
        self.limit = self.limit.saturating_mul(2).clamp(1, self.budget.max(1));
        self.feed()
    }

    /// True if an item of this size fills the chunk.
    pub fn is_filled_by(&self, size: usize) -> bool {
        self.size + size >= self.limit
    }

    /// Hands on the last chunk. If a later stage failed, its error explains why.
    pub fn finish(mut self) {
        let _ = self.feed();
    }

    fn feed(&mut self) -> ControlFlow<()> {
        self.size = 0;
        match self.feeder.feed(std::mem::take(&mut self.items), self.position) {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }
}

/// Runs three stages: `read` on a thread, `compute`, and `write` on another thread. Chunks keep their order, and
/// `write` gets the position in the input that each ends at, in bytes. Returns the result of `read`.
///
/// Each of `workers`, of which there is one at least, owns what it computes with, such as a model on its device. One
/// works on the calling thread. Of several, each has a thread and takes the next chunk when it is free.
///
/// When a stage fails, the others stop at their next chunk; a reader that waits for its input is then abandoned, so
/// that the error is reported at once.
///
/// # Errors
/// The error of the last stage that failed: a closed output explains why the others stopped. Of chunks that several
/// workers cannot compute, that of the first in the input. A thread cannot be started.
pub fn run<C, R, S, E, W>(
    read: impl FnOnce(Feeder<C>) -> Result<S, E> + Send + 'static,
    workers: &mut [W],
    compute: impl Fn(&mut W, C) -> Result<R, E> + Sync,
    mut write: impl FnMut(R, u64) -> Result<(), E> + Send,
) -> Result<S, E>
where
    C: Send + 'static,
    R: Send,
    S: Send + 'static,
    E: From<StartError> + Send + 'static,
    W: Send,
{
    let (to_compute, chunks) = sync_channel(WAITING);
    let reader = threads::start(move || read(Feeder { sender: to_compute }))?;
    match workers {
        [worker] => alone(&chunks, |chunk| compute(worker, chunk), write)?,
        several => side_by_side(chunks, several, &compute, &mut write)?,
    }
    rethrow(reader.join())
}

/// Computes on the calling thread.
fn alone<C, R: Send, E: From<StartError> + Send>(
    chunks: &Receiver<(C, u64)>,
    mut compute: impl FnMut(C) -> Result<R, E>,
    mut write: impl FnMut(R, u64) -> Result<(), E> + Send,
) -> Result<(), E> {
    let (to_write, results) = sync_channel(WAITING);
    thread::scope(|scope| {
        let writer = threads::start_within(scope, move || {
            // the receiver is dropped at the first error, which stops the stages before
            results.into_iter().try_for_each(|(result, position)| write(result, position))
        })?;
        let computed = (|| {
            loop {
                match chunks.recv_timeout(LOOK_UP) {
                    Ok((chunk, position)) => {
                        if to_write.send((compute(chunk)?, position)).is_err() {
                            return Ok(());
                        }
                    }
                    // the writer only ends by itself when it has failed
                    Err(RecvTimeoutError::Timeout) if writer.is_finished() => return Ok(()),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return Ok(()),
                }
            }
        })();
        drop(to_write);
        rethrow(writer.join()).and(computed)
    })
}

/// A result that will be there, and the position of its chunk.
type Promise<R, E> = (Receiver<Result<R, E>>, u64);

/// Chunks, and where their results are promised, in the same order.
struct Queue<C, R, E> {
    chunks: Receiver<(C, u64)>,
    /// Holds as many promises as there are workers, so that a slow one stops the others before results pile up.
    promises: SyncSender<Promise<R, E>>,
}

impl<C, R, E> Queue<C, R, E> {
    /// The next chunk, and where its result goes; `None` if there is none, or no more are wanted.
    fn next(&self, stopped: &AtomicBool) -> Option<(C, SyncSender<Result<R, E>>)> {
        while !stopped.load(Ordering::Relaxed) {
            match self.chunks.recv_timeout(LOOK_UP) {
                Ok((chunk, position)) => {
                    let (fulfil, promise) = sync_channel(1);
                    return self.promises.send((promise, position)).ok().map(|()| (chunk, fulfil));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        None
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets a flag when a stage ends, also by a panic.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Computes on a thread for each worker. About two chunks more than there are workers are in memory, beside those that
/// were read ahead.
fn side_by_side<C: Send, R: Send, E: From<StartError> + Send, W: Send>(
    chunks: Receiver<(C, u64)>,
    workers: &mut [W],
    compute: &(impl Fn(&mut W, C) -> Result<R, E> + Sync),
    write: &mut (impl FnMut(R, u64) -> Result<(), E> + Send),
) -> Result<(), E> {
    let (promises, promised) = sync_channel::<Promise<R, E>>(workers.len());
    let queue = Arc::new(Mutex::new(Queue { chunks, promises }));
    let stopped = AtomicBool::new(false);
    thread::scope(|scope| {
        // if a thread cannot be started, those before it end
        let _stop = StopAtEnd(&stopped);
        let writer = threads::start_within(scope, || {
            let _stop = StopAtEnd(&stopped);
            for (promise, position) in promised {
                // nothing comes of a worker that panicked
                let Ok(result) = promise.recv() else { break };
                write(result?, position)?;
            }
            Ok(())
        })?;
        let stopped = &stopped;
        let mut started = Vec::new();
        for worker in workers {
            let queue = queue.clone();
            started.push(threads::start_within(scope, move || {
                // the lock is held while the chunk is taken, not while it is computed
                let next = || lock(&queue).next(stopped);
                while let Some((chunk, fulfil)) = next() {
                    let result = compute(worker, chunk);
                    let failed = result.is_err();
                    if fulfil.send(result).is_err() || failed {
                        break;
                    }
                }
            })?);
        }
        // the last worker drops the queue, which ends the writer
        drop(queue);
        started.into_iter().for_each(|worker| rethrow(worker.join()));
        rethrow(writer.join())
    })
}

/// The result of a stage. Its panic continues in the caller.
fn rethrow<T>(result: thread::Result<T>) -> T {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests;
