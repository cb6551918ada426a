//! `generate`: its FASTA against `likelihood`, its inputs against each other, and bad settings.

use std::{
    fs,
    io::{self, Read},
    os::fd::FromRawFd,
    process::Stdio,
};

use hyenadna::model::weights::{convert, host::HostTensor, source};

use crate::harness::{
    Scratch, command, demo::genome, end, fails, files, heed_signals, ok, read, run, run_with,
    send_signal, table::Table, text, wait_until,
};

const WORDS: &str = "-q generate";

/// A record: name, fields of the title, and letters.
#[derive(Debug, PartialEq)]
struct Record {
    name: String,
    title: String,
    letters: String,
}

impl Record {
    /// The value of a field of the title.
    fn field(&self, key: &str) -> Option<f64> {
        let mut fields = self.title.split(' ');
        fields.find_map(|field| field.strip_prefix(key)?.strip_prefix('=')?.parse().ok())
    }
}

/// The records of a FASTA whose lines have 60 letters, but the last of each.
fn records(fasta: &str) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for line in fasta.lines() {
        if let Some(title) = line.strip_prefix('>') {
            let (name, title) = title.split_once(' ').unwrap();
            let [name, title] = [name, title].map(str::to_owned);
            records.push(Record { name, title, letters: String::new() });
        } else {
            let record = records.last_mut().unwrap();
            assert!(record.letters.len().is_multiple_of(60) && (1..=60).contains(&line.len()));
            record.letters += line;
        }
    }
    records
}

fn letters(fasta: &str) -> Vec<String> {
    records(fasta).into_iter().map(|record| record.letters).collect()
}

/// The log-likelihood of a title is the sum of what `likelihood` says of the new bases.
#[test]
fn the_log_likelihood_is_that_of_likelihood() {
    let scratch = Scratch::new();
    for (prompt, options) in [
        (">p\nACGTTGCANNACGGT\n", "--length 200 --count 2"),
        (">p\nA\n>q\nTTTTGGGG\n", "--length 61 --temperature 0.5 --top-k 2 --top-p 0.9"),
        ("", "--length 130 --seed 3"),
    ] {
        let words = format!("{WORDS} {options} --with-prompt");
        let prompts = scratch.file("prompts.fa", prompt);
        let paths: &[&str] = if prompt.is_empty() { &[] } else { &[&prompts] };
        let made = scratch.file("made.fa", text(&words, paths));
        let made_records = records(&read(&made));
        let table = Table::parse(&text("-q likelihood --per-base", &[&made]));
        let log_p = table.numbers("log_probability");
        let mut rows = log_p.iter();
        for record in &made_records {
            let before = record.field("prompt_bases").unwrap() as usize;
            let own: Vec<Option<f64>> = rows.by_ref().take(record.letters.len()).copied().collect();
            let own: Vec<f64> = own[before..].iter().flatten().copied().collect();
            let sum: f64 = own.iter().sum();
            let found = record.field("log_likelihood").unwrap();
            assert!((found - sum).abs() < 1e-4 * sum.abs(), "{record:?}: {sum}");
            let bits = -sum / own.len() as f64 / std::f64::consts::LN_2;
            let found = record.field("bits_per_base").unwrap();
            assert!((found - bits).abs() < 1e-3, "{record:?}: {bits}");
            assert!(record.letters[before..].bytes().all(|base| b"ACGT".contains(&base)));
        }
        assert_eq!(rows.next(), None);
    }
}

#[test]
fn titles_have_names_and_settings() {
    let scratch = Scratch::new();
    let prompts = scratch.file("prompts.fq", "@a x\nacgu\n+\n!!!!\n@b\nRT\n+\n!!\n");
    let words = format!("{WORDS} --length 5 --count 2 --top-k 3 --seed 9 --with-prompt");
    let found = records(&text(&words, &[&prompts]));
    let names: Vec<&str> = found.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(names, ["a_1", "a_2", "b_1", "b_2"]);
    let starts: Vec<&str> = found.iter().map(|record| &record.letters[..2]).collect();
    assert_eq!(starts, ["AC", "AC", "NT", "NT"]);
    for record in &found {
        for part in [
            "model=builtin:human-1k identity=",
            " n_token=n dtype=fp32 temperature=1 top_k=3 top_p=1 seed=9",
        ] {
            assert!(record.title.contains(part), "{record:?}");
        }
    }
    assert_eq!(found[0].letters.len(), 9);
    let none = records(&text(&format!("{WORDS} --length 1 --count 2"), &[]));
    assert_eq!((none[0].name.as_str(), none[1].name.as_str()), ("generated_1", "generated_2"));
    assert!(none[0].title.contains("prompt_bases=0 log_likelihood=. bits_per_base=. "));
}

/// The same prompts, from wherever they come, have the same sequences, on any number of threads.
#[test]
fn inputs_and_threads_do_not_change_sequences() {
    let scratch = Scratch::new();
    let genome = genome();
    let bed = "chr1\t4000\t4050\nchrM\t10\t11\n";
    let path = scratch.file("prompts.bed", bed);
    let words = format!("{WORDS} --length 70 --count 3");
    let by_bed = text(&words, &[&path, &genome]);
    let names: Vec<String> = records(&by_bed).into_iter().map(|record| record.name).collect();
    assert_eq!([&names[0], &names[5]], ["chr1:4001-4050_1", "chrM:11-11_3"]);
    let by_name = text(&format!("{words} -r chr1:4,001-4050 -r chrM:11-11"), &[&genome]);
    assert_eq!(by_name, by_bed);
    let stdin = run_with(&mut command(&words, &["-", &genome]), bed.as_bytes());
    assert_eq!(String::from_utf8(stdin.stdout).unwrap(), by_bed);
    let threads = text(&format!("--threads 3 {words}"), &[&path, &genome]);
    assert_eq!(threads, by_bed);
    let reverse = scratch.file("reverse.bed", "chr1\t4000\t4050\tx\t0\t-\n");
    let by_strand = text(&words, &[&reverse, &genome]);
    assert_eq!(records(&by_strand)[0].name, "chr1:4001-4050(-)_1");
    let bases: String = read(&genome).lines().skip(1).take(100).collect();
    let fasta = scratch.file("prompts.fa", format!(">a\n{}\n", &bases[4000..4050]));
    let first: Vec<String> = letters(&by_bed).into_iter().take(3).collect();
    assert_eq!(letters(&text(&words, &[&fasta])), first);
    let complement = |base: char| char::from(b"TGCANtgcan"["ACGTNacgtn".find(base).unwrap()]);
    let complement: String = bases[4000..4050].chars().rev().map(complement).collect();
    let mirrored = scratch.file("reverse.fa", format!(">a\n{complement}\n"));
    assert_eq!(letters(&text(&words, &[&mirrored])), letters(&by_strand));
    // each sequence has its own random numbers, which another seed changes
    let mut different = letters(&by_bed);
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), 6);
    assert_ne!(letters(&text(&format!("{words} --seed 1"), &[&fasta])), first);
    // more sequences than are computed at once, of which the first are the same
    let many = letters(&text(&format!("{WORDS} --length 70 --count 40"), &[&fasta]));
    assert_eq!((many.len(), &many[..3]), (40, &first[..]));
    // the most likely base needs no seed
    let greedy =
        |seed| letters(&text(&format!("{WORDS} --length 30 --top-k 1 --seed {seed}"), &[&fasta]));
    assert_eq!(greedy(0), greedy(1));
}

#[test]
fn output_to_files() {
    let scratch = Scratch::new();
    let words = format!("{WORDS} --length 100 --count 2 -o");
    let [plain, gzip] = ["o.fa", "o.fa.gz"].map(|name| scratch.path(name));
    assert!(ok(&words, &[&plain]).is_empty());
    ok(&words, &[&gzip]);
    let expected = text(&format!("{WORDS} --length 100 --count 2"), &[]);
    assert_eq!(read(&plain), expected);
    assert_eq!(files::gunzip(&fs::read(&gzip).unwrap()), expected.as_bytes());
}

/// With `--stream` every line is handed on when it is made: a pipe that keeps writes apart shows it.
#[test]
fn bases_stream() {
    let words = "generate --length 600 --stream --seed 4";
    let mut pipe = [0; 2];
    // SAFETY: `pipe` has room for two descriptors.
    assert_eq!(unsafe { libc::pipe2(pipe.as_mut_ptr(), libc::O_DIRECT | libc::O_CLOEXEC) }, 0);
    // SAFETY: both were just opened, and nothing else owns them.
    let [mut reader, writer] = pipe.map(|fd| unsafe { fs::File::from_raw_fd(fd) });
    let mut run_to_pipe = command(words, &[]);
    let child = run_to_pipe.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    drop(run_to_pipe); // and with it our end of the pipe
    let (mut all, mut parts) = (Vec::new(), 0);
    let mut part = [0; 1 << 13];
    loop {
        let length = reader.read(&mut part).unwrap();
        if length == 0 {
            break;
        }
        parts += 1;
        all.extend_from_slice(&part[..length]);
        assert_eq!(all.last(), Some(&b'\n'), "whole lines");
    }
    let ended = end(child);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(parts >= 10, "600 bases came in {parts} parts");
    let streamed = records(&String::from_utf8(all).unwrap()).remove(0);
    let whole = records(&text(&format!("-q {}", words.replace("--stream", "")), &[])).remove(0);
    assert_eq!(streamed.letters, whole.letters);
    assert_eq!(streamed.field("log_likelihood"), None);
    let likelihood =
        format!("generated_1: log_likelihood={}", whole.field("log_likelihood").unwrap());
    assert!(ended.stderr.contains(&likelihood), "{}: {likelihood}", ended.stderr);
    let several = format!("{WORDS} --length 90 --count 5 --with-prompt");
    let scratch = Scratch::new();
    let prompts = scratch.file("prompts.bed", "chr1\t4000\t4030\nchr2\t10\t11\n");
    let streamed = text(&format!("{several} --stream"), &[&prompts, &genome()]);
    assert_eq!(letters(&streamed), letters(&text(&several, &[&prompts, &genome()])));
}

#[test]
fn bad_settings_are_refused() {
    for (options, phrases) in [
        ("", &["--length"][..]),
        ("--length 9 --batch-tokens 64", &["--batch-tokens has no effect"]),
        ("--length 0", &["--length"]),
        ("--length 9 --count 0", &["--count"]),
        ("--length 9 --temperature 0", &["--temperature", "--top-k 1"]),
        ("--length 9 --temperature -1", &["above 0"]),
        ("--length 9 --temperature NaN", &["above 0"]),
        ("--length 9 --temperature inf", &["above 0"]),
        ("--length 9 --top-k 0", &["1 to 4"]),
        ("--length 9 --top-k 5", &["1 to 4"]),
        ("--length 9 --top-p 0", &["above 0 and at most 1"]),
        ("--length 9 --top-p 1.1", &["above 0 and at most 1"]),
        ("--length 9 --top-p NaN", &["above 0 and at most 1"]),
        ("--length 9 --device cuda", &["on the CPU only"]),
        ("--length 9 --region chr1", &["--region needs a reference"]),
    ] {
        fails(&format!("generate {options}"), &[], 2, phrases);
    }
    fails("generate --length 9 --reference", &[&genome()], 2, &["there are none"]);
}

#[test]
fn bad_prompts_are_refused() {
    let scratch = Scratch::new();
    let output = scratch.path("out.fa");
    let long = format!(">a\nACGT\n>long\n{}\n", "A".repeat(1000));
    for (prompts, phrases) in [
        ("", &["is empty"][..]),
        (">a\nAC!T\n", &["\"a\" (line 1)", "'!'"]),
        (">a\nACGT\n>b\n", &["record b (line 3)", "no bases"]),
        (&long, &["record long (line 3)", "1000 bases", "1024", "--length 24"]),
    ] {
        let path = scratch.file("in.fa", prompts);
        let before = scratch.names();
        fails("generate --length 25 -o", &[&output, &path], 1, phrases);
        assert_eq!(scratch.names(), before);
    }
    let full = scratch.file("full.fa", format!(">x\n{}\n", "C".repeat(1024)));
    fails("generate --length 1", &[&full], 1, &["1024 bases", "shorter prompt"]);
    fails("generate --length 1025", &[], 1, &["no prompt", "--length is 1025", "1024"]);
    assert_eq!(letters(&text("-q generate --length 1024 --top-k 1", &[]))[0].len(), 1024);
    let empty = scratch.file("empty.bed", "chr1\t5\t5\n");
    fails("generate --length 1", &[&empty, &genome()], 1, &["line 1", "no bases"]);
    let none = scratch.file("none.bed", "# nothing\n");
    fails("generate --length 1", &[&none, &genome()], 1, &["no region"]);
    let far = scratch.file("far.bed", "chr1\t0\t99999999\n");
    fails("generate --length 1", &[&far, &genome()], 1, &["line 1", "ends beyond"]);
    let twice = scratch.file("twice.fa", ">a\nACG\n>a\nACG\n");
    let outcome = run(&mut command("generate --length 3", &[&twice]));
    assert!(outcome.stderr.contains("same name as another: 1"), "{}", outcome.stderr);
    let full = scratch.file("prompt.fa", ">a\nACG\n");
    fails("generate --length 3 -o /dev/full", &[&full], 1, &["No space left"]);
}

/// A model whose vocabulary ends before T.
#[test]
fn a_model_without_the_letters_is_refused() {
    let scratch = Scratch::new();
    let folder = scratch.path("model");
    fs::create_dir(&folder).unwrap();
    let mut weights = source::builtin().unwrap().weights;
    weights.config.vocab_rows = 8;
    let with_vocabulary = |(name, _): &(&String, &mut HostTensor)| {
        name.contains("word_embeddings") || name.contains("lm_head")
    };
    for (_, tensor) in weights.tensors.iter_mut().filter(with_vocabulary) {
        tensor.shape[0] = 8;
        tensor.data.truncate(8 * tensor.shape[1]);
    }
    convert::write_hub_layout(&weights, folder.as_ref()).unwrap();
    fails("generate --length 3 -m", &[&folder], 1, &["rows of the embedding: 8, expected 12"]);
}

/// A signal removes the unfinished output.
#[test]
fn an_interrupted_run_leaves_nothing() {
    let scratch = Scratch::new();
    let output = scratch.path("out.fa");
    let mut endless = command("-q generate --length 1000 --count 1000000 -o", &[&output]);
    let mut child = heed_signals(&mut endless).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&mut child, || !scratch.names().is_empty());
    send_signal(child.id(), libc::SIGINT);
    assert_eq!(end(child).code, Some(130));
    assert_eq!(scratch.names(), [""; 0]);
}

/// Nobody reads on: the run ends quietly, and long before its last sequence.
#[test]
fn a_closed_pipe_ends_a_long_run() {
    for options in ["", "--stream"] {
        let words = format!("-q generate --length 200 --count 4000000 {options}");
        let (mut reader, writer) = io::pipe().unwrap();
        let child = command(&words, &[]).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let mut start = [0; 10];
        reader.read_exact(&mut start).unwrap();
        assert_eq!(&start, b">generated");
        drop(reader);
        let ended = end(child);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    }
}
