//! `train` that is killed at any of its file operations goes on to the same weights, and two at once do not
//! share a folder. The operations are counted by a library of the tests (`harness/kill.c`, LD_PRELOAD).

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use crate::harness::{Outcome, Scratch, Watched, command, run};

/// A small run that saves every second step, and keeps one checkpoint.
const RUN: &str = "-q train --layers 1 --width 8 --context 32 --batch 2 --steps 6 --log-every 1 \
    --valid-every 3 --valid-contigs b --save-every 2 --keep 1 --reference";

/// A genome with a contig to train on and one to validate on.
fn genome() -> String {
    let mut state = 77_u64;
    let mut bases = |n: usize| -> String {
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b"AACGT"[(state >> 33) as usize % 5])
            })
            .collect()
    };
    format!(">a\n{}\n>b\n{}\n", bases(2000), bases(200))
}

/// Compiles the library that kills.
fn library(scratch: &Scratch) -> String {
    let path = scratch.path("kill.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/harness/kill.c");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let words: Vec<&str> = compiler.split_whitespace().collect();
    let built = Command::new(words[0])
        .args(&words[1..])
        .args(["-shared", "-fPIC", "-O1", "-o", &path, source, "-ldl"])
        .status();
    assert!(built.is_ok_and(|status| status.success()), "{compiler} cannot compile {source}");
    path
}

/// Runs a command that is killed before a file operation.
fn killed_at(library: &str, number: u32, command: &mut Command) -> Outcome {
    run(command.env("LD_PRELOAD", library).env("KILL_AT", number.to_string()))
}

/// The newest step that is complete, under its name or, if it was killed before, another.
fn newest(folder: &Path) -> Option<u64> {
    let entries = fs::read_dir(folder.join("checkpoints")).ok()?;
    let steps = entries.filter_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name()?.to_str()?.trim_start_matches('.').to_owned();
        let state = fs::read(path.join("state.json")).ok()?;
        serde_json::from_slice::<serde_json::Value>(&state).ok()?;
        name.strip_prefix("step-")?.split('.').next()?.parse().ok()
    });
    steps.max()
}

/// Weights, and the columns of the table that do not depend on the time.
fn results(folder: &Path) -> (Vec<u8>, Vec<u8>, Vec<String>) {
    let metrics = fs::read_to_string(folder.join("metrics.tsv")).unwrap();
    let columns = |line: &str| line.split('\t').take(10).collect::<Vec<_>>().join("\t");
    let model = |name: &str| fs::read(folder.join(name).join("model.safetensors")).unwrap();
    (model("model"), model("best"), metrics.lines().map(columns).collect())
}

#[test]
fn a_run_that_is_killed_anywhere_goes_on_to_the_same_weights() {
    let scratch = Scratch::new();
    let library = library(&scratch);
    let fasta = scratch.file("genome.fa", genome());
    let whole = PathBuf::from(scratch.path("whole"));
    let start = |folder: &Path| command(RUN, &[&fasta, "-o", folder.to_str().unwrap()]);
    let resume = |folder: &Path| command("-q train --resume", &[folder.to_str().unwrap()]);
    run(&mut start(&whole)).assert_ok();
    let expected = results(&whole);
    let mut kills = 0;
    for first in (1..).step_by(37) {
        let folder = PathBuf::from(scratch.path(&format!("run{first}")));
        if killed_at(&library, first, &mut start(&folder)).signal.is_none() {
            break;
        }
        kills += 1;
        // what follows the start of a resumed run, which saves the step again that it starts from
        for later in [7 + first % 31, 29 + first % 17] {
            let before = newest(&folder);
            if folder.join("config.toml").exists() {
                kills +=
                    u32::from(killed_at(&library, later, &mut resume(&folder)).signal.is_some());
            }
            assert!(newest(&folder) >= before, "{first} {later}: {before:?} is lost");
        }
        match folder.join("config.toml").exists() {
            true => run(&mut resume(&folder)).assert_ok(),
            false => run(&mut start(&folder)).assert_ok(),
        };
        assert!(results(&folder) == expected, "killed at {first}");
    }
    assert!(kills >= 10, "{kills} kills");
}

/// Each operation after the start of a resumed run.
#[test]
fn the_step_that_is_saved_again_is_never_missing() {
    let scratch = Scratch::new();
    let library = library(&scratch);
    let fasta = scratch.file("genome.fa", genome());
    let folder = PathBuf::from(scratch.path("run"));
    let words = RUN.replace("-q", "-v").replace("--steps 6", "--steps 1000000");
    let mut long = Watched::start(&mut command(&words, &[&fasta, "-o", folder.to_str().unwrap()]));
    long.wait_for(&["saved", "step-0000004"]);
    long.signal(libc::SIGTERM);
    assert_eq!(long.end().code, Some(143));
    let mut before = newest(&folder).unwrap();
    for number in 1..45 {
        let mut resume = command("-q train --resume", &[folder.to_str().unwrap()]);
        let outcome = killed_at(&library, number, &mut resume);
        assert_eq!(outcome.signal, Some(libc::SIGKILL), "{}", outcome.stderr);
        let now = newest(&folder);
        assert!(now >= Some(before), "killed before operation {number}: {now:?} after {before}");
        before = now.unwrap();
    }
}

/// The one that is second reads its genome from a named pipe, so that the first can begin meanwhile.
#[test]
fn a_second_run_does_not_touch_the_folder_of_the_first() {
    let scratch = Scratch::new();
    for (held, part) in [(true, "another process trains"), (false, "is not empty")] {
        let folder = PathBuf::from(scratch.path(&format!("run{held}")));
        let pipe = scratch.path(&format!("pipe{held}.fa"));
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let second = Watched::start(&mut command(RUN, &[&pipe, "-o", folder.to_str().unwrap()]));
        let mut genome_of_second = fs::File::options().write(true).open(&pipe).unwrap(); // once it reads
        fs::create_dir(&folder).unwrap();
        let lock = fs::File::create(folder.join(".lock")).unwrap();
        if held {
            lock.lock().unwrap();
        }
        fs::write(folder.join("config.toml"), "of the first").unwrap();
        genome_of_second.write_all(genome().as_bytes()).unwrap();
        drop(genome_of_second);
        let outcome = second.end();
        assert!(matches!(outcome.code, Some(1 | 2)), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
        let config = fs::read_to_string(folder.join("config.toml")).unwrap();
        assert_eq!(config, "of the first");
        assert!(!folder.join("checkpoints").exists() && !folder.join("metrics.tsv").exists());
    }
}

#[test]
fn numbers_without_bounds_are_refused() {
    let scratch = Scratch::new();
    let fasta = scratch.file("genome.fa", genome());
    let folder = scratch.path("run");
    for (text, code, part) in [
        ("[optimization]\nbatch = 9223372036854775807\n", 2, "batch (--batch) is"),
        ("[optimization]\nbatch = 10000000000\n", 2, "expected 1 to 4294967296"),
        ("[optimization]\nbatch = 4000000000\n[model]\ncontext = 100000\n", 1, "needs about"),
        ("[model]\ncontext = 9223372036854775807\n", 2, "cannot have a length"),
        ("[model]\nwidth = 9223372036854775807\n", 2, "cannot have a width"),
        ("[compute]\nthreads = 1000000000\n", 2, "threads is 1000000000"),
        ("[model]\nfrequency = nan\n", 2, "frequency is NaN"),
    ] {
        let config = scratch.file("run.toml", text);
        let outcome = run(&mut command(
            "-q train --reference",
            &[&fasta, "--config", &config, "-o", &folder],
        ));
        assert_eq!(outcome.code, Some(code), "{text}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{text}: {}", outcome.stderr);
        assert!(!Path::new(&folder).exists(), "{text}");
    }
}
