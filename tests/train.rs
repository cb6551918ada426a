//! `hyenadna train` from the command line: a run from end to end, exact resume, signals, errors.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use support::{Scratch, command, run};

/// A genome of two contigs, with a run of N, and its intervals.
fn genome(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let mut state = 12_345_u64;
    let mut bases = |n: usize| -> String {
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                // A is the most frequent, so that there is something to learn
                char::from(b"AAAACGT"[(state >> 33) as usize % 7])
            })
            .collect()
    };
    let text = format!(">a\n{}{}\n>b\n{}\n", bases(4000), "N".repeat(500), bases(2000));
    let fasta = PathBuf::from(scratch.path("genome.fa"));
    fs::write(&fasta, text).unwrap();
    let bed = PathBuf::from(scratch.path("split.bed"));
    fs::write(&bed, "a\t0\t4500\ttrain\nb\t0\t1000\tvalid\nb\t1000\t2000\ttest\n").unwrap();
    (fasta, bed)
}

/// Options of a small, quick model.
const SMALL: &str = "-q train --layers 2 --width 16 --context 64 --batch 6 --batch-tokens 128 \
    --log-every 1 --valid-every 5 --save-every 4 --keep 2";

fn train(words: &str, fasta: &Path, bed: &Path, output: &Path) -> support::Outcome {
    let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
    run(command(&format!("{SMALL} {words}"), &paths).arg("-o").arg(output))
}

fn weights(run: &Path) -> Vec<u8> {
    fs::read(run.join("model/model.safetensors")).unwrap()
}

#[test]
fn a_run_leaves_what_other_commands_take() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let folder = PathBuf::from(scratch.path("run"));
    let outcome = train("--steps 80 --lr 1e-2 --stages 16:24:6,32:12:6", &fasta, &bed, &folder);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.is_empty());
    for file in ["config.toml", "metrics.tsv", "best/model.safetensors", "model/config.json"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    assert!(fs::read_dir(folder.join("tensorboard")).unwrap().count() == 1);
    let mut kept: Vec<_> = fs::read_dir(folder.join("checkpoints"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["step-0000076", "step-0000080"]);
    let metrics = fs::read_to_string(folder.join("metrics.tsv")).unwrap();
    let bits = |step: &str, split: &str| -> f64 {
        let line = metrics.lines().find(|l| l.starts_with(&format!("{step}\t{split}\t")));
        line.unwrap_or_else(|| panic!("{step} {split}: {metrics}")).split('\t').nth(6).unwrap()
            .parse().unwrap()
    };
    assert!(bits("80", "train") < bits("1", "train") - 1.0, "{metrics}");
    assert!(bits("80", "valid") < 2.0, "{metrics}");
    let plot = run(&mut command("-q train --plot", &[folder.to_str().unwrap()]));
    assert_eq!(plot.code, Some(0), "{}", plot.stderr);
    assert!(fs::read_to_string(folder.join("loss.svg")).unwrap().starts_with("<svg"));
    assert!(fs::read(folder.join("loss.png")).unwrap().starts_with(b"\x89PNG"));
    let model = folder.to_str().unwrap();
    let fasta = fasta.to_str().unwrap();
    let bed = bed.to_str().unwrap();
    let options = "-q evaluate --no-header --split valid --intervals";
    let outcome = run(&mut command(options, &[bed, "--model", model, fasta]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let table = String::from_utf8(outcome.stdout).unwrap();
    let all: Vec<&str> = table.lines().last().unwrap().split('\t').collect();
    assert_eq!(all[..2], ["all", "945"]); // 15 windows of 64 bases, the first of each not counted
    assert!((all[3].parse::<f64>().unwrap() - bits("80", "valid")).abs() < 1e-4, "{table}");
}

#[test]
fn threads_do_not_change_a_bit() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    for (name, words) in [("one", "--threads 1"), ("three", "--threads 3")] {
        let folder = PathBuf::from(scratch.path(name));
        let outcome = train(&format!("--steps 6 {words}"), &fasta, &bed, &folder);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    }
    assert!(weights(&PathBuf::from(scratch.path("one"))) == weights(&PathBuf::from(scratch.path("three"))));
}

/// Waits until `path` exists.
fn wait_for(path: &Path) {
    let start = Instant::now();
    while !path.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "{} never came", path.display());
        thread::sleep(Duration::from_millis(5));
    }
}

/// Starts a long run, sends `signal` when it has saved step 8, and returns its exit code.
fn interrupt(folder: &Path, fasta: &Path, bed: &Path, steps: u64, signal: i32) -> Option<i32> {
    let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
    let words = format!("{SMALL} --steps {steps}");
    let mut child = command(&words, &paths).arg("-o").arg(folder).spawn().unwrap();
    wait_for(&folder.join("checkpoints/step-0000008"));
    // SAFETY: the process is ours and was not waited for.
    unsafe { libc::kill(i32::try_from(child.id()).unwrap(), signal) };
    child.wait().unwrap().code()
}

#[test]
fn a_killed_run_goes_on_to_the_same_weights() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let whole = PathBuf::from(scratch.path("whole"));
    let steps = 300;
    let outcome = train(&format!("--steps {steps}"), &fasta, &bed, &whole);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let killed = PathBuf::from(scratch.path("killed"));
    assert_eq!(interrupt(&killed, &fasta, &bed, steps, libc::SIGKILL), None);
    assert!(!killed.join("model").exists(), "it was killed before its end");
    let outcome = run(&mut command("-q train --resume", &[killed.to_str().unwrap()]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(weights(&killed) == weights(&whole), "every bit of the weights is the same");
    // the tables differ in speed and memory only
    let losses = |folder: &Path| -> Vec<String> {
        let text = fs::read_to_string(folder.join("metrics.tsv")).unwrap();
        let columns = |line: &str| line.split('\t').take(10).collect::<Vec<_>>().join("\t");
        text.lines().map(columns).collect()
    };
    assert_eq!(losses(&killed), losses(&whole));
}

#[test]
fn a_signal_saves_first() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    for (signal, code) in [(libc::SIGINT, 130), (libc::SIGTERM, 143)] {
        let folder = PathBuf::from(scratch.path(&format!("run{signal}")));
        assert_eq!(interrupt(&folder, &fasta, &bed, 1_000_000, signal), Some(code));
        let state = fs::read_dir(folder.join("checkpoints")).unwrap().filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_prefix("step-")?.parse::<u64>().ok()
        });
        let metrics = fs::read_to_string(folder.join("metrics.tsv")).unwrap();
        let last = metrics.lines().last().unwrap().split('\t').next().unwrap();
        assert_eq!(state.max(), last.parse().ok(), "the step that was reported last is saved");
    }
}

#[test]
fn the_configuration_can_be_printed_and_used() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
    let words = format!("{SMALL} --lr 3e-3 --steps 5 --dropout 0 --print-config");
    let printed = run(&mut command(&words, &paths));
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    let config = PathBuf::from(scratch.path("run.toml"));
    fs::write(&config, &printed.stdout).unwrap();
    let folder = PathBuf::from(scratch.path("run"));
    let again = ["--config", config.to_str().unwrap(), "-o", folder.to_str().unwrap()];
    let outcome = run(&mut command("-q train --lr 1e-3", &again));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let ran = fs::read_to_string(folder.join("config.toml")).unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(ran.ends_with(&printed.replace("learning_rate = 0.003", "learning_rate = 0.001")));
}

#[test]
fn training_goes_on_from_a_checkpoint_of_any_flavour() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data/golden/mini-checkpointed");
    for flavour in ["hf", "lightning"] {
        let folder = PathBuf::from(scratch.path(flavour));
        let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
        let words = "-q train --batch 4 --length 64 --steps 2 --recompute block --dtype bf16 --init";
        let mut command = command(words, &[golden.join(flavour).to_str().unwrap()]);
        let outcome = run(command.args(paths).arg("-o").arg(&folder));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let config = fs::read_to_string(folder.join("model/config.json")).unwrap();
        assert!(config.contains("\"n_layer\": 3"), "{config}");
    }
}

#[test]
fn what_is_wrong_is_told_before_a_run_begins() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let full = PathBuf::from(scratch.path("full"));
    fs::create_dir(&full).unwrap();
    fs::write(full.join("x"), "x").unwrap();
    for (words, output, code, part) in [
        ("--steps 0", "new", 2, "steps (--steps) is 0"),
        ("--length 65", "new", 2, "longer than the context"),
        ("--dropout 1", "new", 2, "dropout is 1"),
        ("--weight 1 2", "new", 2, "2 weights for 1 genomes"),
        ("--steps 1", "full", 2, "holds something already"),
        ("--config no-such.toml", "new", 1, "no-such.toml"),
        ("--init no-such-model", "new", 1, "no model"),
        ("--length 64 --context 1000000000", "new", 2, "context"),
    ] {
        let outcome = train(words, &fasta, &bed, &PathBuf::from(scratch.path(output)));
        assert_eq!(outcome.code, Some(code), "{words}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{words}: {}", outcome.stderr);
        assert!(!Path::new(&scratch.path("new/model")).exists());
    }
    let resumed = run(&mut command("-q train --resume", &[full.to_str().unwrap()]));
    assert_eq!(resumed.code, Some(1));
    assert!(resumed.stderr.contains("config.toml"), "{}", resumed.stderr);
}
