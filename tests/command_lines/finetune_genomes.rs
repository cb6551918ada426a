//! `hyenadna finetune --genomes`: classes of random windows of genomes.

use std::{fs, path::Path};

use crate::harness::{Scratch, command, data, fails, run};

/// Two genomes: in one all triplets are GCA or GCC, in the other ATA or ATT.
fn genomes(scratch: &Scratch) -> [String; 2] {
    let mut state = 7_u64;
    let mut coin = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 40).is_multiple_of(2)
    };
    [("gc.fa", ["GCA", "GCC"]), ("at.fa", ["ATA", "ATT"])].map(|(name, words)| {
        let mut text = String::new();
        for contig in ["chr1", "chr2", "chr3"] {
            let bases: String = (0..700).map(|_| words[usize::from(coin())]).collect();
            text += &format!(">{contig}\n{bases}\n");
        }
        fs::write(scratch.path(name), text).unwrap();
        format!("{}={}", name.trim_end_matches(".fa"), scratch.path(name))
    })
}

const OPTIONS: &str = "-q finetune --length 64 --windows 24,8,12 --valid-contigs chr2 --test-contigs gc:chr3,at:chr3 --batch 16 --log-every 1 --lr 3e-3 --dropout 0";

fn finetune(options: &str, genomes: &[String; 2], output: &str) -> String {
    let model = data("golden/mini-checkpointed/hf");
    let [one, two] = genomes;
    let outcome = run(&mut command(options, &["-m", &model, "-o", output, "--genomes", one, two]));
    assert_eq!(outcome.code, Some(0), "{options}: {}", outcome.stderr);
    outcome.stderr
}

fn rows(path: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| row.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn species_are_told_apart_and_measured_by_length() {
    let scratch = Scratch::new();
    let genomes = genomes(&scratch);
    let output = scratch.path("run");
    let options = format!("{OPTIONS} --epochs 6 --stages 16:16:4 --test-lengths 64,8,32");
    finetune(&options.replace("-q ", ""), &genomes, &output);
    let metrics = rows(&format!("{output}/report/metrics.tsv"));
    let accuracy = metrics.iter().find(|row| row[2] == "accuracy").unwrap();
    assert_eq!((accuracy[1].as_str(), accuracy[3].as_str()), ("24", "1"));
    let lengths = rows(&format!("{output}/report/lengths.tsv"));
    let of = |column: usize| lengths.iter().map(|row| row[column].as_str()).collect::<Vec<_>>();
    assert_eq!(of(0), ["8", "32", "64"]);
    assert_eq!(of(1), ["24"; 3]);
    assert_eq!(lengths[2][2], "1", "the whole windows have the figure of the report");
    // the model is one for predict
    let fasta = scratch.path("x.fa");
    fs::write(&fasta, format!(">a\n{}\n>b\n{}\n", "GCAGCC".repeat(10), "ATAATT".repeat(10)))
        .unwrap();
    let outcome = run(&mut command("-q predict -m", &[&output, &fasta]));
    let stdout = String::from_utf8(outcome.stdout).unwrap();
    let found: Vec<&str> = stdout.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(found[0].contains("gc") && found[1].contains("at"), "{found:?}");
}

/// Each epoch has windows of its own, so that a run that goes on draws those that it would have drawn.
#[test]
fn epochs_have_other_windows_and_resume_is_exact() {
    let scratch = Scratch::new();
    let genomes = genomes(&scratch);
    let whole = scratch.path("whole");
    let options = format!("{OPTIONS} --epochs 3 --save-every 1 --keep 20 --threads 1");
    finetune(&options, &genomes, &whole);
    let weights = |run: &str| fs::read(format!("{run}/model/model.safetensors")).unwrap();
    let part = scratch.path("part");
    finetune(&options, &genomes, &part);
    assert_eq!(weights(&whole), weights(&part));
    // as if it had been killed after step 5 of 9, in the second epoch
    for name in ["model", "report"] {
        fs::remove_dir_all(format!("{part}/{name}")).unwrap();
    }
    for entry in fs::read_dir(format!("{part}/checkpoints")).unwrap() {
        let path = entry.unwrap().path();
        let step: u64 =
            path.file_name().unwrap().to_str().unwrap()["step-".len()..].parse().unwrap();
        if step > 5 {
            fs::remove_dir_all(path).unwrap();
        }
    }
    let outcome = run(&mut command("-q finetune --threads 1 --resume", &[&part]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(weights(&whole), weights(&part));
    let other = scratch.path("other");
    finetune(&format!("{options} --seed 5"), &genomes, &other);
    assert_ne!(weights(&whole), weights(&other));
}

#[test]
fn mistakes_are_named() {
    let scratch = Scratch::new();
    let [one, two] = genomes(&scratch);
    let output = scratch.path("run");
    let model = data("golden/mini-checkpointed/hf");
    for (options, code, phrases) in [
        ("", 2, &["--window"][..]),
        ("--length 64 --windows 5,5", 2, &["expected three numbers"]),
        ("--length 64 --test-contigs gc:chr9", 1, &["gc:chr9 is in no class", "gc has chr1, chr2"]),
        (
            "--length 64 --test-contigs gc:chr3",
            1,
            &["class at has no test part", "at:CONTIG", "--test-fraction"],
        ),
        ("--length 64 --valid-contigs chr1,chr2,chr3", 1, &["nothing to train on"]),
        ("--length 64 --valid-fraction 0.2", 1, &["class gc", "blocks of 100000 bases"]),
        (
            "--length 9000 --windows 3,3,3",
            1,
            &["class gc: the longest stretch of its train part has 2100 bases", "window has 9000"],
        ),
        (
            "--length 1000000000 --windows 100000000,100000000,100000000",
            1,
            &["--windows", "are free; give fewer"],
        ),
        ("--length 64 --on-leak drop", 2, &["--on-leak is for listed sequences"]),
        ("--length 64 --task regression", 2, &["--task"]),
        ("--length 64 --label-column x", 2, &["--label-column"]),
        ("--length 64 --method head --frozen-cache", 2, &["--frozen-cache and --genomes"]),
        ("--length 64 --test-lengths 32", 2, &["--test-lengths needs a test part"]),
        (
            "--length 64 --test-contigs chr3 --test-lengths 65",
            2,
            &["--test-lengths 65", "64 bases"],
        ),
        ("--length 800 --windows 3,3,3", 1, &["longer than the model's context"]),
    ] {
        let words = format!("finetune {options} -o {output} -m {model}");
        fails(&words, &["--genomes", &one, &two], code, phrases);
        assert!(!Path::new(&output).exists(), "{options}");
    }
    let words = format!("finetune --length 64 -o {output} -m {model} --genomes");
    fails(&words, &[&one], 2, &["--genomes gc is the only class"]);
    fails(&words, &["x", &two], 2, &["expected NAME=FILE"]);
    fails(&words, &["x=no-such.fa", &two], 1, &["class x", "no-such.fa"]);
    fails(&words, &[&one, &one, &two], 1, &["class gc", "given twice"]);
}
