//! The chart of a model: copy advantage by distance, and bits per base by position.

use std::f64::consts::LN_2;

use super::{design::Background, results::Results};
use crate::{
    plot::{
        axis::{self, Axis, grouped},
        curve::{Curve, range},
        font,
        palette::{BLUE, GREEN, VERMILLION},
        panel::{INK, Labelled, NAME, Panel, SMALL},
        scene::{Anchor, Chart, Color},
        square::{CHANCE, titled},
    },
    statistics::Estimate,
    windows::repeats::Repeat,
};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 700.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = WIDTH - 32.0;
/// Space between the panels of two backgrounds, for tick labels and a name.
const GAP: f64 = 96.0;
const LEGEND_LINE: f64 = 72.0;

/// A point with the ends of its interval.
struct Marked {
    x: f64,
    y: f64,
    ends: (f64, f64),
}

impl Marked {
    fn new(x: f64, of: &Estimate, unit: f64) -> Self {
        let (low, high) = of.interval().unwrap_or((of.mean, of.mean));
        Self { x, y: of.mean / unit, ends: (low / unit, high / unit) }
    }
}

/// Draws the chart of a model.
pub fn draw(title: &str, results: &Results) -> Chart {
    let mut chart = titled(title, LEFT, (WIDTH, HEIGHT));
    let mut backgrounds: Vec<Background> = results.copies.iter().map(|c| c.background).collect();
    backgrounds.dedup();
    let points = |background: Background, repeat: Repeat| -> Vec<Marked> {
        let alike =
            results.copies.iter().filter(|c| (c.background, c.repeat) == (background, repeat));
        alike.map(|c| Marked::new((c.distance as f64).log2(), &c.advantage, 1.0)).collect()
    };
    let all: Vec<Marked> = results
        .copies
        .iter()
        .map(|c| Marked::new((c.distance as f64).log2(), &c.advantage, 1.0))
        .collect();
    let zero = Marked { x: all.first().map_or(0.0, |point| point.x), y: 0.0, ends: (0.0, 0.0) };
    let all: Vec<Marked> = all.into_iter().chain([zero]).collect();
    let count = backgrounds.len().max(1) as f64;
    let width = (RIGHT - LEFT - GAP * (count - 1.0)) / count;
    for (place, &background) in backgrounds.iter().enumerate() {
        let left = LEFT + place as f64 * (width + GAP);
        let name = (place == 0).then_some("copy advantage (nats per base)");
        let panel = panel(&all, (left, left + width), (372.0, 124.0), ("distance (bases)", name));
        panel.ground(&mut chart);
        let zero = panel.y.axis.place(0.0);
        chart.dashed((left, zero), (left + width, zero), CHANCE);
        let title = format!("{} DNA", background.name());
        chart.text((left, 112.0), title, NAME, INK, Anchor::Start);
        for (repeat, color) in KINDS {
            curve(&mut chart, &panel, &points(background, repeat), color);
        }
        panel.frame(&mut chart);
    }
    legend(&mut chart, results);
    let positions: Vec<Marked> = results
        .positions
        .iter()
        .map(|position| {
            let (from, to) = position.before;
            Marked::new((from as f64 * to as f64).log2() / 2.0, &position.loss, LN_2)
        })
        .collect();
    let names = ("bases before, native DNA", Some("bits per base"));
    let panel = panel(&positions, (LEFT, RIGHT), (644.0, 474.0), names);
    panel.ground(&mut chart);
    curve(&mut chart, &panel, &positions, BLUE);
    panel.frame(&mut chart);
    chart
}

/// Kinds of copies with their colours.
const KINDS: [(Repeat, Color); 3] =
    [(Repeat::Exact, BLUE), (Repeat::Mutated, VERMILLION), (Repeat::ReverseComplement, GREEN)];

/// A panel that holds all points with their intervals, with at least one power of two on its x axis.
fn panel<'a>(
    points: &[Marked],
    (left, right): (f64, f64),
    (bottom, top): (f64, f64),
    (x, y): (&'a str, Option<&'a str>),
) -> Panel<'a> {
    const ROOM: f64 = 0.3;
    let places: Curve = points.iter().flat_map(|p| [(p.x, p.ends.0), (p.x, p.ends.1)]).collect();
    let (low, high) = range(&places).unwrap_or((0.0, 1.0));
    let room = (0.08 * (high - low)).max(1e-3);
    let first = points.iter().map(|p| p.x).fold(f64::INFINITY, f64::min);
    let last = points.iter().map(|p| p.x).fold(f64::NEG_INFINITY, f64::max);
    let (first, last) = if first <= last { (first, last) } else { (0.0, 1.0) };
    let across =
        Axis { low: first.floor() - ROOM, high: last.ceil() + ROOM, start: left, end: right };
    let ticks = (across.high - across.low).clamp(1.0, (right - left) / 52.0);
    let up = Axis { low: low - room, high: high + room, start: bottom, end: top };
    Panel {
        x: Labelled { axis: across, format: power, ticks, name: Some(x) },
        y: Labelled { axis: up, format: axis::signed, ticks: 6.0, name: y },
    }
}

/// Formats a power of two by its exponent; others have no label.
fn power(exponent: f64, _step: f64, _high: f64) -> String {
    let whole = exponent.round();
    if (exponent - whole).abs() > 1e-6 || !(0.0..63.0).contains(&whole) {
        return String::new();
    }
    grouped(1 << whole as u32)
}

/// A line through the points, and a bar over the interval of each.
fn curve(chart: &mut Chart, panel: &Panel<'_>, points: &[Marked], color: Color) {
    for Marked { x, ends: (low, high), .. } in points {
        let (x, y) = (panel.x.axis.place(*x), &panel.y.axis);
        chart.line(vec![(x, y.place(*low)), (x, y.place(*high))], color, 1.2);
    }
    panel.points(chart, &points.iter().map(|point| (point.x, point.y)).collect(), color);
}

/// Names the curves, in a line.
fn legend(chart: &mut Chart, results: &Results) {
    let mut place = LEFT;
    let shown = KINDS.iter().filter(|(kind, _)| results.copies.iter().any(|c| c.repeat == *kind));
    for (kind, color) in shown {
        let middle = LEGEND_LINE - 4.5;
        chart.line(vec![(place, middle), (place + 24.0, middle)], *color, 2.4);
        let name = format!("{} copies", kind.name());
        chart.text((place + 32.0, LEGEND_LINE), &name, NAME, INK, Anchor::Start);
        place += 32.0 + font::width(&name, NAME) + 28.0;
    }
    let remark = "bars: 95 % intervals; dashed: chance";
    chart.text((RIGHT, LEGEND_LINE), remark, SMALL, INK, Anchor::End);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::recall::results::{CopyResult, PositionResult},
        plot::scene::Shape,
    };

    #[test]
    fn nothing_leaves_the_chart_and_distances_are_named() {
        let estimate = |mean| Estimate { mean, error: Some(0.1), count: 10 };
        let copy = |background, repeat, distance: usize| CopyResult {
            background,
            repeat,
            distance,
            loss: 1.0,
            control: 1.2,
            advantage: estimate(0.2),
            over_reverse: None,
        };
        for distances in [vec![32, 64, 128], vec![50]] {
            let both = [Background::Native, Background::Shuffled];
            let copies = both.iter().flat_map(|&background| {
                distances.iter().map(move |&d| copy(background, Repeat::Exact, d))
            });
            let position = |before, mean| PositionResult { before, loss: estimate(mean) };
            let positions = vec![position((1, 16), 1.3), position((17, 64), 1.2)];
            let chart = draw("model", &Results { copies: copies.collect(), positions });
            let mut texts = Vec::new();
            for shape in &chart.shapes {
                match shape {
                    Shape::Line { points, .. } => {
                        for (x, y) in points {
                            assert!((0.0..=WIDTH).contains(x) && (0.0..=HEIGHT).contains(y));
                        }
                    }
                    Shape::Text { text, .. } => texts.push(text.as_str()),
                    _ => {}
                }
            }
            for wanted in ["native DNA", "shuffled DNA", "exact copies", "64"] {
                assert!(texts.contains(&wanted), "{wanted} {texts:?}");
            }
            assert!(!texts.contains(&"mutated copies"));
        }
    }
}
