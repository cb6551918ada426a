//! The stream contract: every command reads the same from a file, stdin and compressed, and writes
//! the same to stdout and to a file; a closed pipe ends it quietly. A command without a row in the
//! table fails this test.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    process::{Command, Stdio},
    thread,
};

use clap::CommandFactory;
use hyenadna::commands::Cli;

use crate::harness::{
    Outcome, Scratch, command, data, files, heads, read, run, run_with,
    table::{Table, without_command},
};

/// What a command reads.
enum Reads {
    /// Nothing, or what has no stream: a model's folder, the cache.
    Arguments,
    /// An input that may come from a file, stdin, compressed or not.
    Stream(Vec<u8>),
}

/// What a command writes.
#[derive(Clone, Copy, PartialEq)]
enum Writes {
    /// stdout only.
    Stdout,
    /// stdout, or a file with `-o`.
    Output,
    /// The same, where the columns from `seconds` on differ from run to run.
    Measurements,
    /// A folder that is an argument: nothing goes to stdout.
    Folder,
}

/// One row of the table.
struct Row {
    /// The command as clap names it.
    command: &'static str,
    options: &'static str,
    reads: Reads,
    writes: Writes,
    /// Arguments after the input.
    arguments: Vec<String>,
}

fn row(
    command: &'static str,
    options: &'static str,
    reads: Reads,
    writes: Writes,
    arguments: &[&str],
) -> Row {
    let arguments = arguments.iter().map(|&a| a.to_owned()).collect();
    Row { command, options, reads, writes, arguments }
}

fn table() -> Vec<Row> {
    use Reads::{Arguments, Stream};
    use Writes::{Folder, Measurements, Output, Stdout};
    let bytes = |name: &str| Stream(fs::read(data(name)).unwrap());
    let genome = data("demo/genome.fa");
    // regions and variants whose outputs are larger than any pipe's buffer
    let regions = || Stream(b"chr1\t4000\t4100\nchrM\t0\t70\n".to_vec());
    let variants = || {
        let golden = read(&data("golden/score-variants/variants.vcf"));
        let long = golden.replace("\t.\tPASS", &format!("\t.\t{}", "x".repeat(4_000)));
        Stream(long.replace("ID=PASS", &format!("ID={}", "x".repeat(4_000))).into_bytes())
    };
    let golden = data("golden/score-variants/genome.fa");
    let model = data("golden/mini-checkpointed/lightning");
    let labels = data("evaluate/labels.tsv");
    let predictions = bytes("evaluate/predictions.tsv");
    let vector = |i: u32| format!("s{i}\t{}\t{}\t{}\n", i * i % 7, i * 5 % 11, i % 3);
    let vectors = (0..9_000).map(vector).collect::<String>();
    let vectors = format!("#id\te0\te1\te2\n{vectors}").into_bytes();
    let training = ["--steps", "1", "--batch", "2", "--length", "64", "--reference", &genome, "-o"];
    let task = data("tasks/motif");
    let finetuning = [&task, "--steps", "1", "--batch", "8", "-o"];
    vec![
        row("embed", "--pool none", regions(), Output, &[&genome]),
        row("embed", "", bytes("odd/reads.fq"), Output, &[]),
        row("embed", "--format npy", bytes("demo/sequences.fa"), Output, &[]),
        row("embed", "--format parquet --no-header", regions(), Output, &[&genome]),
        row("score-variants", "--context 8", variants(), Output, &[&golden]),
        row("score-variants", "--context 8 --format bed", variants(), Output, &[&golden]),
        row("score-variants", "--context 8 --format vcf", variants(), Output, &[&golden]),
        row("score-variants", "--context 8 --format bcf", variants(), Output, &[&golden]),
        row("score-variants", "--context 8 --all-snvs", regions(), Output, &[&genome]),
        row("mutagenesis", "--context 8 --fast", regions(), Output, &[&genome]),
        row("mutagenesis", "--context 8 --downstream 4", bytes("odd/reads.fq"), Output, &[]),
        row("likelihood", "--per-base", regions(), Output, &[&genome]),
        row("likelihood", "--format bedgraph", bytes("odd/reads.fq"), Output, &[]),
        row("likelihood", "--strand both", bytes("demo/sequences.fa"), Output, &[]),
        row("generate", "--length 30", bytes("odd/reads.fq"), Output, &[]),
        row("generate", "--length 30 --stream", regions(), Output, &[&genome]),
        row("perplexity", "--window 64", bytes("demo/genome.fa"), Output, &[]),
        row(
            "evaluate",
            "--scores AF --by region",
            bytes("evaluate/labels.tsv"),
            Output,
            &[&labels],
        ),
        row("evaluate", "--truth label --predicted predicted", predictions, Output, &[]),
        row("predict", "", bytes("odd/reads.fq"), Output, &[]),
        row("predict", "--format npy", regions(), Output, &[&genome]),
        row("predict", "--stride 30 --format bedgraph", bytes("demo/sequences.fa"), Output, &[]),
        row("predict", "--window 8 --format vcf", variants(), Output, &[&golden]),
        row("probe", "--kmer 2 --test-fraction 0.25", bytes("tasks/motif/train.csv"), Output, &[]),
        row(
            "probe",
            "--kmer 2 --test-fraction 0.25 --label-column strand",
            bytes("demo/regions.bed"),
            Output,
            &[&genome],
        ),
        row("icl", "--test-fraction 0.25 --seeds 1", bytes("tasks/motif/train.csv"), Output, &[]),
        row(
            "recall",
            "--window 64 --segment 12 --replicates 5",
            bytes("demo/genome.fa"),
            Output,
            &[],
        ),
        row("project", "--components 3 --standardise", Stream(vectors), Output, &[]),
        row("train", "", Arguments, Folder, &training),
        row("finetune", "", Arguments, Folder, &finetuning),
        row("bench", "--width 16 --lengths 32,16 --repeats 1", Arguments, Measurements, &[]),
        row("models list", "", Arguments, Stdout, &[]),
        row("models info", "", Arguments, Stdout, &[&model]),
        row("models convert", "", Arguments, Folder, &[&model]),
        row("models verify", "", Arguments, Stdout, &["builtin"]),
        row("models pull", "", Arguments, Stdout, &["hyenadna-tiny-1k-seqlen"]),
        row("merge", "", Arguments, Stdout, &[&data("merge/part.tsv")]),
        row("completions", "", Arguments, Stdout, &["zsh"]),
        row("man", "", Arguments, Folder, &[]),
    ]
}

/// Full names of all commands that do something.
fn commands() -> Vec<String> {
    fn leaves(command: &clap::Command, prefix: &str, found: &mut Vec<String>) {
        let children = command.get_subcommands().filter(|c| c.get_name() != "help");
        let mut any = false;
        for child in children {
            any = true;
            leaves(child, &format!("{prefix} {}", child.get_name()), found);
        }
        if !any {
            found.push(prefix.trim().to_owned());
        }
    }
    let mut found = Vec::new();
    leaves(&Cli::command(), "", &mut found);
    found
}

#[test]
fn every_command_has_a_row() {
    let rows: Vec<&str> = table().iter().map(|row| row.command).collect();
    let commands = commands();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in &commands {
        assert!(
            rows.contains(&command.as_str()),
            "`hyenadna {command}` has no row in the stream contract table of {}",
            file!()
        );
    }
    for row in rows {
        assert!(commands.iter().any(|c| c == row), "there is no `{row}`");
    }
}

/// A cache with one model in it, as `models pull` finds it without a network, and a model with a head.
fn cache(scratch: &Scratch) -> String {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let model = scratch.path("hub/models--LongSafari--hyenadna-tiny-1k-seqlen-hf");
    let snapshot = format!("{model}/snapshots/{commit}");
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir_all(format!("{model}/refs")).unwrap();
    fs::write(format!("{model}/refs/main"), commit).unwrap();
    for name in ["config.json", "model.safetensors"] {
        let from = data(&format!("golden/tiny-d128/hf/{name}"));
        fs::copy(from, format!("{snapshot}/{name}")).unwrap();
    }
    heads::write(&scratch.path("head"), &heads::two_classes());
    scratch.path("")
}

/// The command of a row; `predict` needs a model with a head.
fn command_of(row: &Row, words: &str, paths: &[&str], home: &str) -> Command {
    let mut command = command(words, paths);
    command.env("HF_HOME", home);
    if row.command == "predict" {
        command.env("HYENADNA_MODEL", format!("{home}/head"));
    }
    command
}

/// The parts of an output that are the same whenever the same was asked.
fn comparable(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let (header, records) = files::split_bcf(bytes);
        return [without_command(&header).into_bytes(), records].concat();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => without_command(text).into_bytes(),
        Err(_) => bytes.to_owned(),
    }
}

/// What every run of `bench` writes: its header and the columns before the measured ones.
fn unmeasured(bytes: &[u8]) -> Vec<u8> {
    let table = Table::parse(std::str::from_utf8(bytes).unwrap());
    let first = table.header.iter().position(|name| name == "seconds").unwrap();
    let rows = table.rows.iter().map(|row| row[..first].join("\t"));
    [table.header.join("\t")].into_iter().chain(rows).collect::<Vec<_>>().join("\n").into()
}

/// Runs a row with its input under `input` (a path or `-`), `stdin`, and further options.
fn invoke(row: &Row, options: &str, input: Option<&str>, stdin: &[u8], home: &str) -> Outcome {
    // the input may be the value of the row's last option
    let words = format!("-q {} {options} {}", row.command, row.options);
    let rest = row.arguments.iter().map(String::as_str);
    let paths: Vec<&str> = input.into_iter().chain(rest).collect();
    run_with(&mut command_of(row, &words, &paths, home), stdin)
}

/// `whole`: every way in with every way out; else every way once.
fn check(row: &Row, whole: bool) {
    let scratch = Scratch::new();
    let home = cache(&scratch);
    let Reads::Stream(bytes) = &row.reads else {
        return check_arguments(row, &scratch, &home);
    };
    let plain = scratch.file("input", bytes);
    let gzip = scratch.file("gzip", files::gzip(bytes));
    let bgzip = scratch.file("bgzip", files::bgzip(bytes));
    let packed = fs::read(&gzip).unwrap();
    let ways: [(&str, &str, &[u8]); 5] = [
        ("file", &plain, b""),
        ("stdin", "-", bytes),
        ("gzip", &gzip, b""),
        ("bgzip", &bgzip, b""),
        ("gzip on stdin", "-", &packed),
    ];
    let mut first: Option<Vec<u8>> = None;
    for (i, (way, input, stdin)) in ways.into_iter().enumerate() {
        let at = format!("{} {}, {way}", row.command, row.options);
        if whole || i == 0 {
            let out = invoke(row, "", Some(input), stdin, &home);
            assert_eq!((out.code, out.stderr.as_str()), (Some(0), ""), "{at}");
            let got = comparable(&out.stdout);
            assert!(!got.is_empty(), "{at}: nothing on stdout");
            let same = *first.get_or_insert_with(|| got.clone()) == got;
            assert!(same, "{at}: stdout differs");
        }
        if row.writes == Writes::Output && (whole && i < 3 || i == 1) {
            let output = scratch.path("output");
            let tables = [
                "perplexity",
                "evaluate",
                "probe",
                "icl",
                "recall",
                "generate",
                "project",
                "mutagenesis",
            ];
            let one_format = row.options.contains("--format") || tables.contains(&row.command);
            let format = if one_format { "" } else { "--format tsv" };
            let options = format!("{format} -o {output}");
            let out = invoke(row, &options, Some(input), stdin, &home);
            let ended = (out.code, out.stderr.as_str());
            assert_eq!(ended, (Some(0), ""), "{at} to a file");
            assert!(out.stdout.is_empty(), "{at}: with -o, stdout is empty");
            let written = comparable(&fs::read(&output).unwrap());
            assert!(Some(written) == first, "{at}: the file differs from stdout");
            fs::remove_file(output).unwrap();
        }
        if whole && i < 3 || i == 2 {
            check_closed(row, Some(input), stdin, &home);
        }
    }
}

fn check_arguments(row: &Row, scratch: &Scratch, home: &str) {
    if row.writes == Writes::Folder {
        let folder = scratch.path("folder");
        fs::create_dir(&folder).unwrap();
        let words = format!("-q {}", row.command);
        let mut paths: Vec<&str> = row.arguments.iter().map(String::as_str).collect();
        paths.push(&folder);
        let out = run(command(&words, &paths).env("HF_HOME", home));
        assert_eq!((out.code, out.stderr.as_str()), (Some(0), ""), "{}", row.command);
        assert!(out.stdout.is_empty(), "{}", row.command);
        assert!(fs::read_dir(&folder).unwrap().count() > 0, "{}", row.command);
        return;
    }
    let (a, mut b) = (invoke(row, "", None, b"", home), invoke(row, "", None, b"", home));
    assert_eq!((a.code, a.stderr.as_str()), (Some(0), ""), "{}", row.command);
    let same = |a: &[u8], b: &[u8]| match row.writes {
        Writes::Measurements => unmeasured(a) == unmeasured(b),
        _ => a == b,
    };
    assert!(!a.stdout.is_empty() && same(&a.stdout, &b.stdout), "{}", row.command);
    if row.writes == Writes::Measurements {
        let output = scratch.path("output");
        b = invoke(row, &format!("-o {output}"), None, b"", home);
        assert_eq!((b.code, b.stderr.as_str()), (Some(0), ""), "{} to a file", row.command);
        assert!(b.stdout.is_empty(), "{}: with -o, stdout is empty", row.command);
        assert!(same(&a.stdout, &fs::read(output).unwrap()), "{}: the file", row.command);
    }
    check_closed(row, None, b"", home);
}

/// Nobody reads stdout, from the start: whatever is written, the end is quiet.
fn check_closed(row: &Row, input: Option<&str>, stdin: &[u8], home: &str) {
    let words = format!("-q {} {}", row.command, row.options);
    let rest = row.arguments.iter().map(String::as_str);
    let paths: Vec<&str> = input.into_iter().chain(rest).collect();
    let mut command = command_of(row, &words, &paths, home);
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let mut child =
        command.stdin(Stdio::piped()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdin.take().unwrap().write_all(stdin));
    let out = child.wait_with_output().unwrap();
    let log = String::from_utf8_lossy(&out.stderr);
    assert_eq!((out.status.code(), &*log), (Some(0), ""), "closed pipe: {words} {paths:?}");
}

fn check_rows(of: impl Fn(&Row) -> bool) {
    let mut checked = 0;
    for row in table().iter().filter(|row| of(row)) {
        check(row, checked == 0);
        checked += 1;
    }
    assert!(checked > 0);
}

#[test]
fn embed() {
    check_rows(|row| row.command == "embed");
}

#[test]
fn score_variants() {
    check_rows(|row| row.command == "score-variants");
}

#[test]
fn likelihood() {
    check_rows(|row| row.command == "likelihood");
}

#[test]
fn mutagenesis() {
    check_rows(|row| row.command == "mutagenesis");
}

#[test]
fn predict() {
    check_rows(|row| row.command == "predict");
}

#[test]
fn all_others() {
    let own = ["embed", "score-variants", "likelihood", "mutagenesis", "predict"];
    check_rows(|row| !own.contains(&row.command));
}

/// What `| head -1` does: the first line arrives, the rest has nowhere to go.
#[test]
fn head_ends_a_large_output_quietly() {
    let rows = table();
    for (i, options) in [(0, ""), (6, "")] {
        let row = &rows[i];
        let Reads::Stream(bytes) = &row.reads else { unreachable!() };
        let words = format!("{} {} {options} -", row.command, row.options);
        let paths: Vec<&str> = row.arguments.iter().map(String::as_str).collect();
        let mut child = command(&words, &paths)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::with_capacity(64, child.stdout.take().unwrap());
        let out = thread::scope(|scope| {
            scope.spawn(move || drop(stdin.write_all(bytes)));
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            assert!(line.starts_with("##"), "{line}");
            drop(stdout);
            child.wait_with_output().unwrap()
        });
        let log = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(0), "{log}");
        assert!(!log.contains("error") && !log.contains("panicked"), "{log}");
    }
    // both outputs are larger than a pipe holds, or this would show nothing
    for i in [0, 6] {
        let Reads::Stream(bytes) = &rows[i].reads else { unreachable!() };
        let out = invoke(&rows[i], "", Some("-"), bytes, "");
        assert!(out.stdout.len() > 1 << 17, "{}", out.stdout.len());
    }
}
