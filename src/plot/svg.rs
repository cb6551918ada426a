//! A chart as SVG, with text that can be searched and edited.

use std::fmt::Write;

use super::scene::{Anchor, Chart, Color, Shape};

/// The chart as an SVG 1.1 document.
pub fn svg(chart: &Chart) -> String {
    let (width, height) = (chart.width, chart.height);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" \
         font-family=\"Ubuntu, 'Helvetica Neue', Helvetica, Arial, sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    for shape in &chart.shapes {
        push(&mut text, shape);
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
        Shape::Text { at: (x, y), text, size, color, anchor, upward } => {
            let (color, text) = (hex(*color), escaped(text));
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let turn = if *upward {
                format!(" transform=\"rotate(-90 {x:.1} {y:.1})\"")
            } else {
                String::new()
            };
            writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{color}\" \
                 text-anchor=\"{anchor}\"{turn}>{text}</text>"
            )
        }
    };
}

fn hex([red, green, blue]: Color) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text without what has a meaning in XML, or may not occur in it.
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

    #[test]
    fn every_shape() {
        let mut chart = Chart { width: 10.0, height: 20.5, shapes: Vec::new() };
        chart.line(vec![(1.0, 2.0), (3.25, 4.0)], [0, 128, 255], 1.5);
        chart.dashed((0.0, 0.0), (9.0, 9.0), [0; 3]);
        chart.dot((5.0, 6.0), 3.0, [255; 3]);
        chart.text((1.0, 1.0), "a<b & \u{1}", 12.0, [0; 3], Anchor::End);
        chart.upward((2.0, 3.0), "loss", 12.0, [0; 3]);
        let svg = svg(&chart);
        for expected in [
            "viewBox=\"0 0 10 20.5\"",
            "<polyline points=\"1.0,2.0 3.2,4.0\" fill=\"none\" stroke=\"#0080ff\"",
            "stroke-dasharray",
            "<circle cx=\"5.0\" cy=\"6.0\" r=\"3\" fill=\"#ffffff\"/>",
            "text-anchor=\"end\">a&lt;b &amp; \u{fffd}</text>",
            "text-anchor=\"middle\" transform=\"rotate(-90 2.0 3.0)\">loss</text>",
        ] {
            assert!(svg.contains(expected), "{expected} in {svg}");
        }
    }
}
