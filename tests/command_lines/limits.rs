//! Limits of the system: on threads, address space and cores.

use std::{process::Command, thread};

use crate::harness::{
    Outcome, Scratch, command,
    demo::{genome, regions},
    golden::{genome as golden, variants},
    in_shell,
    preload::preload,
    run, skip,
};

/// Runs a command line that can start so many threads beside its first one.
fn with_threads(most: usize, words: &str, paths: &[&str]) -> Outcome {
    let mut command = command(words, paths);
    run(preload(&mut command, "thread_limit").env("MOST_THREADS", most.to_string()))
}

fn cores() -> usize {
    thread::available_parallelism().unwrap().get()
}

/// Before, libtorch waited for ever for threads that it could not start, and a reader or writer that could
/// not be started was a panic.
#[test]
fn a_limit_on_threads_is_met_with_fewer_threads_or_an_error() {
    let words = "--threads 2 score-variants --context 16";
    let paths: &[&str] = &[&variants(), &golden()];
    let usual = run(&mut command(words, paths)).assert_ok();
    for most in 0..=8 {
        let outcome = with_threads(most, words, paths);
        // handler of signals, reader, writer, one that computes
        if most < 4 {
            let Some(more) = most.checked_sub(1) else {
                outcome.assert_refused(&["a thread cannot be started", "raise the limit"]);
                continue;
            };
            let text = format!("only {more} can be started");
            outcome.assert_refused(&["starts 3 more threads", &text, "raise the limit"]);
            assert!(outcome.stdout.is_empty());
            continue;
        }
        assert_eq!(outcome.assert_ok(), usual, "{most} threads");
        // a second one that computes, and one each of libtorch and OpenMP
        let is_limited = cores() > 1 && most < 7;
        let warns = outcome.stderr.contains("1 thread instead of 2, as limits allow no more");
        assert_eq!(warns, is_limited, "{most} threads: {}", outcome.stderr);
    }
}

/// Two models have a thread each, and each a pool of one, beside reader, writer and the pool of all.
#[test]
fn models_side_by_side_meet_a_limit_on_threads() {
    let words = "--device cpu,cpu score-variants --context 16";
    let paths: &[&str] = &[&variants(), &golden()];
    let usual = run(&mut command(words, paths)).assert_ok();
    for most in 1..=9 {
        let outcome = with_threads(most, words, paths);
        // handler of signals
        match most - 1 {
            more @ 0..7 => {
                let text = format!("starts 7 more threads even with -t 1, but only {more} can");
                outcome.assert_refused(&[&text, "raise the limit"]);
            }
            _ => assert_eq!(outcome.assert_ok(), usual, "{most} threads"),
        }
    }
}

#[test]
fn every_kind_of_command_meets_a_limit_on_threads() {
    let scratch = Scratch::new();
    let run_folder = scratch.path("run");
    let train = format!(
        "train --layers 1 --width 16 --context 64 --batch 2 --steps 1 -o {run_folder} --reference"
    );
    // the most threads that are too few: all but one of those that -t 1 needs
    for (words, paths, too_few) in [
        ("embed", vec![regions(), genome()], 3),
        ("likelihood", vec![regions(), genome()], 3),
        ("perplexity", vec![genome()], 1),
        (train.as_str(), vec![genome()], 2),
        ("models list", vec![], 1),
    ] {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let refused = with_threads(too_few, words, &paths);
        refused
            .assert_refused(&["raise the limit", &format!("only {} can be started", too_few - 1)]);
        assert!(words != train || scratch.names().is_empty(), "nothing was begun");
        with_threads(too_few + 1, words, &paths).assert_ok();
    }
}

/// Before, such a run waited for ever, died in oneDNN or was aborted. Below the size of libtorch the
/// dynamic linker ends the program with 127.
#[test]
fn a_limit_of_address_space_is_met_with_fewer_threads_or_an_error() {
    const LINKER: i32 = 127;
    let words = "--threads 8 score-variants --context 64";
    let paths: &[&str] = &[&variants(), &golden()];
    let usual = run(&mut command(words, paths)).assert_ok();
    let limited = |megabytes: usize, words: &str| {
        let line = format!("ulimit -v {} && exec \"$@\"", megabytes * 1000);
        run(&mut in_shell(&line, &command(words, paths)))
    };
    let (mut refused, mut done) = (0, 0);
    for megabytes in (400..1400).step_by(100) {
        let outcome = limited(megabytes, words);
        assert!(outcome.disaster().is_none(), "{megabytes} MB: {:?}", outcome.disaster());
        match outcome.code {
            Some(LINKER) => assert!(outcome.stdout.is_empty()),
            Some(0) => {
                assert_eq!(outcome.rows(), usual, "{megabytes} MB");
                done += 1;
            }
            _ => {
                outcome.assert_refused(&["MB of address space", "ulimit -v", "raise the limit"]);
                refused += 1;
            }
        }
    }
    if refused == 0 || done == 0 {
        skip("libtorch is larger than expected");
    }
}

#[test]
fn more_threads_than_cores_are_not_used() {
    let words = |threads: usize| format!("--threads {threads} embed");
    let paths: &[&str] = &[&regions(), &genome()];
    let outcome = run(&mut command(&words(cores() + 1), paths));
    outcome.assert_ok();
    let text = format!("-t {}: this process can use {} core", cores() + 1, cores());
    assert!(outcome.stderr.contains(&text), "{}", outcome.stderr);
    let as_many = run(&mut command(&words(cores()), paths));
    as_many.assert_ok();
    assert!(!as_many.stderr.contains("this process can use"), "{}", as_many.stderr);
    // affinity counts: on one core there is one thread, beside those of signals, reading and writing
    let mut one = Command::new("taskset");
    let own = command(&words(2), paths);
    one.args(["-c", "0"]).arg(own.get_program()).args(own.get_args());
    match one.output() {
        Err(_) => skip("there is no taskset"),
        Ok(output) if !output.status.success() => skip("processor 0 is not for this process"),
        Ok(output) => {
            let text = String::from_utf8(output.stderr).unwrap();
            assert!(text.contains("-t 2: this process can use 1 core only"), "{text}");
        }
    }
}
