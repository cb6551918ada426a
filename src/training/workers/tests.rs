use std::{sync::Barrier, thread};

use tch::Device;

use super::*;

/// The wait for others to say that they live is a part of it.
const TIMEOUT: Duration = Duration::from_secs(3600);

/// One of several processes that meet in a store of this machine, which an agent serves.
fn rank(number: usize, size: usize, port: u16) -> Rank {
    let (address, agent) = ("127.0.0.1".into(), Some("0".into()));
    Rank { number, size, local: 0, address, port, agent }
}

/// What each of several processes, on threads here, says at the end of its work.
fn each<T: Send>(size: usize, work: impl Fn(Workers) -> T + Sync) -> Vec<T> {
    let agent = Store::open("127.0.0.1", 0, true, "", TIMEOUT).unwrap();
    let (port, work) = (agent.port(), &work);
    thread::scope(|scope| {
        let started: Vec<_> = (0..size)
            .map(|number| {
                scope.spawn(move || work(Workers::join(rank(number, size, port), TIMEOUT).unwrap()))
            })
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn what_rank_0_has_reaches_all() {
    let all = each(3, |workers| {
        let rank = workers.rank();
        let tensor = Tensor::full([2, 3], rank as f64 + 1.0, (Kind::Float, Device::Cpu));
        workers.broadcast(&[&tensor]).unwrap();
        let text = workers.of_first(["", "longer", "text"][rank]).unwrap();
        let sum = workers.sum(vec![1.0, rank as f64]).unwrap();
        let mut sums = StepSums { loss: 0.25, targets: rank as u64, ..StepSums::default() };
        let flat = workers.sum_step(Tensor::from_slice(&[1.0_f32, 2.0]), &mut sums).unwrap();
        let flat = Vec::<f32>::try_from(&flat).unwrap();
        (tensor.sum(Kind::Double).double_value(&[]), text, sum, sums, flat)
    });
    let sums = StepSums { loss: 0.75, targets: 3, ..StepSums::default() };
    for found in all {
        assert_eq!(found, (6.0, String::new(), vec![3.0, 3.0], sums, vec![3.0, 6.0]));
    }
}

#[test]
fn a_difference_is_named_by_all() {
    let messages = each(3, |workers| {
        let seed = if workers.rank() == 2 { "8" } else { "7" };
        let facts = [("a".to_owned(), "same".to_owned()), ("seeds".to_owned(), seed.to_owned())];
        let error = workers.agree(&facts).unwrap_err().to_string();
        workers.fail(&error);
        error
    });
    for message in messages {
        assert!(message.contains("seeds differ: `8` at rank 2, `7` at rank 0"), "{message}");
    }
}

#[test]
fn a_failure_ends_the_exchange_of_the_others() {
    let messages = each(3, |workers| {
        if workers.rank() == 1 {
            workers.fail("no space left");
            return None;
        }
        Some(workers.sum(vec![0.0]).unwrap_err().to_string())
    });
    let said = Some("rank 1 failed: no space left".to_owned());
    assert_eq!(messages, [said.clone(), None, said]);
}

/// One that leaves without a word.
#[test]
fn a_lost_process_is_named() {
    let messages = each(3, |workers| match workers.rank() {
        2 => None,
        _ => Some(workers.sum(vec![0.0]).unwrap_err().to_string()),
    });
    for message in messages.iter().flatten() {
        assert!(message.contains("rank 2 is lost"), "{message}");
    }
}

/// One that comes late has no place, and does not disturb the others.
#[test]
fn the_number_of_another_process_is_refused() {
    let agent = Store::open("127.0.0.1", 0, true, "", TIMEOUT).unwrap();
    let port = agent.port();
    let join = |number: usize| Workers::join(rank(number, 2, port), TIMEOUT);
    let meeting = Barrier::new(3);
    let work = |number: usize| {
        let workers = join(number).unwrap();
        meeting.wait();
        meeting.wait(); // the third was refused
        workers.sum(vec![1.0]).unwrap()
    };
    thread::scope(|scope| {
        let started = [0, 1].map(|number| scope.spawn(move || work(number)));
        meeting.wait();
        let error = join(1).unwrap_err().to_string();
        meeting.wait();
        assert_eq!(error, "two processes are rank 1; give each a RANK of its own");
        for thread in started {
            assert_eq!(thread.join().unwrap(), [2.0]);
        }
    });
}

/// All start, or none: those that wait learn why.
#[test]
fn none_starts_where_one_cannot() {
    let agent = Store::open("127.0.0.1", 0, true, "", TIMEOUT).unwrap();
    let port = agent.port();
    let join = |number: usize, size: usize| {
        let error = Workers::join(rank(number, size, port), TIMEOUT).unwrap_err();
        error.to_string()
    };
    let differs = thread::scope(|scope| {
        let waiting = [0, 2].map(|number| scope.spawn(move || join(number, 3)));
        let differs = join(1, 2);
        for thread in waiting {
            let error = thread.join().unwrap();
            assert!(error.contains("`2` at rank 1"), "{error}");
        }
        differs
    });
    assert!(differs.contains("`2` at rank 1"), "{differs}");
    let late = join(1, 3);
    assert!(late.contains("two processes are rank 1"), "{late}");
}

#[test]
fn one_alone_exchanges_nothing() {
    let workers = Workers::alone();
    assert!(workers.is_alone() && workers.is_first());
    assert_eq!((workers.rank(), workers.size()), (0, 1));
    workers.agree(&[]).unwrap();
    assert_eq!(workers.sum(vec![2.0]).unwrap(), [2.0]);
    assert_eq!(workers.of_first("text").unwrap(), "text");
}
