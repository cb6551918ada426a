use super::*;
use std::fs;

fn row(step: u64, split: LossSplit) -> Row {
    Row { step, ..row::tests::example(split) }
}

#[test]
fn rows_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let mut metrics = Metrics::create(&path, Table::NextBase).unwrap();
    assert_eq!(read(&path).unwrap().1, []);
    let rows = [row(1, LossSplit::Train), row(2, LossSplit::Train), row(2, LossSplit::Valid)];
    for (number, row) in rows.iter().enumerate() {
        metrics.append(row).unwrap();
        assert_eq!(read(&path).unwrap().1, rows[..=number]);
    }
}

#[test]
fn a_run_goes_on_from_its_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let mut metrics = Metrics::create(&path, Table::NextBase).unwrap();
    for step in 1..=5 {
        metrics.append(&row(step, LossSplit::Train)).unwrap();
    }
    metrics.append(&row(3, LossSplit::Valid)).unwrap();
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{before}6\ttrain\t10")).unwrap();
    let mut metrics = Metrics::resume(&path, Table::NextBase, 3).unwrap();
    metrics.append(&row(4, LossSplit::Train)).unwrap();
    let steps: Vec<u64> = read(&path).unwrap().1.iter().map(|row| row.step).collect();
    assert_eq!(steps, [1, 2, 3, 3, 4]);
    assert!(fs::read_to_string(&path).unwrap().starts_with(&before[..before.len() / 3]));
}

#[test]
fn nothing_or_half_a_header_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    for start in [None, Some(""), Some("#step\tspl")] {
        if let Some(start) = start {
            fs::write(&path, start).unwrap();
        }
        Metrics::resume(&path, Table::NextBase, 3).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", Table::NextBase.header()));
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn errors_name_the_file_and_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    Metrics::create(&path, Table::NextBase).unwrap().append(&row(1, LossSplit::Train)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}2\ttrain\tlong\n")).unwrap();
    let before = fs::read(&path).unwrap();
    for error in [
        read(&path).unwrap_err().to_string(),
        Metrics::resume(&path, Table::NextBase, 1).unwrap_err().to_string(),
    ] {
        assert!(error.contains("metrics.tsv, line 3: "), "{error}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::write(&path, "chrom\tpos\n").unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("not a table of metrics"), "{error}");
    assert!(read(Path::new("/nonexistent/m")).unwrap_err().to_string().contains("/nonexistent/m"));
}
