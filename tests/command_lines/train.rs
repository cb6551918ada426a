//! `hyenadna train` from the command line: a run from end to end, exact resume, signals, errors.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hyenadna::model::weights::source;

use crate::harness::{Outcome, Scratch, Watched, command, files::gzip, run, test_data};

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

fn train(words: &str, fasta: &Path, bed: &Path, output: &Path) -> Outcome {
    let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
    run(command(words, &paths).arg("-o").arg(output))
}

fn weights(run: &Path) -> Vec<u8> {
    fs::read(run.join("model/model.safetensors")).unwrap()
}

#[test]
fn a_run_leaves_what_other_commands_take() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let folder = PathBuf::from(scratch.path("run"));
    let outcome = train(
        &format!("{SMALL} --steps 80 --lr 1e-2 --stages 16:24:6,32:12:6"),
        &fasta,
        &bed,
        &folder,
    );
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
        line.unwrap_or_else(|| panic!("{step} {split}: {metrics}"))
            .split('\t')
            .nth(6)
            .unwrap()
            .parse()
            .unwrap()
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
    let options = "-q perplexity --no-header --split valid --intervals";
    let outcome = run(&mut command(options, &[bed, "--model", model, fasta]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let table = String::from_utf8(outcome.stdout).unwrap();
    let all: Vec<&str> = table.lines().last().unwrap().split('\t').collect();
    // 15 windows of 64 bases and one of 40, which training leaves out; the first of each not counted
    assert_eq!(all[..2], ["all", "984"]);
    assert!((all[3].parse::<f64>().unwrap() - bits("80", "valid")).abs() < 0.05, "{table}");
}

/// Enough weights and batches that operators and sums would be cut between threads.
#[test]
fn threads_do_not_change_a_bit() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let shape = "-q train --layers 1 --width 64 --context 256 --steps 3";
    let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
    let run = |name: &str, words: &str| {
        let folder = PathBuf::from(scratch.path(name));
        let outcome = run(command(&format!("{shape} {words}"), &paths).arg("-o").arg(&folder));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        weights(&folder)
    };
    for batches in ["--batch 5 --batch-tokens 256", "--batch 4 --batch-tokens 1024", "--batch 12"] {
        let run = |threads: u32| {
            let words = format!("{batches} --threads {threads}");
            run(&words.replace(' ', ""), &words)
        };
        assert!(run(1) == run(2), "{batches}");
    }
}

/// Threads that spin while they wait slow each other down where the processor has other work.
#[test]
fn threads_sleep_while_they_wait_unless_the_user_chose() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
    let said = |name: &str, threads: u32, chosen: &[(&str, &str)]| {
        let words = format!(
            "-v --threads {threads} train --layers 1 --width 16 --context 64 --batch 2 --steps 1"
        );
        let folder = scratch.path(name);
        let mut command = command(&words, &[&paths[..], &["-o", &folder]].concat());
        for variable in ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"] {
            command.env_remove(variable);
        }
        let outcome = run(command.envs(chosen.iter().copied()));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        outcome.stderr
    };
    assert!(said("sleep", 2, &[]).contains("OMP_WAIT_POLICY=passive"));
    assert!(!said("alone", 1, &[]).contains("OMP_WAIT_POLICY"));
    let chosen = said("spin", 2, &[("OMP_WAIT_POLICY", "active")]);
    assert!(chosen.contains("OMP_WAIT_POLICY=active") && !chosen.contains("passive"), "{chosen}");
    let chosen = said("count", 2, &[("GOMP_SPINCOUNT", "100")]);
    assert!(chosen.contains("GOMP_SPINCOUNT=100") && !chosen.contains("passive"), "{chosen}");
}

/// What the help says of defaults holds, and other values change the weights.
#[test]
fn settings_reach_the_weights() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let run = |words: &str| {
        let folder = PathBuf::from(scratch.path(&words.replace(' ', "")));
        let outcome = train(&format!("{SMALL} --steps 3 {words}"), &fasta, &bed, &folder);
        assert_eq!(outcome.code, Some(0), "{words}: {}", outcome.stderr);
        folder
    };
    let usual = weights(&run("--lr 6e-4"));
    let defaults = "--dropout 0.1 --weight-decay 0.1 --beta2 0.999 --clip 1 --warmup 0.01 \
        --last-lr 0.1 --filter-lr 6e-4 --sampling windows --most-n 0.5 --seed 2222";
    assert!(weights(&run(defaults)) == usual);
    for words in [
        "--dropout 0",
        "--weight-decay 0",
        "--beta2 0.99",
        "--clip 0.1",
        "--warmup 1",
        "--last-lr 1",
        "--sampling intervals",
        "--forward-only",
        "--seed 1",
    ] {
        assert!(weights(&run(words)) != usual, "{words}");
    }
    // the filter networks alone stay as they were
    let folder = run("--filter-lr 0");
    let tensors = |name: &str| source::load_folder(&folder.join(name)).unwrap().weights.tensors;
    let (before, after) = (tensors("checkpoints/step-0000000"), tensors("model"));
    for (name, tensor) in &before {
        assert_eq!(*tensor == after[name], name.contains(".implicit_filter."), "{name}");
    }
}

/// Starts a long run, sends `signal` when it has saved step 8, and returns its exit code.
fn interrupt(
    words: &str,
    folder: &Path,
    fasta: &Path,
    bed: &Path,
    steps: u64,
    signal: i32,
) -> Option<i32> {
    let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
    let words = format!("{} --steps {steps}", words.replacen("-q", "-v", 1));
    let mut run = Watched::start(command(&words, &paths).arg("-o").arg(folder));
    run.wait_for(&["saved", "step-0000008"]);
    run.signal(signal);
    run.end().code
}

#[test]
fn a_killed_run_goes_on_to_the_same_weights() {
    exact_resume(SMALL, 300, libc::SIGKILL, None);
}

#[test]
fn a_stopped_run_goes_on_to_the_same_weights() {
    exact_resume(&SMALL.replace("--log-every 1", "--log-every 7"), 300, libc::SIGTERM, Some(143));
}

#[test]
fn a_run_from_a_checkpoint_goes_on_to_the_same_weights() {
    let init = test_data("golden/mini-checkpointed/hf");
    let shape = "--layers 2 --width 16 --context 64";
    let words = SMALL.replace(shape, &format!("--length 64 --init {}", init.display()));
    exact_resume(&words, 120, libc::SIGKILL, None);
}

/// A run that `signal` ends with `code`, and that is resumed, equals one that was not interrupted.
fn exact_resume(words: &str, steps: u64, signal: i32, code: Option<i32>) {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let whole = PathBuf::from(scratch.path("whole"));
    let outcome = train(&format!("{words} --steps {steps}"), &fasta, &bed, &whole);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let killed = PathBuf::from(scratch.path("killed"));
    assert_eq!(interrupt(words, &killed, &fasta, &bed, steps, signal), code);
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
        assert_eq!(interrupt(SMALL, &folder, &fasta, &bed, 1_000_000, signal), Some(code));
        let state = fs::read_dir(folder.join("checkpoints")).unwrap().filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_prefix("step-")?.parse::<u64>().ok()
        });
        let metrics = fs::read_to_string(folder.join("metrics.tsv")).unwrap();
        let last = metrics.lines().last().unwrap().split('\t').next().unwrap();
        assert_eq!(state.max(), last.parse().ok(), "the step that was reported last is saved");
    }
}

/// The first signal lets the step end, the second does not wait for it.
#[test]
fn a_second_signal_ends_at_once() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let folder = PathBuf::from(scratch.path("run"));
    let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
    // a step of many minutes
    let words = "-v train --layers 2 --width 64 --context 64 --batch 1000000 --steps 9";
    let mut run = Watched::start(command(words, &paths).arg("-o").arg(&folder));
    run.wait_for(&["saved", "step-0000000"]);
    run.signal(libc::SIGINT);
    run.wait_for(&["press Ctrl-C again to quit at once"]);
    run.signal(libc::SIGINT);
    assert_eq!(run.end().code, Some(130));
    assert_eq!(fs::read_dir(folder.join("checkpoints")).unwrap().count(), 1, "no step was ended");
}

#[test]
fn a_loss_that_is_no_number_is_skipped_and_in_the_end_an_error() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let folder = PathBuf::from(scratch.path("run"));
    let words = format!("{SMALL} --steps 100 --lr 1e30 --clip 0 --most-skipped 4");
    let outcome = train(&words.replace("-q ", ""), &fasta, &bed, &folder);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert_eq!(outcome.stderr.matches(": skipped").count(), 4, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("4 steps in a row"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("checkpoints/step-"), "{}", outcome.stderr);
    assert!(!folder.join("model").exists());
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
    let table = |text: &str| text.parse::<toml::Table>().unwrap();
    let mut printed = table(&String::from_utf8(printed.stdout).unwrap());
    let mut ran = table(&fs::read_to_string(folder.join("config.toml")).unwrap());
    assert_ne!(printed, ran);
    printed["optimization"]["learning_rate"] = 1e-3.into();
    // how it was computed is settled when a run begins
    let computed = ran.remove("compute").unwrap();
    assert_eq!(computed["recompute"].as_str(), Some("none"));
    printed.remove("compute");
    assert_eq!(printed, ran);
}

#[test]
fn training_goes_on_from_a_checkpoint_of_any_flavour() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let golden = test_data("golden/mini-checkpointed");
    for flavour in ["hf", "lightning"] {
        let folder = PathBuf::from(scratch.path(flavour));
        let paths = ["--reference", fasta.to_str().unwrap(), "--intervals", bed.to_str().unwrap()];
        let words =
            "-q train --batch 4 --length 64 --steps 2 --recompute block --dtype bf16 --init";
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
        ("--dropout 1", "new", 2, "dropout (--dropout) is 1"),
        ("--weight 1 2", "new", 2, "2 weights for 1 genome"),
        ("--steps 1", "full", 2, "is not empty"),
        ("--config no-such.toml", "new", 1, "no-such.toml"),
        ("--weight -1", "new", 1, "is -1"),
        ("--most-n 2", "new", 2, "most_n is 2"),
    ] {
        let outcome =
            train(&format!("{SMALL} {words}"), &fasta, &bed, &PathBuf::from(scratch.path(output)));
        assert_eq!(outcome.code, Some(code), "{words}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{words}: {}", outcome.stderr);
        assert!(!Path::new(&scratch.path("new")).exists(), "{words}: nothing is left behind");
    }
    let fasta = fasta.to_str().unwrap();
    let folder = scratch.path("new");
    for (words, code, part) in [
        ("--init no-such-model", 1, "no model"),
        ("--context 1000000000", 2, "cannot have a length"),
        ("--valid-contigs chrX", 1, "chrX"),
        ("--valid-fraction 2", 2, "valid_fraction is 2"),
        ("--init builtin --width 8", 2, "--width"),
        ("--print-config", 2, "--print-config"),
        ("--layers 8 --width 4096 --context 1000000 --steps 1 --batch 1", 1, "needs about"),
    ] {
        let mut command =
            command(&format!("-q train {words} --reference"), &[fasta, "-o", &folder]);
        let outcome = run(&mut command);
        assert_eq!(outcome.code, Some(code), "{words}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{words}: {}", outcome.stderr);
        assert!(!Path::new(&folder).exists(), "{words}: nothing is left behind");
    }
    let full = full.to_str().unwrap();
    for (words, code, part) in
        [("--resume", 1, "is not a run"), ("--steps 3 --resume", 2, "remove the other options")]
    {
        let outcome = run(&mut command(&format!("-q train {words}"), &[full]));
        assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
}

#[test]
fn a_run_is_resumed_only_as_it_was() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let folder = PathBuf::from(scratch.path("run"));
    assert_eq!(interrupt(SMALL, &folder, &fasta, &bed, 1_000_000, libc::SIGKILL), None);
    let resume = |part: &str| {
        let outcome = run(&mut command("-q train --resume", &[folder.to_str().unwrap()]));
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    };
    let config = fs::read_to_string(folder.join("config.toml")).unwrap();
    fs::write(folder.join("config.toml"), config.replace("batch = 6", "batch = 5")).unwrap();
    resume("not those that it began with");
    fs::write(folder.join("config.toml"), config).unwrap();
    let bases = fs::read_to_string(&fasta).unwrap();
    fs::write(&fasta, format!("{bases}ACGT\n")).unwrap();
    resume("not those that it began with");
    fs::write(&fasta, bases).unwrap();
    let checkpoints = fs::read_dir(folder.join("checkpoints")).unwrap();
    let newest = checkpoints.map(|entry| entry.unwrap().path()).max().unwrap();
    for file in ["optimizer.safetensors", "model.safetensors", "state.json"] {
        fs::write(newest.join(file), b"half").unwrap();
        resume("remove this folder");
    }
    let held = fs::File::create(folder.join(".lock")).unwrap();
    held.lock().unwrap();
    fs::remove_dir_all(newest).unwrap();
    resume("another process");
}

/// Trained and validated on, it gives the weights of the plain file.
#[test]
fn a_genome_without_an_index_is_copied_once() {
    let scratch = Scratch::new();
    let (fasta, bed) = genome(&scratch);
    let gzip = PathBuf::from(scratch.file("genome.fa.gz", gzip(&fs::read(&fasta).unwrap())));
    let run = |name: &str, genome: &Path, times: usize| {
        let folder = PathBuf::from(scratch.path(name));
        let words = SMALL.replace("-q ", "") + " --steps 6";
        let outcome = train(&words, genome, &bed, &folder);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let copied = outcome.stderr.matches("copied to a temporary file").count();
        assert_eq!(copied, times, "{}", outcome.stderr);
        weights(&folder)
    };
    assert!(run("plain", &fasta, 0) == run("packed", &gzip, 1));
}

#[test]
fn what_cannot_be_trained_on_leaves_no_folder() {
    let scratch = Scratch::new();
    let folder = scratch.path("run");
    for (text, part) in [
        (">n\n".to_owned() + &"N".repeat(2000), "mostly N"),
        (">p\n".to_owned() + &"MKVLA".repeat(400), "nucleotide"),
        (">s\nACGT\n".to_owned(), "shorter"),
        (String::new(), "empty"),
    ] {
        let fasta = scratch.file("odd.fa", text);
        let words = "-q train --layers 1 --width 16 --context 64 --batch 2 --steps 2 --reference";
        let outcome = run(&mut command(words, &[&fasta, "-o", &folder]));
        assert_eq!(outcome.code, Some(1), "{part}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
        assert!(!Path::new(&folder).exists(), "{part}");
    }
}
