//! Several processes that train one model: the same losses as one, and an end for all when one fails.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use hyenadna::model::{libtorch::c10d::Store, weights::source};

use crate::{
    finetune::{classes, column},
    harness::{
        Outcome, Scratch, Watched, command, data, end, genome::bases, heed_signals, run,
        send_signal,
    },
};

/// A run of a small model, with dropout, validation and samples with N.
const SMALL: &str = "train --layers 2 --width 16 --context 64 --batch 8 --batch-tokens 128 \
    --lr 1e-3 --valid-contigs b --worker-timeout 3600 --device cpu";

/// A genome with a contig to train on, which has a run of N, and one to validate on.
fn genome(scratch: &Scratch) -> String {
    let text = format!(">a\n{}{}\n>b\n{}\n", bases(4000, 5), "N".repeat(500), bases(1000, 6));
    scratch.file("genome.fa", text)
}

/// A port that nobody uses, below those that the system gives to connections.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() % 100) as u16 * 100;
    loop {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A command line as process `rank` of `size`.
fn as_rank(command: &mut Command, rank: usize, size: usize, port: u16) -> &mut Command {
    command
        .env("RANK", rank.to_string())
        .env("WORLD_SIZE", size.to_string())
        .env("LOCAL_RANK", rank.to_string())
        .env("MASTER_ADDR", "127.0.0.1")
        .env("MASTER_PORT", port.to_string())
}

/// Starts a process whose outputs wait in pipes.
fn start(command: &mut Command) -> Child {
    heed_signals(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// The outcomes of `size` processes, of which `line` gives the command lines.
fn together(size: usize, line: impl Fn(usize) -> Command) -> Vec<Outcome> {
    let port = free_port();
    let started: Vec<Child> =
        (0..size).map(|rank| start(as_rank(&mut line(rank), rank, size, port))).collect();
    started.into_iter().map(end).collect()
}

/// The same, all of which succeed, the others in silence.
fn succeed(size: usize, words: &str, paths: &[&str]) {
    for (rank, outcome) in together(size, |_| command(words, paths)).iter().enumerate() {
        assert_eq!(outcome.code, Some(0), "rank {rank}: {}", outcome.stderr);
        assert!(rank == 0 || outcome.stderr.is_empty(), "rank {rank}: {}", outcome.stderr);
    }
}

/// The loss of each step, in full precision, of a run that keeps a checkpoint of each and logs none.
fn losses(run: &str, steps: u64) -> Vec<f64> {
    let sum = |step: u64| {
        let path = format!("{run}/checkpoints/step-{step:07}/state.json");
        let state: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let of = &state["since_row"];
        (of["loss"].as_f64().unwrap(), of["targets"].as_f64().unwrap())
    };
    let sums: Vec<(f64, f64)> = (0..steps).map(sum).collect();
    sums.windows(2).map(|two| (two[1].0 - two[0].0) / (two[1].1 - two[0].1)).collect()
}

/// Bases that a run has read after a step, and those of them that it learned: more if processes did the same work.
fn amounts(run: &str, step: u64) -> [u64; 2] {
    let path = format!("{run}/checkpoints/step-{step:07}/state.json");
    let state: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    [&state["tokens"], &state["since_row"]["targets"]].map(|count| count.as_u64().unwrap())
}

/// Largest relative difference of the weights of two models.
fn apart(one: &str, other: &str) -> f64 {
    let load = |run: &str| source::load_folder(&Path::new(run).join("model")).unwrap().weights;
    let (one, other) = (load(one), load(other));
    assert!(one.tensors.keys().eq(other.tensors.keys()));
    let norm = |values: &mut dyn Iterator<Item = f32>| -> f64 {
        values.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt()
    };
    let tensors = one.tensors.iter().map(|(name, tensor)| {
        let other = &other.tensors[name];
        let mut differences = tensor.data.iter().zip(&other.data).map(|(a, b)| a - b);
        norm(&mut differences) / norm(&mut tensor.data.iter().copied()).max(1e-6)
    });
    tensors.fold(0.0, f64::max)
}

#[test]
fn processes_give_the_losses_of_one() {
    let scratch = Scratch::new();
    let fasta = genome(&scratch);
    let words = format!(
        "{SMALL} --steps 52 --save-every 1 --keep 100 --log-every 1000 --valid-every 13 --reference"
    );
    let folder = |size: usize| scratch.path(&size.to_string());
    let one = folder(1);
    run(&mut command(&words, &[&fasta, "-o", &one])).assert_ok();
    let expected = losses(&one, 52);
    for size in [2, 3] {
        let several = folder(size);
        succeed(size, &words, &[&fasta, "-o", &several]);
        for (step, (a, b)) in expected.iter().zip(losses(&several, 52)).enumerate() {
            assert!((a - b).abs() <= 1e-6 * a, "{size} processes, step {}: {a} {b}", step + 1);
        }
        assert_eq!(amounts(&several, 51), amounts(&one, 51));
        let valid = |run: &str| column(&Path::new(run).join("metrics.tsv"), "loss");
        for (a, b) in valid(&one).iter().zip(valid(&several)) {
            let [a, b] = [a, &b].map(|loss| loss.parse::<f64>().unwrap());
            assert!((a - b).abs() < 1e-5 * a, "{a} {b}");
        }
        assert_eq!(valid(&one).len(), valid(&several).len());
        assert!(apart(&one, &several) < 1e-4, "{}", apart(&one, &several));
    }
}

/// More processes than sequences, of which some have no base to learn from: some have nothing to do.
#[test]
fn a_process_may_have_nothing_to_do() {
    let scratch = Scratch::new();
    let text = format!(">a\n{}{}\n", bases(70, 1), "N".repeat(200));
    let fasta = scratch.file("genome.fa", text);
    let words = "train --layers 1 --width 8 --context 32 --batch 2 --steps 4 --most-n 1 \
        --log-every 1 --device cpu --reference";
    let (one, three) = (scratch.path("one"), scratch.path("three"));
    run(&mut command(words, &[&fasta, "-o", &one])).assert_ok();
    succeed(3, words, &[&fasta, "-o", &three]);
    assert!(apart(&one, &three) < 1e-5);
}

#[test]
fn a_signal_saves_once_and_another_number_of_processes_goes_on() {
    let scratch = Scratch::new();
    let fasta = genome(&scratch);
    let words = format!("{SMALL} --steps 110 --save-every 1000 --log-every 1 --valid-every 50");
    let (one, run_of_several) = (scratch.path("one"), scratch.path("several"));
    run(&mut command(&words, &["-q", "--reference", &fasta, "-o", &one])).assert_ok();
    let begin = || command(&words, &["--reference", &fasta, "-o", &run_of_several]);
    let resume = || command("train --device cpu --resume", &[&run_of_several]);
    let lines: [&dyn Fn() -> Command; 2] = [&begin, &resume];
    let mut saved = vec!["step-0000000".to_owned()];
    // the signal goes to one process, to the other, and to all
    let stops = [(2, "step 5/", vec![1]), (3, "step 55/", vec![0, 1, 2])];
    for (line, (size, logged, signalled)) in lines.into_iter().zip(stops) {
        let port = free_port();
        let mut watched = Watched::start(as_rank(&mut line(), 0, size, port));
        let others: Vec<Child> =
            (1..size).map(|rank| start(as_rank(&mut line(), rank, size, port))).collect();
        watched.wait_for(&[logged]);
        for rank in signalled {
            match rank {
                0 => watched.signal(libc::SIGTERM),
                rank => send_signal(others[rank - 1].id(), libc::SIGTERM),
            }
        }
        let outcome = watched.end();
        assert_eq!(outcome.code, Some(128 + libc::SIGTERM), "{}", outcome.stderr);
        assert_eq!(outcome.stderr.matches("stopped and saved").count(), 1, "{}", outcome.stderr);
        for other in others.into_iter().map(end) {
            assert_eq!(other.code, Some(128 + libc::SIGTERM), "{}", other.stderr);
        }
        let checkpoints = fs::read_dir(Path::new(&run_of_several).join("checkpoints")).unwrap();
        let mut names: Vec<String> =
            checkpoints.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names.len(), saved.len() + 1, "{names:?}");
        assert_eq!(names[..saved.len()], saved);
        saved = names;
    }
    run(&mut resume()).assert_ok();
    assert!(apart(&one, &run_of_several) < 1e-3, "{}", apart(&one, &run_of_several));
    let table = |run: &str| column(&Path::new(run).join("metrics.tsv"), "loss");
    let (expected, found) = (table(&one), table(&run_of_several));
    assert_eq!(expected.len(), found.len());
    for (a, b) in expected.iter().zip(&found) {
        let [a, b] = [a, b].map(|loss| loss.parse::<f64>().unwrap());
        assert!((a - b).abs() < 2e-5 * a, "{a} {b}");
    }
}

#[test]
fn a_killed_process_ends_the_others_with_a_message() {
    let scratch = Scratch::new();
    let fasta = genome(&scratch);
    for (size, killed, parts) in [
        (2, 1, &["rank 1 is lost"][..]),
        (3, 2, &["rank 2 is lost"]),
        (2, 0, &["rank 0"]),
        (3, 0, &["rank 0"]),
    ] {
        let folder = scratch.path(&format!("{size}-{killed}"));
        let words = format!("{SMALL} --steps 80 --save-every 20 --log-every 1 --valid-every 40");
        let line = || command(&words, &["--reference", &fasta, "-o", &folder]);
        let port = free_port();
        let mut watched = Watched::start(as_rank(&mut line(), 0, size, port));
        let others: Vec<Child> =
            (1..size).map(|rank| start(as_rank(&mut line(), rank, size, port))).collect();
        watched.wait_for(&["step 3/"]);
        match killed {
            0 => watched.signal(libc::SIGKILL),
            rank => send_signal(others[rank - 1].id(), libc::SIGKILL),
        }
        let first = watched.end();
        let outcomes = [first].into_iter().chain(others.into_iter().map(end));
        for (rank, outcome) in outcomes.enumerate() {
            if rank == killed {
                assert_eq!(outcome.signal, Some(libc::SIGKILL), "{size} {killed} {rank}");
            } else {
                outcome.assert_refused(parts);
            }
        }
        // nothing is lost: one process goes on
        run(&mut command("-q train --device cpu --resume", &[&folder])).assert_ok();
    }
}

#[test]
fn processes_that_differ_end_with_what_differs() {
    let scratch = Scratch::new();
    let fasta = genome(&scratch);
    let folder = scratch.path("run");
    let words = format!("-q {SMALL} --steps 3 --reference");
    let refused = |outcomes: Vec<Outcome>, parts: &[&str]| {
        for (rank, outcome) in outcomes.iter().enumerate() {
            outcome.assert_refused(&[parts, &[&format!("rank {rank}: ")]].concat());
        }
        assert!(!fs::exists(&folder).unwrap());
    };
    let with = |more: &'static str| {
        let (words, fasta, folder) = (words.clone(), fasta.clone(), folder.clone());
        move |rank: usize| {
            let words = if rank == 1 { format!("{more} {words}") } else { words.clone() };
            command(&words, &[&fasta, "-o", &folder])
        }
    };
    let seeds = together(2, |rank| {
        let mut line = with("")(rank);
        line.args(["--seed", if rank == 1 { "8" } else { "7" }]);
        line
    });
    refused(seeds, &["`seed = 8` at rank 1, `seed = 7` at rank 0"]);
    // the path is the same, but not the file
    let own = |name: &str, text: &str| {
        fs::create_dir(scratch.path(name)).unwrap();
        scratch.file(&format!("{name}/own.fa"), text);
        scratch.path(name)
    };
    let text = fs::read_to_string(&fasta).unwrap();
    let folders = [own("0", &text), own("1", &text.replace("AC", "CA"))];
    let of = |rank: usize| {
        let mut line = command(&words, &["/proc/self/cwd/own.fa", "-o", &folder]);
        line.current_dir(&folders[rank]);
        line
    };
    refused(together(2, of), &["the bases differ"]);
    fs::remove_file(format!("{}/own.fa", folders[1])).unwrap();
    let outcomes = together(2, of);
    outcomes[0].assert_refused(&["rank 1 failed", "own.fa"]);
    outcomes[1].assert_refused(&["own.fa"]);
    // rank 1 believes that there are three
    let port = free_port();
    let sizes = [2, 3];
    let started = [0, 1].map(|rank| start(as_rank(&mut with("")(rank), rank, sizes[rank], port)));
    refused(started.map(end).into(), &["WORLD_SIZE", "`2` at rank", "`3` at rank"]);
    // an interface that there is not
    let outcomes = together(2, |rank| {
        let mut line = with("")(rank);
        line.env("GLOO_SOCKET_IFNAME", "none0");
        line
    });
    refused(outcomes, &["cannot be connected", "none0", "GLOO_SOCKET_IFNAME"]);
    // an interface that there is not on one machine
    let outcomes = together(2, |rank| {
        let mut line = with("")(rank);
        if rank == 1 {
            line.env("GLOO_SOCKET_IFNAME", "none0");
        }
        line
    });
    outcomes[0].assert_refused(&["rank 0: rank 1 failed", "cannot be connected", "none0"]);
    outcomes[1].assert_refused(&["rank 1: ", "cannot be connected", "none0"]);
    // two processes with one number, and none with another: which of the two has it is open
    let short = words.replace("3600", "600");
    let line = || command(&short, &[&fasta, "-o", &folder]);
    let started = [0, 1, 1].map(|rank| start(as_rank(&mut line(), rank, 3, port)));
    let outcomes = started.map(end);
    outcomes[0].assert_refused(&["rank 0: rank 1 failed: two processes are rank 1"]);
    assert!(outcomes[1..].iter().all(|outcome| outcome.code == Some(1)));
    let alone = "rank 1: two processes are rank 1; give each a RANK of its own";
    assert_eq!(outcomes.iter().filter(|outcome| outcome.stderr.contains(alone)).count(), 1);
}

#[test]
fn others_that_do_not_come_are_an_error() {
    let scratch = Scratch::new();
    let fasta = genome(&scratch);
    let folder = scratch.path("run");
    let words = SMALL.replace("--worker-timeout 3600", "--worker-timeout 1");
    let line = || command(&words, &["-q", "--reference", &fasta, "-o", &folder]);
    let alone = |rank: usize| {
        let outcome = run(as_rank(&mut line(), rank, 2, free_port()));
        assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
        outcome
    };
    alone(1).assert_refused(&["nobody serves the store", "MASTER_ADDR", "within 1 s"]);
    alone(0).assert_refused(&["rank 1 of 2 has not joined within 1 s", "--worker-timeout"]);
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = run(as_rank(&mut line(), 0, 2, port));
    refused.assert_refused(&["the ranks cannot meet", "choose a free port"]);
    for (name, value, part) in [
        ("RANK", "2", "RANK is \"2\", expected a whole number from 0 to 1"),
        ("WORLD_SIZE", "", "RANK is set, but not WORLD_SIZE"),
        ("MASTER_PORT", "x", "MASTER_PORT is \"x\""),
    ] {
        run(as_rank(&mut line(), 0, 2, 1).env(name, value)).assert_refused(&[part]);
    }
    assert!(!fs::exists(&folder).unwrap());
    // one process of one needs no others
    let words = format!("-q {SMALL} --steps 1 --reference");
    run(as_rank(&mut command(&words, &[&fasta, "-o", &folder]), 0, 1, 1)).assert_ok();
}

/// An agent of torchrun serves the store, to which all are clients; keys of an earlier start do not count.
#[test]
fn an_agent_may_serve_the_store() {
    let scratch = Scratch::new();
    let fasta = genome(&scratch);
    let agent = Store::open("127.0.0.1", 0, true, "agent", Duration::from_secs(60)).unwrap();
    let words = format!("{SMALL} --steps 3 --valid-every 0 --reference");
    for start_number in ["0", "1"] {
        let folder = scratch.path(start_number);
        let line = |rank: usize| {
            let mut line = command(&words, &[&fasta, "-o", &folder]);
            line.env("TORCHELASTIC_USE_AGENT_STORE", "True");
            line.env("TORCHELASTIC_RESTART_COUNT", start_number);
            start(as_rank(&mut line, rank, 2, agent.port()))
        };
        for outcome in [0, 1].map(line).map(end) {
            outcome.assert_ok();
        }
    }
    assert!(apart(&scratch.path("0"), &scratch.path("1")) == 0.0);
}

#[test]
fn finetune_trains_together_too() {
    let scratch = Scratch::new();
    let task = classes(&scratch);
    let model = data("golden/mini-checkpointed/hf");
    for (name, options) in [
        (
            "all",
            "--batch 11 --epochs 2 --reverse-complement --strand both --class-weights balanced",
        ),
        ("head", "--batch 16 --method head --frozen-cache --epochs 2"),
    ] {
        let words = format!("finetune --device cpu --batch-tokens 256 --log-every 1 {options}");
        let [one, three] = [1, 3].map(|size| scratch.path(&format!("{name}{size}")));
        let of = |folder: &str| command(&words, &[&task, "-m", &model, "-o", folder]);
        run(&mut of(&one)).assert_ok();
        for (rank, outcome) in together(3, |_| of(&three)).iter().enumerate() {
            assert_eq!(outcome.code, Some(0), "{name}, rank {rank}: {}", outcome.stderr);
        }
        assert!(apart(&one, &three) < 1e-3, "{name}: {}", apart(&one, &three));
        for column_name in ["loss", "score"] {
            let of = |run: &str| column(&Path::new(run).join("metrics.tsv"), column_name);
            let (expected, found) = (of(&one), of(&three));
            assert_eq!(expected.len(), found.len());
            for (a, b) in expected.iter().zip(&found).filter(|(a, _)| *a != ".") {
                let [a, b] = [a, b].map(|value| value.parse::<f64>().unwrap());
                assert!((a - b).abs() <= 1e-4 * a.abs().max(1e-2), "{name} {column_name}: {a} {b}");
            }
        }
        assert!(Path::new(&three).join("report").exists(), "{name}");
    }
    let refused = together(2, |_| {
        command("-q finetune --seeds 2", &[&task, "-m", &model, "-o", &scratch.path("seeds")])
    });
    for outcome in refused {
        assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("--sweep and --seeds"), "{}", outcome.stderr);
    }
}
