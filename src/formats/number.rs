//! Numbers as text.

use std::fmt::Write;

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A count with its noun: `1 region`, `2 regions`. The plural of the noun must end in s.
pub fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {}", plural(count, noun))
}

/// The noun for a count, without it.
pub fn plural(count: u64, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// A number of a table: six significant digits, or `.` for a missing value.
pub fn number(value: Option<f64>) -> String {
    let mut text = String::new();
    match value {
        Some(value) => push_six_digits(&mut text, value),
        None => text.push('.'),
    }
    text
}

/// Appends `value` with six significant digits, as C's `%.6g` does; `NaN` and `inf` by name.
pub fn push_six_digits(text: &mut String, value: f64) {
    if !value.is_finite() {
        let name = if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        };
        text.push_str(name);
        return;
    }
    if value == 0.0 {
        text.push('0');
        return;
    }
    // the exponent after rounding to six digits
    let scientific = format!("{value:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let start = text.len();
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        let _ = write!(text, "{value:.decimals$}");
        trim_zeros(text, start);
    } else {
        let start = text.len();
        text.push_str(mantissa);
        trim_zeros(text, start);
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(text, "e{sign}{:02}", exponent.abs());
    }
}

fn trim_zeros(text: &mut String, start: usize) {
    if text[start..].contains('.') {
        text.truncate(text.trim_end_matches('0').len());
        if text.ends_with('.') {
            text.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_a_plural() {
        assert_eq!([0_usize, 1, 2].map(|n| counted(n, "base")), ["0 bases", "1 base", "2 bases"]);
    }
    use proptest::prelude::*;

    fn six(value: f64) -> String {
        let mut text = String::new();
        push_six_digits(&mut text, value);
        text
    }

    #[test]
    fn a_missing_value_is_a_dot() {
        assert_eq!([None, Some(-0.25)].map(number), [".", "-0.25"]);
    }

    /// Expected values are those of C's printf("%.6g").
    #[test]
    fn equals_printf() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (3.829041, "3.82904"),
            (123456.7, "123457"),
            (1234567.0, "1.23457e+06"),
            (0.0001, "0.0001"),
            (0.00001234567, "1.23457e-05"),
            (4.3639e-6, "4.3639e-06"),
            (999999.5, "1e+06"),
            (99999.96, "100000"),
            (1e-300, "1e-300"),
            (0.01925, "0.01925"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(six(value), text);
        }
    }

    proptest! {
        #[test]
        fn reads_back_to_six_digits(value in proptest::num::f64::NORMAL) {
            let back: f64 = six(value).parse().unwrap();
            prop_assert!((back - value).abs() <= 5.1e-6 * value.abs());
        }
    }
}
