use super::*;
use crate::plot::scene::{Chart, Shape};
use crate::training::metrics::{LossSplit, Metrics, Table};
use std::{f64::consts::LN_2, fs};

fn row(step: u64, split: LossSplit, bits: f64) -> Row {
    Row {
        step,
        split,
        length: 1024,
        sequences: 64,
        tokens: step * 65_536,
        loss: bits * LN_2,
        score: None,
        learning_rate: 6e-4 * (step as f64 / 30.0).min(1.0),
        gradient_norm: None,
        tokens_per_second: None,
        memory: 1 << 30,
        skipped: 0,
    }
}

/// A run of 400 steps that doubles the length of its sequences twice.
fn run() -> Vec<Row> {
    let mut rows = Vec::new();
    for step in 1..=400_u64 {
        let at = step as f64;
        let noise = ((step * 7919) % 101) as f64 / 101.0 - 0.5;
        let bits = 1.9 + 0.08 * (-at / 120.0).exp() + 1.2 * (-at / 3.0).exp();
        let length = 1024 << (u64::from(step > 150) + u64::from(step > 270));
        let rate = 6e-4 * (at / 30.0).min(1.0) * (0.55 + 0.45 * (at / 127.0).cos());
        let train = row(step, LossSplit::Train, bits + 0.02 * noise);
        rows.push(Row { length, learning_rate: rate, ..train });
        if step % 40 == 0 {
            rows.push(Row { length, ..row(step, LossSplit::Valid, bits + 0.008) });
        }
    }
    rows
}

fn texts(chart: &Chart) -> Vec<&str> {
    let mut texts = Vec::new();
    for shape in &chart.shapes {
        if let Shape::Text { text, .. } = shape {
            texts.push(text.as_str());
        }
    }
    texts
}

/// Every place of every line and dot must be in the picture.
fn assert_inside(chart: &Chart) {
    let places = chart.shapes.iter().flat_map(|shape| match shape {
        Shape::Line { points, .. } => points.clone(),
        Shape::Dot { at, .. } | Shape::Text { at, .. } => vec![*at],
        Shape::Rect { .. } | Shape::Letter { .. } => panic!("a loss curve has none: {shape:?}"),
    });
    for (x, y) in places {
        assert!((0.0..=chart.width).contains(&x) && (0.0..=chart.height).contains(&y), "{x} {y}");
    }
}

#[test]
fn a_run_becomes_two_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = folder.path().join("human <tiny>");
    fs::create_dir(&run_folder).unwrap();
    let mut table = Metrics::create(&run_folder.join(metrics::FILE), Table::NextBase).unwrap();
    run().iter().for_each(|row| table.append(row).unwrap());
    let [svg, png] = write(&run_folder).unwrap();
    assert_eq!((svg, png), (run_folder.join("loss.svg"), run_folder.join("loss.png")));
    let text = fs::read_to_string(run_folder.join("loss.svg")).unwrap();
    for expected in [
        "human &lt;tiny&gt;",
        "loss (bits per base)",
        "learning rate",
        "tokens seen",
        "train, smoothed, last 1.9",
        "valid, last 1.911",
        "1,024 bases a sequence",
        "4,096",
        ">20M<",
        ">1.96<",
        ">4e-4<",
        "not all shown",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    assert!(fs::read(run_folder.join("loss.png")).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(fs::read_dir(&run_folder).unwrap().count(), 3);
    assert_inside(&draw(&run(), Table::NextBase, "").unwrap());
}

#[test]
fn few_rows_and_one_split() {
    let full = run();
    let only = |split| full.iter().copied().filter(|row| row.split == split).collect::<Vec<_>>();
    for (rows, present, absent) in [
        (vec![row(1, LossSplit::Train, 2.0)], "train", "valid"),
        (vec![row(0, LossSplit::Valid, 2.0)], "valid", "train"),
        (only(LossSplit::Train), "train, smoothed", "valid"),
        (only(LossSplit::Valid), "valid", "train"),
    ] {
        let chart = draw(&rows, Table::NextBase, "run").unwrap();
        assert_inside(&chart);
        let texts = texts(&chart);
        let has = |name: &str| texts.iter().any(|text| text.starts_with(&format!("{name}, last ")));
        assert!(has(present) && !has(absent), "{texts:?}");
    }
}

#[test]
fn what_is_not_finite_is_left_out() {
    let mut rows = run();
    for (index, value) in [(5, f64::NAN), (60, f64::INFINITY), (200, f64::NEG_INFINITY)] {
        rows[index].loss = value;
        rows[index].learning_rate = value;
    }
    let chart = draw(&rows, Table::NextBase, &"long ".repeat(99)).unwrap();
    assert_inside(&chart);
    assert!(texts(&chart)[0].ends_with('…'));
    rows[7].loss = 1e300;
    assert_inside(&draw(&rows, Table::NextBase, "run").unwrap());
    let all = rows.iter().map(|row| Row { loss: f64::NAN, ..*row }).collect::<Vec<_>>();
    assert_eq!(draw(&all, Table::NextBase, "run"), None);
}

#[test]
fn nothing_to_draw_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(metrics::FILE);
    let error = write(folder.path()).unwrap_err().to_string();
    assert!(error.contains("cannot open") && error.contains("metrics.tsv"), "{error}");
    let mut table = Metrics::create(&path, Table::NextBase).unwrap();
    let error = write(folder.path()).unwrap_err().to_string();
    assert!(error.contains("metrics.tsv has no rows"), "{error}");
    table.append(&row(1, LossSplit::Train, f64::NAN)).unwrap();
    let error = write(folder.path()).unwrap_err().to_string();
    assert!(error.contains("all losses are NaN or infinite"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// `HYENADNA_LOOK=folder cargo test look -- --ignored` leaves the pictures there.
#[test]
#[ignore = "for looking at the pictures"]
fn look() {
    let folder = PathBuf::from(std::env::var_os("HYENADNA_LOOK").unwrap());
    let few: Vec<Row> = run().into_iter().take(12).collect();
    let valid: Vec<Row> = run().into_iter().filter(|row| row.split == LossSplit::Valid).collect();
    for (name, rows) in [("run", run()), ("few", few), ("valid", valid)] {
        let chart = draw(&rows, Table::NextBase, name).unwrap();
        fs::write(folder.join(name).with_extension("png"), crate::plot::png(&chart).unwrap())
            .unwrap();
        fs::write(folder.join(name).with_extension("svg"), crate::plot::svg(&chart)).unwrap();
    }
}
