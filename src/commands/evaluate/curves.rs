//! ROC and precision-recall curves of all alleles.

use std::path::PathBuf;

use super::write::Row;
use crate::{
    commands::output::pictures::Prefix,
    formats::output::{Complete, OutputError},
    plot::{
        axis::{self, Axis},
        curve::Curve,
        panel::{INK, Labelled, Panel},
        scene::{Anchor, Chart, Color},
    },
};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 620.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 564.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 556.0;

const TITLE: f64 = 21.0;
const LEGEND: f64 = 13.0;
const DARK: Color = [0x11, 0x15, 0x1a];
const CHANCE: Color = [0x9a, 0xa3, 0xad];

/// Colours of the curves, which people with red-green colour blindness can distinguish.
const COLORS: [Color; 8] = [
    [0x1f, 0x6f, 0xb5],
    [0xd9, 0x4f, 0x1e],
    [0x1b, 0x9e, 0x77],
    [0xb0, 0x48, 0x9a],
    [0xe0, 0xa0, 0x10],
    [0x56, 0xb4, 0xe9],
    [0x5b, 0x66, 0x72],
    [0x8c, 0x56, 0x4b],
];

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
/// names later.
///
/// # Errors
/// A picture cannot be written.
pub fn write(prefix: &Prefix, rows: &[Row<'_>]) -> Result<Vec<Complete>, OutputError> {
    let of_all = |row: &&Row<'_>| row.group.by == "all" && row.figures.is_some();
    let rows: Vec<&Row<'_>> = rows.iter().filter(of_all).collect();
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

fn draw(picture: &Picture, rows: &[&Row<'_>]) -> Chart {
    const SHOWN: usize = 20;
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
    for (row, color) in rows.iter().zip(COLORS.iter().cycle()) {
        panel.line(&mut chart, &(picture.curve)(row), *color, 1.8);
    }
    panel.frame(&mut chart);
    let heading = format!("score, {}", picture.number);
    chart.text((RIGHT + 28.0, TOP + 10.0), heading, LEGEND, CHANCE, Anchor::Start);
    for (place, (row, color)) in rows.iter().zip(COLORS.iter().cycle()).take(SHOWN).enumerate() {
        let line = TOP + 34.0 + 21.0 * place as f64;
        let from = RIGHT + 28.0;
        chart.line(vec![(from, line - 4.5), (from + 22.0, line - 4.5)], *color, 2.4);
        let sign = if row.subject.negated { "\u{2212}" } else { "" };
        let area = (picture.area)(row).unwrap_or(f64::NAN);
        let text = format!("{sign}{}  {area:.3}", row.subject.name);
        chart.text((from + 30.0, line), text, LEGEND, INK, Anchor::Start);
    }
    if rows.len() > SHOWN {
        let more = format!("and {} more", rows.len() - SHOWN);
        let line = TOP + 34.0 + 21.0 * SHOWN as f64;
        chart.text((RIGHT + 58.0, line), more, LEGEND, INK, Anchor::Start);
    }
    chart
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
