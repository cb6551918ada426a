//! A chart of dots in classes, with a legend beside it.

use super::{
    axis::{self, Axis, grouped},
    font,
    palette::CURVES,
    panel::{INK, Labelled, Panel},
    scene::{Anchor, Chart, Color, Point},
    square::{CHANCE, LEFT, RIGHT, titled},
};

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 620.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 556.0;

const LEGEND: f64 = 13.0;
const SMALL: f64 = 12.0;
const PALE: Color = [0x5b, 0x66, 0x72];

/// Largest number of classes: that of the colours.
pub const MOST: usize = CURVES.len();

/// A class in the legend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Name.
    pub name: String,
    /// Number of its members, drawn or not.
    pub members: u64,
}

/// A dot of the chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    /// Values on the axes.
    pub at: Point,
    /// Index of its class; `None` for the others.
    pub class: Option<usize>,
}

/// Contents of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter<'a> {
    /// Title above the panel.
    pub title: &'a str,
    /// Name of the x axis.
    pub x: &'a str,
    /// Name of the y axis.
    pub y: &'a str,
    /// Classes, each with a colour; [`MOST`] at most.
    pub classes: Vec<Class>,
    /// Entry of the grey dots, which have no class.
    pub others: Option<Class>,
    /// Dots from back to front.
    pub dots: Vec<Dot>,
}

impl Scatter<'_> {
    /// Draws the chart.
    pub fn draw(&self) -> Chart {
        const FEW: usize = 500;
        let mut chart = titled(self.title, LEFT, (WIDTH, HEIGHT));
        let labelled = |of: fn(&Dot) -> f64, start, end, name| Labelled {
            axis: around(self.dots.iter().map(of), start, end),
            format: axis::signed,
            ticks: 6.0,
            name: Some(name),
        };
        let panel = Panel {
            x: labelled(|dot| dot.at.0, LEFT, RIGHT, self.x),
            y: labelled(|dot| dot.at.1, BOTTOM, TOP, self.y),
        };
        panel.ground(&mut chart);
        let radius = if self.dots.len() > FEW { 2.0 } else { 3.2 };
        for Dot { at: (x, y), class } in &self.dots {
            let color = class.map_or(CHANCE, |class| CURVES[class % MOST]);
            chart.dot((panel.x.axis.place(*x), panel.y.axis.place(*y)), radius, color);
        }
        panel.frame(&mut chart);
        self.legend(&mut chart);
        chart
    }

    /// Names the classes and their numbers of members.
    fn legend(&self, chart: &mut Chart) {
        const LINE: f64 = 18.0;
        const ENTRY: f64 = 48.0;
        let (from, text) = (RIGHT + 36.0, RIGHT + 52.0);
        let room = WIDTH - text - 8.0;
        let entries = self.classes.iter().zip(CURVES);
        let others = self.others.iter().map(|others| (others, CHANCE));
        for (place, (class, color)) in entries.chain(others).enumerate() {
            let line = TOP + 10.0 + ENTRY * place as f64;
            chart.dot((from, line - 4.5), 4.5, color);
            let name = font::fitted(&class.name, LEGEND, room);
            chart.text((text, line), name, LEGEND, INK, Anchor::Start);
            let members = format!("n = {}", grouped(class.members));
            chart.text((text, line + LINE), members, SMALL, PALE, Anchor::Start);
        }
    }
}

/// An axis on which all values are, with some room at its ends.
fn around(values: impl Iterator<Item = f64> + Clone, start: f64, end: f64) -> Axis {
    let least = values.clone().fold(f64::INFINITY, f64::min);
    let most = values.fold(f64::NEG_INFINITY, f64::max);
    let (least, most) = if least <= most { (least, most) } else { (0.0, 0.0) };
    // an axis needs a length
    let room = (0.04 * (most - least)).max(1e-6 * most.abs()).max(1e-9);
    Axis { low: least - room, high: most + room, start, end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Shape;

    fn scatter(points: &[Point], classes: usize) -> Scatter<'static> {
        let class = |i: usize| Class { name: format!("class {i} ").repeat(30), members: 1234 };
        Scatter {
            title: "PCA",
            x: "PC1",
            y: "PC2",
            classes: (0..classes).map(class).collect(),
            others: Some(Class { name: "others".into(), members: 1 }),
            dots: points
                .iter()
                .enumerate()
                .map(|(i, &at)| Dot { at, class: Some(i).filter(|i| *i < classes) })
                .collect(),
        }
    }

    #[test]
    fn dots_are_inside_the_panel_and_the_legend_inside_the_picture() {
        for points in [
            vec![(0.0, 1.0), (-3e9, 2.0), (5.0, -1e-9)],
            vec![(2.0, 2.0)],
            vec![(1.0, 1.0); 1000],
            Vec::new(),
        ] {
            let chart = scatter(&points, MOST).draw();
            let mut dots = Vec::new();
            for shape in &chart.shapes {
                match shape {
                    Shape::Dot { at, color, .. } => dots.push((*at, *color)),
                    Shape::Text { at, text, size, anchor: Anchor::Start, .. } => {
                        let end = at.0 + font::width(text, *size);
                        assert!(end <= chart.width && at.1 < chart.height, "{text} ends at {end}");
                    }
                    _ => {}
                }
            }
            assert_eq!(dots.len(), points.len() + MOST + 1);
            for (place, (at, color)) in dots[..points.len()].iter().enumerate() {
                assert!(at.0 > LEFT && at.0 < RIGHT && at.1 > TOP && at.1 < BOTTOM, "{at:?}");
                assert_eq!(*color, CURVES.get(place).copied().unwrap_or(CHANCE));
            }
        }
    }
}
