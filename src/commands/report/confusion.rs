//! The confusion matrix, as a table and as a heat map.

use crate::{
    commands::output::rows::Cell,
    plot::{
        axis::grouped,
        font,
        grid::Grid,
        panel::{FRAME, INK, NAME, SMALL},
        scale::Scale,
        scene::{Anchor, Area, Chart, Color},
        square::titled,
    },
    statistics::Confusion,
};

/// Names of the columns of [`rows`].
pub fn columns(names: &[String]) -> Vec<String> {
    std::iter::once("truth".to_owned()).chain(names.iter().cloned()).collect()
}

/// The confusion matrix: a row for each true class, a column for each predicted one.
pub fn rows<'a>(names: &'a [String], confusion: &Confusion) -> Vec<Vec<Cell<'a>>> {
    let row = |truth: usize| {
        let counts = (0..names.len()).map(|class| confusion.count(truth, class).into());
        std::iter::once(names[truth].as_str().into()).chain(counts).collect()
    };
    (0..names.len()).map(row).collect()
}

/// Side of all cells together, in pixels.
const SIDE: f64 = 460.0;
/// Largest side of a cell, in pixels.
const LARGEST: f64 = 120.0;
/// Smallest side of a cell, in pixels.
const SMALLEST: f64 = 3.0;
const TOP: f64 = 76.0;
/// Most room for the name of a class, in pixels.
const ROOM: f64 = 150.0;
const LIGHT: Color = [0xff; 3];

/// Draws the matrix: numbers of members, and colours by the share of the true class.
pub fn draw(names: &[String], confusion: &Confusion) -> Chart {
    let count = names.len();
    // a multiple of half a pixel
    let cell = (2.0 * SIDE / count as f64).floor() / 2.0;
    let cell = cell.clamp(SMALLEST, LARGEST);
    let size = SMALL.min(cell);
    let fitted: Vec<String> = names.iter().map(|name| font::fitted(name, size, ROOM)).collect();
    let widest = fitted.iter().map(|name| font::width(name, size)).fold(0.0, f64::max);
    let left = (widest + 54.0).max(84.0);
    let side = cell * count as f64;
    let (right, bottom) = (left + side, TOP + side);
    let is_level = widest <= cell - 6.0;
    let below = if is_level { 20.0 } else { widest + 12.0 };
    let mut chart = titled("Confusion matrix", left, (right + 130.0, bottom + below + 44.0));
    let scale = Scale { limit: 1.0, diverges: false };
    let grid = Grid { left, top: TOP, column: cell, row: cell };
    for (truth, name) in fitted.iter().enumerate() {
        let all = confusion.members(truth).max(1) as f64;
        let shares: Vec<f64> =
            (0..count).map(|class| confusion.count(truth, class) as f64 / all).collect();
        let colors: Vec<Color> = shares.iter().map(|&share| scale.color(share)).collect();
        grid.draw(&mut chart, truth, &colors);
        for (class, &share) in shares.iter().enumerate() {
            let area = grid.cells(truth, class, 1);
            numbers(&mut chart, area, confusion.count(truth, class), share);
        }
        let middle = TOP + (truth as f64 + 0.5) * cell;
        chart.text((left - 8.0, middle + 0.35 * size), name.as_str(), size, INK, Anchor::End);
        let across = left + (truth as f64 + 0.5) * cell;
        match is_level {
            true => {
                chart.text((across, bottom + 18.0), name.as_str(), size, INK, Anchor::Middle);
            }
            false => {
                let half = 0.5 * font::width(name, size);
                chart.upward((across + 0.35 * size, bottom + 8.0 + half), name, size, INK);
            }
        }
    }
    let edges = [(left, TOP), (right, TOP), (right, bottom), (left, bottom), (left, TOP)];
    chart.line(edges.to_vec(), FRAME, 1.0);
    let (across, down) = (f64::midpoint(left, right), f64::midpoint(TOP, bottom));
    chart.text((across, bottom + below + 24.0), "predicted class", NAME, INK, Anchor::Middle);
    chart.upward((left - widest - 24.0, down), "true class", NAME, INK);
    let bar = Area { left: right + 28.0, top: TOP, width: 14.0, height: side.min(240.0) };
    scale.bar(&mut chart, bar, "share of the true class");
    chart
}

/// Writes the number of members and their share into a cell, if they fit.
fn numbers(chart: &mut Chart, area: Area, count: u64, share: f64) {
    const LINE: f64 = 17.0;
    let color = if share > 0.5 { LIGHT } else { INK };
    let (number, percent) = (grouped(count), format!("{:.1} %", 100.0 * share));
    let fits = |text: &str| font::width(text, SMALL) <= area.width - 4.0;
    let middle = (area.left + 0.5 * area.width, area.top + 0.5 * area.height + 4.5);
    if area.height >= 2.5 * LINE && fits(&number) && fits(&percent) {
        let at = |line: f64| (middle.0, middle.1 + line * LINE);
        chart.text(at(-0.5), number, SMALL, color, Anchor::Middle);
        chart.text(at(0.5), percent, SMALL, color, Anchor::Middle);
    } else if area.height >= LINE && fits(&number) {
        chart.text(middle, number, SMALL, color, Anchor::Middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Shape;

    /// Numbers in the cells of the matrix.
    fn written(count: usize, name: &str) -> (Chart, usize) {
        let names: Vec<String> = (0..count).map(|i| format!("{name}{i}")).collect();
        let members = (0..count).flat_map(|i| [(i, i, 30), (i, (i + 1) % count, 7)]);
        let chart = draw(&names, &Confusion::new(count, members));
        let numbers = chart.shapes.iter().filter(
            |shape| matches!(shape, Shape::Text { text, .. } if text == "30" || text == "7"),
        );
        let count = numbers.count();
        (chart, count)
    }

    #[test]
    fn numbers_are_written_where_they_fit() {
        let (chart, count) = written(3, "x");
        assert_eq!(count, 6);
        let percent =
            |shape: &&Shape| matches!(shape, Shape::Text { text, .. } if text == "81.1 %");
        assert_eq!(chart.shapes.iter().filter(percent).count(), 3);
        assert_eq!(written(12, "a long name of a class ").1, 24);
        assert_eq!(written(60, "x").1, 0);
    }

    #[test]
    fn the_picture_holds_all_names() {
        for (count, name) in [(2, "x"), (3, "a long name of a class of sequences "), (200, "x")] {
            let (chart, _) = written(count, name);
            for shape in &chart.shapes {
                if let Shape::Text { at, text, size, anchor: Anchor::End, .. } = shape {
                    assert!(at.0 - font::width(text, *size) > 30.0, "{text}");
                }
                if let Shape::Text { at, .. } = shape {
                    assert!(at.0 < chart.width && at.1 < chart.height, "{shape:?}");
                }
                if let Shape::Rect { area, .. } = shape {
                    assert!(area.left + area.width < chart.width, "{area:?}");
                }
            }
        }
    }
}
