//! Charts as PNG.

use std::io;

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash,
    Transform,
};

use crate::plot::{
    font,
    scene::{self, Anchor, Chart, Direction, Point, Shape},
};

/// Dots of the picture per CSS pixel, for screens of high resolution and for print.
const SCALE: f32 = 2.0;

/// Renders a chart as a PNG file, with two dots per CSS pixel.
///
/// # Errors
/// The chart has no area, or is too large.
pub fn png(chart: &Chart) -> io::Result<Vec<u8>> {
    let dots = |length: f64| (length as f32 * SCALE).ceil() as u32;
    let mut picture = Pixmap::new(dots(chart.width), dots(chart.height))
        .ok_or_else(|| io::Error::other("the chart has no area or is too large"))?;
    picture.fill(Color::WHITE);
    for shape in &chart.shapes {
        draw(&mut picture, shape);
    }
    picture.encode_png().map_err(io::Error::other)
}

fn draw(picture: &mut Pixmap, shape: &Shape) {
    let scale = Transform::from_scale(SCALE, SCALE);
    match shape {
        Shape::Line { points, color, width, dashed } => {
            let Some(path) = polyline(points) else { return };
            let stroke = Stroke {
                width: *width as f32,
                line_join: LineJoin::Round,
                line_cap: LineCap::Butt,
                dash: if *dashed { StrokeDash::new(vec![3.0, 3.0], 0.0) } else { None },
                ..Stroke::default()
            };
            picture.stroke_path(&path, &paint(*color), &stroke, scale, None);
        }
        Shape::Dot { at: (x, y), radius, color } => {
            let circle = PathBuilder::from_circle(*x as f32, *y as f32, *radius as f32);
            fill(picture, circle, *color, scale);
        }
        Shape::Rect { area, color } => {
            let [x, y, width, height] =
                [area.left, area.top, area.width, area.height].map(|length| length as f32);
            let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
            picture.fill_rect(rect, &Paint { anti_alias: false, ..paint(*color) }, scale, None);
        }
        Shape::Letter { letter, area, color } => {
            fill(picture, font::filling(*letter, area), *color, scale);
        }
        Shape::Text { at: (x, y), text, size, color, anchor, direction } => {
            let before = font::width(text, *size) as f32
                * match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => 0.5,
                    Anchor::End => 1.0,
                };
            let place = scale
                .pre_translate(*x as f32, *y as f32)
                .pre_concat(Transform::from_rotate(match direction {
                    Direction::Rightward => 0.0,
                    Direction::Upward => -90.0,
                }))
                .pre_translate(-before, 0.0);
            fill(picture, font::outline(text, *size), *color, place);
        }
    }
}

fn polyline(points: &[Point]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        match index {
            0 => path.move_to(x as f32, y as f32),
            _ => path.line_to(x as f32, y as f32),
        }
    }
    path.finish()
}

fn fill(picture: &mut Pixmap, path: Option<Path>, color: scene::Color, place: Transform) {
    if let Some(path) = path {
        picture.fill_path(&path, &paint(color), FillRule::Winding, place, None);
    }
}

fn paint([red, green, blue]: scene::Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 255);
    paint
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Area;

    #[test]
    fn rectangles_and_letters_fill_their_areas() {
        let mut chart = Chart::new(60.0, 40.0);
        let areas = [(2.0, 30.0, 5.0, 7.5), (10.0, 3.0, 12.0, 30.0), (30.0, 3.0, 20.0, 9.0)];
        let [bar, high, broad] =
            areas.map(|(left, top, width, height)| Area { left, top, width, height });
        chart.rect(bar, [200, 0, 0]);
        chart.letter('G', high, [0, 200, 0]);
        chart.letter('T', broad, [0, 0, 200]);
        let picture = Pixmap::decode_png(&png(&chart).unwrap()).unwrap();
        let dots = |channel: usize| {
            let strong = move |&i: &usize| {
                let pixel = picture.pixels()[i];
                let mut others = [pixel.red(), pixel.green(), pixel.blue()];
                others[channel] = 0;
                others.iter().all(|&other| other < 128)
            };
            let found: Vec<_> = (0..120 * 80_usize).filter(strong).collect();
            let (x, y) = (found.iter().map(|i| i % 120), found.iter().map(|i| i / 120));
            let ends = [x.clone().min(), x.max(), y.clone().min(), y.max()];
            (ends.map(Option::unwrap), found.len())
        };
        assert_eq!(dots.clone()(0), ([4, 13, 60, 74], 150));
        let ([left, right, top, bottom], dots_of_g) = dots.clone()(1);
        assert!(left.abs_diff(20) < 2 && right.abs_diff(43) < 2, "{left} {right}");
        assert!(top.abs_diff(6) < 2 && bottom.abs_diff(65) < 2, "{top} {bottom}");
        assert!((300..1200).contains(&dots_of_g), "neither a box nor a hair: {dots_of_g}");
        let ([left, right, top, bottom], _) = dots(2);
        assert!(left.abs_diff(60) < 2 && right.abs_diff(99) < 2, "{left} {right}");
        assert!(top.abs_diff(6) < 2 && bottom.abs_diff(23) < 2, "{top} {bottom}");
    }

    #[test]
    fn every_shape_leaves_its_color() {
        let mut chart = Chart { width: 100.0, height: 50.0, shapes: Vec::new() };
        chart.line(vec![(10.0, 5.0), (40.0, 5.0)], [200, 0, 0], 2.0);
        chart.dot((70.0, 10.0), 4.0, [0, 200, 0]);
        chart.text((90.0, 40.0), "HH", 20.0, [0, 0, 200], Anchor::End);
        chart.upward((20.0, 30.0), "HH", 20.0, [200, 0, 200]);
        let picture = Pixmap::decode_png(&png(&chart).unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (200, 100));
        let place = |color: scene::Color| {
            let is = |pixel: &tiny_skia::PremultipliedColorU8| {
                [pixel.red(), pixel.green(), pixel.blue()] == color
            };
            let found: Vec<_> =
                (0..200 * 100_usize).filter(|&i| is(&picture.pixels()[i])).collect();
            let mean = |of: fn(usize) -> usize| {
                found.iter().map(|&i| of(i)).sum::<usize>() / found.len().max(1) / 2
            };
            (mean(|i| i % 200), mean(|i| i / 200))
        };
        assert_eq!(place([200, 0, 0]), (24, 4));
        assert_eq!(place([0, 200, 0]), (69, 9));
        let (x, y) = place([0, 0, 200]);
        assert!((70..84).contains(&x) && (28..38).contains(&y), "{x} {y}");
        let (x, y) = place([200, 0, 200]);
        assert!((9..20).contains(&x) && (25..35).contains(&y), "{x} {y}");
    }

    #[test]
    fn a_chart_without_area_is_an_error() {
        assert!(png(&Chart { width: 0.0, height: 1.0, shapes: Vec::new() }).is_err());
    }
}
