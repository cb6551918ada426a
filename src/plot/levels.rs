//! A chart of estimates with intervals at a few named levels, such as numbers of examples.

use super::{
    axis::{self, Axis},
    font,
    palette::CURVES,
    panel::{INK, Labelled, NAME, Panel, SMALL},
    scene::{Anchor, Chart},
    square::{CHANCE, titled},
};

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 644.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 446.0;
const LINE: f64 = 24.0;

/// Largest number of series: that of the colours.
pub const MOST: usize = CURVES.len();

/// Space between series at a level, as a share of that between levels.
const APART: f64 = 0.06;

/// A number with an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Ends of its interval.
    pub interval: Option<[f64; 2]>,
}

/// Estimates of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// One for each level, where there is one.
    pub estimates: Vec<Option<Estimate>>,
}

/// Contents of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels<'a> {
    /// Title above the panel.
    pub title: &'a str,
    /// Name of the x axis.
    pub x: &'a str,
    /// Name of the y axis.
    pub y: &'a str,
    /// Names of the levels.
    pub levels: Vec<String>,
    /// Series; [`MOST`] at most.
    pub series: Vec<Series>,
    /// A dashed line for comparison: its name and height.
    pub reference: Option<(&'a str, f64)>,
    /// Last line of the legend.
    pub remark: Option<&'a str>,
}

impl Levels<'_> {
    /// Draws the chart.
    pub fn draw(&self) -> Chart {
        let mut chart = titled(self.title, LEFT, (WIDTH, HEIGHT));
        let count = self.levels.len() as f64;
        let (low, high) = self.range();
        let panel = Panel {
            x: Labelled {
                axis: Axis { low: -0.5, high: count - 0.5, start: LEFT, end: RIGHT },
                format: axis::plain,
                ticks: count,
                name: None,
            },
            y: Labelled {
                axis: Axis { low, high, start: BOTTOM, end: TOP },
                format: axis::plain,
                ticks: 6.0,
                name: Some(self.y),
            },
        };
        panel.ground(&mut chart);
        for (level, name) in self.levels.iter().enumerate() {
            let at = (panel.x.axis.place(level as f64), BOTTOM + 19.0);
            chart.text(at, name.as_str(), SMALL, INK, Anchor::Middle);
        }
        let middle = (f64::midpoint(LEFT, RIGHT), BOTTOM + 43.0);
        chart.text(middle, self.x, NAME, INK, Anchor::Middle);
        if let Some((_, height)) = self.reference {
            let at = panel.y.axis.place(height);
            chart.dashed((LEFT, at), (RIGHT, at), CHANCE);
        }
        let half = (self.series.len() as f64 - 1.0) / 2.0;
        for (number, (series, color)) in self.series.iter().zip(CURVES).enumerate() {
            let x = |level: usize| level as f64 + APART * (number as f64 - half);
            let known = || {
                let known = |(level, of): (usize, &Option<Estimate>)| Some((x(level), (*of)?));
                series.estimates.iter().enumerate().filter_map(known)
            };
            let curve = known().map(|(x, of)| (x, of.value)).collect();
            panel.points(&mut chart, &curve, color);
            let intervals = known().filter_map(|(x, of)| Some((x, of.interval?)));
            for (x, [low, high]) in intervals.filter(|(_, [low, high])| low < high) {
                panel.line(&mut chart, &vec![(x, low), (x, high)], color, 1.4);
            }
        }
        panel.frame(&mut chart);
        self.legend(&mut chart);
        chart
    }

    /// Ends of the y axis: tenths around all that is drawn.
    fn range(&self) -> (f64, f64) {
        let estimates = self.series.iter().flat_map(|series| series.estimates.iter().flatten());
        let numbers = estimates.flat_map(|of| {
            let [low, high] = of.interval.unwrap_or([of.value; 2]);
            [of.value, low, high]
        });
        let numbers = numbers.chain(self.reference.map(|(_, height)| height));
        let (low, high) = numbers
            .map(|x| (x, x))
            .reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))
            .unwrap_or((0.0, 1.0));
        let tenths = |x: f64| (x * 10.0 + 1e-9, x * 10.0 - 1e-9);
        let (low, high) = (tenths(low).0.floor() / 10.0, tenths(high).1.ceil() / 10.0);
        if low < high { (low, high) } else { (low - 0.1, high + 0.1) }
    }

    fn legend(&self, chart: &mut Chart) {
        let (from, text) = (RIGHT + 24.0, RIGHT + 54.0);
        let room = WIDTH - text - 8.0;
        let mut line = TOP + 10.0;
        for (series, color) in self.series.iter().zip(CURVES) {
            chart.line(vec![(from, line - 4.5), (from + 22.0, line - 4.5)], color, 2.4);
            let name = font::fitted(&series.name, SMALL, room);
            chart.text((text, line), name, SMALL, INK, Anchor::Start);
            line += LINE;
        }
        if let Some((name, _)) = self.reference {
            chart.dashed((from, line - 4.5), (from + 22.0, line - 4.5), CHANCE);
            chart.text((text, line), font::fitted(name, SMALL, room), SMALL, INK, Anchor::Start);
            line += LINE;
        }
        if let Some(remark) = self.remark {
            let remark = font::fitted(remark, SMALL, WIDTH - from - 8.0);
            chart.text((from, line), remark, SMALL, INK, Anchor::Start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Shape;

    #[test]
    fn everything_is_inside_the_picture() {
        let estimate = |value: f64| {
            Some(Estimate { value, interval: Some([value - 0.3, (value + 0.3).min(1.0)]) })
        };
        let series = |i: usize| Series {
            name: format!("a name that is much too long for the legend {i}"),
            estimates: vec![estimate(0.5), None, estimate(0.5 + 0.05 * i as f64)],
        };
        let levels = Levels {
            title: "Accuracy",
            x: "demonstrations",
            y: "accuracy",
            levels: ["0", "2", "16"].map(str::to_owned).to_vec(),
            series: (0..MOST).map(series).collect(),
            reference: Some(("majority class", 0.5)),
            remark: Some("bars: 95 % interval over seeds"),
        };
        assert_eq!(levels.range(), (0.2, 1.0));
        let chart = levels.draw();
        let (mut dots, mut places) = (0, Vec::new());
        for shape in &chart.shapes {
            match shape {
                Shape::Text { at, text, size, anchor: Anchor::Start, .. } => {
                    assert!(at.0 + font::width(text, *size) <= chart.width, "{text}");
                    assert!(at.1 < chart.height, "{text}");
                }
                Shape::Dot { at, .. } => {
                    dots += 1;
                    places.push(at.0);
                    assert!((LEFT..=RIGHT).contains(&at.0) && (TOP..=BOTTOM).contains(&at.1));
                }
                _ => {}
            }
        }
        places.sort_by(f64::total_cmp);
        places.dedup();
        assert_eq!((dots, places.len()), (2 * MOST, 2 * MOST), "dots do not hide each other");
    }
}
