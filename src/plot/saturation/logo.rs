//! The upper panel: the reference as a sequence logo, or the profile of its losses.

use super::{
    BASES, LOGO_HEIGHT, LOGO_TOP,
    columns::{Columns, LEAST},
    map::{group_of_positions, room_for_positions},
};
use crate::plot::{
    axis::{Axis, signed},
    curve::range,
    panel::{INK, Labelled, Panel},
    scene::{Area, Chart, Color},
};

/// Bars of several positions, whatever their bases.
const PROFILE: Color = [0x4a, 0x55, 0x60];
/// What is lower than a dot of the PNG is not seen.
const LOWEST: f64 = 0.3;

/// The axis of the losses, with zero on it and a little room beyond both ends.
fn axis(columns: &Columns) -> Axis {
    const BEYOND: f64 = 0.04;
    let losses: Vec<_> = columns.columns.iter().filter_map(|column| column.loss).collect();
    let losses: Vec<_> = losses.into_iter().map(|(_, loss)| (0.0, loss)).collect();
    let (low, high) = range(&losses).unwrap_or((0.0, 1.0));
    let (low, high) = (low.min(0.0), high.max(0.0));
    let high = if high - low < LEAST { low + LEAST } else { high };
    let beyond = BEYOND * (high - low);
    Axis {
        low: if low < 0.0 { low - beyond } else { 0.0 },
        high: high + beyond,
        start: LOGO_TOP + LOGO_HEIGHT,
        end: LOGO_TOP,
    }
}

/// Draws the panel.
pub fn draw(chart: &mut Chart, columns: &Columns) {
    let x = Labelled {
        axis: columns.axis(),
        format: group_of_positions,
        ticks: room_for_positions(columns),
        name: None,
    };
    let y = Labelled {
        axis: axis(columns),
        format: signed,
        ticks: 5.0,
        name: Some("mean loss (nats)"),
    };
    let panel = Panel { x, y };
    panel.ground(chart);
    let zero = panel.y.axis.place(0.0);
    for (index, column) in columns.columns.iter().enumerate() {
        let Some((base, loss)) = column.loss else { continue };
        let end = panel.y.axis.place(loss);
        let area = Area {
            left: panel.x.axis.start + index as f64 * columns.width,
            top: zero.min(end),
            width: columns.width,
            height: (zero - end).abs(),
        };
        let color = if columns.each > 1 { PROFILE } else { BASES[base] };
        if area.height < LOWEST {
            continue;
        } else if columns.letters() {
            let gap = 0.03 * area.width;
            let area = Area { left: area.left + gap, width: area.width - 2.0 * gap, ..area };
            chart.letter(char::from(b"ACGT"[base]), area, color);
        } else {
            chart.rect(area, color);
        }
    }
    chart.line(vec![(panel.x.axis.start, zero), (panel.x.axis.end, zero)], INK, 1.0);
    panel.frame(chart);
}
