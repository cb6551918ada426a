//! Charts as SVG, with text that can be searched and edited.

use std::fmt::Write;

use tiny_skia::{Path, PathSegment};

use crate::plot::{
    font,
    scene::{Anchor, Chart, Color, Direction, Shape},
};

/// Renders a chart as an SVG 1.1 document.
pub fn svg(chart: &Chart) -> String {
    let (width, height) = (chart.width, chart.height);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" \
         font-family=\"Ubuntu, 'Helvetica Neue', Helvetica, Arial, sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    let is_rect = |shape: &Shape| matches!(shape, Shape::Rect { .. });
    for alike in chart.shapes.chunk_by(|a, b| is_rect(a) == is_rect(b)) {
        let crisp = alike.iter().any(is_rect);
        text.push_str(if crisp { "<g shape-rendering=\"crispEdges\">\n" } else { "" });
        alike.iter().for_each(|shape| push(&mut text, shape));
        text.push_str(if crisp { "</g>\n" } else { "" });
    }
    text.push_str("</svg>\n");
    text
}

fn push(svg: &mut String, shape: &Shape) {
    // writing to a string does not fail
    let _ = match shape {
        Shape::Line { points, color, width, dashed } => {
            let places: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let (color, places) = (hex(*color), places.join(" "));
            let dashes = if *dashed { " stroke-dasharray=\"3 3\"" } else { "" };
            writeln!(
                svg,
                "<polyline points=\"{places}\" fill=\"none\" stroke=\"{color}\" \
                 stroke-width=\"{width}\" stroke-linejoin=\"round\"{dashes}/>"
            )
        }
        Shape::Dot { at: (x, y), radius, color } => {
            let color = hex(*color);
            writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{color}\"/>")
        }
        Shape::Rect { area, color } => {
            let [x, y, width, height] = [area.left, area.top, area.width, area.height].map(short);
            let color = hex(*color);
            writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{color}\"/>"
            )
        }
        Shape::Letter { letter, area, color } => {
            let Some(path) = font::filling(*letter, area) else { return };
            let (color, strokes) = (hex(*color), strokes(&path));
            writeln!(svg, "<path d=\"{strokes}\" fill=\"{color}\"/>")
        }
        Shape::Text { at: (x, y), text, size, color, anchor, direction } => {
            let (color, text) = (hex(*color), escaped(text));
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let rotation = match direction {
                Direction::Rightward => String::new(),
                Direction::Upward => format!(" transform=\"rotate(-90 {x:.1} {y:.1})\""),
            };
            writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{color}\" \
                 text-anchor=\"{anchor}\"{rotation}>{text}</text>"
            )
        }
    };
}

/// Path data of an SVG path.
fn strokes(path: &Path) -> String {
    let mut text = String::new();
    for segment in path.segments() {
        let (command, points) = match segment {
            PathSegment::MoveTo(to) => ('M', vec![to]),
            PathSegment::LineTo(to) => ('L', vec![to]),
            PathSegment::QuadTo(by, to) => ('Q', vec![by, to]),
            PathSegment::CubicTo(by, and, to) => ('C', vec![by, and, to]),
            PathSegment::Close => ('Z', Vec::new()),
        };
        let numbers = points.iter().flat_map(|point| [point.x, point.y]);
        let numbers: Vec<_> = numbers.map(|number| short(f64::from(number))).collect();
        text.push(command);
        text.push_str(&numbers.join(" "));
    }
    text
}

/// Formats a number with at most two decimals.
fn short(number: f64) -> String {
    format!("{number:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn hex([red, green, blue]: Color) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Escapes a text for XML. Characters that XML forbids are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Area;

    #[test]
    fn every_shape() {
        let mut chart = Chart { width: 10.0, height: 20.5, shapes: Vec::new() };
        chart.line(vec![(1.0, 2.0), (3.25, 4.0)], [0, 128, 255], 1.5);
        chart.dashed((0.0, 0.0), (9.0, 9.0), [0; 3]);
        chart.dot((5.0, 6.0), 3.0, [255; 3]);
        chart.rect(Area { left: 1.0, top: 2.0, width: 3.25, height: 10.0 }, [1, 2, 3]);
        chart.letter('L', Area { left: 1.0, top: 2.0, width: 6.0, height: 8.0 }, [9; 3]);
        chart.letter(' ', Area { left: 1.0, top: 2.0, width: 6.0, height: 8.0 }, [7; 3]);
        chart.text((1.0, 1.0), "a<b & \u{1}", 12.0, [0; 3], Anchor::End);
        chart.upward((2.0, 3.0), "loss", 12.0, [0; 3]);
        let svg = svg(&chart);
        for expected in [
            "viewBox=\"0 0 10 20.5\"",
            "<polyline points=\"1.0,2.0 3.2,4.0\" fill=\"none\" stroke=\"#0080ff\"",
            "stroke-dasharray",
            "<circle cx=\"5.0\" cy=\"6.0\" r=\"3\" fill=\"#ffffff\"/>",
            "<g shape-rendering=\"crispEdges\">\n\
             <rect x=\"1\" y=\"2\" width=\"3.25\" height=\"10\" fill=\"#010203\"/>\n</g>\n",
            "<path d=\"M",
            "Z\" fill=\"#090909\"/>",
            "text-anchor=\"end\">a&lt;b &amp; \u{fffd}</text>",
            "text-anchor=\"middle\" transform=\"rotate(-90 2.0 3.0)\">loss</text>",
        ] {
            assert!(svg.contains(expected), "{expected} in {svg}");
        }
        assert!(!svg.contains("#070707"), "a space shows nothing");
    }
}
