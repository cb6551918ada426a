//! Reading, computing and writing at the same time, in input order and bounded memory.

use std::{
    ops::ControlFlow,
    sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel},
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
}

impl<T> Chunks<T> {
    /// Chunks of `budget` bases.
    pub fn new(feeder: Feeder<Vec<T>>, budget: usize) -> Self {
        Self { feeder, items: Vec::new(), size: 0, position: 0, limit: budget, budget }
    }

    /// Makes the first chunk this part of the others; later ones double up to their size.
    #[must_use]
    pub fn with_first(mut self, part: usize) -> Self {
        self.limit = self.budget / part;
        self
    }

    /// Sets the position in the input, in bytes, at which the next item ends.
    pub fn reach(&mut self, position: u64) {
        self.position = position;
    }

    /// Adds an item without handing the chunk on.
    pub fn add(&mut self, item: T, size: usize) {
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

/// Runs three stages: `read` on a thread, `compute` on the calling one (which owns the model, as
/// tensors are not shared between threads), `write` on another. Chunks keep their order, and `write`
/// gets the position in the input that each ends at, in bytes. Returns the result of `read`. When a stage fails, the others stop at their next chunk; a reader that
/// waits for its input is then abandoned, so that the error is reported at once.
///
/// # Errors
/// The error of the last stage that failed: a closed output explains why the others stopped. A thread
/// cannot be started.
pub fn run<C, R, S, E>(
    read: impl FnOnce(Feeder<C>) -> Result<S, E> + Send + 'static,
    mut compute: impl FnMut(C) -> Result<R, E>,
    mut write: impl FnMut(R, u64) -> Result<(), E> + Send,
) -> Result<S, E>
where
    C: Send + 'static,
    R: Send,
    S: Send + 'static,
    E: From<StartError> + Send + 'static,
{
    let (to_compute, chunks) = sync_channel(WAITING);
    let (to_write, results) = sync_channel(WAITING);
    let reader = threads::start(move || read(Feeder { sender: to_compute }))?;
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
    })?;
    rethrow(reader.join())
}

/// The result of a stage. Its panic continues in the caller.
fn rethrow<T>(result: thread::Result<T>) -> T {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stage that failed.
    #[derive(Debug, PartialEq, Eq)]
    struct Failed(&'static str);

    impl From<StartError> for Failed {
        fn from(_: StartError) -> Self {
            Self("start")
        }
    }

    fn numbers(feeder: &Feeder<u32>, n: u32) -> Result<(), Failed> {
        for i in 0..n {
            if !feeder.feed(i, i.into()) {
                return Ok(());
            }
        }
        Ok(())
    }

    #[test]
    fn order_is_kept() {
        let mut seen = Vec::new();
        let result = run(
            |f| numbers(&f, 100),
            |i| Ok(i * 2),
            |i, position| {
                assert_eq!(u64::from(i), 2 * position);
                seen.push(i);
                Ok(())
            },
        );
        assert_eq!(result, Ok(()));
        assert_eq!(seen, (0..100).map(|i| i * 2).collect::<Vec<_>>());
    }

    #[test]
    fn chunks_grow_to_their_size() {
        let mut seen = Vec::new();
        let read = |feeder| {
            let mut chunks = Chunks::new(feeder, 8).with_first(4);
            for i in 0..20 {
                assert!(chunks.push(i, 1).is_continue());
            }
            chunks.finish();
            Ok::<(), Failed>(())
        };
        let take = |chunk: Vec<i32>, _| {
            seen.push(chunk.len());
            Ok(())
        };
        assert_eq!(run(read, Ok, take), Ok(()));
        assert_eq!(seen, [2, 4, 8, 6]);
    }

    /// Progress is what was written: a chunk ends where its last item does, however far the reader is.
    #[test]
    fn chunks_end_at_the_position_of_their_last_item() {
        let mut seen = Vec::new();
        let read = |feeder| {
            let mut chunks = Chunks::new(feeder, 4);
            for i in 0..10 {
                chunks.reach(100 * (i + 1));
                assert!(chunks.push(i, 1).is_continue());
            }
            chunks.reach(2000);
            chunks.finish();
            Ok::<(), Failed>(())
        };
        let take = |chunk: Vec<u64>, position| {
            seen.push((chunk.last().copied(), position));
            Ok(())
        };
        assert_eq!(run(read, Ok, take), Ok(()));
        assert_eq!(seen, [(Some(3), 400), (Some(7), 800), (Some(9), 2000)]);
    }

    #[test]
    fn any_stage_may_fail_and_what_came_before_is_written() {
        let endless = |f: Feeder<u32>| numbers(&f, u32::MAX);
        let written = run(endless, Ok, |i, _| if i == 5 { Err(Failed("write")) } else { Ok(()) });
        assert_eq!(written, Err(Failed("write")));
        let compute = |i| if i == 5 { Err(Failed("compute")) } else { Ok(i) };
        assert_eq!(run(endless, compute, |_, _| Ok(())), Err(Failed("compute")));
        let mut seen = 0;
        let read: Result<(), _> = run(
            |f| numbers(&f, 7).and(Err(Failed("read"))),
            Ok,
            |_, _| {
                seen += 1;
                Ok(())
            },
        );
        assert_eq!((read, seen), (Err(Failed("read")), 7));
    }

    #[test]
    fn a_reader_that_waits_does_not_hold_an_error_back() {
        let (_never, waiting) = std::sync::mpsc::channel::<()>();
        let read = move |f: Feeder<u32>| {
            assert!(f.feed(1, 1));
            let _ = waiting.recv(); // as a read from a terminal would
            Ok(())
        };
        assert_eq!(run(read, Ok, |_, _| Err(Failed("write"))), Err(Failed("write")));
    }
}
