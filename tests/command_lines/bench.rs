//! `hyenadna bench` from the command line: both mixers, both passes, both formats, errors.

use serde_json::Value;

use crate::harness::{Scratch, fails, read, table::Table, text};

/// Options of a small, quick run.
const SMALL: &str = "-q bench --layers 1 --width 16 --lengths 48,16 --repeats 1";

/// The columns, and the keys of the objects.
const KEYS: &str = "mixer layers width length batch pass dtype device threads seconds \
    tokens_per_second peak_bytes tflop flops_fraction";

fn keys() -> Vec<&'static str> {
    KEYS.split(' ').collect()
}

#[test]
fn a_table_has_a_row_for_each_length() {
    for (options, pass, dtype, times) in [
        ("--mixer hyena", "forward", "fp32", 1.0),
        ("--mixer hyena --step --batch 3", "step", "fp32", 9.0),
        ("--mixer attention --dtype bf16", "forward", "bf16", 1.0),
        ("--mixer attention --step", "step", "fp32", 3.0),
    ] {
        let table = Table::parse(&text(&format!("{SMALL} {options} --device cpu"), &[]));
        assert_eq!(table.header, keys(), "{options}");
        assert!(table.comments[0].starts_with("##hyenadna_version="), "{options}");
        assert_eq!(table.column("length"), ["16", "48"], "{options}");
        assert_eq!(table.column("mixer")[0], options.split(' ').nth(1).unwrap());
        for (name, value) in [
            ("pass", pass),
            ("dtype", dtype),
            ("device", "cpu"),
            ("layers", "1"),
            ("width", "16"),
            ("threads", "1"),
        ] {
            assert_eq!(table.column(name), [value; 2], "{options}: {name}");
        }
        let number = |name: &str, row: usize| table.column(name)[row].parse::<f64>().unwrap();
        for (row, length) in [16.0, 48.0].into_iter().enumerate() {
            let tflop = 24.0 * 16.0 * 16.0 * length * times / 1e12;
            assert!((number("tflop", row) / tflop - 1.0).abs() < 1e-5, "{options}");
            let rate = number("batch", row) * length / number("seconds", row);
            assert!((number("tokens_per_second", row) / rate - 1.0).abs() < 1e-4, "{options}");
            let fraction = number("flops_fraction", row);
            assert!(fraction > 0.0 && fraction < 10.0, "{options}: {fraction}");
        }
        assert!(number("peak_bytes", 0) > 1e6, "{options}");
        assert!(number("peak_bytes", 0) <= number("peak_bytes", 1), "{options}");
    }
}

#[test]
fn json_is_an_array_of_objects_with_the_same_keys() {
    let scratch = Scratch::new();
    let path = scratch.path("bench.json");
    for options in ["--mixer hyena --step", "--mixer attention"] {
        // by the suffix
        let out = text(&format!("{SMALL} {options} -o"), &[&path]);
        assert_eq!(out, "");
        let rows: Vec<Value> = serde_json::from_str(&read(&path)).unwrap();
        assert_eq!(rows.len(), 2);
        for row in &rows {
            let mut found: Vec<&str> =
                row.as_object().unwrap().keys().map(String::as_str).collect();
            let mut wanted = keys();
            found.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(found, wanted);
            assert!(row["seconds"].as_f64().unwrap() > 0.0);
            assert_eq!(row["layers"], 1);
        }
        assert_eq!((&rows[0]["length"], &rows[1]["length"]), (&16.into(), &48.into()));
    }
    let rows: Vec<Value> =
        serde_json::from_str(&text(&format!("{SMALL} --format json --no-header"), &[])).unwrap();
    assert_eq!(rows.len(), 2);
}

#[test]
fn without_a_header_there_are_rows_only() {
    let table = Table::parse(&text(&format!("{SMALL} --lengths 8,8,4 --no-header"), &[]));
    assert!(table.comments.is_empty() && table.header.is_empty());
    assert_eq!(table.rows.len(), 4, "lengths may be given again; those that are equal run once");
    assert!(table.rows.iter().all(|row| row.len() == keys().len()));
}

#[test]
fn what_makes_no_sense_is_named() {
    for (options, phrases) in [
        ("--lengths 0", ["--lengths", "from 1 to"]),
        ("--lengths 16,,32", ["--lengths", "from 1 to"]),
        ("--lengths 1k", ["1k", "from 1 to"]),
        ("--batch 0", ["--batch", "1..="]),
        ("--repeats 0", ["--repeats", "zero"]),
        ("--layers 0", ["layers 0", "expected 1"]),
        ("--width 0", ["width (d_model) of 0", "expected 1"]),
        ("--mixer attention --width 96", ["--width is 96", "multiple of 64"]),
        ("--mixer attention --width 33", ["--width is 33", "even number"]),
        ("--mixer mamba", ["mamba", "hyena, attention"]),
        ("--dtype fp16", ["fp16", "fp32, tf32, bf16"]),
        ("--format xml", ["xml", "tsv, json"]),
        ("-o bench.npy", [".npy", ".json"]),
        ("--strict", ["--strict", "unexpected"]),
        ("16", ["16", "unexpected"]),
    ] {
        fails(&format!("bench {options}"), &[], 2, &phrases);
    }
}

/// Before anything is computed or written.
#[test]
fn what_cannot_fit_is_refused_with_what_would() {
    let scratch = Scratch::new();
    let path = scratch.path("out.tsv");
    let huge = "bench --device cpu --width 4096 --lengths 1024,16777214";
    for options in ["", "--step", "--mixer attention", "--mixer attention --step --dtype bf16"] {
        let words = format!("{huge} {options} -o");
        fails(&words, &[&path], 1, &["16777214 bases", "GB are free", "would fit"]);
    }
    assert!(scratch.names().is_empty());
    fails("bench --layers 2 --width 1048576", &[], 1, &["no length of this model fits"]);
}
