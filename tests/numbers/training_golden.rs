//! Gradients and ten optimiser steps against golden values, which PyTorch computed.

use std::{fs, path::PathBuf};

use hyenadna::{
    inference::memory::step::Recompute,
    model::{
        network::leaves::Precision,
        weights::{Weights, host::HostTensor, safetensors_file, source},
    },
    training::{
        gradient::Differentiator,
        loss::{self, Examples},
        optimizer::{AdamW, Moments},
        parameters::Parameters,
    },
};
use safetensors::SafeTensors;
use tch::{Device, Kind, Tensor};

use crate::{
    error::{relative_error, tensor},
    harness::test_data,
};

/// Sequences and targets of each in the golden batch.
const ROWS: usize = 4;
const WIDTH: usize = 513;

/// Relative error that is allowed, some ten times what rounding makes: ten steps without weight
/// decay, or clipped to another norm, are further off.
const TOLERANCE: f64 = 1e-5;

fn golden() -> PathBuf {
    test_data("golden/mini-checkpointed")
}

/// The golden batch, and the expected tensors whose names begin with `prefix`.
fn expected(prefix: &str) -> (Vec<u8>, Vec<(String, HostTensor)>) {
    let path = golden().join("train_expected.safetensors");
    let bytes = fs::read(&path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tokens = file.tensor("tokens").unwrap();
    let tokens = tokens.data().chunks_exact(8).map(|id| id[0]).collect();
    let floats: Vec<_> = file.iter().filter(|(name, _)| *name != "tokens").collect();
    let bytes = safetensors::serialize(floats, None).unwrap();
    let tensors = safetensors_file::parse(&path, &bytes).unwrap();
    let named = tensors
        .into_iter()
        .filter_map(|(name, tensor)| Some((name.strip_prefix(prefix)?.to_owned(), tensor)));
    (tokens, named.collect())
}

fn weights() -> Weights {
    source::load(golden().join("hf").to_str().unwrap(), &mut |_| {}).unwrap().weights
}

/// Loss and gradient of the golden batch, cut into batches of `rows`, as the trainer does it:
/// with shared taps where nothing is recomputed.
fn step(
    parameters: &Parameters,
    tokens: &[u8],
    rows: usize,
    recompute: Recompute,
    precision: Precision,
) -> (f64, Tensor) {
    let mut network = parameters.network().unwrap();
    network.precision = precision;
    let scale = 1.0 / loss::targets(tokens, WIDTH) as f64;
    let differentiator = Differentiator::new(parameters, &network, recompute).unwrap();
    let length = WIDTH as i64 - 1;
    let taps: Vec<Tensor> =
        network.layers.iter().map(|block| block.mixer.taps(length).unwrap()).collect();
    let shared = (recompute == Recompute::None).then_some(taps.as_slice());
    let mut total = 0.0;
    let mut flat = parameters.flat.zeros_like();
    let mut taps_gradients: Vec<Tensor> = taps.iter().map(Tensor::zeros_like).collect();
    for part in tokens.chunks(rows * WIDTH) {
        let examples = Examples::new(part, part.len() / WIDTH, Device::Cpu).unwrap();
        let got = differentiator.gradient(&examples, scale, None, shared).unwrap();
        total += got.loss.double_value(&[]) * scale;
        flat += got.flat;
        for (sum, got) in taps_gradients.iter_mut().zip(got.taps) {
            *sum += got;
        }
    }
    if shared.is_some() {
        flat += differentiator.filter_gradient(&taps, &taps_gradients).unwrap();
    }
    (total, flat)
}

/// The largest relative error of a flat tensor against the expected ones, over all tensors.
fn largest_error(parameters: &Parameters, flat: &Tensor, want: &[(String, HostTensor)]) -> f64 {
    let got = parameters.named(flat).unwrap();
    assert_eq!(got.len(), want.len(), "every tensor has an expected value");
    want.iter().map(|(name, want)| relative_error(&tensor(&got[name]), want)).fold(0.0, f64::max)
}

fn check_gradients(recompute: Recompute, rows: usize) {
    let (tokens, want) = expected("grad.");
    let parameters = Parameters::new(weights(), Device::Cpu).unwrap();
    let (loss, flat) = step(&parameters, &tokens, rows, recompute, Precision::Fp32);
    let error = largest_error(&parameters, &flat, &want);
    println!("{recompute:?}, batches of {rows}: loss {loss}, largest gradient error {error:.1e}");
    assert!((loss / 10.101_723_670_959_473 - 1.0).abs() < TOLERANCE, "{loss}");
    assert!(error <= TOLERANCE, "{error:e}");
}

#[test]
fn gradients_of_one_batch() {
    check_gradients(Recompute::None, ROWS);
}

#[test]
fn gradients_of_several_batches() {
    check_gradients(Recompute::None, 1);
    check_gradients(Recompute::Block, 3);
}

#[test]
fn gradients_with_recomputed_activations() {
    check_gradients(Recompute::Mixer, ROWS);
    check_gradients(Recompute::Block, ROWS);
}

/// Losses, norms and weights of ten steps.
fn check_steps(recompute: Recompute) {
    let (tokens, want) = expected("after10.");
    let log = fs::read(golden().join("train_log.json")).unwrap();
    let log: serde_json::Value = serde_json::from_slice(&log).unwrap();
    let parameters = Parameters::new(weights(), Device::Cpu).unwrap();
    let mut moments = Moments::new(&parameters).unwrap();
    let optimizer = AdamW::default();
    for expected in log.as_array().unwrap() {
        let (loss, mut flat) = step(&parameters, &tokens, ROWS, recompute, Precision::Fp32);
        let norm = flat.norm().double_value(&[]);
        for (what, got) in [("loss", loss), ("grad_norm", norm)] {
            let want = expected[what].as_f64().unwrap();
            assert!((got / want - 1.0).abs() <= TOLERANCE, "{expected}: {what} {got}");
        }
        optimizer.clip(&mut flat, norm).unwrap();
        optimizer.step(&parameters, &flat, &mut moments, |_| 6e-4).unwrap();
    }
    let error = largest_error(&parameters, &parameters.flat, &want);
    println!("{recompute:?}: largest error of the weights after ten steps {error:.1e}");
    assert!(error <= TOLERANCE, "{error:e}");
}

#[test]
fn ten_steps() {
    check_steps(Recompute::None);
}

#[test]
fn ten_steps_with_recomputed_activations() {
    check_steps(Recompute::Block);
}

/// bf16 rounds the products to 8 bits: the gradient as a whole points where that of fp32 does.
#[test]
fn bf16_gradients_agree_in_direction() {
    let (tokens, _) = expected("grad.");
    let parameters = Parameters::new(weights(), Device::Cpu).unwrap();
    let run = |precision| step(&parameters, &tokens, ROWS, Recompute::None, precision);
    let ((loss, full), (rounded_loss, rounded)) = (run(Precision::Fp32), run(Precision::Bf16));
    let cosine = (&full * &rounded).sum(Kind::Double) / (full.norm() * rounded.norm());
    let cosine = cosine.double_value(&[]);
    println!("bf16: loss {rounded_loss} for {loss}, cosine of the gradients {cosine}");
    assert!((rounded_loss / loss - 1.0).abs() < 0.02 && rounded_loss != loss, "{rounded_loss}");
    assert!(cosine > 0.99, "{cosine}");
}
