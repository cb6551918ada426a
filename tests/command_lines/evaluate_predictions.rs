//! `hyenadna evaluate --truth`: figures of predicted classes and numbers, options, errors.

use crate::harness::{
    Outcome, Scratch, command, data, fails, read, run, run_with,
    table::{Table, without_command},
    text,
};

const SCORED: &str = "--truth label --probabilities acceptor,donor,neither";

fn evaluate(options: &str, paths: &[&str]) -> (Table, String) {
    let out = run(&mut command(&format!("evaluate {options}"), paths));
    assert_eq!(out.code, Some(0), "{options}: {}", out.stderr);
    (Table::parse(std::str::from_utf8(&out.stdout).unwrap()), out.stderr)
}

/// Cells of the columns, in the row of a class.
fn cells(table: &Table, class: &str, columns: &[&str]) -> Vec<String> {
    let place = |name: &&str| table.header.iter().position(|column| column == name).unwrap();
    let row = table.rows.iter().find(|row| row[1] == class).unwrap();
    columns.iter().map(|name| row[place(name)].clone()).collect()
}

const WHOLE: [&str; 3] = ["accuracy", "balanced_accuracy", "mcc"];
const EACH: [&str; 5] = ["precision", "recall", "f1", "auroc", "average_precision"];

/// In a folder with the table, by scikit-learn 1.9.1 and SciPy 1.17.1 (`pip install scikit-learn`):
///
/// ```python
/// import csv, numpy as np
/// from sklearn.metrics import *
/// from scipy.stats import pearsonr, spearmanr
/// rows = list(csv.DictReader(open("predictions.tsv"), delimiter="\t"))
/// k = ["acceptor", "donor", "neither"]
/// t = [r["label"] for r in rows]
/// s = np.array([[float(r[c]) for c in k] for r in rows])
/// p = [k[i] for i in s.argmax(1)]
/// g = lambda *v: print(*("%.6g" % x for x in v))
/// each = precision_recall_fscore_support(t, p)[:3]
/// macro = precision_recall_fscore_support(t, p, average="macro")[:3]
/// one = lambda f: [f([x == c for x in t], s[:, i]) for i, c in enumerate(k)]
/// a, ap = one(roc_auc_score), one(average_precision_score)
/// g(accuracy_score(t, p), balanced_accuracy_score(t, p), matthews_corrcoef(t, p),
///   *macro, np.mean(a), np.mean(ap))
/// for i in range(3): g(*(f[i] for f in each), a[i], ap[i])
/// print(confusion_matrix(t, p))
/// y, e = ([float(r[c]) for r in rows] for c in ("measured", "estimate"))
/// g(r2_score(y, e), pearsonr(y, e).statistic, spearmanr(y, e).statistic,
///   mean_squared_error(y, e), mean_absolute_error(y, e))
/// ```
#[test]
fn figures_are_those_of_scikit_learn() {
    let scratch = Scratch::new();
    let [table, confusion] = [data("evaluate/predictions.tsv"), scratch.path("confusion.tsv")];
    let (found, log) = evaluate(&format!("{SCORED} --confusion {confusion}"), &[&table]);
    assert!(found.comments.contains(&"##hyenadna_task=classes".to_owned()));
    assert_eq!(cells(&found, "all", &WHOLE), ["0.575", "0.565359", "0.35273"]);
    for (class, expected) in [
        ("all", ["0.560181", "0.565359", "0.556481", "0.825548", "0.69465"]),
        ("acceptor", ["0.588235", "0.666667", "0.625", "0.806667", "0.686306"]),
        ("donor", ["0.4", "0.5", "0.444444", "0.851562", "0.593452"]),
        ("neither", ["0.692308", "0.529412", "0.6", "0.818414", "0.804193"]),
    ] {
        assert_eq!(cells(&found, class, &EACH), expected, "{class}");
    }
    assert_eq!(cells(&found, "donor", &["by", "n", "predicted"]), ["class", "8", "10"]);
    assert_eq!(cells(&found, "donor", &WHOLE), ["."; 3]);
    assert!(log.contains("40 rows of the classes acceptor, donor, neither"), "{log}");
    let confusion = Table::parse(&read(&confusion));
    assert_eq!(confusion.header, ["truth", "acceptor", "donor", "neither"]);
    let rows: Vec<String> = confusion.rows.iter().map(|row| row.join(" ")).collect();
    assert_eq!(rows, ["acceptor 10 3 2", "donor 2 4 2", "neither 5 3 9"]);
    // the column has the class with the highest score, but no scores
    let (classes, _) = evaluate("--truth label --predicted predicted", &[&table]);
    let figures = ["mcc", "mcc_low", "f1", "f1_high"];
    assert_eq!(cells(&classes, "all", &figures), cells(&found, "all", &figures));
    assert_eq!(cells(&classes, "all", &["auroc", "auroc_low"]), ["."; 2]);
    let (both, _) = evaluate(&format!("{SCORED} --predicted predicted"), &[&table]);
    assert_eq!(both.rows, found.rows);

    let (numbers, log) = evaluate("--truth measured --predicted estimate", &[&table]);
    assert!(log.contains("--task regression, by the values of measured"), "{log}");
    assert_eq!(numbers.rows.len(), 1);
    assert_eq!(numbers.rows[0][..4], ["all", "all", "measured", "40"]);
    let figures: Vec<&String> = numbers.rows[0].iter().skip(4).step_by(3).collect();
    assert_eq!(figures, ["0.808128", "0.934041", "0.934423", "0.394948", "0.4908"]);
    let names = ["r2", "pearson", "spearman", "mean_squared_error", "mean_absolute_error"];
    assert!(numbers.header.iter().skip(4).step_by(3).eq(names));
}

#[test]
fn intervals_hold_the_figure_and_follow_the_seed() {
    let table = data("evaluate/predictions.tsv");
    for (options, first) in [(SCORED, 4), ("--truth measured --predicted estimate", 4)] {
        let found = evaluate(options, &[&table]).0;
        let row = &found.rows[0];
        assert_eq!((row.len() - first) % 3, 0);
        for cells in row[first..].chunks(3) {
            let [value, low, high] = [0, 1, 2].map(|i| cells[i].parse::<f64>().unwrap());
            assert!(low < value && value < high, "{cells:?}");
        }
        let again = evaluate(&format!("{options} --threads 2"), &[&table]).0;
        assert_eq!(again.rows, found.rows);
        let other = evaluate(&format!("{options} --seed 1"), &[&table]).0;
        assert_ne!(other.rows, found.rows);
        let (without, log) = evaluate(&format!("{options} --bootstrap 0"), &[&table]);
        assert_eq!(without.rows[0][first], row[first]);
        assert_eq!(without.rows[0][first + 1], ".");
        assert!(!log.contains("no intervals"), "{log}");
    }
}

/// Labels in a file of their own, in another order and as CSV; columns have other names.
#[test]
fn labels_are_matched_by_id() {
    let scratch = Scratch::new();
    let table = data("evaluate/predictions.tsv");
    let expected = evaluate(SCORED, &[&table]).0;
    let rows: Vec<Vec<String>> =
        read(&table).lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    let labels: Vec<String> =
        rows[1..].iter().rev().map(|row| format!("\"{}\",{}", row[0], row[1])).collect();
    let labels = format!("name,class\n{}\nother,donor\n", labels.join("\n"));
    let labels = scratch.file("labels.csv", labels);
    let predictions: Vec<String> = rows[1..]
        .iter()
        .map(|row| [&row[0], &row[3], &row[4], &row[5]].map(String::as_str).join("\t"))
        .collect();
    let more = "more\t0.1\t0.2\t0.7";
    let predictions = format!("##x\n#name\tp0\tp1\tp2\n{more}\n{}\n", predictions.join("\n"));
    let options =
        "--no-header --truth class --id NAME --probabilities acceptor=p0,donor=p1,neither=p2";
    let words = format!("evaluate {options} -");
    let out = run_with(&mut command(&words, &[&labels]), predictions.as_bytes());
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    let found: Vec<Vec<&str>> = std::str::from_utf8(&out.stdout)
        .unwrap()
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(found, expected.rows);
    for phrase in
        ["predictions with labels: 40 of 41 in <stdin>", "labels that match no prediction: 1 of 41"]
    {
        assert!(out.stderr.contains(phrase), "{phrase}: {}", out.stderr);
    }
}

#[test]
fn classes_are_found_and_their_gaps_are_named() {
    let scratch = Scratch::new();
    let table = |rows: &str| scratch.file("table.tsv", format!("truth\tpredicted\n{rows}"));
    let options = "--truth truth --predicted predicted";
    // ten comes after two, and class 3 is only predicted
    let (found, log) = evaluate(options, &[&table("10\t2\n10\t10\n2\t2\n2\t3\n")]);
    assert_eq!(found.column("class"), ["all", "2", "3", "10"]);
    assert!(log.contains("[warn] ") && log.contains("no row is of class 3"), "{log}");
    assert!(log.contains("--task classes, by the values of truth"), "{log}");
    let (numbers, _) =
        evaluate(&format!("{options} --task regression"), &[&table("10\t2\n10\t10\n2\t2\n2\t3\n")]);
    assert_eq!(numbers.column("r2"), ["-0.015625"]);
    let (found, log) = evaluate(options, &[&table("a\ta\na\tb\nb\tb\n")]);
    assert_eq!(cells(&found, "all", &["mcc", "mcc_low"]), ["0.5", "."]);
    assert!(log.contains("no intervals, which need two rows of each class: b has one"), "{log}");
    let (found, log) = evaluate(options, &[&table("1.5\t1\n1.5\t2\n1.5\t1.5\n")]);
    assert_eq!(found.column("pearson"), ["."]);
    assert_eq!(found.column("mean_absolute_error"), ["0.333333"]);
    assert!(log.contains("truth is 1.5 in every row: no R² and correlations"), "{log}");
}

#[test]
fn outputs_appear_together() {
    let scratch = Scratch::new();
    let table = data("evaluate/predictions.tsv");
    let [out, confusion, summary] =
        ["out.tsv", "confusion.tsv", "summary.json"].map(|name| scratch.path(name));
    let words = format!("-q evaluate {SCORED}");
    let whole = text(&words, &[&table]);
    let options = ["-o", &out, "--confusion", &confusion, "--summary", &summary];
    text(&words, &[&[table.as_str()][..], &options].concat());
    assert_eq!(without_command(&read(&out)), without_command(&whole));
    let found: serde_json::Value = serde_json::from_str(&read(&summary)).unwrap();
    assert_eq!(found["predictions"], 40);
    assert_eq!(found["rows"], 4);
    assert_eq!(found["task"], "classes");
    for path in [&out, &confusion, &summary] {
        std::fs::remove_file(path).unwrap();
    }
    let before = scratch.names();
    let full = ["/dev/full", "No space left"];
    fails(&words, &[&table, "-o", &out, "--confusion", "/dev/full"], 1, &full);
    fails(&words, &[&table, "-o", "/dev/full", "--confusion", &confusion], 1, &full);
    fails(&words, &[&table, "-o", &out, "--confusion", &out], 2, &["the same file"]);
    fails(&words, &[&table, "--confusion", &table], 2, &["the same file as the input"]);
    fails(&words, &[&table, "--confusion", "-"], 2, &["cannot both go to stdout"]);
    assert_eq!(scratch.names(), before);
}

/// Options that do not apply are refused, not ignored.
#[test]
fn options_of_the_other_kind_are_refused() {
    let table = data("evaluate/predictions.tsv");
    let labels = data("evaluate/labels.tsv");
    for (options, phrases) in [
        ("--predicted predicted", &["--truth"][..]),
        ("--probabilities a,b", &["--truth"]),
        ("--task classes", &["--truth"]),
        ("--id name", &["--truth"]),
        ("--confusion x.tsv", &["--truth"]),
        ("", &["LABELS"]),
        ("--truth label", &["--predicted COLUMN, --probabilities COLUMN,… or both"]),
        ("--truth label --predicted predicted --id name", &["LABELS"]),
        ("--truth label --probabilities donor", &["one class"]),
        ("--truth label --probabilities a=donor,a=acceptor", &["the class a twice"]),
        ("--truth label --probabilities =donor,acceptor", &["expected CLASS=COLUMN"]),
        ("--truth label --probabilities a,,b", &["a value is empty"]),
        (
            "--truth label --probabilities donor,acceptor --task regression",
            &["--task regression has none"],
        ),
        ("--truth measured --predicted estimate --confusion x.tsv", &["--confusion is of classes"]),
        (
            "--truth label --predicted predicted --task regression --confusion x.tsv",
            &["--confusion is of classes"],
        ),
    ] {
        fails(&format!("evaluate {options}"), &[&table], 2, phrases);
    }
    for option in [
        "--label label",
        "--positive a --negative b",
        "--scores donor",
        "--sign +",
        "--curves donor --plot x",
    ] {
        let words = format!("evaluate {SCORED} {option}");
        let option = option.split(' ').next().unwrap();
        fails(&words, &[&table], 2, &["cannot be used with", "--truth", option]);
    }
    fails(&format!("evaluate {SCORED}"), &[&table, &labels], 2, &["--id"]);
    let words = format!("evaluate {SCORED} --id name - -");
    fails(&words, &[], 2, &["only one input can be stdin"]);
    assert!(!std::path::Path::new("x.tsv").exists());
}

#[test]
fn what_is_wrong_is_named() {
    let scratch = Scratch::new();
    let head = "id\ttruth\tpredicted\tpa\tpb\n";
    let class = "--truth truth --predicted predicted";
    let scored = "--truth truth --probabilities a=pa,b=pb";
    let good = "1\ta\ta\t0.9\t0.1\n";
    for (options, rows, phrases) in [
        (class, "", &["bad.tsv: no row follows the column names"][..]),
        ("--truth x --predicted predicted", good, &["bad.tsv: has no column x; it has: id, truth"]),
        ("--truth truth --predicted x", good, &["has no column x"]),
        ("--truth truth --probabilities pa,pc", good, &["has no column pc"]),
        (class, "1\ta\ta\t1\n", &["bad.tsv, line 2: number of columns: 4, expected 5"]),
        (class, "1\ta\t\t1\t0\n", &["line 2: predicted is \"\", expected a value", "remove"]),
        (class, "1\t.\ta\t1\t0\n", &["line 2: truth is \".\", expected a value"]),
        (class, "1\tnan\ta\t1\t0\n", &["line 2: truth is \"nan\", expected a value"]),
        (
            class,
            "1\ta\ta\t1\t0\n1\ta\tb\t1\t0\n",
            &["truth is a in every row, expected two classes"],
        ),
        (scored, "1\ta\t\t1\t0\n", &["truth is a in every row"]),
        (
            class,
            "1\ta\t0\t1\t0\n1\tb\t1\t1\t0\n",
            &["no predicted class (predicted: 0, 1) is a true class (truth: a, b)"],
        ),
        (
            scored,
            "1\ta\ta\t1\t0\n2\tc\ta\t1\t0\n",
            &["line 3: truth is \"c\", expected a class of --probabilities: a, b", "CLASS=COLUMN"],
        ),
        (scored, "1\ta\ta\tNaN\t0\n", &["line 2: pa is \"NaN\", expected a finite number"]),
        (scored, "1\ta\ta\t1\tinf\n", &["line 2: pb is \"inf\", expected a finite number"]),
        (scored, "1\ta\ta\t1\t\n", &["line 2: pb is \"\", expected a finite number"]),
        (
            "--truth pa --predicted pb",
            "1\ta\ta\t0.5\t0\n2\tb\tb\tx\t0\n",
            &["line 3: pa is \"x\", expected a finite number", "--task classes"],
        ),
        ("--truth pa --predicted pb", "1\ta\ta\t0.5\tinf\n", &["line 2: pb is \"inf\""]),
        ("--truth pa --predicted pb", good, &["there is one row, expected two at least"]),
    ] {
        let path = scratch.file("bad.tsv", format!("{head}{rows}"));
        fails(&format!("evaluate {options}"), &[&path], 1, phrases);
    }
    let table = scratch.file("table.tsv", format!("{head}{good}2\tb\tb\t0.1\t0.9\n"));
    let options = "evaluate --truth label --predicted predicted --id id";
    for (labels, phrases) in [
        ("id,label\n1,a\n1,b\n", &["labels.csv, line 3: id is \"1\"", "also in line 2"][..]),
        ("id,label\n3,a\n4,b\n", &["no id of", "(such as \"1\") is in", "(such as \"3\")"]),
        ("name,label\n1,a\n", &["labels.csv: has no column id; it has: name, label"]),
        ("id,id,label\n1,1,a\n", &["has 2 columns id"]),
        ("id,label\n1,\n", &["labels.csv, line 2: label is \"\""]),
        ("", &["labels.csv is empty; expected a table"]),
    ] {
        let labels = scratch.file("labels.csv", labels);
        fails(options, &[&table, &labels], 1, phrases);
    }
    let twice = scratch.file("twice.tsv", format!("{head}{good}{good}"));
    let labels = scratch.file("labels.csv", "id,label\n1,a\n");
    fails(options, &[&twice, &labels], 1, &["twice.tsv, line 3: id is \"1\"", "also in line 2"]);
    fails(&format!("evaluate {class}"), &[&data("demo/genome.fa.gz")], 1, &["has no column truth"]);
    fails(&format!("evaluate {class}"), &["/nonexistent"], 1, &["cannot open /nonexistent"]);
    let Outcome { code, stderr, .. } = run(&mut command(&format!("evaluate {class} -h"), &[]));
    assert_eq!((code, &*stderr), (Some(0), ""));
}
