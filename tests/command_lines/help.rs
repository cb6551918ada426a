//! The examples in the help of every command run.

use std::{fs, os::unix::fs::symlink, path::Path};

use tempfile::TempDir;

use crate::{
    harness::{heads, ok},
    readme::run,
};

/// Commands, by the words after `hyenadna`.
const COMMANDS: [&str; 25] = [
    "",
    "bench",
    "completions",
    "embed",
    "evaluate",
    "finetune",
    "generate",
    "icl",
    "likelihood",
    "man",
    "merge",
    "models",
    "models convert",
    "models info",
    "models list",
    "models pull",
    "models verify",
    "mutagenesis",
    "perplexity",
    "predict",
    "probe",
    "project",
    "recall",
    "score-variants",
    "train",
];

/// Examples that do not run here, and why.
const NOT_RUN: [(&str, &str); 9] = [
    (
        "hyenadna finetune motif --sweep lr=1e-4,6e-4 pool=mean,bins:4 --seeds 3 -o motif-runs",
        "takes long",
    ),
    ("hyenadna train --reference genome.fa --valid-contigs chr21 -o run", "takes long"),
    ("hyenadna models info hyenadna-tiny-1k-seqlen", "needs the network"),
    ("hyenadna models convert hyenadna-tiny-1k-seqlen tiny-1k", "needs the network"),
    (
        "hyenadna models convert --head-pool last --classes no,yes fine-tuned with-head",
        "needs a model of others",
    ),
    ("hyenadna models pull hyenadna-small-32k-seqlen", "needs the network"),
    ("hyenadna models verify hyenadna-small-32k-seqlen --hg38 hg38.fa", "needs the network"),
    (
        "HF_HUB_CACHE=/scratch/hub hyenadna models pull hyenadna-large-1m-seqlen",
        "needs the network",
    ),
    ("hyenadna man ~/.local/share/man/man1", "writes into the home folder"),
];

fn help(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let arguments = [&words[..], &["--help"]].concat();
    String::from_utf8(ok(arguments[0], &arguments[1..])).unwrap()
}

/// The examples of a help text: lines with an indent of four, joined if they follow each other.
fn examples(help: &str) -> Vec<String> {
    let start = help.find("\nExamples:\n").unwrap_or_else(|| panic!("no examples:\n{help}"));
    let mut examples: Vec<String> = Vec::new();
    let mut is_command = false;
    for line in help[start..].lines().skip(2).take_while(|line| !line.is_empty()) {
        match (line.strip_prefix("    "), examples.last_mut()) {
            (Some(command), Some(last)) if is_command => *last += &format!("\n{command}"),
            (Some(command), _) => examples.push(command.to_owned()),
            (None, _) => assert!(line.starts_with("  ") && line.ends_with(':'), "{line}"),
        }
        is_command = line.starts_with("    ");
    }
    examples
}

/// A folder with the files that the examples name.
fn workplace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data");
    for (file, name) in [
        ("demo/genome.fa", "genome.fa"),
        ("demo/variants.vcf", "variants.vcf"),
        ("demo/regions.bed", "regions.bed"),
        ("demo/sequences.fa", "sequences.fa"),
        ("demo/reads.fq", "reads.fq"),
        ("evaluate/labels.tsv", "labels.tsv"),
        ("evaluate/predictions.tsv", "predictions.tsv"),
        ("tasks/motif", "motif"),
    ] {
        symlink(data.join(file), folder.path().join(name)).unwrap();
    }
    heads::write(folder.path().join("run").to_str().unwrap(), &heads::two_classes());
    fs::create_dir_all(folder.path().join(".local/share/bash-completion/completions")).unwrap();
    folder
}

#[test]
fn examples_of_the_help_run() {
    let mut skipped = Vec::new();
    let scored = workplace();
    let script = "hyenadna score-variants variants.vcf genome.fa > scores.tsv";
    assert!(run(script, scored.path()).status.success());
    for command in COMMANDS {
        let found = examples(&help(command));
        assert!(found.len() >= 2, "{command} has {} examples", found.len());
        for example in found {
            let last_word = command.rsplit(' ').next().unwrap();
            assert!(example.contains("hyenadna") && example.contains(last_word), "{example}");
            if NOT_RUN.iter().any(|(other, _)| *other == example) {
                skipped.push(example);
                continue;
            }
            let folder = workplace();
            if example.contains(" scores.tsv ") {
                let scores = folder.path().join("scores.tsv");
                fs::copy(scored.path().join("scores.tsv"), scores).unwrap();
            }
            let script = format!("HOME=$PWD\n{example}");
            let output = run(&script, folder.path());
            let log = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{example}\n{log}");
        }
    }
    for (example, _) in NOT_RUN {
        assert!(skipped.iter().any(|other| other == example), "no help has {example}");
    }
}

/// The list of commands above is that of the manual pages.
#[test]
fn every_command_is_listed() {
    let name = |command: &str| match command {
        "" => "hyenadna.1".to_owned(),
        command => format!("hyenadna-{}.1", command.replace(' ', "-")),
    };
    let mut names = COMMANDS.map(name).to_vec();
    names.sort();
    let folder = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("man")).unwrap();
    let mut pages: Vec<String> =
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    pages.sort();
    assert_eq!(pages, names);
}
