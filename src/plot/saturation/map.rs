//! The lower panel: the effect of every mutation as a colour, and the axis of the positions.

use super::{
    columns::{Cell, Columns},
    layout::MARGIN,
};
use crate::plot::{
    axis::grouped,
    font,
    grid::Grid,
    palette::BASES,
    panel::{FRAME, INK, NAME, SMALL},
    scale::Scale,
    scene::{Anchor, Area, Chart, Color},
};

const MISSING: Color = [0xdd, 0xdd, 0xdd];
/// Colour of the marks of the reference.
const MARK: Color = [0x6b, 0x75, 0x80];
/// Smallest width of a column with a dot, in pixels; narrower columns have a dash.
const DOT: f64 = 5.0;

/// Name of the mark of the reference: dot, or dash in narrow columns. `None` if a column covers
/// several positions.
pub fn mark(columns: &Columns<'_>) -> Option<&'static str> {
    let mark = if columns.width < DOT { "dash" } else { "dot" };
    (columns.each == 1).then_some(mark)
}

/// Draws the cells, the marks of the reference, and the names of the rows.
pub fn draw(chart: &mut Chart, columns: &Columns<'_>, grid: &Grid, scale: &Scale) {
    for row in 0..columns.rows {
        let cells: Vec<Cell> = columns.columns.iter().map(|column| column.cells[row]).collect();
        let color = |cell: &Cell| match *cell {
            Cell::Missing => MISSING,
            Cell::Reference => scale.color(0.0),
            Cell::Effect(effect) => scale.color(effect),
        };
        grid.draw(chart, row, &cells.iter().map(color).collect::<Vec<_>>());
        if mark(columns).is_some() {
            marks(chart, columns, grid, row, &cells);
        }
        let name = ["A", "C", "G", "T", "del"][row];
        let at = (grid.left - 10.0, grid.top + (row as f64 + 0.5) * grid.row + 4.5);
        chart.text(at, name, NAME, *BASES.get(row).unwrap_or(&INK), Anchor::End);
    }
    let Area { left, top, width, .. } = grid.cells(0, 0, columns.columns.len());
    let (right, bottom) = (left + width, top + columns.rows as f64 * grid.row);
    let edges = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    chart.line(edges.to_vec(), FRAME, 1.0);
    chart.upward((left - 62.0, f64::midpoint(top, bottom)), "mutation", NAME, INK);
}

/// Marks the cells of the reference in one row.
fn marks(chart: &mut Chart, columns: &Columns<'_>, grid: &Grid, row: usize, cells: &[Cell]) {
    const HALF: f64 = 1.5;
    let mut first = 0;
    for alike in cells.chunk_by(|a, b| a == b) {
        if alike[0] == Cell::Reference {
            let area = grid.cells(row, first, alike.len());
            let middle = area.top + 0.5 * area.height;
            if columns.width < DOT {
                chart.rect(Area { top: middle - HALF, height: 2.0 * HALF, ..area }, MARK);
            } else {
                let dots = (0..alike.len()).map(|cell| (cell as f64 + 0.5) * columns.width);
                let radius = (0.2 * columns.width).min(2.4);
                dots.for_each(|right| chart.dot((area.left + right, middle), radius, MARK));
            }
        }
        first += alike.len();
    }
}

/// Formats a position for a tick label, in groups of three digits.
pub fn group_of_positions(position: f64, _step: f64, _high: f64) -> String {
    grouped(position.round() as u64)
}

/// Number of tick labels that fit on the axis of the positions.
pub fn room_for_positions(columns: &Columns<'_>) -> f64 {
    const APART: f64 = 36.0;
    let axis = columns.axis();
    let wide = font::width(&group_of_positions(axis.high, 1.0, axis.high), SMALL) + APART;
    ((axis.end - axis.start) / wide).min(columns.positions as f64).max(1.0)
}

/// Draws the axis of the positions below the map.
pub fn positions(chart: &mut Chart, columns: &Columns<'_>, contig: &str, bottom: f64) {
    let axis = columns.axis();
    let (mut ticks, _) = axis.ticks(room_for_positions(columns));
    if ticks.is_empty() {
        ticks.push(axis.low + 0.5); // a short stretch may have no round position
    }
    for tick in ticks {
        let place = axis.place(tick);
        chart.line(vec![(place, bottom), (place, bottom + 5.0)], FRAME, 1.0);
        let text = group_of_positions(tick, 1.0, axis.high);
        chart.text((place, bottom + 20.0), text, SMALL, INK, Anchor::Middle);
    }
    let name = font::fitted(contig, NAME, 0.4 * chart.width) + " position (1-based)";
    let half = 0.5 * font::width(&name, NAME);
    let middle = f64::midpoint(axis.start, axis.end);
    let middle = middle.min(chart.width - MARGIN - half).max(MARGIN + half);
    chart.text((middle, bottom + 43.0), name, NAME, INK, Anchor::Middle);
}
