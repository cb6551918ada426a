//! `hyenadna probe` with several models, a sweep, embeddings of a file, and baselines.

use std::fs;

use crate::harness::{
    Outcome, Scratch, command, data, fails,
    genome::bases,
    read, run,
    table::{Table, without_command},
    text,
};

const FOLDER: &str = "tasks/motif";

fn probe(options: &str, paths: &[&str]) -> (Table, String) {
    let Outcome { code, stdout, stderr, .. } =
        run(&mut command(&format!("probe {options}"), paths));
    assert_eq!(code, Some(0), "{options} {paths:?}: {stderr}");
    (Table::parse(std::str::from_utf8(&stdout).unwrap()), stderr)
}

/// Cells from the column test on.
fn measured(row: &[String]) -> &[String] {
    &row[2..]
}

#[test]
fn every_model_has_a_row() {
    let (folder, mini) = (data(FOLDER), data("golden/mini-checkpointed/lightning"));
    let (both, _) = probe(&format!("--kmer 2 -m builtin,{mini}"), &[&folder]);
    assert_eq!(both.column("features")[..2], ["last mean forward"; 2]);
    assert_eq!(both.column("model")[0], "builtin:human-1k");
    assert_eq!(both.column("model")[2..], [".", "."]);
    let (alone, _) = probe(&format!("--baselines none -m {mini}"), &[&folder]);
    assert_eq!(both.rows[1], alone.rows[0]);
    assert!(both.rows[0] != both.rows[1], "{both:?}");
    let models = both.comments.iter().find(|line| line.starts_with("##hyenadna_model=")).unwrap();
    assert_eq!(models.matches("identity:").count(), 2, "{models}");
    // a path with a comma is one model
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("a,b")).unwrap();
    for entry in fs::read_dir(&mini).unwrap().map(Result::unwrap) {
        let to = format!("{}/{}", scratch.path("a,b"), entry.file_name().display());
        fs::copy(entry.path(), to).unwrap();
    }
    let (comma, _) = probe(&format!("--baselines none -m {}", scratch.path("a,b")), &[&folder]);
    assert_eq!(measured(&comma.rows[0]), measured(&alone.rows[0]));
    fails(&format!("probe -m {mini},none"), &[&folder], 1, &["none"]);
}

/// The halves of a sequence are told apart by parts alone: the sweep finds that without the test part.
#[test]
fn a_sweep_chooses_by_validation_and_tests_once() {
    let scratch = Scratch::new();
    let row = |i: usize| {
        let noise = bases(30, i as u64);
        let halves = ["CACACACACACACACACACACACACACACA", &noise];
        let [first, second] = [halves[i % 2], halves[1 - i % 2]];
        format!("{first}{second},{}\n", i % 2)
    };
    let rows: String = (0..100).map(row).collect();
    let file = scratch.file("halves.csv", format!("sequence,label\n{rows}"));
    let options =
        "--sweep --test-fraction 0.3 --valid-fraction 0.2 --leak-share 2 --kmer 2 --kmer-binned 1";
    let (table, log) = probe(options, &[&file]);
    // four poolings, two more strands, two more sets of layers, of a model with two layers
    let tried: Vec<&Vec<String>> = table.rows.iter().filter(|row| row[2] == ".").collect();
    assert_eq!(tried.len(), 4 + 2 + 2, "{table:?}");
    assert!(tried.iter().all(|row| row[4] == "." && row[7..].iter().all(|cell| cell == ".")));
    let place = table.header.iter().position(|name| name == "held_out_loss").unwrap();
    let loss = |row: &&Vec<String>| row[place].parse::<f64>().unwrap();
    let best = tried.iter().min_by(|a, b| loss(a).total_cmp(&loss(b))).unwrap();
    let winner = &table.rows[tried.len()];
    assert_eq!((&winner[..2], &*winner[2]), (&best[..2], "all"));
    assert!(winner[1].contains("bins:"), "{winner:?}");
    assert!(log.contains(&format!("{} has the lowest loss of 8 combinations", winner[1])), "{log}");
    let sweep = format!("##hyenadna_sweep={} of 8 combinations, by held_out_loss", winner[1]);
    assert!(table.comments.contains(&sweep), "{table:?}");
    assert!(table.comments.contains(&"##hyenadna_selection=valid".to_owned()), "{table:?}");
    let bins = winner[1].split(' ').find(|word| word.starts_with("bins:")).unwrap();
    let names = table.column("features");
    assert_eq!(names[tried.len() + 1..], ["2-mers", &format!("1-mers {bins}"), "composition"]);
    // the winner alone has the same figures
    let words: Vec<&str> = winner[1].split(' ').collect();
    let alone = format!(
        "--layer {} --pool {} --strand {} --baselines none --test-fraction 0.3 --valid-fraction 0.2 --leak-share 2",
        words[0], words[1], words[2]
    );
    assert_eq!(probe(&alone, &[&file]).0.rows, std::slice::from_ref(winner));
    // without a validation part the folds choose; sequences of 5 bases have no 8 parts
    let short = rows.replace("CACACACACACACACACACACACACACACA", "CACAC");
    let short: String = short
        .lines()
        .map(|line| {
            let (sequence, label) = line.split_once(',').unwrap();
            let half = if label == "0" { &sequence[..5] } else { &sequence[sequence.len() - 5..] };
            format!("{half},{label}\n")
        })
        .collect();
    let short = scratch.file("short.csv", format!("sequence,label\n{short}"));
    let options = "--sweep --test-fraction 0.3 --folds 2 --baselines none";
    let (table, _) = probe(options, &[&short]);
    let names = table.column("features").join(" ");
    assert!(names.contains("bins:4") && !names.contains("bins:8"), "{names}");
    fails("probe --sweep --pool max", &[&file], 2, &["--sweep", "--pool"]);
}

/// Rows of a matrix follow the order of the data, whatever part they are drawn into.
#[test]
fn embeddings_of_a_file_are_those_of_the_model() {
    let scratch = Scratch::new();
    let table = read(&data("tasks/motif/train.csv"));
    let fasta: String = table
        .lines()
        .skip(1)
        .enumerate()
        .map(|(i, line)| {
            let mut fields = line.split(',');
            let (sequence, label) = (fields.next().unwrap(), fields.next().unwrap());
            format!(">s{i}|{label}\n{sequence}\n")
        })
        .collect();
    let fasta = scratch.file("train.fa", fasta);
    let matrix = scratch.path("train.npy");
    text("-q embed --strand forward", &[&fasta, "-o", &matrix]);
    let options = "--baselines none --test-fraction 0.25 --valid-fraction 0.2 --seed 3";
    let (expected, _) = probe(options, &[&fasta]);
    let (found, log) = probe(&format!("{options} --embeddings {matrix}"), &[&fasta]);
    assert_eq!(found.rows.len(), 1);
    assert_eq!(found.rows[0][..2], [".".to_owned(), matrix.clone()]);
    assert_eq!(measured(&found.rows[0]), measured(&expected.rows[0]));
    assert!(!log.contains("model "), "no model is loaded: {log}");
    let (beside, _) = probe(&format!("{options} -m builtin --embeddings {matrix}"), &[&fasta]);
    assert_eq!(beside.rows.len(), 2);
    assert_eq!(measured(&beside.rows[0]), measured(&beside.rows[1]));
    // parts in files of their own
    let folder = data(FOLDER);
    let whole: String = ["train", "valid", "test"]
        .map(|part| {
            let path = format!("{folder}/{part}.csv");
            let lines =
                read(&if fs::exists(&path).unwrap() { path } else { format!("{folder}/dev.csv") });
            let record = |line: &str| format!(">x\n{}\n", line.split(',').next().unwrap());
            lines.lines().skip(1).map(record).collect::<String>()
        })
        .concat();
    let whole = scratch.file("all.fa", whole);
    let all = scratch.path("all.npy");
    text("-q embed --strand forward", &[&whole, "-o", &all]);
    let (found, _) = probe(&format!("--baselines none --embeddings {all}"), &[&folder]);
    let (expected, _) = probe("--baselines none", &[&folder]);
    assert_eq!(measured(&found.rows[0]), measured(&expected.rows[0]));
    for (file, phrases) in [
        (matrix.as_str(), &["train.npy has 80 rows, and the data have 150 sequences"][..]),
        (&fasta, &["train.fa: is not in NumPy's format", "`embed` writes it"]),
        ("none.npy", &["cannot open none.npy"]),
    ] {
        fails(&format!("probe --embeddings {file}"), &[&folder], 1, phrases);
    }
    let mut bytes = fs::read(&all).unwrap();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    let broken = scratch.file("broken.npy", &bytes);
    let words = format!("probe --embeddings {broken}");
    fails(&words, &[&folder], 1, &["broken.npy, row 150: a value is NaN or infinite"]);
    let same = format!("probe --embeddings {all} -o {all}");
    fails(&same, &[&folder], 2, &["the same file as the input"]);
}

#[test]
fn baselines_are_chosen() {
    let folder = data(FOLDER);
    let names = |options: &str| probe(options, &[&folder]).0.column("features").join("|");
    assert_eq!(
        names("--baselines composition,both --kmer 2"),
        "last mean forward|composition|last mean forward + 2-mers"
    );
    assert_eq!(
        names("--pool bins:3 --kmer 2 --kmer-binned 1"),
        "last bins:3 forward|2-mers|1-mers bins:3|composition"
    );
    assert_eq!(
        names("--pool bins:3 --baselines both,binned --kmer-binned 2"),
        "last bins:3 forward|last bins:3 forward + 2-mers bins:3|2-mers bins:3"
    );
    let again = |options: &str| without_command(&text(options, &[&folder]));
    let words = "-q probe --baselines both --kmer 3";
    assert_eq!(again(words), again(&format!("{words} --threads 2")));
    let none = "probe --baselines none,kmers";
    fails(none, &[&folder], 2, &["--baselines none stands alone"]);
    fails("probe --baselines binned", &[&folder], 2, &["--pool bins:K", "--sweep"]);
    fails("probe --baselines length --kmer 2", &[&folder], 2, &["--kmer is for the baselines"]);
    fails("probe --kmer-binned 2", &[&folder], 2, &["--kmer-binned is for", "--pool bins:K"]);
    fails("probe --folds 3", &[&folder], 2, &["--folds is for data without a validation part"]);
}
