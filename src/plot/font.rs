//! Letters as outlines. The font comes with the program, as a machine that trains may have none.

use std::sync::LazyLock;

use epaint_default_fonts::UBUNTU_LIGHT;
use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

static FACE: LazyLock<Option<Face>> = LazyLock::new(|| Face::parse(UBUNTU_LIGHT, 0).ok());

/// Letters of a text with their places, in units of a pixel for a font of this size.
fn letters(face: &Face, text: &str, size: f64) -> Vec<(GlyphId, f64)> {
    let scale = size / f64::from(face.units_per_em());
    let mut place = 0.0;
    text.chars()
        .map(|letter| {
            let glyph = face.glyph_index(letter).unwrap_or_default(); // an empty box
            let before = place;
            place += f64::from(face.glyph_hor_advance(glyph).unwrap_or_default()) * scale;
            (glyph, before)
        })
        .collect()
}

/// Width of a text in pixels.
pub fn width(text: &str, size: f64) -> f64 {
    let Some(face) = FACE.as_ref() else { return 0.0 };
    // a letter more, so that the last one's end is known
    letters(face, &format!("{text} "), size).last().map_or(0.0, |&(_, end)| end)
}

/// The outlines of a text that starts at the origin; none of one that shows nothing.
pub fn outline(text: &str, size: f64) -> Option<Path> {
    let face = FACE.as_ref()?;
    let scale = (size / f64::from(face.units_per_em())) as f32;
    let mut all = PathBuilder::new();
    for (glyph, place) in letters(face, text, size) {
        let mut pen = Pen(PathBuilder::new());
        let _box = face.outline_glyph(glyph, &mut pen);
        let to_place = Transform::from_row(scale, 0.0, 0.0, -scale, place as f32, 0.0);
        if let Some(path) = pen.0.finish().and_then(|path| path.transform(to_place)) {
            all.push_path(&path);
        }
    }
    all.finish()
}

/// Passes the strokes of a letter on.
struct Pen(PathBuilder);

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_a_width_and_an_outline() {
        let (short, long) = (width("1M", 12.0), width("10M", 12.0));
        assert!(10.0 < short && short < long && long < 30.0, "{short} {long}");
        assert!((width("10M", 24.0) - 2.0 * long).abs() < 1e-9);
        let bounds = outline("10M", 12.0).unwrap().bounds();
        assert!(bounds.top() < -7.0 && bounds.bottom() < 1.0, "{bounds:?}");
        assert!(f64::from(bounds.right()) <= long);
        assert!(outline(" ", 12.0).is_none());
        assert!(outline("\u{4e00}", 12.0).is_some());
    }
}
