//! Every file of test-data/odd does what test-data/odd/expect.tsv says.

use std::{collections::HashMap, fs, path::Path, process::Command};

use crate::harness::{Outcome, assert_none, hyenadna, in_parallel, run_within, test_data};

/// Seconds of processor time that a run may take.
const LIMIT: u64 = 30;

/// A row of the table.
#[derive(Debug)]
struct Row {
    file: String,
    kind: String,
    ok: bool,
    must_mention: Option<String>,
    note: String,
}

fn table() -> Vec<Row> {
    let text = fs::read_to_string(test_data("odd").join("expect.tsv")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let [file, kind, outcome, must_mention, note] =
            line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        assert!(["ok", "error"].contains(&outcome), "{line}");
        Row {
            file: file.into(),
            kind: kind.into(),
            ok: outcome == "ok",
            must_mention: (must_mention != ".").then(|| must_mention.into()),
            note: note.into(),
        }
    })
    .collect()
}

/// How test-data/README.md says that a file of this kind is used.
fn command(kind: &str, file: &str) -> Command {
    let arguments: &[&str] = match kind {
        "fasta" | "fastq" => &["embed", file],
        "reference" => &["embed", "regions.bed", file],
        "bed" => &["embed", file, "genome.fa"],
        "vcf" => &["score-variants", file, "genome.fa"],
        other => panic!("kind {other}"),
    };
    let mut command = hyenadna(arguments);
    command.current_dir(test_data("odd"));
    command
}

/// What comes of the plain file of each kind, which many odd ones mean too.
type Plain = HashMap<&'static str, Outcome>;

fn plain() -> Plain {
    let files = [
        ("fasta", "genome.fa"),
        ("reference", "genome.fa"),
        ("fastq", "reads.fq"),
        ("bed", "regions.bed"),
        ("vcf", "variants.vcf"),
    ];
    let runs = in_parallel(&files, |(kind, file)| run_within(&mut command(kind, file), LIMIT));
    files.iter().map(|(kind, _)| *kind).zip(runs).collect()
}

#[test]
fn every_odd_file_does_what_the_table_says() {
    let rows = table();
    assert!(rows.len() > 100);
    check(&rows);
}

fn check(rows: &[Row]) {
    let plain = plain();
    let problems: Vec<String> = in_parallel(rows, |row| {
        let problem = if row.ok { read(row, &plain) } else { refused(row) };
        problem.map(|problem| format!("{} as {}: {problem}", row.file, row.kind))
    })
    .into_iter()
    .flatten()
    .collect();
    assert_none(&problems);
}

fn read(row: &Row, plain_results: &Plain) -> Option<String> {
    let ran = run_within(&mut command(&row.kind, &row.file), LIMIT);
    if let Some(disaster) = ran.disaster() {
        return Some(disaster);
    }
    if ran.code != Some(0) {
        return Some(format!("exit code {:?}: {}", ran.code, ran.stderr));
    }
    let all = String::from_utf8_lossy(&ran.stdout) + ran.stderr.as_str();
    if let Some(part) = row.must_mention.as_ref().filter(|p| !all.contains(*p)) {
        return Some(format!("nothing mentions {part:?}: {}", ran.stderr));
    }
    torn(&ran).or_else(|| differs_from_plain(row, &ran, plain_results))
}

/// Refused with a message that names the file, and with nothing left of the output.
fn refused(row: &Row) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.tsv");
    let ran = run_within(command(&row.kind, &row.file).arg("--output").arg(&output), LIMIT);
    let left = names(folder.path());
    let parts: Vec<&str> = row.must_mention.iter().map(String::as_str).collect();
    ran.not_refused(&parts)
        .or_else(|| ran.not_refused(&[row.file.as_str()]))
        .or_else(|| (!ran.stdout.is_empty()).then(|| "stdout is not empty with --output".into()))
        .or_else(|| (!left.is_empty()).then(|| format!("{left:?} is left after an error")))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// Whether stdout holds anything but whole rows of one width.
fn torn(ran: &Outcome) -> Option<String> {
    if !ran.stdout.is_empty() && !ran.stdout.ends_with(b"\n") {
        return Some("the last row on stdout is torn".into());
    }
    let mut widths: Vec<usize> = ran.rows().iter().map(|row| row.split('\t').count()).collect();
    widths.dedup();
    (widths.len() > 1).then(|| format!("rows have {widths:?} columns"))
}

/// The table's notes say which odd files mean what the plain one means.
fn differs_from_plain(row: &Row, ran: &Outcome, plain_results: &Plain) -> Option<String> {
    let columns_from = if row.note.contains("same output as") {
        0
    } else if row.note.contains("same scores as") {
        5
    } else {
        return None;
    };
    let values = |ran: &Outcome| -> Vec<Vec<String>> {
        let rows = ran.rows();
        let fields = |row: &String| row.split('\t').skip(columns_from).map(str::to_owned).collect();
        rows.iter().map(fields).collect()
    };
    let expected = &plain_results[row.kind.as_str()];
    (values(ran) != values(expected))
        .then(|| "the output differs from that of the plain file".into())
}

#[test]
fn every_file_has_a_row() {
    let rows = table();
    for name in names(&test_data("odd")) {
        assert!(
            name == "expect.tsv" || rows.iter().any(|row| row.file == name),
            "{name} has no row in expect.tsv"
        );
    }
}

/// What has no base gives a row of NaN, a warning, and exit code 3 with `--strict`.
#[test]
fn nothing_to_embed_is_incomplete() {
    let rows = table();
    let mut seen = 0;
    for row in rows.iter().filter(|row| row.must_mention.as_deref() == Some("NaN")) {
        let ran = run_within(command(&row.kind, &row.file).arg("--strict"), LIMIT);
        assert_eq!(ran.code, Some(3), "{}: {}", row.file, ran.stderr);
        assert!(ran.stderr.contains("[warn]"), "{}", ran.stderr);
        assert!(ran.rows().iter().any(|row| row.ends_with("\tNaN")), "{}", row.file);
        seen += 1;
    }
    assert!(seen >= 4);
}

#[test]
fn rows_come_in_the_order_of_an_unsorted_file() {
    let ran = run_within(&mut command("vcf", "unsorted.vcf"), LIMIT);
    let positions: Vec<String> = ran
        .assert_ok()
        .iter()
        .map(|row| row.split('\t').take(2).collect::<Vec<_>>().join(":"))
        .collect();
    assert_eq!(positions, ["chr2:60", "chr1:150", "chr1:50"]);
}

/// What was computed before an error is on stdout in whole rows.
#[test]
fn an_error_late_in_the_input_tears_no_row() {
    for (kind, file) in [
        ("vcf", "second-header.vcf"),
        ("vcf", "truncated-bgzip.vcf.gz"),
        ("bed", "beyond.bed"),
        ("fasta", "protein-second.fa"),
    ] {
        let ran = run_within(&mut command(kind, file), LIMIT);
        ran.assert_refused(&[file]);
        assert_eq!(torn(&ran), None, "{file}");
    }
}
