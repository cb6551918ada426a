//! Charts as SVG and PNG: axes, curves, text. Knows nothing of what they show.

pub mod axis;
pub mod curve;
pub mod font;
pub mod panel;
mod png;
pub mod scene;
mod svg;

pub use png::png;
pub use svg::svg;
