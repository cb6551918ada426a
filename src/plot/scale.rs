//! Colour scales with their colour bars: diverging from blue through white to red, or rising from
//! white to red.

use super::{
    axis::{Axis, scientific, signed},
    font,
    panel::{FRAME, INK, SMALL},
    scene::{Anchor, Area, Chart, Color},
};

/// Colours from white at 0 to the end of the scale, in equal steps: ColorBrewer's RdBu, which is
/// safe for colour-blind readers, with pure white in the middle.
const NEGATIVE: [Color; 6] = [
    [0xff, 0xff, 0xff],
    [0xd1, 0xe5, 0xf0],
    [0x92, 0xc5, 0xde],
    [0x43, 0x93, 0xc3],
    [0x21, 0x66, 0xac],
    [0x05, 0x30, 0x61],
];
const POSITIVE: [Color; 6] = [
    [0xff, 0xff, 0xff],
    [0xfd, 0xdb, 0xc7],
    [0xf4, 0xa5, 0x82],
    [0xd6, 0x60, 0x4d],
    [0xb2, 0x18, 0x2b],
    [0x67, 0x00, 0x1f],
];

/// Colours of values from 0 (white) to `limit` (red) and, if diverging, to `-limit` (blue). Values
/// beyond an end have its colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Value at the red end; above 0.
    pub limit: f64,
    /// True if the scale has a blue end.
    pub diverges: bool,
}

impl Scale {
    /// Makes a diverging scale that ends at a quantile (0 to 1) of the magnitudes of `values`,
    /// which are not NaN, or at `least` if that is larger. `least` is above 0.
    pub fn diverging(values: impl IntoIterator<Item = f64>, quantile: f64, least: f64) -> Self {
        let mut sizes: Vec<f64> = values.into_iter().map(f64::abs).collect();
        let rank = (quantile * sizes.len() as f64).ceil() as usize;
        let index = rank.clamp(1, sizes.len().max(1)) - 1;
        let limit = match sizes.is_empty() {
            true => least,
            false => *sizes.select_nth_unstable_by(index, f64::total_cmp).1,
        };
        Self { limit: limit.max(least), diverges: true }
    }

    /// Makes a scale for values that are never negative, as [`diverging`](Self::diverging) does.
    pub fn rising(values: impl IntoIterator<Item = f64>, quantile: f64, least: f64) -> Self {
        Self { diverges: false, ..Self::diverging(values, quantile, least) }
    }

    /// The value at the lower end.
    fn low(&self) -> f64 {
        if self.diverges { -self.limit } else { 0.0 }
    }

    /// Colour of a value.
    pub fn color(&self, value: f64) -> Color {
        let value = value.max(self.low());
        let stops = if value < 0.0 { NEGATIVE } else { POSITIVE };
        let place = (value / self.limit).abs().min(1.0) * (stops.len() - 1) as f64;
        let before = (place as usize).min(stops.len() - 2);
        let part = place - before as f64;
        let mix = |from: u8, to: u8| f64::from(from) + part * (f64::from(to) - f64::from(from));
        std::array::from_fn(|i| mix(stops[before][i], stops[before + 1][i]).round() as u8)
    }

    /// Draws a colour bar, red at the top, with tick labels to its right and, beyond them, `name`
    /// as upward text. Returns the right edge of that text, in pixels.
    pub fn bar(&self, chart: &mut Chart, area: Area, name: &str) -> f64 {
        const STEPS: usize = 97; // odd, so that the middle step of a diverging scale is white
        let (bottom, right) = (area.top + area.height, area.left + area.width);
        let height = area.height / STEPS as f64;
        for step in (0..STEPS).rev() {
            let part = (step as f64 + 0.5) / STEPS as f64;
            let value = self.low() + part * (self.limit - self.low());
            // each reaches down to the bottom, so that rounding leaves no gap
            let top = bottom - (step + 1) as f64 * height;
            chart.rect(Area { top, height: bottom - top, ..area }, self.color(value));
        }
        let axis = Axis { low: self.low(), high: self.limit, start: bottom, end: area.top };
        let format = if self.diverges { signed } else { scientific };
        let (ticks, step) = axis.ticks((area.height / 24.0).max(1.0));
        let mut widest = 0.0_f64;
        for tick in ticks {
            let place = axis.place(tick);
            chart.line(vec![(right, place), (right + 4.0, place)], FRAME, 1.0);
            let text = format(tick, step, self.limit);
            widest = widest.max(font::width(&text, SMALL));
            chart.text((right + 8.0, place + 4.5), text, SMALL, INK, Anchor::Start);
        }
        let (left, top) = (area.left, area.top);
        let edges = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        chart.line(edges.to_vec(), FRAME, 1.0);
        let middle = f64::midpoint(area.top, bottom);
        let baseline = right + 8.0 + widest + 10.0 + SMALL;
        chart.upward((baseline, middle), name, SMALL, INK);
        baseline + 0.3 * SMALL
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Shape;
    use proptest::prelude::*;

    #[test]
    fn the_middle_is_white_and_the_ends_are_saturated() {
        let scale = Scale { limit: 2.0, diverges: true };
        assert_eq!(scale.color(0.0), [255; 3]);
        assert_eq!([-2.0, -1e9].map(|value| scale.color(value)), [NEGATIVE[5]; 2]);
        assert_eq!([2.0, f64::INFINITY].map(|value| scale.color(value)), [POSITIVE[5]; 2]);
        assert_eq!(scale.color(0.4), POSITIVE[1]);
        assert_eq!(scale.color(-1.2), NEGATIVE[3]);
        let rising = Scale { diverges: false, ..scale };
        assert_eq!([0.0, -1.2].map(|value| rising.color(value)), [[255; 3]; 2]);
        assert_eq!([0.4, 9.0].map(|value| rising.color(value)), [POSITIVE[1], POSITIVE[5]]);
    }

    #[test]
    fn an_outlier_does_not_set_the_scale() {
        let mut values: Vec<f64> = (1..=200).map(|i| f64::from(i) * -0.01).collect();
        values.push(500.0);
        assert_eq!(Scale::rising(values.clone(), 0.99, 1e-3).limit, 1.99);
        assert_eq!(Scale::diverging(values, 0.99, 1e-3).limit, 1.99);
        assert_eq!(Scale::diverging([-3.0, 1.0], 0.99, 1e-3).limit, 3.0);
        assert_eq!(Scale::diverging([0.0], 0.99, 1e-3).limit, 1e-3);
        assert_eq!(Scale::diverging([], 0.99, 1e-3).limit, 1e-3);
    }

    proptest! {
        #[test]
        fn a_larger_effect_is_never_paler(limit in 1e-3..1e3_f64, ends in [0.0..2.0_f64, 0.0..2.0]) {
            let scale = Scale { limit, diverges: true };
            let light = |part: f64| scale.color(part * limit).map(u32::from).iter().sum::<u32>();
            let (small, large) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            prop_assert!(light(large) <= light(small));
            prop_assert!(light(-large) <= light(-small));
        }

        #[test]
        fn the_bar_is_inside_its_area(power in -9.0..6.0_f64, diverges in any::<bool>()) {
            let limit = 10_f64.powf(if diverges { power.max(-3.0) } else { power });
            let area = Area { left: 10.0, top: 20.0, width: 14.0, height: 110.0 };
            let mut chart = Chart::new(120.0, 160.0);
            let right = Scale { limit, diverges }.bar(&mut chart, area, "effect");
            prop_assert!((50.0..120.0).contains(&right));
            for shape in &chart.shapes {
                if let Shape::Rect { area: part, .. } = shape {
                    prop_assert!(part.top > 19.999 && part.top + part.height < 130.001, "{part:?}");
                }
            }
        }
    }
}
