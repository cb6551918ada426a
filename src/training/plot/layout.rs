//! Layout of the chart of a run.

use crate::{
    plot::{
        axis::{self, Axis},
        curve::{Curve, range, smooth},
        font,
        palette::{BLUE, VERMILLION, tint},
        panel::{INK, Labelled, Panel, SMALL},
        scene::{Anchor, Chart, Color},
    },
    training::metrics::{LossSplit, Row, Table},
};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 640.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = WIDTH - 32.0;

const TITLE: f64 = 21.0;
const LEGEND: f64 = 14.0;
const DARK: Color = [0x11, 0x15, 0x1a];
const PALE: Color = [0x6b, 0x75, 0x80];

const TRAIN: Color = BLUE;
const TRAIN_RAW: Color = tint(BLUE);
const VALID: Color = VERMILLION;
const RATE: Color = [0x5b, 0x66, 0x72];

/// Larger values are those of a run that has diverged, and would have no room beside the axis.
const LARGEST: f64 = 1e6;

/// A value of the rows of a split, where it is finite and of a size that can be drawn.
fn curve(rows: &[Row], split: LossSplit, value: impl Fn(&Row) -> f64) -> Curve {
    let of_split = rows.iter().filter(|row| row.split == split);
    let points = of_split.map(|row| (row.tokens as f64, value(row)));
    points.filter(|(_, value)| value.abs() <= LARGEST).collect()
}

/// The chart of a run: its loss and its learning rate against the tokens it has seen. None if
/// not one loss is finite.
pub fn draw(rows: &[Row], measures: Table, title: &str) -> Option<Chart> {
    let (loss, name): (fn(&Row) -> f64, _) = match measures {
        Table::NextBase => (Row::bits_per_base, "loss (bits per base)"),
        Table::Task => (|row| row.loss, "loss"),
    };
    let train = curve(rows, LossSplit::Train, loss);
    let valid = curve(rows, LossSplit::Valid, loss);
    let smoothed = smooth(&train);
    let last = rows.iter().map(|row| row.tokens).max()?.max(1) as f64;
    let shown = shown(&train, smoothed.as_ref(), &valid, last)?;
    let mut chart = Chart::new(WIDTH, HEIGHT);
    chart.text((LEFT, 38.0), shortened(title), TITLE, DARK, Anchor::Start);

    let x = Axis { low: 0.0, high: last, start: LEFT, end: RIGHT };
    let labelled = |name| Labelled { axis: x, format: axis::count, ticks: 9.0, name };
    let y = Axis { low: shown.low, high: shown.high, start: 448.0, end: 104.0 };
    let y = Labelled { axis: y, format: axis::plain, ticks: 7.0, name: Some(name) };
    let loss = Panel { x: labelled(None), y };
    loss.ground(&mut chart);
    stages(&mut chart, &loss, rows);
    let mut legend = Legend { place: LEFT };
    if let Some(smoothed) = &smoothed {
        loss.line(&mut chart, &train, TRAIN_RAW, 1.0);
        loss.line(&mut chart, smoothed, TRAIN, 2.0);
        legend.entry(&mut chart, "train", TRAIN_RAW, false);
        legend.entry(&mut chart, &with_last("train, smoothed", smoothed), TRAIN, false);
    } else if !train.is_empty() {
        loss.line(&mut chart, &train, TRAIN, 2.0);
        legend.entry(&mut chart, &with_last("train", &train), TRAIN, false);
    }
    if !valid.is_empty() {
        loss.points(&mut chart, &valid, VALID);
        legend.entry(&mut chart, &with_last("valid", &valid), VALID, true);
    }
    if let Some(outside) = shown.outside {
        chart.text((RIGHT, LEGEND_LINE), outside, SMALL, PALE, Anchor::End);
    }
    loss.frame(&mut chart);

    let split = if train.is_empty() { LossSplit::Valid } else { LossSplit::Train };
    let rates = curve(rows, split, |row| row.learning_rate);
    let highest = range(&rates).map_or(0.0, |(_, high)| high);
    let high = if highest > 0.0 { highest * 1.08 } else { 1.0 };
    let y = Axis { low: 0.0, high, start: 576.0, end: 484.0 };
    let y = Labelled { axis: y, format: axis::scientific, ticks: 4.0, name: Some("learning rate") };
    let rate = Panel { x: labelled(Some("tokens seen")), y };
    rate.ground(&mut chart);
    rate.line(&mut chart, &rates, RATE, 1.6);
    rate.frame(&mut chart);
    Some(chart)
}

/// The values that the axis of the loss shows.
struct Shown {
    low: f64,
    high: f64,
    /// Note on the part of the curve that is left out.
    outside: Option<String>,
}

/// Everything, unless that would press the curve flat: the first steps of a run, whose loss is far
/// above all others, and single outliers may leave the panel.
fn shown(train: &Curve, smoothed: Option<&Curve>, valid: &Curve, last: f64) -> Option<Shown> {
    const START: f64 = 0.03; // of the tokens
    const FLAT: f64 = 4.0;
    let all = range(train.iter().chain(valid))?;
    let settled = |point: &&(f64, f64)| point.0 >= START * last;
    let trend = smoothed.unwrap_or(train).iter().chain(valid).filter(settled);
    let (mut low, mut high) = range(trend).unwrap_or(all);
    let mut noise: Vec<f64> = train.iter().filter(settled).map(|point| point.1).collect();
    noise.sort_unstable_by(f64::total_cmp);
    if let (Some(&least), Some(&most)) =
        (noise.get(noise.len() / 200), noise.iter().rev().nth(noise.len() / 200))
    {
        (low, high) = (low.min(least), high.max(most));
    }
    let cut = all.1 - all.0 > FLAT * (high - low) && high > low;
    let outside = cut.then(|| format!("not all shown: loss from {:.2} to {:.2}", all.0, all.1));
    if !cut {
        (low, high) = all;
    }
    let margin = if high > low { 0.06 * (high - low) } else { 0.05 };
    Some(Shown { low: low - margin, high: high + margin, outside })
}

/// Marks the steps at which the sequences become longer: the loss falls for that reason.
fn stages(chart: &mut Chart, panel: &Panel, rows: &[Row]) {
    let train: Vec<&Row> = rows.iter().filter(|row| row.split == LossSplit::Train).collect();
    let mut stages = train.chunk_by(|a, b| a.length == b.length);
    let Some(first) = stages.next().filter(|first| first.len() < train.len()) else { return };
    let mut end = LEFT;
    let mut from = 0;
    for stage in std::iter::once(first).chain(stages) {
        let place = panel.x.axis.place(from as f64);
        if from > 0 {
            chart.dashed((place, panel.top()), (place, panel.bottom()), PALE);
        }
        let length = axis::grouped(stage[0].length);
        let label = if from == 0 { format!("{length} bases a sequence") } else { length };
        if place >= end {
            chart.text((place, panel.top() - 7.0), &label, SMALL, PALE, Anchor::Start);
            end = place + font::width(&label, SMALL) + 10.0;
        }
        from = stage[stage.len() - 1].tokens;
    }
}

/// The name of a curve and its last value, in bits per base.
fn with_last(name: &str, curve: &Curve) -> String {
    curve.last().map_or(name.to_owned(), |(_, value)| format!("{name}, last {value:.3}"))
}

const LEGEND_LINE: f64 = 66.0;

/// Names of the curves in a line, from left to right.
struct Legend {
    place: f64,
}

impl Legend {
    fn entry(&mut self, chart: &mut Chart, name: &str, color: Color, dot: bool) {
        let middle = LEGEND_LINE - 4.5;
        chart.line(vec![(self.place, middle), (self.place + 24.0, middle)], color, 2.4);
        if dot {
            chart.dot((self.place + 12.0, middle), 3.6, color);
        }
        chart.text((self.place + 32.0, LEGEND_LINE), name, LEGEND, INK, Anchor::Start);
        self.place += 32.0 + font::width(name, LEGEND) + 28.0;
    }
}

/// A title that fits.
fn shortened(title: &str) -> String {
    let mut text = title.to_owned();
    while font::width(&text, TITLE) > RIGHT - LEFT {
        text = text.chars().take(text.chars().count().saturating_sub(2)).collect();
        text.push('…');
    }
    text
}
