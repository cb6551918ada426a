//! `hyenadna evaluate --report`: a folder of tables and charts.

use std::{fs, path::Path};

use crate::harness::{
    Scratch, command, data, fails, read, run,
    table::{Table, without_command},
};

const SCORED: &str =
    "evaluate --truth label --probabilities acceptor,donor,neither --bootstrap 200";

fn table(folder: &str, name: &str) -> Table {
    Table::parse(&read(&format!("{folder}/{name}.tsv")))
}

fn names(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn report(options: &str, input: &str, folder: &str) -> (String, String) {
    let out = run(&mut command(options, &[input, "--report", folder]));
    assert_eq!(out.code, Some(0), "{options}: {}", out.stderr);
    (String::from_utf8(out.stdout).unwrap(), out.stderr)
}

/// The figures are those of the table on stdout, and of scikit-learn (`evaluate_predictions.rs`). The
/// expected calibration error is that of the most probable class, by NumPy 2.4:
///
/// ```python
/// import csv, numpy as np
/// rows = list(csv.DictReader(open("predictions.tsv"), delimiter="\t"))
/// k = ["acceptor", "donor", "neither"]
/// s = np.array([[float(r[c]) for c in k] for r in rows])
/// hit = np.array([k[i] == r["label"] for i, r in zip(s.argmax(1), rows)])
/// bin = np.searchsorted(np.linspace(0, 1, 11)[1:-1], s.max(1))
/// print(sum(abs((s.max(1) - hit)[bin == b].sum()) for b in range(10)) / len(rows))
/// ```
#[test]
fn a_report_of_classes_is_complete() {
    let scratch = Scratch::new();
    let [folder, input] = [scratch.path("report"), data("evaluate/predictions.tsv")];
    let (stdout, _) = report(SCORED, &input, &folder);
    let mut expected = vec!["classes.tsv".to_owned(), "confusion.tsv".into(), "metrics.tsv".into()];
    expected.push("reliability.tsv".into());
    for chart in ["confusion", "pr", "reliability", "roc"] {
        expected.extend(["png", "svg"].map(|kind| format!("{chart}.{kind}")));
    }
    expected.sort();
    assert_eq!(names(&folder), expected);
    let all = Table::parse(&stdout);
    let metrics = table(&folder, "metrics");
    assert_eq!(metrics.header.join(" "), "test n figure value low high");
    let place = |name: &str| all.header.iter().position(|column| column == name).unwrap();
    for row in &metrics.rows {
        assert_eq!(row[..2], ["all", "40"]);
        match &*row[2] {
            "expected_calibration_error" => assert_eq!(row[3..], ["0.1055", ".", "."]),
            name => assert_eq!(row[3..], all.rows[0][place(name)..place(name) + 3], "{name}"),
        }
    }
    let figures = "accuracy balanced_accuracy mcc precision recall f1 auroc average_precision";
    let figures = format!("{figures} expected_calibration_error");
    assert_eq!(metrics.column("figure").join(" "), figures);
    let classes = table(&folder, "classes");
    assert_eq!(classes.column("class"), ["acceptor", "donor", "neither"]);
    for (row, of_all) in classes.rows.iter().zip(&all.rows[1..]) {
        assert_eq!(row[1..4], of_all[1..4]);
        assert_eq!(row[4..], of_all[place("precision")..]);
    }
    let rows: Vec<String> =
        table(&folder, "confusion").rows.iter().map(|row| row.join(" ")).collect();
    assert_eq!(rows, ["acceptor 10 3 2", "donor 2 4 2", "neither 5 3 9"]);
    let bins = table(&folder, "reliability");
    assert_eq!(bins.rows.len(), 10);
    let members: u64 = bins.column("n").iter().map(|n| n.parse::<u64>().unwrap()).sum();
    assert_eq!(members, 40);
    let roc = read(&format!("{folder}/roc.svg"));
    for phrase in ["AUROC 0.807", "acceptor", "donor", "neither", "false positive rate"] {
        assert!(roc.contains(phrase), "{phrase}");
    }
    for phrase in ["calibration error 0.1", "probability of the predicted class"] {
        assert!(read(&format!("{folder}/reliability.svg")).contains(phrase), "{phrase}");
    }
    assert!(fs::read(format!("{folder}/pr.png")).unwrap().starts_with(b"\x89PNG"));
    // once more, in its place and alike
    let before = without_command(&read(&format!("{folder}/metrics.tsv")));
    report(&format!("{SCORED} --threads 2"), &input, &folder);
    assert_eq!(without_command(&read(&format!("{folder}/metrics.tsv"))), before);
    assert_eq!(scratch.names(), ["report"]);
}

/// Two classes have the curves of the second; classes without probabilities have none.
#[test]
fn a_report_has_what_the_predictions_allow() {
    let scratch = Scratch::new();
    let folder = scratch.path("report");
    let row = |i: usize| format!("{}\t{}\t{}\n", i % 2, (i * 7) % 10, 10 - (i * 7) % 10);
    let rows: String = (0..40).map(row).collect();
    let input = scratch.file("two.tsv", format!("truth\tp1\tp0\n{rows}"));
    let options = "evaluate --truth truth --probabilities 0=p0,1=p1";
    let (_, log) = report(options, &input, &folder);
    assert!(log.contains("no reliability curve, which needs probabilities from 0 to 1"), "{log}");
    let metrics = table(&folder, "metrics");
    assert_eq!(metrics.rows.last().unwrap()[2..4], ["expected_calibration_error", "."]);
    assert!(!Path::new(&format!("{folder}/reliability.svg")).exists());
    let roc = read(&format!("{folder}/roc.svg"));
    assert_eq!(roc.matches("AUROC").count(), 1);

    let predictions = data("evaluate/predictions.tsv");
    report("evaluate --truth label --predicted predicted", &predictions, &folder);
    let expected =
        ["classes.tsv", "confusion.png", "confusion.svg", "confusion.tsv", "metrics.tsv"];
    assert_eq!(names(&folder), expected);
    let (stdout, _) =
        report("evaluate --truth measured --predicted estimate", &predictions, &folder);
    assert_eq!(names(&folder), ["metrics.tsv", "predicted.png", "predicted.svg"]);
    let metrics = table(&folder, "metrics");
    let row = &Table::parse(&stdout).rows[0];
    assert_eq!(metrics.column("value").join(" "), {
        let values: Vec<&str> = row[4..].iter().step_by(3).map(String::as_str).collect();
        values.join(" ")
    });
}

#[test]
fn a_report_replaces_no_other_folder() {
    let scratch = Scratch::new();
    let input = data("evaluate/predictions.tsv");
    fs::create_dir(scratch.path("mine")).unwrap();
    scratch.file("mine/notes.txt", "notes");
    let mine = scratch.path("mine");
    let arguments = [&*input, "--report", &*mine];
    fails(SCORED, &arguments, 1, &["cannot write", "another file, notes.txt", "new folder"]);
    let notes = format!("{mine}/notes.txt");
    fails(SCORED, &[&input, "--report", &notes], 1, &["cannot write", "notes.txt"]);
    let none = scratch.path("none/report");
    fails(SCORED, &[&input, "--report", &none], 1, &["cannot write"]);
    // nothing is left of a report whose table cannot be written
    let report = scratch.path("report");
    let full = [&*input, "--report", &*report, "-o", "/dev/full"];
    fails(SCORED, &full, 1, &["No space left"]);
    assert_eq!(scratch.names(), ["mine"]);
    let same = [&*input, "--report", &*report, "-o", &*report];
    fails(SCORED, &same, 2, &["the same file"]);
    fails("evaluate", &[&input, &input, "--report", &report], 2, &["--truth"]);
}
