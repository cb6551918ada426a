//! `hyenadna probe` from the command line: figures, parts, labels, leaks, errors.

use std::fs;

use crate::harness::{
    Outcome, Scratch, command, data, fails,
    genome::bases,
    run, skip,
    table::{Table, without_command},
    text,
};

fn probe(options: &str, paths: &[&str]) -> (Table, String) {
    let Outcome { code, stdout, stderr, .. } =
        run(&mut command(&format!("probe {options}"), paths));
    assert_eq!(code, Some(0), "{options} {paths:?}: {stderr}");
    (Table::parse(std::str::from_utf8(&stdout).unwrap()), stderr)
}

fn column(table: &Table, name: &str) -> Vec<String> {
    let index = table.header.iter().position(|column| column == name).unwrap();
    table.rows.iter().map(|row| row[index].clone()).collect()
}

fn number(table: &Table, row: usize, name: &str) -> f64 {
    column(table, name)[row].parse().unwrap()
}

/// Sequences of a class whose composition follows from it.
fn rows(classes: &[&str], from: usize, count: usize) -> String {
    let row = |i: usize| {
        let class = i % classes.len();
        let sequence = bases(40, (from + i) as u64);
        let sequence: String = sequence
            .char_indices()
            .map(|(at, base)| if at % 3 == 0 { b"ACG"[class] as char } else { base })
            .collect();
        format!("{sequence},{}\n", classes[class])
    };
    (0..count).map(row).collect()
}

#[test]
fn a_folder_of_parts_gives_a_row_for_the_model_and_one_for_words() {
    let folder = data("tasks/motif");
    let (table, log) = probe("--kmer 4", &[&folder]);
    assert_eq!(
        table.header.join(" "),
        "model features test n_train n_test strength held_out_loss auroc average_precision accuracy balanced_accuracy mcc f1 r2 pearson spearman weighted_f1"
    );
    let first = |i: usize| table.rows[i][..5].join(" ");
    assert_eq!(first(0), "builtin:human-1k last mean forward all 80 40");
    assert_eq!(first(1), ". 4-mers all 80 40");
    assert_eq!(first(2), ". composition all 80 40");
    assert_eq!(table.rows.len(), 3);
    for row in 0..2 {
        assert!(number(&table, row, "auroc") > 0.6, "{:?}", table.rows);
        assert!((0.4..=1.0).contains(&number(&table, row, "f1")), "{:?}", table.rows);
    }
    assert!(column(&table, "r2").iter().all(|value| value == "."));
    assert!(table.comments.iter().any(|line| line == "##hyenadna_selection=valid"), "{table:?}");
    for phrase in [
        "task: single-label, 2 classes",
        "train: 80 sequences of 60 bases; 0: 40, 1: 40",
        "valid: 30 sequences",
        "test: 40 sequences",
    ] {
        assert!(log.contains(phrase), "{phrase}: {log}");
    }
    let again = |options: &str| without_command(&text(options, &[&folder]));
    assert_eq!(again("-q probe --kmer 4"), again("-q probe --kmer 4 --threads 2"));
}

#[test]
fn classes_numbers_and_fasta_are_tasks() {
    let scratch = Scratch::new();
    let three = rows(&["x", "y", "z"], 0, 90);
    let file = scratch.file("three.csv", format!("seq,label\n{three}"));
    let (table, log) = probe("--test-fraction 0.3 --kmer 2 --folds 3", &[&file]);
    assert!(log.contains("task: single-label, 3 classes"), "{log}");
    assert_eq!(table.rows[1][..5].join(" "), ". 2-mers all 63 27");
    assert!(number(&table, 1, "auroc") > 0.9 && number(&table, 0, "auroc") > 0.9, "{table:?}");
    let selection = "##hyenadna_selection=3-fold cross-validation of train";
    assert!(table.comments.iter().any(|line| line == selection), "{table:?}");

    // the same as FASTA, in one file and in one for each class
    let record = |(i, line): (usize, &str)| {
        let (sequence, label) = line.split_once(',').unwrap();
        format!(">s{i}|{label}\n{sequence}\n")
    };
    let fasta: String = three.lines().enumerate().map(record).collect();
    let one = scratch.file("three.fa", &fasta);
    let (from_fasta, _) = probe("--test-fraction 0.3 --kmer 2 --folds 3", &[&one]);
    assert_eq!(from_fasta.rows, table.rows);
    let mut options = "--test-fraction 0.3 --kmer 2 --folds 3".to_owned();
    for class in ["x", "y", "z"] {
        let records = fasta.split_inclusive('>').map(|record| record.trim_end_matches('>'));
        let own = records.filter(|record| record.contains(&format!("|{class}\n")));
        let text: String = own.map(|record| format!(">{record}")).collect();
        options += &format!(" --class {class}={}", scratch.file(class, text));
    }
    let (from_files, _) = probe(&options, &[]);
    assert_eq!(from_files.rows.len(), 3);
    assert!(number(&from_files, 1, "accuracy") > 0.8, "{from_files:?}");

    let share = |sequence: &str| sequence.matches('A').count() as f64 / 10.0 + 0.05;
    let numbers: String = three
        .lines()
        .map(|line| line.split_once(',').unwrap().0)
        .map(|sequence| format!("{sequence}\t{}\n", share(sequence)))
        .collect();
    let file = scratch.file("numbers.tsv", format!("sequence\tlabel\n{numbers}"));
    let (table, log) = probe("--test-fraction 0.3 --kmer 1", &[&file]);
    assert!(log.contains("task: regression") && log.contains("; label from "), "{log}");
    assert!(number(&table, 1, "r2") > 0.95 && number(&table, 1, "pearson") > 0.97, "{table:?}");
    assert!(number(&table, 0, "spearman") > 0.5, "{table:?}");
    assert!(column(&table, "auroc").iter().all(|value| value == "."));
}

/// The product of two shares, which no line follows.
#[test]
fn trees_are_boosted_for_classes_and_numbers() {
    let scratch = Scratch::new();
    let sequence = |i: usize| {
        let letters = |from: usize, share: usize, [on, off]: [&str; 2]| -> String {
            let noise = |j: usize| ((i * 7919 + (j + from) * 7927 + i * j * 37) % 9973) % 30;
            (0..30).map(|j| if noise(j) < share % 29 + 1 { on } else { off }).collect()
        };
        (letters(0, i * 17 + 3, ["A", "C"]), letters(50, i * 7 + i / 30 + 11, ["G", "T"]))
    };
    let share = |part: &str, letter| part.matches(letter).count() as f64 / 30.0 - 0.5;
    let row = |i: usize| {
        let (first, second) = sequence(i);
        let product = share(&first, 'A') * share(&second, 'G');
        (format!("{first}{second}"), product)
    };
    let table = |label: &dyn Fn(f64) -> String| {
        let line = |i| {
            let (sequence, product) = row(i);
            format!("{sequence},{}\n", label(product))
        };
        format!("sequence,label\n{}", (0..240).map(line).collect::<String>())
    };
    let classes = scratch.file("c.csv", table(&|x| u8::from(x > 0.0).to_string()));
    let numbers = scratch.file("n.csv", table(&|x| format!("{:.5}", 10.0 * x + 0.01)));
    let options = "--test-fraction 0.3 --leak-share 2 --folds 2";
    let run = |more: &str, file: &str| probe(&format!("{options} {more}"), &[file]).0;
    // of all members, as some sequences are alike
    let of = |table: &Table, features: &str| {
        let found = table.rows.iter().position(|row| row[1] == features && row[2] == "all");
        found.unwrap()
    };
    for (file, figure) in [(&classes, "auroc"), (&numbers, "r2")] {
        let linear = run("--baselines kmers --kmer 1", file);
        let trees = run("--baselines kmers --kmer 1 --classifier gbdt", file);
        assert!(trees.comments.contains(&"##hyenadna_classifier=gbdt".to_owned()), "{trees:?}");
        let [before, after] =
            [&linear, &trees].map(|table| number(table, of(table, "1-mers"), figure));
        assert!(before < 0.65 && after > before + 0.15, "{figure}: {before} {after}");
        let rounds = number(&trees, of(&trees, "1-mers"), "strength");
        assert!((1.0..=500.0).contains(&rounds) && rounds.fract() == 0.0, "{rounds}");
    }
    let trees = run("--baselines length --classifier gbdt", &classes);
    let length = number(&trees, of(&trees, "length"), "auroc");
    assert_eq!(length, 0.5, "all have the same length");
    let again = |threads: &str| {
        let words = format!("-q probe {options} --kmer 1 --classifier gbdt --threads {threads}");
        without_command(&text(&words, &[&classes]))
    };
    assert_eq!(again("1"), again("2"));
    let motif = data("tasks/motif");
    let (sweep, _) = probe("--sweep --baselines none --classifier gbdt", &[&motif]);
    let last = sweep.rows.last().unwrap();
    assert!(last[2] == "all" && last[16].parse::<f64>().unwrap() > 0.3, "{last:?}");
}

/// The strand and the half of a sequence are lost in the mean over both.
#[test]
fn strands_layers_and_parts_are_side_by_side() {
    let scratch = Scratch::new();
    let row = |i: usize| {
        let noise = bases(30, i as u64);
        let halves = ["CACACACACACACACACACACACACACACA", &noise];
        let [first, second] = [halves[i % 2], halves[1 - i % 2]];
        format!("{first}{second},{}\n", i % 2)
    };
    let rows: String = (0..60).map(row).collect();
    let file = scratch.file("halves.csv", format!("sequence,label\n{rows}"));
    let options = "--test-fraction 0.3 --baselines none --leak-share 2 --layer 1,last --strand concat --pool bins:2";
    let (table, _) = probe(options, &[&file]);
    assert_eq!(column(&table, "features"), ["1,last bins:2 concat"]);
    assert_eq!(number(&table, 0, "auroc"), 1.0);
    let (table, _) =
        probe("--test-fraction 0.3 --kmer 2 --leak-share 2 --strand reverse", &[&file]);
    assert!(number(&table, 1, "auroc") < 0.95, "{table:?}");
}

#[test]
fn leaks_are_counted_measured_apart_removed_or_refused() {
    let scratch = Scratch::new();
    let train = rows(&["0", "1"], 0, 40);
    let copies: String = train.lines().take(4).map(|line| format!("{line}\n")).collect();
    let test = format!("sequence,label\n{}{copies}", rows(&["0", "1"], 100, 20));
    let train = scratch.file("train.csv", format!("sequence,label\n{train}"));
    let test = scratch.file("test.csv", test);
    let options = format!("--baselines none --train {train} --test {test}");
    let (table, log) = probe(&options, &[]);
    assert!(log.contains("test: 4 of 24 sequences are also in train: 4 identical"), "{log}");
    assert_eq!(column(&table, "test"), ["all", "clean"]);
    assert_eq!(column(&table, "n_test"), ["24", "20"]);
    let (table, log) = probe(&format!("--on-leak drop {options}"), &[]);
    assert!(log.contains("removed"), "{log}");
    assert_eq!(
        (column(&table, "test"), column(&table, "n_test")),
        (vec!["all".into()], vec!["20".into()])
    );
    fails(&format!("probe --on-leak fail {options}"), &[], 1, &["4 identical", "--on-leak drop"]);
}

#[test]
fn data_that_do_not_fit_are_refused() {
    let scratch = Scratch::new();
    let good = rows(&["0", "1"], 0, 12);
    let table = |name: &str, rows: &str| {
        scratch.file(name, format!("sequence,label,set\n{}", rows.replace('\n', ",train\n")))
    };
    let plain = table("plain.csv", &good);
    let once = table("once.csv", &format!("{good}ACGT,2\n"));
    let split = "probe --test-fraction 0.25";
    fails("probe", &[&plain], 1, &["test part has no members", "--test-fraction"]);
    fails(split, &[&once], 1, &["once.csv, line 14", "\"2\" occurs once"]);
    fails("probe --split-column part", &[&plain], 1, &["line 1", "no column part"]);
    fails("probe --split-column set", &[&plain], 1, &["test part has no members"]);
    let protein = table("protein.csv", &format!("{good}MKLV,1\n"));
    fails(split, &[&protein], 1, &["protein.csv, line 14", "protein"]);
    let long = table("long.csv", &format!("{good}{},1\n", "ACGT".repeat(300)));
    fails(split, &[&long], 1, &["longer than the model's context of 1024", "--long chunk"]);
    for long_option in ["chunk", "truncate"] {
        let (table, log) =
            probe(&format!("--baselines none --test-fraction 0.25 --long {long_option}"), &[&long]);
        assert!(log.contains("1 sequence longer") && table.rows.len() == 1, "{log}");
    }
    let folder = scratch.path("folder");
    fs::create_dir(&folder).unwrap();
    fs::copy(&plain, format!("{folder}/test.csv")).unwrap();
    fails("probe", &[&folder], 1, &["folder: has no train beside", "--train FILE"]);
    fails("probe", &[], 2, &["no data"]);
    fails("probe --class a=x.fa", &[], 2, &["only class"]);
    fails("probe --test-fraction 0.6 --valid-fraction 0.4", &[&plain], 2, &["below 1"]);
    fails("probe --test-fraction 1", &[&plain], 2, &["between 0 and 1"]);
    fails("probe --pool none", &[&plain], 2, &["--pool none", "each sequence"]);
    let short = table("short.csv", &format!("{good}ACG,1\n"));
    fails(
        "probe --test-fraction 0.25 --pool bins:4",
        &[&short],
        1,
        &["short.csv, line 14: 3 bases"],
    );
    fails("probe --layer 9 --test-fraction 0.25", &[&plain], 1, &["--layer 9", "layers"]);
    let output = scratch.path("out.tsv");
    fails("probe --test-fraction 0.25 -o", &[&output, &once], 1, &["occurs once"]);
    assert!(!fs::exists(&output).unwrap(), "nothing is half-written");
}

#[test]
fn folders_of_texts_are_read() {
    let scratch = Scratch::new();
    let root = scratch.path("set");
    for (i, line) in rows(&["0", "1"], 0, 48).lines().enumerate() {
        let (sequence, class) = line.split_once(',').unwrap();
        let part = if i < 32 { "train" } else { "test" };
        let folder = format!("{root}/{part}/class{class}");
        fs::create_dir_all(&folder).unwrap();
        fs::write(format!("{folder}/{i}.txt"), format!("{sequence}\n")).unwrap();
    }
    let (table, log) = probe("--kmer 2", &[&root]);
    assert!(log.contains("class0: 16, class1: 16"), "{log}");
    assert_eq!(column(&table, "n_test"), ["16"; 3]);
}

/// Real data: the frozen mean of the forward strand of the released tiny-1k.
#[test]
fn promoters_are_told_apart_with_a_released_model() {
    let shared = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let tasks = shared.join("tasks/gue/prom_prom_300_tata");
    let model = shared.join("models/hyenadna-tiny-1k-seqlen");
    if !tasks.is_dir() || !model.is_dir() {
        return skip("../shared/data has no prom_prom_300_tata or no tiny-1k");
    }
    let [valid, test] = ["dev", "test"].map(|part| tasks.join(format!("{part}.csv.gz")));
    let options = format!(
        "--baselines none --train {} --test {} -m {}",
        valid.display(),
        test.display(),
        model.display()
    );
    let (table, _) = probe(&options, &[]);
    // the smaller part stands for train here, which costs some
    let auroc = number(&table, 0, "auroc");
    assert!((0.72..0.85).contains(&auroc), "{auroc}");
}
