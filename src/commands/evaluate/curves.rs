//! ROC and precision-recall curves of all alleles.

use std::path::PathBuf;

use anyhow::Result;

use super::write::Row;
use crate::{
    commands::output::pictures::Prefix,
    formats::output::Complete,
    plot::{
        axis::{self, Axis, grouped},
        curve::Curve,
        font,
        palette::CURVES,
        panel::{INK, Labelled, Panel},
        scene::{Anchor, Chart, Color},
    },
    process::exit::Usage,
    statistics::ConfidenceInterval,
};

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 620.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 564.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 556.0;

const TITLE: f64 = 21.0;
const LEGEND: f64 = 13.0;
const DARK: Color = [0x11, 0x15, 0x1a];
const SMALL: f64 = 12.0;
const PALE: Color = [0x5b, 0x66, 0x72];
const CHANCE: Color = [0x9a, 0xa3, 0xad];

/// Number of curves that are drawn if none is chosen: more are hard to tell apart.
const SHOWN: usize = 4;

/// Largest number of curves: that of the colours.
pub const MOST: usize = CURVES.len();

/// Contents of a chart.
struct Picture {
    /// End of its name.
    name: &'static str,
    title: &'static str,
    x: &'static str,
    y: &'static str,
    /// Curve of a random score.
    chance: fn(&Row<'_>) -> Curve,
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
        chance: |_| vec![(0.0, 0.0), (1.0, 1.0)],
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
        chance: |row| vec![(0.0, row.ranking.base_rate()), (1.0, row.ranking.base_rate())],
        curve: |row| steps(&row.ranking.precision_recall()),
        number: "average precision",
        area: |row| row.figures.map(|figures| figures.average_precision),
        interval: |row| row.intervals.map(|intervals| intervals.average_precision),
    },
];

/// The curve in the steps that average precision sums: each precision extends back to the recall
/// before.
fn steps(points: &[(f64, f64)]) -> Curve {
    let mut before = 0.0;
    let mut curve = Vec::with_capacity(2 * points.len());
    for &(recall, precision) in points {
        if recall > before {
            curve.extend([(before, precision), (recall, precision)]);
            before = recall;
        }
    }
    curve
}

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
    let mut chart = Chart::new(WIDTH, HEIGHT);
    chart.text((LEFT, 42.0), picture.title, TITLE, DARK, Anchor::Start);
    let axis = |start, end, name| Labelled {
        axis: Axis { low: 0.0, high: 1.0, start, end },
        format: axis::plain,
        ticks: 5.0,
        name: Some(name),
    };
    let panel = Panel { x: axis(LEFT, RIGHT, picture.x), y: axis(BOTTOM, TOP, picture.y) };
    panel.ground(&mut chart);
    let most = rows.iter().max_by_key(|row| row.ranking.positives + row.ranking.negatives);
    if let Some(row) = most {
        let place = |(x, y): (f64, f64)| (panel.x.axis.place(x), panel.y.axis.place(y));
        let ends: Vec<_> = (picture.chance)(row).into_iter().map(place).collect();
        if let [from, to] = ends[..] {
            chart.dashed(from, to, CHANCE);
        }
    }
    for (row, color) in rows.iter().zip(CURVES) {
        panel.line(&mut chart, &(picture.curve)(row), color, 1.8);
    }
    panel.frame(&mut chart);
    legend(&mut chart, picture, rows);
    chart
}

/// Names the curves, with their areas, numbers of alleles and base rates.
fn legend(chart: &mut Chart, picture: &Picture, rows: &[&Row<'_>]) {
    const LINE: f64 = 18.0;
    const ENTRY: f64 = 66.0;
    let (from, text) = (RIGHT + 28.0, RIGHT + 58.0);
    let room = WIDTH - text - 8.0;
    for (place, (row, color)) in rows.iter().zip(CURVES).enumerate() {
        let line = TOP + 10.0 + ENTRY * place as f64;
        chart.line(vec![(from, line - 4.5), (from + 22.0, line - 4.5)], color, 2.4);
        let sign = if row.subject.negated { "\u{2212}" } else { "" };
        let name = font::fitted(&format!("{sign}{}", row.subject.name), LEGEND, room);
        chart.text((text, line), name, LEGEND, INK, Anchor::Start);
        for (number, words) in [area(picture, row), alleles(row)].into_iter().enumerate() {
            let line = line + LINE * (number + 1) as f64;
            chart.text((text, line), words, SMALL, PALE, Anchor::Start);
        }
    }
    let line = TOP + 10.0 + ENTRY * rows.len() as f64;
    chart.dashed((from, line - 4.5), (from + 22.0, line - 4.5), CHANCE);
    chart.text((text, line), "random score", LEGEND, INK, Anchor::Start);
    if rows.iter().any(|row| (picture.interval)(row).is_some()) {
        let line = line + 1.5 * LINE;
        chart.text((from, line), "[ ]: 95 % bootstrap interval", SMALL, PALE, Anchor::Start);
    }
}

/// `AUROC 0.712 [0.650, 0.771]`.
fn area(picture: &Picture, row: &Row<'_>) -> String {
    let area = (picture.area)(row).unwrap_or(f64::NAN);
    let interval = (picture.interval)(row);
    let interval = interval.map(|i| format!(" [{:.3}, {:.3}]", i.low, i.high));
    format!("{} {area:.3}{}", picture.number, interval.unwrap_or_default())
}

/// `n = 1,653, base rate 0.152`.
fn alleles(row: &Row<'_>) -> String {
    let n = grouped(row.ranking.positives + row.ranking.negatives);
    format!("n = {n}, base rate {:.3}", row.ranking.base_rate())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Ranking;

    #[test]
    fn the_steps_cover_the_average_precision() {
        let scored =
            [(4.0, true), (3.0, false), (2.0, true), (2.0, false), (1.0, true), (0.0, false)];
        let ranking = Ranking::new(scored);
        let curve = steps(&ranking.precision_recall());
        assert_eq!(curve.first().map(|p| p.0), Some(0.0));
        assert_eq!(curve.last().map(|p| p.0), Some(1.0));
        let strip = |pair: &[(f64, f64)]| (pair[1].0 - pair[0].0) * pair[1].1;
        let area: f64 = curve.windows(2).map(strip).sum();
        let expected = ranking.figures().unwrap().average_precision;
        assert!((area - expected).abs() < 1e-12, "{area} {expected}");
    }
}
