use std::sync::{Barrier, Condvar, atomic::AtomicUsize, mpsc::channel};

use proptest::prelude::*;

use super::*;

/// The stage that failed, and the chunk.
#[derive(Debug, PartialEq, Eq)]
struct Failed(&'static str, u32);

impl From<StartError> for Failed {
    fn from(_: StartError) -> Self {
        Self("start", 0)
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

/// Numbers of workers: one computes on the calling thread, several on threads of their own.
const WORKERS: [usize; 4] = [1, 2, 3, 8];

fn workers(count: usize) -> Vec<()> {
    std::iter::repeat_n((), count).collect()
}

#[test]
fn order_is_kept() {
    for count in WORKERS {
        let mut seen = Vec::new();
        let result = run(
            |f| numbers(&f, 100),
            &mut workers(count),
            |(), i| Ok(i * 2),
            |i, position| {
                assert_eq!(u64::from(i), 2 * position);
                seen.push(i);
                Ok(())
            },
        );
        assert_eq!(result, Ok(()));
        assert_eq!(seen, (0..100).map(|i| i * 2).collect::<Vec<_>>());
    }
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
    assert_eq!(run(read, &mut [()], |(), chunk| Ok(chunk), take), Ok(()));
    assert_eq!(seen, [2, 4, 8, 6]);
}

/// Progress is what was written: a chunk ends where its last item does, however far the reader is.
#[test]
fn chunks_end_at_the_position_of_their_last_item() {
    for count in WORKERS {
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
        assert_eq!(run(read, &mut workers(count), |(), chunk| Ok(chunk), take), Ok(()));
        assert_eq!(seen, [(Some(3), 400), (Some(7), 800), (Some(9), 2000)]);
    }
}

#[test]
fn any_stage_may_fail_and_what_came_before_is_written() {
    for count in WORKERS {
        let endless = |f: Feeder<u32>| numbers(&f, u32::MAX);
        let mut seen = Vec::new();
        let mut see = |i| {
            seen.push(i);
            Ok(())
        };
        let write = |i, _| if i == 5 { Err(Failed("write", 5)) } else { see(i) };
        let written = run(endless, &mut workers(count), |(), i| Ok(i), write);
        assert_eq!(written, Err(Failed("write", 5)));
        let compute = |(): &mut (), i| if i == 5 { Err(Failed("compute", 5)) } else { Ok(i) };
        let computed = run(endless, &mut workers(count), compute, |i, _| see(i));
        assert_eq!(computed, Err(Failed("compute", 5)));
        let read: Result<(), _> = run(
            |f| numbers(&f, 7).and(Err(Failed("read", 7))),
            &mut workers(count),
            |(), i| Ok(i),
            |i, _| see(i),
        );
        assert_eq!(read, Err(Failed("read", 7)));
        assert_eq!(seen, [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6], "{count} workers");
    }
}

#[test]
fn a_reader_that_waits_does_not_hold_an_error_back() {
    for count in WORKERS {
        for stage in ["compute", "write"] {
            let (never, waiting) = channel::<()>();
            let read = move |f: Feeder<u32>| {
                assert!(f.feed(1, 1));
                let _ = waiting.recv(); // as a read from a terminal would
                Ok(())
            };
            let fails = |at| if at == stage { Err(Failed(at, 1)) } else { Ok(()) };
            let failed =
                run(read, &mut workers(count), |(), _| fails("compute"), |(), _| fails("write"));
            assert_eq!(failed, Err(Failed(stage, 1)));
            drop(never);
        }
    }
}

/// Chunks that take until some others are computed.
#[test]
fn a_slow_worker_stops_the_others_in_bounded_memory() {
    for count in [2, 3, 8] {
        let (others, written) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (go, turn) = channel();
        let (go, turn) = (Mutex::new(go), Mutex::new(turn));
        let mut seen = Vec::new();
        let result = run(
            |f| numbers(&f, 200),
            &mut workers(count),
            |(), i| {
                // one chunk waits in the writer, and as many behind it as there are workers
                assert!(i as usize <= written.load(Ordering::SeqCst) + count, "{i} of {count}");
                if i == 0 {
                    let _ = lock(&turn).recv();
                } else if others.fetch_add(1, Ordering::SeqCst) + 1 == count {
                    let _ = lock(&go).send(());
                }
                Ok(i)
            },
            |i, _| {
                seen.push(i);
                written.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
        );
        assert_eq!(result, Ok(()));
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
    }
}

/// A worker that fails stops those that would go on for ever.
#[test]
fn of_several_failures_the_first_in_the_input_is_reported() {
    let (failed, first) = channel();
    let (failed, first) = (Mutex::new(failed), Mutex::new(first));
    let mut seen = Vec::new();
    let result = run(
        |f| numbers(&f, u32::MAX),
        &mut workers(3),
        |(), i| {
            match i {
                4 => {
                    let _ = lock(&first).recv(); // the next one has failed before
                }
                5 => {
                    let _ = lock(&failed).send(());
                }
                _ => return Ok(i),
            }
            Err(Failed("compute", i))
        },
        |i, _| {
            seen.push(i);
            Ok(())
        },
    );
    assert_eq!(result, Err(Failed("compute", 4)));
    assert_eq!(seen, [0, 1, 2, 3]);
}

#[test]
fn a_panic_of_a_worker_goes_on_in_the_caller() {
    for count in WORKERS {
        let panicked = std::panic::catch_unwind(|| {
            run(
                |f| numbers(&f, u32::MAX),
                &mut workers(count),
                |(), i| if i == 7 { panic!("of chunk {i}") } else { Ok(i) },
                |_, _| Ok(()),
            )
        });
        let panic = panicked.unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "of chunk 7");
    }
}

proptest! {
    /// Results are written in the order of the input, whatever the order in which they are computed; of failures,
    /// the first in the input counts.
    #[test]
    fn the_order_of_computing_does_not_matter(
        turns in (1_usize..7).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle()),
        fails in proptest::collection::vec(proptest::bool::weighted(0.2), 7),
        more in 0_usize..3,
    ) {
        let count = turns.len();
        let together = Barrier::new(count);
        let (turn, changed) = (Mutex::new(0), Condvar::new());
        let mut seen = Vec::new();
        let result = run(
            move |f| numbers(&f, count as u32),
            &mut workers(count.max(2) + more),
            |(), i| {
                together.wait(); // all chunks are taken
                let own = turns[i as usize];
                let mut now = changed.wait_while(lock(&turn), |turn| *turn != own).unwrap();
                *now += 1;
                changed.notify_all();
                if fails[i as usize] { Err(Failed("compute", i)) } else { Ok(i) }
            },
            |i, _| {
                seen.push(i);
                Ok(())
            },
        );
        let first = (0..count as u32).find(|&i| fails[i as usize]);
        prop_assert_eq!(result, first.map_or(Ok(()), |i| Err(Failed("compute", i))));
        prop_assert_eq!(seen, (0..first.unwrap_or(count as u32)).collect::<Vec<_>>());
    }
}
