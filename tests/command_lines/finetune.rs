//! `hyenadna finetune` from the command line: runs of every kind of task, exact resume, grids, errors.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hyenadna::model::weights::source;

use crate::harness::{Scratch, Watched, command, data, fails, run};

/// Options of quick runs from a small model.
pub const SMALL: &str = "-q finetune --epochs 2 --batch 16 --batch-tokens 256 --log-every 1";

fn small_model() -> String {
    data("golden/mini-checkpointed/hf")
}

/// Examples of 40 to 59 bases: those of class 1 have GATTACA in the middle.
fn examples(count: usize, label: impl Fn(usize, bool) -> String) -> String {
    let mut state = 99_u64;
    let mut base = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b"ACGT"[(state >> 33) as usize % 4])
    };
    let mut text = "sequence,label\n".to_owned();
    for i in 0..count {
        let mut bases: String = (0..40 + i % 20).map(|_| base()).collect();
        if i % 2 == 1 {
            bases.replace_range(15..29, "GATTACAGATTACA");
        }
        text += &format!("{bases},{}\n", label(i, i % 2 == 1));
    }
    text
}

/// A folder with train.csv, dev.csv and test.csv.
fn task(scratch: &Scratch, name: &str, label: impl Fn(usize, bool) -> String) -> String {
    let folder = PathBuf::from(scratch.path(name));
    fs::create_dir(&folder).unwrap();
    let lines: Vec<String> = examples(96, label).lines().map(str::to_owned).collect();
    for (part, rows) in [("train", 1..65), ("dev", 65..81), ("test", 81..97)] {
        let text = format!("{}\n{}\n", lines[0], lines[rows].join("\n"));
        fs::write(folder.join(format!("{part}.csv")), text).unwrap();
    }
    folder.display().to_string()
}

pub fn classes(scratch: &Scratch) -> String {
    task(scratch, "task", |_, is| if is { "yes" } else { "no" }.into())
}

pub fn finetune(options: &str, task: &[&str], output: &Path) {
    let (model, output) = (small_model(), output.to_str().unwrap());
    let outcome = run(&mut command(options, &[&["-m", &model, "-o", output], task].concat()));
    assert_eq!(outcome.code, Some(0), "{options}: {}", outcome.stderr);
    assert!(outcome.stdout.is_empty());
}

fn weights(run: &Path) -> Vec<u8> {
    fs::read(run.join("model/model.safetensors")).unwrap()
}

/// Values of a column of a table, by its name.
pub fn column(path: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().filter(|line| !line.starts_with("##"));
    let header: Vec<&str> = lines.next().unwrap().trim_start_matches('#').split('\t').collect();
    let at = header.iter().position(|column| *column == name);
    let at = at.unwrap_or_else(|| panic!("{name}: {header:?}"));
    lines.map(|line| line.split('\t').nth(at).unwrap().to_owned()).collect()
}

#[test]
fn a_run_learns_and_leaves_what_predict_takes() {
    let scratch = Scratch::new();
    let folder = PathBuf::from(scratch.path("run"));
    let options = SMALL.replace("--epochs 2", "--epochs 12 --lr 2e-3 --pool bins:4 --dropout 0");
    let (task, output) = (classes(&scratch), folder.to_str().unwrap());
    // the built-in model learns faster than a small random one
    let outcome = run(&mut command(&options, &["-o", output, &task]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for file in ["config.toml", "metrics.tsv", "best/config.json", "loss.svg", "loss.png"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let metrics = folder.join("metrics.tsv");
    let splits = column(&metrics, "split");
    assert_eq!(splits.iter().filter(|split| *split == "valid").count(), 12, "one an epoch");
    let losses: Vec<f64> =
        column(&metrics, "loss").iter().map(|loss| loss.parse().unwrap()).collect();
    assert!(losses[losses.len() - 2] < 0.3 * losses[0], "{losses:?}");
    // the best score is that of the model, which the report measures on the test part
    let report = folder.join("report");
    for file in ["confusion.svg", "roc.png", "pr.svg", "reliability.svg", "classes.tsv"] {
        assert!(report.join(file).is_file(), "{file}");
    }
    let figures = column(&report.join("metrics.tsv"), "figure");
    let values = column(&report.join("metrics.tsv"), "value");
    let at = figures.iter().position(|figure| figure == "accuracy").unwrap();
    assert!(values[at].parse::<f64>().unwrap() >= 0.9, "{figures:?} {values:?}");
    let loaded = source::load_folder(&folder).unwrap();
    let head = loaded.weights.task_head().unwrap().config;
    assert_eq!(head.outputs, ["no", "yes"]);
    assert_eq!(head.length, 59);
    assert!(loaded.left_out.is_empty());
    // the table of predict has the figures of the report
    let test = scratch.path("task/test.fa");
    let rows = fs::read_to_string(scratch.path("task/test.csv")).unwrap();
    let records = rows.lines().skip(1).enumerate().map(|(i, row)| {
        let (bases, label) = row.split_once(',').unwrap();
        format!(">{i}.{label}\n{bases}\n")
    });
    fs::write(&test, records.collect::<String>()).unwrap();
    let model = folder.to_str().unwrap();
    let outcome = run(&mut command("-q predict -m", &[model, &test, "-o", &scratch.path("p.tsv")]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let names = column(Path::new(&scratch.path("p.tsv")), "id");
    let predicted = column(Path::new(&scratch.path("p.tsv")), "predicted");
    let right = names.iter().zip(&predicted).filter(|(name, class)| name.ends_with(class.as_str()));
    let share = right.count() as f64 / names.len() as f64;
    assert!((share - values[at].parse::<f64>().unwrap()).abs() < 1e-6, "{share} {values:?}");
}

#[test]
fn every_kind_of_task_is_learnt() {
    let scratch = Scratch::new();
    let numbers = task(&scratch, "numbers", |i, is| format!("{}", i as f64 / 7.0 + f64::from(is)));
    finetune(SMALL, &[&numbers], Path::new(&scratch.path("a")));
    let digits =
        task(&scratch, "digits", |i, is| format!("{}{}", u8::from(is), u8::from(i % 3 == 0)));
    let options = format!("{SMALL} --task multi-label --class-weights balanced --strand concat");
    finetune(&options, &[&digits], Path::new(&scratch.path("b")));
    for (run, figure) in [("a", "r2"), ("b", "auroc")] {
        let report = PathBuf::from(scratch.path(run)).join("report/metrics.tsv");
        assert!(column(&report, "figure").iter().any(|name| name.contains(figure)), "{run}");
    }
    // labels of bases
    let fasta = scratch.path("s.fa");
    let bed = scratch.path("s.bed");
    let (mut sequences, mut intervals) = (String::new(), String::new());
    for (i, row) in examples(60, |_, _| "x".into()).lines().skip(1).enumerate() {
        sequences += &format!(">s{i}\n{}\n", row.split(',').next().unwrap());
        intervals +=
            if i % 2 == 1 { format!("s{i}\t15\t29\tmotif\n") } else { String::new() }.as_str();
    }
    fs::write(&fasta, sequences).unwrap();
    fs::write(&bed, intervals).unwrap();
    let folder = PathBuf::from(scratch.path("c"));
    let options = format!(
        "{SMALL} --strand concat --reverse-complement --valid-fraction 0.2 --test-fraction 0.2"
    );
    finetune(&options, &["--track", &bed, &fasta], &folder);
    let head = source::load_folder(&folder).unwrap().weights.task_head().unwrap().config;
    assert_eq!(head.outputs, ["other", "motif"]);
    assert!(folder.join("report/confusion.svg").is_file());
}

/// The report has the figures of the whole test part, and of its clean part.
#[test]
fn figures_of_leaks_stand_apart() {
    let scratch = Scratch::new();
    let task = classes(&scratch);
    let path = Path::new(&task).join("test.csv");
    let train = fs::read_to_string(Path::new(&task).join("train.csv")).unwrap();
    let copies = train.lines().skip(1).take(3).collect::<Vec<_>>().join("\n");
    let test = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{test}{copies}\n")).unwrap();
    let folder = PathBuf::from(scratch.path("run"));
    finetune(SMALL, &[&task], &folder);
    let metrics = folder.join("report/metrics.tsv");
    let (parts, n) = (column(&metrics, "test"), column(&metrics, "n"));
    let number = |part: &str| &n[parts.iter().position(|of| of == part).unwrap()];
    assert_eq!([number("all"), number("clean")], ["19", "16"]);
}

/// Rare classes count more if classes are to count alike.
#[test]
fn weights_of_classes_reach_the_weights_of_the_model() {
    let scratch = Scratch::new();
    let task = task(&scratch, "rare", |i, _| if i % 4 == 0 { "yes" } else { "no" }.into());
    let run = |how: &str| {
        let folder = PathBuf::from(scratch.path(how));
        finetune(&format!("{SMALL} --class-weights {how}"), &[&task], &folder);
        weights(&folder)
    };
    assert!(run("equal") != run("balanced"));
}

/// Other settings change the weights, and what is frozen stays.
#[test]
fn settings_reach_the_weights() {
    let scratch = Scratch::new();
    let task = classes(&scratch);
    let run = |options: &str| {
        let folder = PathBuf::from(scratch.path(&options.replace([' ', '/'], "")));
        finetune(&format!("{SMALL} {options}"), &[&task], &folder);
        folder
    };
    let usual = weights(&run("--seed 0"));
    let defaults = "--lr 6e-4 --dropout 0.1 --weight-decay 0.1 --clip 1 --warmup 0.01 --last-lr 0.1 \
        --pool mean --strand forward --method full --class-weights equal --label-smoothing 0 --patience 0";
    assert!(weights(&run(defaults)) == usual);
    for options in [
        "--seed 1",
        "--random",
        "--pool bins:3",
        "--strand both",
        "--head-layers 8",
        "--reverse-complement",
        "--label-smoothing 0.1",
        "--dropout 0",
        "--lr 1e-3",
        "--weight-decay 0",
        "--last-lr 1",
        "--warmup 1",
        "--clip 0.01",
        "--stages 20:8:2",
    ] {
        assert!(weights(&run(options)) != usual, "{options}");
    }
    let start = source::load(&small_model(), &mut |_| {}).unwrap().weights.tensors;
    for (method, moves) in [("head", &[][..]), ("blocks:1", &["layers.2.", "ln_f"])] {
        let folder = run(&format!("--method {method}"));
        let after = source::load_folder(&folder).unwrap().weights.tensors;
        for (name, tensor) in after.iter().filter(|(name, _)| name.starts_with("backbone.")) {
            let moved = moves.iter().any(|part| name.contains(part));
            let buffer = [".pos_emb.", ".modulation."].iter().any(|part| name.contains(part));
            if !buffer && name != "backbone.embeddings.word_embeddings.weight" {
                assert_eq!(*tensor != start[name], moved, "{method} {name}");
            }
        }
    }
    // vectors that are computed once give the same head
    let direct = source::load_folder(&run("--method head --dropout 0")).unwrap();
    let cached = source::load_folder(&run("--method head --frozen-cache")).unwrap();
    for name in ["head.0.weight", "head.0.bias"] {
        let [a, b] = [&direct, &cached].map(|named| &named.weights.tensors[name].data);
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4), "{name}: {a:?} {b:?}");
    }
}

#[test]
fn a_killed_run_goes_on_to_the_same_weights() {
    exact_resume("--reverse-complement --strand concat", libc::SIGKILL, None);
}

#[test]
fn a_stopped_run_goes_on_to_the_same_weights() {
    exact_resume("--method head --frozen-cache --metric auroc", libc::SIGTERM, Some(143));
}

/// A run that `signal` ends with `code`, and that is resumed, equals one that was not interrupted.
pub fn exact_resume(options: &str, signal: i32, code: Option<i32>) {
    let scratch = Scratch::new();
    let task = classes(&scratch);
    let options = SMALL.replace("--epochs 2", &format!("--epochs 50 --save-every 8 {options}"));
    let whole = PathBuf::from(scratch.path("whole"));
    finetune(&options, &[&task], &whole);
    let killed = PathBuf::from(scratch.path("killed"));
    let model = small_model();
    let loud = options.replacen("-q", "-v", 1);
    let mut run_to_kill =
        Watched::start(command(&loud, &["-m", &model, &task]).arg("-o").arg(&killed));
    run_to_kill.wait_for(&["saved", "step-0000008"]);
    run_to_kill.signal(signal);
    assert_eq!(run_to_kill.end().code, code);
    assert!(!killed.join("model").exists(), "it was killed before its end");
    let resume = ["--resume", killed.to_str().unwrap()];
    let outcome = run(&mut command("-q finetune", &resume));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(weights(&killed) == weights(&whole), "every bit of the weights is the same");
    let figures = |run: &Path| column(&run.join("report/metrics.tsv"), "value");
    assert_eq!(figures(&killed), figures(&whole));
    // resumed once more, a complete run stays as it is
    let outcome = run(&mut command("-q finetune", &resume));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(weights(&killed) == weights(&whole));
}

#[test]
fn other_data_do_not_continue_a_run() {
    let scratch = Scratch::new();
    let task = classes(&scratch);
    let folder = PathBuf::from(scratch.path("run"));
    finetune(SMALL, &[&task], &folder);
    let path = Path::new(&task).join("train.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen(",no", ",yes", 1)).unwrap();
    let run = folder.to_str().unwrap();
    for is_complete in [true, false] {
        fails("finetune --resume", &[run], 1, &["the data or options are not those"]);
        if is_complete {
            fs::remove_dir_all(folder.join("model")).unwrap();
        }
    }
    let lr = ["--resume", run, "--lr", "1"];
    fails("finetune", &lr, 2, &["take the configuration of their run"]);
    fails("finetune --resume", &[&task], 1, &["not a run of finetune"]);
}

#[test]
fn patience_ends_a_run() {
    let scratch = Scratch::new();
    let folder = PathBuf::from(scratch.path("run"));
    // without a change of the weights no validation is better than the first
    let options = SMALL.replace("--epochs 2", "--epochs 50 --lr 1e-30 --patience 3 --metric loss");
    finetune(&options, &[&classes(&scratch)], &folder);
    let steps = column(&folder.join("metrics.tsv"), "step");
    let last: u64 = steps.last().unwrap().parse().unwrap();
    assert!(last < 200, "{last}");
    assert!(folder.join("report/metrics.tsv").is_file());
}

#[test]
fn a_grid_takes_the_best_on_validation() {
    let scratch = Scratch::new();
    let folder = PathBuf::from(scratch.path("runs"));
    let options = format!("{SMALL} --metric loss --sweep lr=1e-30,1e-2 pool=mean,max --seeds 2");
    finetune(&options, &[&classes(&scratch)], &folder);
    let sweep = folder.join("sweep.tsv");
    assert_eq!(column(&sweep, "lr"), ["1e-30", "1e-30", "1e-2", "1e-2"]);
    let scores: Vec<f64> =
        column(&sweep, "valid_loss").iter().map(|score| score.parse().unwrap()).collect();
    let best = column(&sweep, "best").iter().position(|mark| mark == "yes").unwrap();
    assert!(best >= 2 && scores.iter().all(|score| *score >= scores[best]), "{scores:?}");
    assert!(
        fs::read_to_string(folder.join("sweep.svg")).unwrap().contains("loss on the validation")
    );
    assert!(folder.join("sweep.png").is_file());
    let seeds = folder.join("seeds.tsv");
    assert_eq!(column(&seeds, "seed"), ["0", "1", "mean", "sd"]);
    let auroc: Vec<f64> =
        column(&seeds, "test_auroc").iter().map(|value| value.parse().unwrap()).collect();
    assert!((auroc[2] - (auroc[0] + auroc[1]) / 2.0).abs() < 1e-5, "{auroc:?}");
    assert!(folder.join("report/roc.svg").is_file());
    let pool = column(&sweep, "pool")[best].clone();
    let first = folder.join(format!("runs/lr=1e-2,pool={pool},seed=0"));
    assert!(weights(&folder) == weights(&first));
    // runs that are missing are trained anew
    fs::remove_dir_all(&first).unwrap();
    let before = weights(&folder);
    let outcome = run(&mut command("-q finetune --resume", &[folder.to_str().unwrap()]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(weights(&folder) == before && weights(&first) == before);
}

/// A point whose weights become infinite has no score, and does not end the others.
#[test]
fn a_grid_goes_on_without_a_run_that_diverges() {
    let scratch = Scratch::new();
    let folder = PathBuf::from(scratch.path("runs"));
    let options = format!("{SMALL} --batch 9999 --sweep lr=1e30,1e-3").replace("--batch 16 ", "");
    finetune(&options, &[&classes(&scratch)], &folder);
    let sweep = folder.join("sweep.tsv");
    assert_eq!(column(&sweep, "valid_mcc")[0], ".");
    assert_eq!(column(&sweep, "best"), ["no", "yes"]);
    // batches have all 64 examples at most
    assert_eq!(column(&sweep, "steps")[1], "2");
    fs::remove_file(folder.join("grid.toml")).unwrap();
    let resume = ["--resume", folder.to_str().unwrap()];
    fails("finetune", &resume, 1, &["has the runs of a grid, but no grid.toml"]);
}

#[test]
fn mistakes_are_named() {
    let scratch = Scratch::new();
    let task = classes(&scratch);
    let numbers = task_of_numbers(&scratch);
    let output = scratch.path("run");
    let model = small_model();
    for (options, code, phrases) in [
        ("--metric r2", 2, &["single-label task has no r2"][..]),
        ("--method heads", 2, &["expected full, head, blocks:N or prompt:N"]),
        ("--method prompt:512", 2, &["leaves no room for a base", "context of 512"]),
        ("--method prompt:470", 1, &["longer than the 42 bases that a prompt of 470 vectors"]),
        ("--sweep method=head,prompt:470", 1, &["59 bases and a prompt of 470 vectors are more"]),
        ("--method prompt:4 --frozen-cache", 2, &["needs --method head"]),
        ("--plateau 0", 2, &["the factor of --plateau is 0", "more than 0"]),
        ("--frozen-cache", 2, &["needs --method head"]),
        ("--frozen-cache --method head --dropout 0.5", 2, &["exclude each other"]),
        ("--lr -1", 2, &["--lr", "expected more than 0"]),
        ("--label-smoothing 1", 2, &["label_smoothing (--label-smoothing) is 1"]),
        ("--epochs 3 --steps 4", 2, &["cannot be used with"]),
        ("--pool bins:50", 1, &["train.csv, line 2: 40 bases for --pool bins:50"]),
        ("--sweep seed=1,2", 2, &["seed cannot be varied"]),
        ("--sweep lr=a,b", 2, &["lr=a", "expected"]),
        ("--sweep pool=mean,middle", 2, &["pool=middle"]),
        ("--stages 20:8:99 --steps 9", 2, &["stages take 99 of 9 steps"]),
        ("--head-layers 0", 2, &["--head-layers"]),
        ("--pool none", 2, &["--pool none is for tasks of bases"]),
        ("--method blocks:3", 2, &["the model has 3"]),
        ("--sweep epochs=0,1", 2, &["--epochs is 0"]),
        ("--steps 4 --sweep epochs=1,2", 2, &["no effect with --steps"]),
        ("--task regression", 1, &["train.csv, line 2", "is not a number"]),
    ] {
        let words = format!("finetune {options} -o {output} -m {model}");
        fails(&words, &["--", &task], code, phrases);
        assert!(!Path::new(&output).exists(), "{options}");
    }
    let words = format!("finetune --label-smoothing 0.1 -o {output} -m {model}");
    fails(&words, &[&numbers], 2, &["--label-smoothing is for classes"]);
    // a context of 512 bases
    let long = scratch.path("long.csv");
    let row = |i: usize| format!("{},{}\n", "ACGT".repeat(200), i % 2);
    fs::write(&long, format!("sequence,label\n{}", (0..20).map(row).collect::<String>())).unwrap();
    let words = format!("finetune -o {output} -m {model}");
    fails(&words, &[&long], 1, &["longer than the model's context", "--long truncate"]);
    let words = format!("finetune --long truncate --epochs 1 -o {output} -m {model}");
    let outcome = run(&mut command(&format!("-q {words}"), &[&long]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    fails(&words, &[&long], 2, &["is not empty", "--resume"]);
    fails("finetune", &["-", "-o", &scratch.path("x")], 2, &["stdin cannot be"]);
    fails("finetune", &["-o", &scratch.path("x")], 2, &["no data"]);
    let words = format!("finetune --sweep lr=1,2 -m {model} -o {}", scratch.path("x"));
    fails(
        &words,
        &["--", &scratch.path("task/train.csv")],
        2,
        &["validation part, which has no members"],
    );
}

fn task_of_numbers(scratch: &Scratch) -> String {
    task(scratch, "of-numbers", |i, _| format!("{}", i as f64 / 7.0))
}
