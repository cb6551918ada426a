//! Sizes in pixels, and colours of the picture.

use crate::plot::scene::Color;

pub const LEFT: f64 = 84.0;
pub const MARGIN: f64 = 16.0;

/// Smallest width of a picture, which leaves room for title and notes.
pub const NARROWEST: f64 = 560.0;

/// Greatest width to which a long title extends a picture.
pub const TITLE_WIDTH: f64 = 1000.0;
pub const LOGO_TOP: f64 = 62.0;
pub const LOGO_HEIGHT: f64 = 150.0;
pub const MAP_TOP: f64 = LOGO_TOP + LOGO_HEIGHT + 22.0;
pub const ROW: f64 = 24.0;
pub const TITLE: f64 = 19.0;
pub const DARK: Color = [0x11, 0x15, 0x1a];
