//! Reading, computing and writing at the same time, in input order and bounded memory.

use std::{
    sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

/// Chunks that may wait between two stages.
const WAITING: usize = 2;
/// How often a stage that waits for input looks whether its results are still wanted.
const LOOK_UP: Duration = Duration::from_millis(100);

/// The reader's end: takes chunks until a later stage has stopped.
pub struct Feeder<C> {
    sender: SyncSender<C>,
}

impl<C> Feeder<C> {
    /// Hands a chunk on. Returns false when nobody wants more, because a later stage failed.
    #[must_use]
    pub fn feed(&self, chunk: C) -> bool {
        self.sender.send(chunk).is_ok()
    }
}

/// Runs three stages: `read` on a thread, `compute` on the calling one (which owns the model, as
/// tensors are not shared between threads), `write` on another. Chunks keep their order. Returns
/// what `read` returns. When a stage fails, the others stop at their next chunk; a reader that
/// waits for its input then is left behind, so that the error is told at once.
///
/// # Errors
/// The error of the last stage that failed: a closed output explains why the others stopped.
pub fn run<C, R, S, E>(
    read: impl FnOnce(Feeder<C>) -> Result<S, E> + Send + 'static,
    mut compute: impl FnMut(C) -> Result<R, E>,
    mut write: impl FnMut(R) -> Result<(), E> + Send,
) -> Result<S, E>
where
    C: Send + 'static,
    R: Send,
    S: Send + 'static,
    E: Send + 'static,
{
    let (to_compute, chunks) = sync_channel(WAITING);
    let (to_write, results) = sync_channel(WAITING);
    let reader = thread::spawn(move || read(Feeder { sender: to_compute }));
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            // the receiver is dropped at the first error, which stops the stages before
            results.into_iter().try_for_each(&mut write)
        });
        let computed = (|| {
            loop {
                match chunks.recv_timeout(LOOK_UP) {
                    Ok(chunk) => {
                        if to_write.send(compute(chunk)?).is_err() {
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

/// The result of a stage; its panic goes on in the caller.
fn rethrow<T>(result: thread::Result<T>) -> T {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(feeder: &Feeder<u32>, n: u32) -> Result<(), &'static str> {
        for i in 0..n {
            if !feeder.feed(i) {
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
            |i| {
                seen.push(i);
                Ok(())
            },
        );
        assert_eq!(result, Ok(()));
        assert_eq!(seen, (0..100).map(|i| i * 2).collect::<Vec<_>>());
    }

    #[test]
    fn any_stage_may_fail_and_what_came_before_is_written() {
        let endless = |f: Feeder<u32>| numbers(&f, u32::MAX);
        let written = run(endless, Ok, |i| if i == 5 { Err("write") } else { Ok(()) });
        assert_eq!(written, Err("write"));
        let computed = run(endless, |i| if i == 5 { Err("compute") } else { Ok(i) }, |_| Ok(()));
        assert_eq!(computed, Err("compute"));
        let mut seen = 0;
        let read: Result<(), _> = run(
            |f| numbers(&f, 7).and(Err("read")),
            Ok,
            |_| {
                seen += 1;
                Ok(())
            },
        );
        assert_eq!((read, seen), (Err("read"), 7));
    }

    #[test]
    fn a_reader_that_waits_does_not_hold_an_error_back() {
        let (_never, waiting) = std::sync::mpsc::channel::<()>();
        let read = move |f: Feeder<u32>| {
            assert!(f.feed(1));
            let _ = waiting.recv(); // as a read from a terminal would
            Ok(())
        };
        assert_eq!(run(read, Ok, |_| Err("write")), Err("write"));
    }
}
