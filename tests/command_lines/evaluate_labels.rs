//! `hyenadna evaluate --truth A,B,…`: figures of labels, of groups of rows and of labels; charts.

use std::path::Path;

use crate::harness::{Scratch, command, data, fails, read, run, table::Table};

const LABELS: &str = "evaluate --truth DNase,CTCF,H3K27ac --bootstrap 200 \
    --probabilities DNase=p_DNase,CTCF=p_CTCF,H3K27ac=p_H3K27ac";
const FIGURES: [&str; 5] = ["precision", "recall", "f1", "auroc", "average_precision"];

fn evaluate(options: &str, paths: &[&str]) -> (Table, String) {
    let out = run(&mut command(options, paths));
    assert_eq!(out.code, Some(0), "{options}: {}", out.stderr);
    (Table::parse(std::str::from_utf8(&out.stdout).unwrap()), out.stderr)
}

/// Cells of some columns, in the row that begins so.
fn cells(table: &Table, start: &[&str], columns: &[&str]) -> Vec<String> {
    let place = |name: &&str| table.header.iter().position(|column| column == name).unwrap();
    let row = table.rows.iter().find(|row| row[..start.len()] == *start).unwrap();
    columns.iter().map(|name| row[place(name)].clone()).collect()
}

/// In the folder of the tables, by scikit-learn 1.9.1 (`pip install scikit-learn`):
///
/// ```python
/// import csv, numpy as np
/// from sklearn.metrics import *
/// rows = list(csv.DictReader(open("marks.tsv"), delimiter="\t"))
/// k = ["DNase", "CTCF", "H3K27ac"]
/// get = lambda rows, start: np.array([[float(r[start + c]) for c in k] for r in rows])
/// def show(rows):
///     t, s = get(rows, "").astype(int), get(rows, "p_")
///     each = np.array([*precision_recall_fscore_support(t, s >= 0.5)[:3], roc_auc_score(t, s,
///                      average=None), average_precision_score(t, s, average=None)])
///     for row in [each.mean(1), np.median(each, axis=1), *each.T, each[:, [0, 2]].mean(1)]:
///         print(*("%.6g" % x for x in row))
/// show(rows)
/// show([r for r in rows if r["cell"] == "K562"])
/// ```
#[test]
fn figures_of_labels_are_those_of_scikit_learn() {
    let [marks, groups] = ["marks.tsv", "marks.groups.tsv"].map(|n| data(&format!("evaluate/{n}")));
    let options = format!("{LABELS} --by cell --label-groups {groups}");
    let (table, log) = evaluate(&options, &[&marks]);
    assert!(log.contains("marks.tsv: 40 rows with 3 labels"), "{log}");
    for (start, expected) in [
        (["all", "all", "mean"], "0.623026 0.795635 0.683178 0.859716 0.795764"),
        (["all", "all", "median"], "0.631579 0.761905 0.685714 0.857143 0.831945"),
        (["group", "chromatin", "mean"], "0.715789 0.755952 0.733101 0.853051 0.855293"),
        (["group", "TF", "mean"], "0.4375 0.875 0.583333 0.873047 0.676705"),
        (["group", "TF", "median"], "0.4375 0.875 0.583333 0.873047 0.676705"),
        (["cell", "K562", "mean"], "0.674242 0.81278 0.728889 0.859132 0.844798"),
        (["cell", "K562", "median"], "0.727273 0.857143 0.72 0.883929 0.830411"),
        (["label", "DNase", "."], "0.8 0.761905 0.780488 0.857143 0.878642"),
        (["label", "CTCF", "."], "0.4375 0.875 0.583333 0.873047 0.676705"),
        (["label", "H3K27ac", "."], "0.631579 0.75 0.685714 0.848958 0.831945"),
    ] {
        assert_eq!(cells(&table, &start, &FIGURES).join(" "), expected, "{start:?}");
        let ends = cells(&table, &start, &["auroc_low", "auroc", "auroc_high"]);
        let ends: Vec<f64> = ends.iter().map(|cell| cell.parse().unwrap()).collect();
        assert!(ends.is_sorted(), "{start:?} {ends:?}");
    }
    let counts = ["n", "positives", "predicted"];
    assert_eq!(cells(&table, &["label", "CTCF"], &counts), ["40", "8", "16"]);
    assert_eq!(cells(&table, &["all"], &counts), ["40", "45", "55"]);
    assert_eq!(cells(&table, &["cell", "K562"], &counts)[0], "23");
    assert_eq!(table.rows.len(), 2 + 4 + 4 + 3);
}

/// Rows of a group have the figures that they have alone.
#[test]
fn groups_of_rows_have_rows() {
    let scratch = Scratch::new();
    let table = data("evaluate/predictions.tsv");
    let text = read(&table);
    // a column of two values
    let with = |keep: fn(usize) -> bool| -> String {
        let mut lines = text.lines();
        let head = format!("{}\thalf\n", lines.next().unwrap());
        let row = |(i, line): (usize, &str)| format!("{line}\t{}\n", ["even", "odd"][i % 2]);
        let rows = lines.enumerate().filter(|(i, _)| keep(*i)).map(row);
        head + &rows.collect::<String>()
    };
    let all = scratch.file("all.tsv", with(|_| true));
    let odd = scratch.file("odd.tsv", with(|i| i % 2 == 1));
    for options in [
        "--truth label --probabilities acceptor,donor,neither",
        "--truth label --predicted predicted",
        "--truth measured --predicted estimate",
    ] {
        let options = format!("evaluate {options} --bootstrap 50");
        let (grouped, _) = evaluate(&format!("{options} --by half"), &[&all]);
        let (alone, _) = evaluate(&options, &[&odd]);
        let row = grouped.rows.iter().find(|row| row[..2] == ["half", "odd"]).unwrap();
        assert_eq!(row[2..], alone.rows[0][2..]);
        let (whole, _) = evaluate(&options, &[&all]);
        assert_eq!(grouped.rows[..whole.rows.len()], whole.rows);
        assert_eq!(grouped.rows.len(), whole.rows.len() + 2);
    }
}

/// Truth in a file of its own has the names of the columns of probabilities.
#[test]
fn labels_of_another_file_are_matched() {
    let scratch = Scratch::new();
    let marks = data("evaluate/marks.tsv");
    let rows: Vec<Vec<String>> =
        read(&marks).lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    let columns = |places: &[usize], head: &str| -> String {
        let row = |row: &Vec<String>| {
            places.iter().map(|&i| row[i].as_str()).collect::<Vec<_>>().join("\t") + "\n"
        };
        format!("{head}\n{}", rows[1..].iter().map(row).collect::<String>())
    };
    let head = "name\tDNase\tCTCF\tH3K27ac";
    let truth = scratch.file("truth.tsv", columns(&[0, 2, 3, 4, 1], &format!("{head}\tcell")));
    let predicted = scratch.file("predicted.tsv", columns(&[0, 5, 6, 7], head));
    let options = "evaluate --truth DNase,CTCF,H3K27ac --id name --by cell --bootstrap 200 \
        --probabilities CTCF,H3K27ac,DNase";
    let (found, _) = evaluate(options, &[&predicted, &truth]);
    let (expected, _) = evaluate(&format!("{LABELS} --by cell"), &[&marks]);
    assert_eq!(found.rows, expected.rows);
}

#[test]
fn charts_and_reports_are_drawn() {
    let scratch = Scratch::new();
    let [marks, prefix, folder] =
        [data("evaluate/marks.tsv"), scratch.path("p"), scratch.path("report")];
    evaluate(&format!("{LABELS} --plot {prefix} --report {folder}"), &[&marks]);
    let expected = ["pr", "reliability", "roc"]
        .map(|name| ["png", "svg"].map(|kind| format!("p.{name}.{kind}")))
        .concat();
    assert_eq!(scratch.names(), [expected, vec!["report".to_owned()]].concat());
    for name in ["roc", "reliability"] {
        assert_eq!(read(&format!("{prefix}.{name}.svg")), read(&format!("{folder}/{name}.svg")));
    }
    let metrics = Table::parse(&read(&format!("{folder}/metrics.tsv")));
    assert_eq!(cells(&metrics, &["all", "40", "median_auroc"], &["value"]), ["0.857143"]);
    assert_eq!(cells(&metrics, &["all", "40", "f1"], &["value"]), ["0.683178"]);
    let classes = Table::parse(&read(&format!("{folder}/classes.tsv")));
    assert_eq!(classes.column("class"), ["DNase", "CTCF", "H3K27ac"]);
    // one file has a name that a picture gets
    let same = format!("{LABELS} --plot {prefix} -o {prefix}.roc.svg");
    fails(&same, &[&marks], 2, &["the same file"]);
    let scratch = Scratch::new();
    let numbers = scratch.path("n");
    let options = format!("evaluate --truth measured --predicted estimate --plot {numbers}");
    evaluate(&options, &[&data("evaluate/predictions.tsv")]);
    assert_eq!(scratch.names(), ["n.predicted.png", "n.predicted.svg"]);
    assert!(!Path::new(&folder).join("confusion.svg").exists());
}

#[test]
fn what_is_wrong_is_named() {
    let scratch = Scratch::new();
    let marks = data("evaluate/marks.tsv");
    let two = "evaluate --truth CTCF,DNase";
    for (options, phrases) in [
        (format!("{two} --predicted cell"), &["--predicted is of one class"][..]),
        (format!("{two} --probabilities CTCF=p_CTCF"), &["no column for the label DNase"]),
        (
            format!("{two} --probabilities CTCF=p_CTCF,DNase"),
            &["DNase is a column of --truth", "DNase=COLUMN"],
        ),
        (format!("{two} --probabilities CTCF=p_CTCF,x=p_DNase"), &["no such label"]),
        ("evaluate --truth CTCF,CTCF --probabilities CTCF=p_CTCF".into(), &["CTCF twice"]),
        (format!("{two} --task classes --predicted cell"), &["--task has another value"]),
        (format!("{LABELS} --confusion x.tsv"), &["--confusion is of classes"]),
        (
            "evaluate --truth cell --predicted cell --label-groups x".into(),
            &["--label-groups is of labels"],
        ),
    ] {
        fails(&options, &[&marks], 2, phrases);
    }
    let head = "CTCF\tDNase\tp\tq\n";
    let options = format!("{two} --probabilities CTCF=p,DNase=q");
    for (rows, phrases) in [
        ("1\t0\t0.5\t0.5\n1\t2\t0.5\t0.5\n", &["line 3: DNase is \"2\", expected 0 or 1"][..]),
        ("1\tx\t0.5\t0.5\n", &["line 2: DNase is \"x\", expected 0 or 1"]),
        ("1\t0\t0.5\tNaN\n", &["line 2: q is \"NaN\", expected a finite number"]),
        ("1\t0\t0.5\t0.5\n1\t0\t0.5\t0.5\n", &["every label is 0 in all rows or 1 in all"]),
    ] {
        let path = scratch.file("bad.tsv", format!("{head}{rows}"));
        fails(&options, &[&path], 1, phrases);
    }
    let (table, log) = {
        let rows = "1\t0\t0.9\t0.5\n0\t0\t0.5\t3\n";
        let path = scratch.file("bad.tsv", format!("{head}{rows}"));
        evaluate(&options, &[&path])
    };
    assert!(log.contains("have no AUROC") && log.contains(": 1 (DNase)"), "{log}");
    assert_eq!(cells(&table, &["all", "all", "mean"], &["auroc", "f1"]), ["1", "."]);
    assert_eq!(cells(&table, &["label", "DNase"], &["predicted", "auroc"]), [".", "."]);
    for (groups, phrases) in [
        ("label\tgroup\nCTCF\tTF\n", &["the label DNase has no group"][..]),
        (
            "label\tgroup\nCTCF\tTF\nDNase\tx\nCTCF\tTF\nH3K27ac\tx\n",
            &["line 4: label is \"CTCF\"", "occurs once"],
        ),
        ("label\tclass\nCTCF\tTF\n", &["no column group"]),
    ] {
        let groups = scratch.file("groups.tsv", groups);
        fails(&format!("{LABELS} --label-groups {groups}"), &[&marks], 1, phrases);
    }
}
