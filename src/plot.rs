//! Charts as SVG and PNG: axes, curves, heat maps, text. Only [`saturation`] is specific to its
//! data.

pub mod axis;
pub mod curve;
pub mod font;
pub mod grid;
pub mod levels;
pub mod palette;
pub mod panel;
mod png;
pub mod saturation;
pub mod scale;
pub mod scatter;
pub mod scene;
pub mod square;
mod svg;

pub use png::png;
pub use svg::svg;
