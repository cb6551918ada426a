//! A panel: two axes with grid, tick labels and names, and curves between them.

use super::{
    axis::{Axis, Format},
    curve::{Curve, clip, thin},
    scene::{Anchor, Chart, Color, Point},
};

const GRID: Color = [0xe5, 0xe8, 0xec];
/// Colour of the edges of a panel.
pub const FRAME: Color = [0x9a, 0xa3, 0xad];
/// Colour of tick labels and names.
pub const INK: Color = [0x2f, 0x36, 0x3d];

/// Size of tick labels, in pixels.
pub const SMALL: f64 = 12.5;
/// Size of names, in pixels.
pub const NAME: f64 = 14.0;

/// An axis with its tick labels and its name.
pub struct Labelled<'a> {
    /// Scale.
    pub axis: Axis,
    /// Format of its numbers.
    pub format: Format,
    /// Approximate number of tick labels that fit.
    pub ticks: f64,
    /// Quantity with its unit; `None` if another panel with the same axis shows it.
    pub name: Option<&'a str>,
}

/// A pair of axes between which curves are drawn.
pub struct Panel<'a> {
    /// Horizontal axis.
    pub x: Labelled<'a>,
    /// Vertical axis.
    pub y: Labelled<'a>,
}

impl Panel<'_> {
    fn left(&self) -> f64 {
        self.x.axis.start
    }

    fn right(&self) -> f64 {
        self.x.axis.end
    }

    /// Upper edge, in pixels.
    pub fn top(&self) -> f64 {
        self.y.axis.end
    }

    /// Lower edge, in pixels.
    pub fn bottom(&self) -> f64 {
        self.y.axis.start
    }

    /// Draws grid, tick labels and names; call it before drawing the curves.
    pub fn ground(&self, chart: &mut Chart) {
        let (x, y) = (&self.x, &self.y);
        let (ticks, step) = x.axis.ticks(x.ticks);
        for tick in ticks {
            let place = x.axis.place(tick);
            chart.line(vec![(place, self.bottom()), (place, self.top())], GRID, 1.0);
            if x.name.is_some() {
                let at = (place, self.bottom() + 19.0);
                chart.text(at, (x.format)(tick, step, x.axis.high), SMALL, INK, Anchor::Middle);
            }
        }
        let (ticks, step) = y.axis.ticks(y.ticks);
        for tick in ticks {
            let place = y.axis.place(tick);
            chart.line(vec![(self.left(), place), (self.right(), place)], GRID, 1.0);
            let at = (self.left() - 8.0, place + 4.5);
            chart.text(at, (y.format)(tick, step, y.axis.high), SMALL, INK, Anchor::End);
        }
        if let Some(name) = x.name {
            let at = (f64::midpoint(self.left(), self.right()), self.bottom() + 43.0);
            chart.text(at, name, NAME, INK, Anchor::Middle);
        }
        if let Some(name) = y.name {
            let at = (self.left() - 62.0, f64::midpoint(self.top(), self.bottom()));
            chart.upward(at, name, NAME, INK);
        }
    }

    /// Draws the edges; call it after drawing the curves, which end there.
    pub fn frame(&self, chart: &mut Chart) {
        let corner = (self.left(), self.bottom());
        chart.line(vec![(self.left(), self.top()), corner, (self.right(), corner.1)], FRAME, 1.0);
    }

    fn places(&self, curve: &Curve) -> Vec<Point> {
        curve.iter().map(|&(x, y)| (self.x.axis.place(x), self.y.axis.place(y))).collect()
    }

    /// Draws a curve as a line, clipped to the panel. A single point is drawn as a dot.
    pub fn line(&self, chart: &mut Chart, curve: &Curve, color: Color, width: f64) {
        for part in clip(&thin(&self.places(curve)), self.top(), self.bottom()) {
            match part[..] {
                [point] => chart.dot(point, 2.0 + width, color),
                _ => chart.line(part, color, width),
            }
        }
    }

    /// Draws a curve as a line with a dot at each point. The dots are omitted if they would touch.
    pub fn points(&self, chart: &mut Chart, curve: &Curve, color: Color) {
        const APART: f64 = 8.0;
        self.line(chart, curve, color, 1.6);
        let seen = curve.iter().filter(|(_, value)| self.y.axis.contains(*value)).copied();
        let places = self.places(&seen.collect());
        if (places.len() as f64) * APART < self.right() - self.left() {
            places.into_iter().for_each(|place| chart.dot(place, 3.2, color));
        }
    }
}
