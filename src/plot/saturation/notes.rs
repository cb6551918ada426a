//! Notes below the picture.

use super::{
    columns::{Cell, Columns},
    data::{EffectKind, Measure},
    layout::{LEFT, MARGIN},
    map,
};
use crate::plot::{
    font,
    scale::Scale,
    scene::{Anchor, Chart, Color},
};

const SIZE: f64 = 11.5;
const PALE: Color = [0x6b, 0x75, 0x80];

/// Draws the notes from the given baseline down. Returns the baseline of the last one.
pub fn draw(
    chart: &mut Chart,
    columns: &Columns<'_>,
    scale: &Scale,
    origin: &str,
    baseline: f64,
) -> f64 {
    const LINE: f64 = 16.0;
    let origin = Some(origin.to_owned()).filter(|origin| !origin.is_empty());
    let notes: Vec<String> = origin.into_iter().chain(notes(columns, scale)).collect();
    let lines = lines(&notes, chart.width - LEFT - MARGIN);
    let mut place = baseline;
    for (index, line) in lines.into_iter().enumerate() {
        place = baseline + LINE * index as f64;
        chart.text((LEFT, place), line, SIZE, PALE, Anchor::Start);
    }
    place
}

fn notes(columns: &Columns<'_>, scale: &Scale) -> Vec<String> {
    let shown = || columns.columns.iter().flat_map(|column| &column.cells[..columns.rows]);
    let mut notes = Vec::new();
    if columns.each > 1 {
        notes.push(format!(
            "A column is {} positions and shows their mean effect, so single bases may exceed it.",
            columns.each
        ));
    }
    let limit = limit(&columns.measure, scale);
    notes.push(match columns.measure.kind {
        EffectKind::Amount => format!("Colours end at {limit}, the 99th percentile."),
        EffectKind::Ratio | EffectKind::Change => {
            format!("Colours end at \u{b1}{limit}, the 99th percentile of the magnitudes.")
        }
    });
    if let Some(mark) = map::mark(columns)
        && shown().any(|cell| *cell == Cell::Reference)
    {
        notes.push(format!("A {mark} marks the reference."));
    }
    if shown().any(|cell| *cell == Cell::Missing) {
        notes.push("Grey: no score.".into());
    }
    notes
}

/// Value at which the colours end, with its unit.
fn limit(measure: &Measure<'_>, scale: &Scale) -> String {
    const SMALL: f64 = 1e-3;
    let limit = scale.limit;
    let digits = (2.0 - limit.log10().floor()).clamp(0.0, 5.0) as usize;
    let number = match limit < SMALL {
        true => format!("{limit:.2e}"),
        false => format!("{limit:.digits$}"),
    };
    measure.unit.map_or(number.clone(), |unit| format!("{number} {unit}"))
}

/// Joins notes into lines of at most `room` pixels.
fn lines(notes: &[String], room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for note in notes {
        let joined = lines.last().map(|line| format!("{line} {note}"));
        match (lines.last_mut(), joined) {
            (Some(line), Some(joined)) if font::width(&joined, SIZE) <= room => *line = joined,
            _ => lines.push(font::fitted(note, SIZE, room)),
        }
    }
    lines
}
