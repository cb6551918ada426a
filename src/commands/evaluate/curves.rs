//! ROC and precision-recall curves of all alleles.

use std::path::PathBuf;

use anyhow::Result;

use super::write::Row;
use crate::{
    commands::{
        output::pictures::Prefix,
        report::figures::{self, INTERVAL},
    },
    formats::output::Complete,
    plot::{
        axis::grouped,
        curve::{Curve, steps},
        scene::{Chart, Point},
        square::{Named, Reference, Square},
    },
    process::exit::Usage,
    statistics::ConfidenceInterval,
};

/// Number of curves that are drawn if none is chosen: more are hard to tell apart.
const SHOWN: usize = 4;

pub use crate::plot::square::MOST;

/// Contents of a chart.
struct Picture {
    /// End of its name.
    name: &'static str,
    title: &'static str,
    x: &'static str,
    y: &'static str,
    /// Curve of a random score.
    chance: fn(&Row<'_>) -> [Point; 2],
    curve: fn(&Row<'_>) -> Curve,
    /// Name of the number beside a score.
    number: &'static str,
    area: fn(&Row<'_>) -> Option<f64>,
    interval: fn(&Row<'_>) -> Option<ConfidenceInterval>,
}

const PICTURES: [Picture; 2] = [
    Picture {
        name: "roc",
        title: "ROC curves",
        x: "false positive rate",
        y: "true positive rate",
        chance: |_| [(0.0, 0.0), (1.0, 1.0)],
        curve: |row| row.ranking.roc(),
        number: "AUROC",
        area: |row| row.figures.map(|figures| figures.auroc),
        interval: |row| row.intervals.map(|intervals| intervals.auroc),
    },
    Picture {
        name: "pr",
        title: "Precision-recall curves",
        x: "recall",
        y: "precision",
        chance: |row| [0.0, 1.0].map(|x| (x, row.ranking.base_rate())),
        curve: |row| steps(&row.ranking.precision_recall()),
        number: "average precision",
        area: |row| row.figures.map(|figures| figures.average_precision),
        interval: |row| row.intervals.map(|intervals| intervals.average_precision),
    },
];

/// The paths of the pictures.
pub fn paths(prefix: &Prefix) -> Vec<PathBuf> {
    PICTURES.iter().flat_map(|picture| prefix.paths(picture.name)).collect()
}

/// Draws `PREFIX.roc.svg`, `PREFIX.roc.png`, `PREFIX.pr.svg` and `PREFIX.pr.png`, which get their
/// names later. `chosen` are the scores to draw; if there are none, the first four are.
///
/// # Errors
/// A chosen score does not exist, or a picture cannot be written.
pub fn write(prefix: &Prefix, rows: &[Row<'_>], chosen: &[String]) -> Result<Vec<Complete>> {
    let rows: Vec<&Row<'_>> = rows.iter().filter(|row| row.group.by == "all").collect();
    let rows = shown(&rows, chosen)?;
    if rows.is_empty() {
        log::warn!("--plot: no score has both positives and negatives; nothing is drawn");
        return Ok(Vec::new());
    }
    let mut complete = Vec::new();
    for picture in PICTURES {
        complete.extend(prefix.draw(picture.name, &draw(&picture, &rows))?);
    }
    Ok(complete)
}

/// The rows to draw: those that are chosen, or the first few.
fn shown<'a, 'r>(rows: &[&'a Row<'r>], chosen: &[String]) -> Result<Vec<&'a Row<'r>>, Usage> {
    let name = |row: &&Row<'_>| row.subject.name.clone();
    let mut wanted = Vec::new();
    for score in chosen {
        let row = rows.iter().find(|row| row.subject.name == *score).ok_or_else(|| {
            let names: Vec<String> = rows.iter().map(name).collect();
            Usage(format!("--curves {score}: no such score; there are {}", names.join(", ")))
        })?;
        wanted.push(*row);
    }
    let candidates = if chosen.is_empty() { rows } else { &wanted };
    let drawable = candidates.iter().copied().filter(|row| row.figures.is_some());
    let mut drawable: Vec<&Row<'_>> = drawable.collect();
    if chosen.is_empty() && drawable.len() > SHOWN {
        let omitted: Vec<String> = drawable.split_off(SHOWN).iter().map(name).collect();
        log::info!(
            "--plot draws {SHOWN} scores and leaves out {}; choose with --curves",
            omitted.join(", ")
        );
    }
    Ok(drawable)
}

fn draw(picture: &Picture, rows: &[&Row<'_>]) -> Chart {
    let most = rows.iter().max_by_key(|row| row.ranking.positives + row.ranking.negatives);
    let named = |row: &&Row<'_>| {
        let sign = if row.subject.negated { "\u{2212}" } else { "" };
        Named {
            name: format!("{sign}{}", row.subject.name),
            notes: vec![area(picture, row), alleles(row)],
            curve: (picture.curve)(row),
            dots: false,
        }
    };
    let has_intervals = rows.iter().any(|row| (picture.interval)(row).is_some());
    Square {
        title: picture.title,
        x: picture.x,
        y: picture.y,
        reference: most.map(|row| Reference { name: "random score", ends: (picture.chance)(row) }),
        curves: rows.iter().map(named).collect(),
        remark: has_intervals.then_some(INTERVAL),
    }
    .draw()
}

/// `AUROC 0.712 [0.650, 0.771]`.
fn area(picture: &Picture, row: &Row<'_>) -> String {
    let area = (picture.area)(row).unwrap_or(f64::NAN);
    figures::words(picture.number, area, (picture.interval)(row))
}

/// `n = 1,653, base rate 0.152`.
fn alleles(row: &Row<'_>) -> String {
    let n = grouped(row.ranking.positives + row.ranking.negatives);
    format!("n = {n}, base rate {:.3}", row.ranking.base_rate())
}
