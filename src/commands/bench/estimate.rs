//! What a pass takes, in operations and in memory, before it is run.

use tch::Device;
use thiserror::Error;

use super::subject::{BenchSubject, Mixer, Pass};
use crate::{
    inference::memory,
    model::network::leaves::Precision,
    training::{self, engine::ALONE, gradient::Recompute},
};

/// Floating point operations of the dense products of a pass: projections (D → 3·D and D → D) and
/// MLP (D → 4·D → D), two for each weight and base, and twice that again for both gradients. The
/// head, the convolutions and the products within attention do not count.
pub fn flop(subject: &BenchSubject, length: u64) -> f64 {
    let BenchSubject { layers, width, batch, pass, .. } = *subject;
    let forward = 24.0 * (width as f64).powi(2) * layers as f64 * (batch * length) as f64;
    match pass {
        Pass::Forward => forward,
        Pass::Step => 3.0 * forward,
    }
}

/// A pass that would not fit.
#[derive(Debug, Error, PartialEq)]
#[error(
    "a {pass} over {batch} × {length} bases needs about {needed:.1} GB, but {free:.1} GB are free; {advice}",
    pass = match .pass { Pass::Forward => "forward pass", Pass::Step => "step" }
)]
pub struct TooLarge {
    pass: Pass,
    batch: u64,
    length: u64,
    /// In GB (10⁹ bytes).
    needed: f64,
    free: f64,
    advice: String,
}

/// Share of the free memory that an estimate may reach.
const SHARE: f64 = 0.9;

/// Checks that sequences of `length` fit into `free` bytes.
///
/// # Errors
/// They do not; says what would.
pub fn check(subject: &BenchSubject, length: u64, free: Option<usize>) -> Result<(), TooLarge> {
    let BenchSubject { batch, pass, .. } = *subject;
    let Some(free) = free.map(|bytes| bytes as f64) else {
        return Ok(());
    };
    let needed = least_bytes(subject, length);
    if needed <= free * SHARE {
        return Ok(());
    }
    let fits = |batch: u64, length: u64| {
        least_bytes(&BenchSubject { batch, ..subject.clone() }, length) <= free * SHARE
    };
    // powers of two
    let smaller =
        |than: u64| (0..than.ilog2() + 1).rev().map(|n| 1 << n).filter(move |&n| n < than);
    let advice = if let Some(batch) = smaller(batch).find(|&batch| fits(batch, length)) {
        format!("--batch {batch} would fit")
    } else if let Some(length) = smaller(length).find(|&length| fits(batch, length)) {
        format!("--lengths up to {length} would fit")
    } else {
        "no length of this model fits; lower --batch, --width or --layers".to_owned()
    };
    Err(TooLarge { pass, batch, length, needed: needed / 1e9, free: free / 1e9, advice })
}

/// What a step of the Hyena network recomputes: the least that fits, as in `train`.
pub fn recompute(subject: &BenchSubject, length: u64, free: Option<usize>) -> Recompute {
    let fits = |&recompute: &Recompute| {
        free.is_none_or(|free| bytes(subject, length, recompute) <= free as f64 * SHARE)
    };
    let less = [Recompute::None, Recompute::Mixer];
    less.into_iter().find(fits).unwrap_or(Recompute::Block)
}

/// What a pass needs as it will be run, in words.
pub fn in_words(subject: &BenchSubject, length: u64, free: Option<usize>) -> String {
    let recomputed = recompute(subject, length, free);
    let needed = bytes(subject, length, recomputed) / 1e9;
    let with = match (subject.mixer, subject.pass, recomputed) {
        (Mixer::Hyena, Pass::Step, Recompute::Mixer) => {
            ", with the inside of the Hyena operators recomputed"
        }
        (Mixer::Hyena, Pass::Step, Recompute::Block) => {
            ", with the inside of the blocks recomputed"
        }
        _ => "",
    };
    let of = free.map(|free| format!(" of {:.1} GB that are free", free as f64 / 1e9));
    format!("{length} bases need about {needed:.2} GB{}{with}", of.unwrap_or_default())
}

/// Bytes in the most frugal way.
fn least_bytes(subject: &BenchSubject, length: u64) -> f64 {
    bytes(subject, length, Recompute::Block)
}

/// Bytes of a pass at its peak, weights included. `recompute` is about steps of the Hyena network.
fn bytes(subject: &BenchSubject, length: u64, recompute: Recompute) -> f64 {
    let BenchSubject { mixer, pass, batch, threads, precision, device, .. } = *subject;
    let config = subject.architecture(length);
    let (layers, width) = (config.n_layer as f64, config.d_model as f64);
    let bases = (batch * length) as f64;
    let weights = 4.0 * 12.0 * width * width * layers;
    let half = if precision == Precision::Bf16 { 0.5 } else { 1.0 };
    match (mixer, pass) {
        (Mixer::Hyena, Pass::Forward) if device == Device::Cpu => {
            let rows = match batch {
                1 => length as usize,
                _ => (threads * memory::batch_tokens(&config, threads)).max(length as usize),
            };
            let cache = memory::cache_bytes();
            let pass = memory::forward(&config, threads, rows, length as usize, cache);
            2.0 * weights + pass as f64
        }
        (Mixer::Hyena, Pass::Forward) => {
            // complex numbers for each channel and base, as far as they are kept between passes
            let spectra = (8.0 * layers * width * length as f64).min(KEPT_SPECTRA);
            2.0 * weights + spectra + bases * memory::bytes_per_token(&config) as f64
        }
        (Mixer::Hyena, Pass::Step) => {
            let rows = (subject.batch_tokens() / length).clamp(1, batch);
            let batches = batch.div_ceil(rows);
            let at_once = if length <= ALONE { batches.min(threads as u64) } else { 1 };
            training::memory::bytes(&config, precision, recompute, [at_once, rows, length])
        }
        (Mixer::Attention, Pass::Forward) => {
            // stream and norm; u, the rotated part twice, or the hidden layer twice
            let floats = 4.0 + half * 9.0;
            2.0 * weights + SLACK * 4.0 * bases * (width * floats + ROTARY)
        }
        (Mixer::Attention, Pass::Step) => {
            // stream and norms; u, what is rotated, y, the hidden layer and its gelu
            let kept = 4.0 + half * 15.0;
            let working = 20.0;
            let ends = width * 4.0 + 64.0;
            let floats = width * (layers * kept + working) + ends + ROTARY;
            4.0 * weights + SLACK * 4.0 * bases * floats
        }
    }
}

/// Memory that spectra may take (see `model::fft`).
const KEPT_SPECTRA: f64 = (1_u64 << 30) as f64;

/// What the allocator holds beyond what is in use, as in `training::memory`.
const SLACK: f64 = 1.15;

/// Floats for each base of cosines and sines, and of their angles while they are made.
const ROTARY: f64 = 256.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::bench::tests::subject;

    /// Every weight of the products is multiplied and added once for each base.
    #[test]
    fn operations_are_two_for_each_weight() {
        let forward = BenchSubject { layers: 3, width: 32, batch: 4, ..subject() };
        let shapes = [(32, 3 * 32), (32, 32), (32, 4 * 32), (4 * 32, 32)];
        let weights: u64 = shapes.iter().map(|(a, b)| a * b).sum();
        let want = (2 * weights * 3 * 4 * 1000) as f64;
        assert_eq!(flop(&forward, 1000), want);
        assert_eq!(flop(&BenchSubject { pass: Pass::Step, ..forward }, 1000), 3.0 * want);
        // 2 × 128 at a million bases, by hand: 24·128²·2·10⁶
        let paper = BenchSubject { layers: 2, width: 128, ..subject() };
        assert_eq!(flop(&paper, 1_000_000), 786_432_000_000.0);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let free = Some(4_000_000_000);
        for mixer in [Mixer::Hyena, Mixer::Attention] {
            for pass in [Pass::Forward, Pass::Step] {
                let long = BenchSubject { mixer, pass, ..subject() };
                assert_eq!(check(&long, 65_536, free), Ok(()), "{mixer:?} {pass:?}");
                assert_eq!(check(&long, 1 << 24, None), Ok(()));
                let error = check(&long, 1 << 24, free).unwrap_err().to_string();
                assert!(error.contains("1 × 16777216 bases"), "{error}");
                let length = error.split("--lengths up to ").nth(1).unwrap();
                let length = length.split(' ').next().unwrap().parse().unwrap();
                assert_eq!(check(&long, length, free), Ok(()));
                let wide = BenchSubject { batch: 4096, ..long };
                let error = check(&wide, 65_536, free).err().map(|error| error.to_string());
                assert!(error.is_none_or(|e| e.contains("--batch ") && e.contains("would fit")));
            }
        }
        let error = check(&subject(), 1024, Some(1000)).unwrap_err().to_string();
        assert!(error.contains("no length"), "{error}");
    }

    #[test]
    fn a_step_recomputes_what_it_must() {
        let step = BenchSubject { pass: Pass::Step, layers: 8, width: 256, ..subject() };
        assert_eq!(recompute(&step, 160_000, None), Recompute::None);
        assert_eq!(recompute(&step, 160_000, Some(1 << 40)), Recompute::None);
        assert_eq!(recompute(&step, 160_000, Some(16_000_000_000)), Recompute::Block);
    }
}
