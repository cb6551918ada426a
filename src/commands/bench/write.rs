//! Rows of measurements.

use tch::Device;

use super::{
    estimate,
    subject::{BenchSubject, Mixer, Pass},
};
use crate::{commands::output::rows::Cell, inference::memory, model::network::leaves::Precision};

/// Names of the columns, and keys of the objects.
pub const KEYS: [&str; 14] = [
    "mixer",
    "layers",
    "width",
    "length",
    "batch",
    "pass",
    "dtype",
    "device",
    "threads",
    "seconds",
    "tokens_per_second",
    "peak_bytes",
    "tflop",
    "flops_fraction",
];

/// The row of a length that took this many seconds, in the order of [`KEYS`]. Dense products alone
/// reach `products` operations a second.
pub fn row(
    subject: &BenchSubject,
    length: u64,
    seconds: f64,
    products: f64,
) -> [Cell<'static>; KEYS.len()] {
    let flop = estimate::flop(subject, length);
    let dtype = match subject.precision {
        Precision::Fp32 => "fp32",
        Precision::Tf32 => "tf32",
        Precision::Bf16 => "bf16",
    };
    let device = match subject.device {
        Device::Cuda(number) => format!("cuda:{number}"),
        _ => "cpu".to_owned(),
    };
    let mixer = match subject.mixer {
        Mixer::Hyena => "hyena",
        Mixer::Attention => "attention",
    };
    let pass = match subject.pass {
        Pass::Forward => "forward",
        Pass::Step => "step",
    };
    [
        mixer.into(),
        Cell::Integer(subject.layers as u64),
        Cell::Integer(subject.width as u64),
        length.into(),
        subject.batch.into(),
        pass.into(),
        dtype.into(),
        device.into(),
        Cell::Integer(subject.threads as u64),
        number(seconds),
        number((subject.batch * length) as f64 / seconds),
        memory::peak().map_or(Cell::Missing, Cell::Integer),
        number(flop / 1e12),
        number(flop / seconds / products),
    ]
}

/// A number, which is missing if it is NaN or infinite.
fn number(value: f64) -> Cell<'static> {
    if value.is_finite() { Cell::Number(value) } else { Cell::Missing }
}
