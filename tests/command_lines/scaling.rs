//! `scripts/scaling` prints the tables of docs/scaling.md, from rates that benches/RESULTS.md has.

use std::process::{Command, Output};

use crate::{
    harness::{genome::are_there, read},
    readme::anchors,
};

fn scaling(arguments: &[&str]) -> Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/scaling");
    Command::new("python3").arg(script).args(arguments).output().unwrap()
}

fn document(name: &str) -> String {
    read(&format!("{}/{name}", env!("CARGO_MANIFEST_DIR")))
}

/// Rows of all tables, in order.
fn rows(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with('|')).collect()
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn tables_of_the_page_are_printed() {
    if !are_there(&["python3"]) {
        return;
    }
    let output = scaling(&[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let page = document("docs/scaling.md");
    let (kept, now) = (rows(&page), rows(&printed));
    for (kept, now) in kept.iter().zip(&now) {
        assert_eq!(kept, now, "docs/scaling.md (left) has another row than scripts/scaling prints");
    }
    assert_eq!(kept.len(), now.len(), "docs/scaling.md has another number of rows");
}

/// A measured rate is a cell in the section that its row links to.
#[test]
fn measured_rates_are_in_the_results() {
    let (page, results) = (document("docs/scaling.md"), document("benches/RESULTS.md"));
    let sections: Vec<(String, &str)> = results
        .split("\n## ")
        .skip(1)
        .map(|section| {
            let heading = format!("## {}", section.lines().next().unwrap());
            (anchors(&heading).remove(0), section)
        })
        .collect();
    let mut found = 0;
    for row in rows(&page) {
        let Some((_, link)) = row.split_once("(../benches/RESULTS.md#") else {
            continue;
        };
        let anchor = link.split(')').next().unwrap();
        let section = sections.iter().find(|(name, _)| name == anchor);
        let (_, section) = section.unwrap_or_else(|| panic!("no section {anchor}"));
        let value = cells(row)[1];
        let is_cell = |line: &&str| cells(line).contains(&value);
        assert!(rows(section).iter().any(is_cell), "{anchor} has no cell {value}: {row}");
        found += 1;
    }
    assert!(found >= 8, "{found} rows with a link to benches/RESULTS.md");
}

#[test]
fn own_numbers_replace_those_of_the_page() {
    if !are_there(&["python3"]) {
        return;
    }
    let page = document("docs/scaling.md");
    let printed = String::from_utf8(scaling(&["variants=372", "core_hour=0.08"]).stdout).unwrap();
    let [before, after] = [&page, &printed].map(|text| {
        let row = rows(text).into_iter().find(|row| row.contains("| SNVs, `llr` | CPU |"));
        cells(row.unwrap()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    });
    // twice as fast, at twice the price
    assert_ne!(before[2..6], after[2..6]);
    assert_eq!(before[6], after[6]);
    for wrong in ["variants=0", "variants=many", "variants", "other=1", "rows_seconds=7"] {
        let output = scaling(&[wrong]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{wrong}: {message}");
        assert!(!message.contains("Traceback") && !message.is_empty(), "{wrong}: {message}");
        assert!(output.stdout.is_empty());
    }
}
