//! Tests of the gradients of the network's parts: against finite differences in f64, and of the
//! operators of shim/ against those of libtorch.

use proptest::prelude::*;
use tch::{Device, Kind, Tensor};

use super::{
    config::Config,
    libtorch::operators::{self, Activations},
    network::{
        fft,
        filter::{ImplicitFilter, PositionBuffers},
        leaves::Linear,
        tensors::SharedTensor,
    },
    testing::Normal,
    weights::source,
};

const F64: Kind = Kind::Double;

/// Gradients by backward passes and by central differences of Σ weights·f(inputs) agree.
fn check(name: &str, random: &mut Normal, inputs: &[Tensor], f: impl Fn(&[Tensor]) -> Tensor) {
    let leaves: Vec<Tensor> =
        inputs.iter().map(|x| x.detach().copy().set_requires_grad(true)).collect();
    let output = f(&leaves);
    let weights = random.tensor(&output.size(), output.kind());
    let wanted: Vec<&Tensor> = leaves.iter().collect();
    let found = operators::backward(&output, &weights, &wanted).unwrap();
    let value = |inputs: &[Tensor]| {
        tch::no_grad(|| (f(inputs) * &weights).sum(Kind::Double).double_value(&[]))
    };
    let step = 1e-5;
    for (i, found) in found.iter().enumerate() {
        let found = found.as_ref().unwrap_or_else(|| panic!("{name}: input {i} has no gradient"));
        let direction = random.tensor(&inputs[i].size(), inputs[i].kind());
        let moved = |by: f64| -> f64 {
            let mut inputs: Vec<Tensor> = inputs.iter().map(Tensor::copy).collect();
            inputs[i] = &inputs[i] + &direction * by;
            value(&inputs)
        };
        let numeric = (moved(step) - moved(-step)) / (2.0 * step);
        let exact = (found * &direction).sum(Kind::Double).double_value(&[]);
        let error = (numeric - exact).abs() / exact.abs().max(1e-3);
        assert!(error < 1e-6, "{name}, input {i}: {exact} by backward, {numeric} by differences");
    }
}

#[test]
fn of_the_long_convolution() {
    let mut random = Normal::new(1);
    for length in [1, 2, 5, 16, 33] {
        let x = random.tensor(&[2, 3, length], F64);
        let taps = random.tensor(&[3, length], F64);
        check(&format!("convolution, L = {length}"), &mut random, &[x, taps], |inputs| {
            fft::convolve(&inputs[0], &fft::spectrum(&inputs[1]).unwrap()).unwrap()
        });
    }
}

#[test]
fn of_the_filter_network() {
    let mut random = Normal::new(2);
    let config = Config {
        d_model: 4,
        filter_order: 6,
        l_max: 18,
        ..source::builtin().unwrap().weights.config
    };
    let PositionBuffers { z, t, deltas } = PositionBuffers::generate(&config, Device::Cpu).unwrap();
    let [z, t, deltas] = [z, t, deltas].map(|x| SharedTensor::from(x.to_kind(Kind::Double)));
    let shapes: [&[i64]; 8] = [&[6, 5], &[6], &[6, 6], &[6], &[6, 6], &[6], &[1, 6], &[4, 6]];
    let inputs = shapes.map(|shape| random.tensor(shape, F64) * 0.3);
    check("filter", &mut random, &inputs, |inputs| {
        let linear = |i: usize| Linear {
            weight: inputs[2 * i].shallow_clone().into(),
            bias: inputs[2 * i + 1].shallow_clone().into(),
        };
        let filter = ImplicitFilter {
            positions: PositionBuffers { z: z.clone(), t: t.clone(), deltas: deltas.clone() },
            hidden: vec![linear(0), linear(1), linear(2)],
            freq: inputs[6].shallow_clone().into(),
            output: inputs[7].shallow_clone().into(),
            shift: config.shift,
        };
        filter.taps(11).unwrap()
    });
}

/// Output and gradients of two ways to compute the same agree to `tolerance`, relative to the norm.
fn agree(
    name: &str,
    inputs: &[Tensor],
    tolerance: f64,
    a: impl Fn(&[Tensor]) -> Tensor,
    b: impl Fn(&[Tensor]) -> Tensor,
) {
    let run = |f: &dyn Fn(&[Tensor]) -> Tensor| {
        let leaves: Vec<Tensor> =
            inputs.iter().map(|x| x.detach().copy().set_requires_grad(true)).collect();
        let output = f(&leaves);
        let weights = output.detach().to_kind(Kind::Float).sin().to_kind(output.kind()) + 0.5;
        let wanted: Vec<&Tensor> = leaves.iter().collect();
        let mut all = vec![Some(output.detach())];
        all.extend(operators::backward(&output, &weights, &wanted).unwrap());
        all
    };
    for (i, (a, b)) in run(&a).iter().zip(run(&b)).enumerate() {
        let (a, b) = (a.as_ref().unwrap().to_kind(Kind::Double), b.unwrap().to_kind(Kind::Double));
        assert_eq!(a.size(), b.size(), "{name}, result {i}");
        let error = ((&a - &b).norm() / b.norm().clamp_min(1e-9)).double_value(&[]);
        assert!(error <= tolerance, "{name}, result {i}: relative error {error:e}");
    }
}

/// The inside of a Hyena operator in libtorch's own operators.
fn mix(inputs: &[Tensor]) -> Tensor {
    let [u, weight, bias, taps] = inputs else { panic!("four inputs") };
    let (length, channels, taps_short) = (u.size()[1], weight.size()[0], weight.size()[2]);
    let u = u.transpose(1, 2);
    let u = u.conv1d(weight, Some(bias), 1, taps_short - 1, 1, channels).narrow(2, 0, length);
    let parts = u.chunk(3, 1);
    let y = fft::convolve(&(&parts[1] * &parts[2]), &fft::spectrum(taps).unwrap()).unwrap();
    (y * &parts[0]).transpose(1, 2)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// For any width, also ones that fill no vector register, any length and any short filter.
    #[test]
    fn of_the_hyena_core(batch in 1i64..4, length in 1i64..150, width in 1i64..40, short in 1i64..6) {
        let mut random = Normal::new((length * 100 + width) as u64);
        let mut randn = |shape: &[i64]| random.tensor(shape, Kind::Float);
        let inputs = [
            randn(&[batch, length, 3 * width]),
            randn(&[3 * width, 1, short]),
            randn(&[3 * width]),
            randn(&[width, length]),
        ];
        let n = fft::transform_size(length);
        let ours = |x: &[Tensor]| operators::mix(&x[0], &x[1], &x[2], &x[3], n).unwrap();
        agree("core", &inputs, 1e-4, ours, mix);
    }

    #[test]
    fn of_linear_map_and_mlp(rows in 1i64..70, width in 1i64..40, inner in 1i64..70) {
        let mut random = Normal::new((rows * 100 + width) as u64);
        let mut randn = |shape: &[i64]| random.tensor(shape, Kind::Float);
        let inputs = [
            randn(&[2, rows, width]) * 3.0,
            randn(&[inner, width]),
            randn(&[inner]),
            randn(&[width, inner]),
            randn(&[width]),
        ];
        agree(
            "linear",
            &inputs[..3],
            1e-5,
            |x| operators::linear(&x[0], &x[1], &x[2], false).unwrap(),
            |x| x[0].linear(&x[1], Some(&x[2])),
        );
        agree("mlp", &inputs, 5e-5, |x| our_mlp(x, false), mlp);
    }
}

fn our_mlp(x: &[Tensor], bf16: bool) -> Tensor {
    operators::mlp(&x[0], [&x[1], &x[2]], [&x[3], &x[4]], bf16, Activations::Kept).unwrap()
}

/// The MLP in libtorch's own operators.
fn mlp(x: &[Tensor]) -> Tensor {
    x[0].linear(&x[1], Some(&x[2])).gelu("tanh").linear(&x[3], Some(&x[4]))
}

#[test]
fn of_the_mlp_in_bf16() {
    let mut random = Normal::new(3);
    let shapes: [&[i64]; 5] = [&[4, 64, 32], &[128, 32], &[128], &[32, 128], &[32]];
    let inputs = shapes.map(|shape| random.tensor(shape, Kind::Float) * 0.3);
    agree("mlp in bf16", &inputs, 0.03, |x| our_mlp(x, true), mlp);
}
