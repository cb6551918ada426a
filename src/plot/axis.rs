//! Axes: positions of values, and their tick labels.

/// An axis between two positions of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// Value at the start.
    pub low: f64,
    /// Value at the end.
    pub high: f64,
    /// Position of the start, in pixels.
    pub start: f64,
    /// Position of the end, in pixels.
    pub end: f64,
}

impl Axis {
    /// Position of a value, in pixels.
    pub fn place(&self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }

    /// True if a value is on the axis.
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Round values on the axis, about `count` at most, and the step between them.
    pub fn ticks(&self, count: f64) -> (Vec<f64>, f64) {
        let step = round_up((self.high - self.low) / count);
        let first = (self.low / step - 1e-6).ceil() as i64;
        let last = (self.high / step + 1e-6).floor() as i64;
        ((first..=last).map(|index| index as f64 * step).collect(), step)
    }
}

/// The smallest number of the form 1, 2 or 5 times a power of ten that is at least `value`.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|&s| s >= value * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// Formatter of tick labels. Arguments: value, step between ticks, value at the end of the axis.
pub type Format = fn(f64, f64, f64) -> String;

/// Number of decimals that distinguish multiples of `step`.
fn decimals(step: f64) -> usize {
    (-(step.log10() + 1e-9).floor()).max(0.0) as usize
}

/// Formats a number with as many decimals as the step needs.
pub fn plain(value: f64, step: f64, _high: f64) -> String {
    format!("{:.*}", decimals(step), value)
}

/// Formats a number that may be negative, with a true minus sign.
pub fn signed(value: f64, step: f64, high: f64) -> String {
    plain(value, step, high).replace('-', "\u{2212}")
}

/// Formats a count with the unit of the largest one: 500k, 20M, 1.5G.
pub fn count(value: f64, step: f64, high: f64) -> String {
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let (unit, name) = units.into_iter().find(|&(unit, _)| high >= unit).unwrap_or((1.0, ""));
    if value == 0.0 { "0".into() } else { plain(value / unit, step / unit, high) + name }
}

/// Formats a number in scientific notation if all are small: 6e-4.
pub fn scientific(value: f64, step: f64, high: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if high >= 0.1 {
        return plain(value, step, high);
    }
    let power = (value.abs().log10() + 1e-9).floor();
    format!("{:.*e}", decimals(step / 10_f64.powf(power)), value)
}

/// Formats a whole number in groups of three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(low: f64, high: f64, format: Format) -> Vec<String> {
        let (ticks, step) = Axis { low, high, start: 0.0, end: 1.0 }.ticks(6.0);
        ticks.into_iter().map(|value| format(value, step, high)).collect()
    }

    #[test]
    fn numbers_are_round() {
        assert_eq!(labels(1.87, 2.03, plain), ["1.90", "1.95", "2.00"]);
        assert_eq!(labels(0.0, 52e6, count), ["0", "10M", "20M", "30M", "40M", "50M"]);
        assert_eq!(labels(0.0, 1.5e6, count), ["0", "0.5M", "1.0M", "1.5M"]);
        assert_eq!(labels(0.0, 900.0, count), ["0", "200", "400", "600", "800"]);
        assert_eq!(labels(0.0, 3.0, plain), ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0"]);
        assert_eq!(labels(0.0, 6.2e-4, scientific), ["0", "2e-4", "4e-4", "6e-4"]);
        assert_eq!(
            labels(0.0, 1.1e-3, scientific),
            ["0", "2e-4", "4e-4", "6e-4", "8e-4", "1.0e-3"]
        );
        assert_eq!(labels(-1.0, 0.5, signed), ["\u{2212}1.0", "\u{2212}0.5", "0.0", "0.5"]);
        assert_eq!([0, 999, 1024, 1_048_576].map(grouped), ["0", "999", "1,024", "1,048,576"]);
    }

    proptest! {
        #[test]
        fn ticks_are_few_and_on_the_axis(low in -1e6..1e6_f64, exponent in -3..7_i32) {
            let axis = Axis { low, high: low + 10_f64.powi(exponent), start: 0.0, end: 1.0 };
            let (ticks, step) = axis.ticks(6.0);
            prop_assert!((1..=7).contains(&ticks.len()), "{ticks:?}");
            for tick in ticks {
                prop_assert!((axis.low - 1e-5 * step..=axis.high + 1e-5 * step).contains(&tick));
            }
        }
    }
}
