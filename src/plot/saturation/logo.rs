//! The upper panel: the reference as a sequence logo, or the profile of its effects.

use super::{
    columns::{Columns, LogoLetter},
    data::EffectKind,
    layout::{LOGO_HEIGHT, LOGO_TOP},
    map::{group_of_positions, room_for_positions},
};
use crate::plot::{
    axis::{Axis, Format, scientific, signed},
    curve::range,
    palette::BASES,
    panel::{INK, Labelled, Panel},
    scene::{Area, Chart, Color},
};

/// Colour of bars of several positions.
const PROFILE: Color = [0x4a, 0x55, 0x60];
/// Smallest height that is drawn, in pixels: less than a dot of the PNG is not visible.
const LOWEST: f64 = 0.3;

/// The axis of the heights. It includes zero and a margin at either end.
fn axis(columns: &Columns<'_>) -> Axis {
    const BEYOND: f64 = 0.04;
    let least = columns.measure.least();
    let heights = columns.columns.iter().filter_map(|column| column.logo);
    let heights: Vec<_> = heights.map(|letter| (0.0, letter.height)).collect();
    let (low, high) = range(&heights).unwrap_or((0.0, 1.0));
    let (low, high) = (low.min(0.0), high.max(0.0));
    let high = if high - low < least { low + least } else { high };
    let beyond = BEYOND * (high - low);
    Axis {
        low: if low < 0.0 { low - beyond } else { 0.0 },
        high: high + beyond,
        start: LOGO_TOP + LOGO_HEIGHT,
        end: LOGO_TOP,
    }
}

/// Draws the panel.
pub fn draw(chart: &mut Chart, columns: &Columns<'_>) {
    let x = Labelled {
        axis: columns.axis(),
        format: group_of_positions,
        ticks: room_for_positions(columns),
        name: None,
    };
    let (mean, format): (_, Format) = match columns.measure.kind {
        EffectKind::Ratio => ("mean loss", signed),
        EffectKind::Change => ("mean effect", signed),
        EffectKind::Amount => ("mean effect", scientific),
    };
    let name = columns.measure.labelled(mean);
    let y = Labelled { axis: axis(columns), format, ticks: 5.0, name: Some(&name) };
    let panel = Panel { x, y };
    panel.ground(chart);
    let zero = panel.y.axis.place(0.0);
    for (index, column) in columns.columns.iter().enumerate() {
        let Some(LogoLetter { base, height }) = column.logo else { continue };
        let end = panel.y.axis.place(height);
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
