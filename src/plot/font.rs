//! Letters as outlines. The font is part of the program, as servers often have no fonts.

use std::sync::LazyLock;

use epaint_default_fonts::UBUNTU_LIGHT;
use tiny_skia::{Path, PathBuilder, Stroke, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::scene::Area;

static FACE: LazyLock<Option<Face>> = LazyLock::new(|| Face::parse(UBUNTU_LIGHT, 0).ok());

/// Glyphs of a text with their horizontal positions, in pixels. `size` is that of the font, in
/// pixels.
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
    // one more letter gives the end of the last one
    letters(face, &format!("{text} "), size).last().map_or(0.0, |&(_, end)| end)
}

/// Outline of a text that starts at the origin; `None` if nothing is visible.
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

/// Shortens a text to `room` pixels, with an ellipsis at its end. A text that fits is unchanged.
pub fn fitted(text: &str, size: f64, room: f64) -> String {
    let Some(face) = FACE.as_ref() else { return text.to_owned() };
    let ended = format!("{text} ");
    let mut ends = letters(face, &ended, size).into_iter().skip(1).map(|(_, end)| end);
    if ends.clone().next_back().is_none_or(|end| end <= room) {
        return text.to_owned();
    }
    let room = room - width("\u{2026}", size);
    let fits = |_: &char| ends.next().is_some_and(|end| end <= room);
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.truncate(kept.trim_end().len());
    kept + "\u{2026}"
}

/// Outline of an upright letter, stretched to fill an area; `None` if the letter is not visible or
/// the area is empty.
pub fn filling(letter: char, area: &Area) -> Option<Path> {
    let path = bold(letter)?;
    let bounds = path.compute_tight_bounds()?;
    let (wide, high) = (area.width as f32 / bounds.width(), area.height as f32 / bounds.height());
    if !(wide > 0.0 && high > 0.0 && wide.is_finite() && high.is_finite()) {
        return None;
    }
    let (left, top) = (area.left as f32, area.top as f32);
    let [right, down] = [left - bounds.left() * wide, top - bounds.top() * high];
    path.transform(Transform::from_row(wide, 0.0, 0.0, high, right, down))
}

/// Outline of a letter with the broad strokes of a logo: its outline and, on top, the stroked edge.
fn bold(letter: char) -> Option<Path> {
    const SIZE: f64 = 100.0;
    const BROADER: f32 = 9.0;
    let plain = outline(letter.encode_utf8(&mut [0; 4]), SIZE)?;
    let edge = plain.stroke(&Stroke { width: BROADER, ..Stroke::default() }, 1.0)?;
    let mut both = PathBuilder::new();
    both.push_path(&plain);
    both.push_path(&edge);
    both.finish()
}

/// Adds the strokes of a glyph to a path.
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

    #[test]
    fn long_texts_are_shortened() {
        assert_eq!(fitted("chr1", 12.0, 100.0), "chr1");
        assert_eq!(fitted("", 12.0, 0.0), "");
        let long = "a contig's name ".repeat(20);
        let cut = fitted(&long, 12.0, 100.0);
        assert!(cut.starts_with("a contig's") && cut.ends_with('\u{2026}'), "{cut}");
        assert!((80.0..=100.0).contains(&width(&cut, 12.0)), "{cut}");
    }

    #[test]
    fn a_letter_fills_its_area() {
        let area = Area { left: 20.0, top: 7.0, width: 8.0, height: 60.0 };
        for letter in ['A', 'C', 'G', 'T', 'N', '-'] {
            let bounds = filling(letter, &area).and_then(|path| path.compute_tight_bounds());
            let bounds = bounds.unwrap();
            let found = [bounds.left(), bounds.top(), bounds.right(), bounds.bottom()];
            for (found, expected) in found.into_iter().zip([20.0, 7.0, 28.0, 67.0]) {
                assert!((found - expected).abs() < 1e-3, "{letter}: {bounds:?}");
            }
        }
        assert!(filling(' ', &area).is_none());
        assert!(filling('A', &Area { height: 0.0, ..area }).is_none());
        assert!(filling('A', &Area { width: f64::NAN, ..area }).is_none());
    }
}
