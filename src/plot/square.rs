//! A chart of curves whose axes are from 0 to 1, with a legend beside it.

use super::{
    axis::{self, Axis},
    curve::Curve,
    font,
    palette::CURVES,
    panel::{INK, Labelled, Panel},
    scene::{Anchor, Chart, Color, Point},
};

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 620.0;
/// Left edge of the panel, in pixels.
pub const LEFT: f64 = 84.0;
/// Right edge of the panel, in pixels.
pub const RIGHT: f64 = 564.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 556.0;

const TITLE: f64 = 21.0;
const LEGEND: f64 = 13.0;
const SMALL: f64 = 12.0;
const DARK: Color = [0x11, 0x15, 0x1a];
const PALE: Color = [0x5b, 0x66, 0x72];
/// Colour of the dashed line.
pub const CHANCE: Color = [0x9a, 0xa3, 0xad];

/// Largest number of curves: that of the colours.
pub const MOST: usize = CURVES.len();

/// A curve with its entry in the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Name of the curve.
    pub name: String,
    /// Lines below the name; two at most.
    pub notes: Vec<String>,
    /// Points of the curve, with coordinates from 0 to 1.
    pub curve: Curve,
    /// True for a dot at each point.
    pub dots: bool,
}

/// A dashed line for comparison, with its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reference {
    /// Name in the legend.
    pub name: &'static str,
    /// Ends of the line, with coordinates from 0 to 1.
    pub ends: [Point; 2],
}

/// Contents of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Square<'a> {
    /// Title above the panel.
    pub title: &'a str,
    /// Name of the x axis.
    pub x: &'a str,
    /// Name of the y axis.
    pub y: &'a str,
    /// Line for comparison.
    pub reference: Option<Reference>,
    /// Curves; [`MOST`] at most.
    pub curves: Vec<Named>,
    /// Last line of the legend.
    pub remark: Option<&'a str>,
}

impl Square<'_> {
    /// Draws the chart.
    pub fn draw(&self) -> Chart {
        let mut chart = titled(self.title, LEFT, (WIDTH, HEIGHT));
        let axis = |start, end, name| Labelled {
            axis: Axis { low: 0.0, high: 1.0, start, end },
            format: axis::plain,
            ticks: 5.0,
            name: Some(name),
        };
        let panel = Panel { x: axis(LEFT, RIGHT, self.x), y: axis(BOTTOM, TOP, self.y) };
        panel.ground(&mut chart);
        if let Some(Reference { ends, .. }) = self.reference {
            let [from, to] = ends.map(|(x, y)| (panel.x.axis.place(x), panel.y.axis.place(y)));
            chart.dashed(from, to, CHANCE);
        }
        for (named, color) in self.curves.iter().zip(CURVES) {
            match named.dots {
                true => panel.points(&mut chart, &named.curve, color),
                false => panel.line(&mut chart, &named.curve, color, 1.8),
            }
        }
        panel.frame(&mut chart);
        self.legend(&mut chart);
        chart
    }

    /// Names the curves and the line for comparison.
    fn legend(&self, chart: &mut Chart) {
        const LINE: f64 = 18.0;
        const ENTRY: f64 = 66.0;
        let (from, text) = (RIGHT + 28.0, RIGHT + 58.0);
        let room = WIDTH - text - 8.0;
        for (place, (named, color)) in self.curves.iter().zip(CURVES).enumerate() {
            let line = TOP + 10.0 + ENTRY * place as f64;
            chart.line(vec![(from, line - 4.5), (from + 22.0, line - 4.5)], color, 2.4);
            let name = font::fitted(&named.name, LEGEND, room);
            chart.text((text, line), name, LEGEND, INK, Anchor::Start);
            for (number, note) in named.notes.iter().enumerate() {
                let line = line + LINE * (number + 1) as f64;
                let note = font::fitted(note, SMALL, room);
                chart.text((text, line), note, SMALL, PALE, Anchor::Start);
            }
        }
        let mut line = TOP + 10.0 + ENTRY * self.curves.len() as f64;
        if let Some(reference) = self.reference {
            chart.dashed((from, line - 4.5), (from + 22.0, line - 4.5), CHANCE);
            chart.text((text, line), reference.name, LEGEND, INK, Anchor::Start);
            line += 1.5 * LINE;
        }
        if let Some(remark) = self.remark {
            chart.text((from, line), remark, SMALL, PALE, Anchor::Start);
        }
    }
}

/// An empty chart of some width and height, with a title from `left` on.
pub fn titled(title: &str, left: f64, (width, height): (f64, f64)) -> Chart {
    let mut chart = Chart::new(width, height);
    let title = font::fitted(title, TITLE, width - left - 16.0);
    chart.text((left, 42.0), title, TITLE, DARK, Anchor::Start);
    chart
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Shape;

    #[test]
    fn legend_and_curves_are_inside_the_picture() {
        let named = |i: usize| Named {
            name: format!("{} {i}", "a very long name of a class".repeat(3)),
            notes: vec!["AUROC 0.500 [0.400, 0.600]".into(), "n = 1,000".into()],
            curve: vec![(0.0, 0.0), (0.1 * i as f64, 1.0), (1.0, 1.0)],
            dots: i == 0,
        };
        let square = Square {
            title: "ROC curves",
            x: "x",
            y: "y",
            reference: Some(Reference { name: "random", ends: [(0.0, 0.0), (1.0, 1.0)] }),
            curves: (0..MOST).map(named).collect(),
            remark: Some("[ ]: interval"),
        };
        let chart = square.draw();
        let mut texts = 0;
        for shape in &chart.shapes {
            if let Shape::Text { at, text, size, anchor: Anchor::Start, .. } = shape {
                let end = at.0 + font::width(text, *size);
                assert!(end <= chart.width && at.1 < chart.height, "{text} ends at {end}");
                texts += 1;
            }
        }
        assert_eq!(texts, 1 + 3 * MOST + 2);
        let dots = chart.shapes.iter().filter(|shape| matches!(shape, Shape::Dot { .. }));
        assert_eq!(dots.count(), 3);
    }
}
