//! What a chart consists of: shapes at their places, for whatever draws them.

/// A place: to the right and down from the upper left corner, in units of a CSS pixel.
pub type Point = (f64, f64);

/// Red, green, blue.
pub type Color = [u8; 3];

/// A rectangle: its upper left corner, and its size in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A picture on white ground. Lengths are in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Width of the picture.
    pub width: f64,
    /// Height of the picture.
    pub height: f64,
    /// From back to front.
    pub shapes: Vec<Shape>,
}

/// Something to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Points joined by a line.
    Line {
        /// Points in order.
        points: Vec<Point>,
        /// Colour.
        color: Color,
        /// Width of the line.
        width: f64,
        /// True for dashes.
        dashed: bool,
    },
    /// A filled circle.
    Dot {
        /// Centre.
        at: Point,
        /// Radius.
        radius: f64,
        /// Colour.
        color: Color,
    },
    /// A filled rectangle, without soft edges, so that neighbours leave no gap.
    Rect {
        /// Area to fill.
        area: Area,
        /// Colour.
        color: Color,
    },
    /// A letter, upright and stretched so that its own outline fills the area.
    Letter {
        /// Letter to draw.
        letter: char,
        /// Area to fill.
        area: Area,
        /// Colour.
        color: Color,
    },
    /// A line of text; `at` is on its baseline.
    Text {
        /// Place, on the baseline.
        at: Point,
        /// Text to write.
        text: String,
        /// Size of the font.
        size: f64,
        /// Colour.
        color: Color,
        /// Part of the text at the place.
        anchor: Anchor,
        /// True if the text reads from the bottom to the top.
        upward: bool,
    },
}

/// Which part of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// First letter.
    Start,
    /// Centre.
    Middle,
    /// Last letter.
    End,
}

impl Chart {
    /// An empty one.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    /// Adds a line through points.
    pub fn line(&mut self, points: Vec<Point>, color: Color, width: f64) {
        self.shapes.push(Shape::Line { points, color, width, dashed: false });
    }

    /// Adds a dashed line, one pixel wide.
    pub fn dashed(&mut self, from: Point, to: Point, color: Color) {
        let points = vec![from, to];
        self.shapes.push(Shape::Line { points, color, width: 1.0, dashed: true });
    }

    /// Adds a filled circle.
    pub fn dot(&mut self, at: Point, radius: f64, color: Color) {
        self.shapes.push(Shape::Dot { at, radius, color });
    }

    /// Adds a filled rectangle.
    pub fn rect(&mut self, area: Area, color: Color) {
        self.shapes.push(Shape::Rect { area, color });
    }

    /// A letter that fills an area.
    pub fn letter(&mut self, letter: char, area: Area, color: Color) {
        self.shapes.push(Shape::Letter { letter, area, color });
    }

    /// Adds a line of text.
    pub fn text(
        &mut self,
        at: Point,
        text: impl Into<String>,
        size: f64,
        color: Color,
        anchor: Anchor,
    ) {
        let text = text.into();
        self.shapes.push(Shape::Text { at, text, size, color, anchor, upward: false });
    }

    /// A text that is read from below, with its middle at `at`.
    pub fn upward(&mut self, at: Point, text: &str, size: f64, color: Color) {
        let (text, anchor) = (text.to_owned(), Anchor::Middle);
        self.shapes.push(Shape::Text { at, text, size, color, anchor, upward: true });
    }
}
