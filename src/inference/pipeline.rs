//! Reading, computing and writing at the same time, in input order and bounded memory.

use std::{
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};

/// Chunks that may wait between two stages.
const WAITING: usize = 2;

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
/// tensors are not shared between threads), `write` on another. Chunks keep their order. When a
/// stage fails, the others stop at their next chunk.
///
/// # Errors
/// The error of the last stage that failed: a closed output explains why the others stopped.
pub fn run<C, R, E>(
    read: impl FnOnce(Feeder<C>) -> Result<(), E> + Send,
    mut compute: impl FnMut(C) -> Result<R, E>,
    mut write: impl FnMut(R) -> Result<(), E> + Send,
) -> Result<(), E>
where
    C: Send,
    R: Send,
    E: Send,
{
    let (to_compute, chunks) = sync_channel(WAITING);
    let (to_write, results) = sync_channel(WAITING);
    thread::scope(|scope| {
        let reader = scope.spawn(move || read(Feeder { sender: to_compute }));
        let writer = scope.spawn(move || {
            // the receiver is dropped at the first error, which stops the stages before
            results.into_iter().try_for_each(&mut write)
        });
        let computed = (|| {
            for chunk in chunks {
                if to_write.send(compute(chunk)?).is_err() {
                    break;
                }
            }
            Ok(())
        })();
        drop(to_write);
        let written = join(writer);
        let read = join(reader);
        written.and(computed).and(read)
    })
}

/// The result of a stage; its panic goes on in the caller.
fn join<T>(handle: thread::ScopedJoinHandle<'_, T>) -> T {
    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
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
        let read = run(
            |f| numbers(&f, 7).and(Err("read")),
            Ok,
            |_| {
                seen += 1;
                Ok(())
            },
        );
        assert_eq!((read, seen), (Err("read"), 7));
    }
}
