//! Timing of passes over random bases, and of the matrix products to compare them with.

use std::{cell::RefCell, time::Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Cuda, Device, Kind, TchError, Tensor};

use super::{
    attention::AttentionDna,
    estimate,
    hyena::{Forward, StepBench},
    subject::{BenchSubject, Mixer, Pass},
};
use crate::{
    model::{
        libtorch::operators,
        network::{
            HyenaDna,
            leaves::{Linear, Precision},
        },
        weights::Weights,
    },
    training::{
        engine::StepPlan,
        loader::Drawn,
        loss::{Examples, TARGETS},
        parameters::Parameters,
    },
};

/// Seed of weights and bases.
const SEED: u64 = 2222;

/// A network on its device.
pub struct Bench<'a> {
    subject: &'a BenchSubject,
    free: Option<usize>,
    network: Network,
}

enum Network {
    Hyena(RefCell<Forward>),
    Attention(AttentionDna),
    HyenaWeights(Parameters),
    AttentionWeights(Parameters, AttentionDna),
}

impl<'a> Bench<'a> {
    /// Draws the weights for sequences of up to `longest` bases. `free` bytes of memory decide which
    /// activations a step recomputes.
    pub fn new(
        subject: &'a BenchSubject,
        longest: u64,
        free: Option<usize>,
    ) -> Result<Self, TchError> {
        let weights = Weights::initial(&subject.architecture(longest), SEED);
        let attention = |mut network: HyenaDna| {
            network.precision = subject.precision;
            AttentionDna::new(network)
        };
        let network = match (subject.mixer, subject.pass) {
            (Mixer::Hyena, Pass::Forward) => {
                let network = HyenaDna::new(&weights, subject.device)?;
                Network::Hyena(RefCell::new(Forward::new(subject, network)?))
            }
            (Mixer::Attention, Pass::Forward) => {
                Network::Attention(attention(HyenaDna::new(&weights, subject.device)?)?)
            }
            (Mixer::Hyena, Pass::Step) => {
                Network::HyenaWeights(Parameters::new(weights, subject.device)?)
            }
            (Mixer::Attention, Pass::Step) => {
                let parameters = Parameters::new(weights, subject.device)?;
                let network = attention(parameters.network()?)?;
                Network::AttentionWeights(parameters, network)
            }
        };
        Ok(Self { subject, free, network })
    }

    /// Seconds of a pass over sequences of `length`: the median of `repeats` passes, after one that is
    /// not counted.
    pub fn time(&self, length: u64, repeats: usize) -> anyhow::Result<f64> {
        let BenchSubject { device, batch, .. } = *self.subject;
        let rows = batch as usize;
        let tokens = tokens(rows * (length as usize + 1));
        let examples = Examples::new(&tokens, rows, device)?;
        let timer = Timer { device, repeats };
        let seconds = match &self.network {
            Network::Hyena(forward) => {
                let letter = |&id: &u8| b"ACGT"[usize::from(id - TARGETS.start())];
                let sequences: Vec<Vec<u8>> = tokens
                    .chunks_exact(length as usize + 1)
                    .map(|ids| ids[..length as usize].iter().map(letter).collect())
                    .collect();
                let mut forward = forward.borrow_mut();
                timer.median(|| forward.run(&sequences, &examples.inputs))?
            }
            Network::Attention(network) => {
                let rotary = network.rotary(length as i64, device)?;
                let hidden = || network.hidden(&examples.inputs, &rotary);
                timer.median(|| tch::no_grad(hidden).map(drop))?
            }
            Network::HyenaWeights(parameters) => {
                let bench = StepBench::new(parameters, self.plan(length))?;
                let of_step = rows;
                let (length, first_row, skipped) = (length + 1, 0, 0);
                let step = Drawn { tokens, rows, of_step, first_row, length, skipped };
                timer.median(|| bench.run(&step))?
            }
            Network::AttentionWeights(parameters, network) => {
                let rotary = network.rotary(length as i64, device)?;
                let leaves: Vec<&Tensor> = parameters.leaves().collect();
                let scale = 1.0 / (batch * length) as f64;
                timer.median(|| {
                    let logits = |hidden: &Tensor| network.network.logits(hidden);
                    let loss = tch::with_grad(|| {
                        examples.sum(&logits(&network.hidden(&examples.inputs, &rotary)?)?)
                    })?;
                    let seed = Tensor::f_full_like(&loss, scale)?;
                    operators::backward(&loss, &seed, &leaves).map(drop)
                })?
            }
        };
        Ok(seconds)
    }

    fn plan(&self, length: u64) -> StepPlan {
        let BenchSubject { threads, precision, .. } = *self.subject;
        let recompute = estimate::recompute(self.subject, length, self.free);
        StepPlan { threads, batch_tokens: self.subject.batch_tokens(), recompute, precision }
    }
}

/// Random ids of A, C, G and T.
fn tokens(count: usize) -> Vec<u8> {
    let mut tokens = vec![0; count];
    ChaCha8Rng::seed_from_u64(SEED).fill_bytes(&mut tokens);
    tokens.iter_mut().for_each(|token| *token = TARGETS.start() + (*token & 3));
    tokens
}

/// Measures the time of passes on a device.
struct Timer {
    device: Device,
    repeats: usize,
}

impl Timer {
    /// Seconds of each run, after one that is not counted.
    fn times<E>(&self, mut run: impl FnMut() -> Result<(), E>) -> Result<Vec<f64>, E> {
        let once = |run: &mut dyn FnMut() -> Result<(), E>| {
            let start = Instant::now();
            run()?;
            // calls return before the GPU has finished
            if let Device::Cuda(number) = self.device {
                Cuda::synchronize(number as i64);
            }
            Ok(start.elapsed().as_secs_f64())
        };
        once(&mut run)?;
        (0..self.repeats).map(|_| once(&mut run)).collect()
    }

    fn median<E>(&self, run: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
        Ok(median(&mut self.times(run)?))
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 => (values[middle - 1] + values[middle]) / 2.0,
        _ => values[middle],
    }
}

/// Floating point operations a second of the network's matrix products: rows × D by D × 4·D, in the
/// type of the products, with all threads. The fastest of a few numbers of rows counts.
pub fn product_rate(subject: &BenchSubject) -> Result<f64, TchError> {
    let BenchSubject { device, precision, .. } = *subject;
    let (kind, width) = match precision {
        Precision::Fp32 | Precision::Tf32 => (Kind::Float, subject.width),
        Precision::Bf16 => (Kind::BFloat16, subject.width),
    };
    // short products would measure the calls, large ones would count as peak memory
    let (sizes, least) = match device {
        Device::Cpu => ([1 << 11, 1 << 13], 5e8),
        _ => ([1 << 15, 1 << 17], 1e11),
    };
    let random = |shape: &[i64]| Tensor::f_randn(shape, (kind, device));
    let linear =
        Linear { weight: random(&[4 * width, width])?.into(), bias: random(&[4 * width])?.into() };
    let mut best = 0.0_f64;
    for rows in sizes {
        let x = random(&[rows, width])?;
        let flop = 8.0 * rows as f64 * (width * width) as f64;
        let calls = (least / flop).ceil().max(1.0);
        let products =
            || (0..calls as usize).try_for_each(|_| linear.forward(&x, precision).map(drop));
        let times = tch::no_grad(|| Timer { device, repeats: 5 }.times(products))?;
        best = times.iter().map(|seconds| calls * flop / seconds).fold(best, f64::max);
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn bases_are_random_and_the_same_each_time() {
        let drawn = tokens(4000);
        assert_eq!(drawn, tokens(4000));
        for id in TARGETS {
            let count = drawn.iter().filter(|&&token| token == id).count();
            assert!((800..1200).contains(&count), "{id}: {count}");
        }
    }
}
