//! Draws the accuracy on the test part against the length of the windows, of the tables of `run`.
//!
//! `cargo run --example species -- FOLDER NAME POOL…` reads POOL.tsv of each pooling and writes NAME.svg and NAME.png.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use clap::Parser;
use hyenadna::{
    formats::picture,
    plot::levels::{Estimate, Levels, Series},
};

#[derive(Parser)]
struct Args {
    /// Folder with the tables, and of the picture
    folder: std::path::PathBuf,
    /// Name of the picture
    name: String,
    /// Poolings
    #[arg(required = true)]
    pools: Vec<String>,
}

/// A row of a table: length, seed (or mean or sd) and accuracy.
type Row = (String, String, f64);

fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().context("an empty table")?.split('\t').collect();
    let column = |name: &str| {
        let at = header.iter().position(|column| column.trim_start_matches('#') == name);
        at.with_context(|| format!("{} has no column {name}", path.display()))
    };
    let at = [column("length")?, column("seed")?, column("test_accuracy")?];
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            ensure!(fields.len() == header.len(), "a row of {} columns", fields.len());
            Ok((fields[at[0]].into(), fields[at[1]].into(), fields[at[2]].parse()?))
        })
        .collect()
}

fn main() -> anyhow::Result<()> {
    let Args { folder, name, pools } = Args::parse();
    let (mut levels, mut series) = (Vec::new(), Vec::new());
    for pool in pools {
        let rows = read(&folder.join(format!("{pool}.tsv")))?;
        for (length, ..) in &rows {
            if !levels.contains(length) {
                levels.push(length.clone());
            }
        }
        let estimate = |length: &String| {
            let of = |what: &str| {
                let is = |row: &&Row| row.0 == *length && row.1 == what;
                rows.iter().find(is).map(|row| row.2)
            };
            let (value, deviation) = (of("mean")?, of("sd")?);
            Some(Estimate { value, interval: Some([value - deviation, value + deviation]) })
        };
        let estimates = levels.iter().map(estimate).collect();
        series.push(Series {
            name: format!("--pool {}", pool.replace("-warmup", ", warm-up")),
            estimates,
        });
    }
    let chart = Levels {
        title: "Human, worm or yeast",
        x: "length of a window, in bases",
        y: "accuracy on held-out chromosomes",
        levels,
        series,
        reference: Some(("chance", 1.0 / 3.0)),
        remark: Some("bars: ± sd over seeds"),
    }
    .draw();
    for path in picture::write(&folder, &name, &chart)? {
        eprintln!("{}", path.display());
    }
    Ok(())
}
