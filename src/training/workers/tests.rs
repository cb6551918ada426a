use super::*;

const TIMEOUT: Duration = Duration::from_secs(60);

/// What each of several processes, on threads here, says at the end of its work. It begins when all are
/// connected, as one that leaves earlier would be missed by those that still connect.
fn each<T: Send>(size: usize, work: impl Fn(Workers) -> T + Sync) -> Vec<T> {
    let agent = Store::open("127.0.0.1", 0, true, "", TIMEOUT).unwrap();
    let (port, work) = (agent.port(), &work);
    thread::scope(|scope| {
        let started: Vec<_> = (0..size)
            .map(|number| {
                scope.spawn(move || {
                    let rank = Rank {
                        number,
                        size,
                        local: 0,
                        address: "127.0.0.1".into(),
                        port,
                        agent: Some("0".into()),
                    };
                    let workers = Workers::join(rank, TIMEOUT).unwrap();
                    workers.sum(Vec::new()).unwrap();
                    work(workers)
                })
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

#[test]
fn one_alone_exchanges_nothing() {
    let workers = Workers::alone();
    assert!(workers.is_alone() && workers.is_first());
    assert_eq!((workers.rank(), workers.size()), (0, 1));
    workers.agree(&[]).unwrap();
    assert_eq!(workers.sum(vec![2.0]).unwrap(), [2.0]);
    assert_eq!(workers.of_first("text").unwrap(), "text");
}
