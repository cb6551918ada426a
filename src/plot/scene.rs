//! Charts as lists of shapes, independent of the output format.

/// A point: distances to the right of and below the upper left corner, in CSS pixels.
pub type Point = (f64, f64);

/// A colour: red, green, blue.
pub type Color = [u8; 3];

/// A rectangle: upper left corner and size, in CSS pixels.
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

/// A chart on a white background. Lengths are in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Width of the picture.
    pub width: f64,
    /// Height of the picture.
    pub height: f64,
    /// Shapes from back to front.
    pub shapes: Vec<Shape>,
}

/// A shape of a chart.
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
    /// A filled rectangle without anti-aliasing, so that adjacent ones leave no gap.
    Rect {
        /// Area to fill.
        area: Area,
        /// Colour.
        color: Color,
    },
    /// An upright letter, stretched so that its outline fills the area.
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
        /// Direction of the text.
        direction: Direction,
    },
}

/// Direction in which a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    Rightward,
    /// From bottom to top.
    Upward,
}

/// The part of a text that is at its point.
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
    /// Makes an empty chart.
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

    /// Adds a letter that fills an area.
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
        let (text, direction) = (text.into(), Direction::Rightward);
        self.shapes.push(Shape::Text { at, text, size, color, anchor, direction });
    }

    /// Adds an upward text with its middle at `at`.
    pub fn upward(&mut self, at: Point, text: &str, size: f64, color: Color) {
        let (text, anchor, direction) = (text.to_owned(), Anchor::Middle, Direction::Upward);
        self.shapes.push(Shape::Text { at, text, size, color, anchor, direction });
    }
}
