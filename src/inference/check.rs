//! A device compared with the engine for CPUs on a known sequence.

pub mod once;

use thiserror::Error;

use super::{
    compare::{CompareOptions, WindowGroup},
    computed::EngineError,
    embedding::EmbeddingJob,
    predict::{PredictionJob, predict},
    runner::Runner,
};
use crate::{
    model::{network::leaves::Precision, pool::Pool},
    scoring::{Certainty, Comparison},
    windows::placement::{Alternative, Site},
};

/// Most bases of the sequence.
const LENGTH: usize = 2000;

/// A device that computes something else.
#[derive(Debug, Error)]
pub enum CheckError {
    /// The numbers differ.
    #[error(
        "the device computes other numbers than the CPU: {what} differ by {difference:.2e}, at most {most:.0e} is expected with --dtype {dtype}; update the driver, try --dtype fp32, or use --device cpu"
    )]
    Differs {
        /// What was compared.
        what: &'static str,
        /// The largest difference.
        difference: f64,
        /// The largest that is expected.
        most: f64,
        /// Type of the matrix products.
        dtype: &'static str,
    },
    /// One of the two fails.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Largest differences from the CPU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Differences {
    /// Of log P of a base, in nats.
    pub log_probability: f64,
    /// Of pooled hidden states, relative to their norm.
    pub hidden: f64,
    /// Of the scores of a variant: those that are sums relative to the number of bases, a distance relative to 1 + itself.
    pub scores: f64,
}

/// Name of a type of products, and the largest difference that its rounding makes.
fn expected(precision: Precision) -> (&'static str, f64) {
    match precision {
        Precision::Fp32 => ("fp32", 1e-3),
        Precision::Tf32 => ("tf32", 3e-2),
        Precision::Bf16 => ("bf16", 3e-1),
    }
}

/// Bases that follow no pattern.
fn sequence(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        // Numerical Recipes, 2nd edition, page 284
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    let base = |_| if next() % 61 == 0 { b'N' } else { b"ACGT"[next() as usize % 4] };
    (0..length).map(base).collect()
}

/// Compares predictions, hidden states and a variant on a device with those on a CPU.
///
/// # Errors
/// They differ by more than rounding, or cannot be computed.
pub fn check(
    device: &mut Runner,
    cpu: &mut Runner,
    precision: Precision,
) -> Result<Differences, CheckError> {
    let length = LENGTH.min(device.engine().longest());
    let bases = sequence(length);
    let job = PredictionJob { bases: bases.clone(), counted: 0..length };
    let predictions = |runner: &mut Runner| {
        Ok::<_, EngineError>(predict(runner.engine(), std::slice::from_ref(&job))?.remove(0))
    };
    let pairs = predictions(device)?.into_iter().zip(predictions(cpu)?);
    let log_p = pairs.filter_map(|(a, b)| Some((a?.log_probability - b?.log_probability).abs()));
    let embedded = EmbeddingJob::whole(bases.clone(), 0..length);
    let means = |runner: &mut Runner| {
        let job = std::slice::from_ref(&embedded);
        Ok::<_, EngineError>(runner.embed(job, Pool::Mean, &[None])?.remove(0).remove(0).values)
    };
    let (a, b) = (means(device)?, means(cpu)?);
    let square = |x: f32| f64::from(x).powi(2);
    let error: f64 = a.iter().zip(&b).map(|(a, b)| square(a - b)).sum();
    let norm: f64 = b.iter().copied().map(square).sum();
    let middle = length / 2;
    let mut changed = bases[middle..].to_vec();
    if let Some(first) = changed.first_mut() {
        *first = if *first == b'A' { b'C' } else { b'A' };
    }
    let site = Site { reference: middle, removed: 1, alternative: middle, added: 1 };
    let alternative = Alternative { from: middle, bases: changed, site };
    let group = [WindowGroup { bases: &bases, alternatives: vec![&alternative] }];
    let options = CompareOptions { downstream: None, shift: true, certainty: true };
    let scores = |runner: &mut Runner| {
        let Comparison { llr, site, embedding, shift, certainty } =
            runner.compare(&group, options)?.remove(0).remove(0);
        let l2 = embedding.map_or(0.0, |distances| distances.l2);
        let shift = shift.unwrap_or_default();
        let largest = shift.largest.map_or(0.0, |largest| largest.divergence);
        let Certainty { site: entropy, change } = certainty.unwrap_or_default();
        let sums = [llr, site, shift.sum, change];
        Ok::<_, EngineError>((sums, [l2, largest, entropy.unwrap_or(0.0)]))
    };
    let (a, b) = (scores(device)?, scores(cpu)?);
    let of_sums = a.0.iter().zip(b.0).map(|(a, b)| (a - b).abs() / length.max(1) as f64);
    let of_others = a.1.iter().zip(b.1).map(|(a, b)| (a - b).abs() / (1.0 + b.abs()));
    let largest = |most: f64, x: f64| if x.is_nan() || x > most { x } else { most };
    let found = Differences {
        log_probability: log_p.fold(0.0, largest),
        hidden: (error / norm.max(f64::MIN_POSITIVE)).sqrt(),
        scores: of_sums.chain(of_others).fold(0.0, largest),
    };
    let (dtype, most) = expected(precision);
    for (what, difference) in [
        ("log-probabilities", found.log_probability),
        ("hidden states", found.hidden),
        ("scores of a variant", found.scores),
    ] {
        if difference.is_nan() || difference > most {
            return Err(CheckError::Differs { what, difference, most, dtype });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::{
        inference::{computed::Limits, engine::Engine},
        model::{
            network::HyenaDna,
            tokenizer::Tokenizer,
            weights::{Weights, source},
        },
    };

    fn runners(of_device: &Weights, precision: Precision) -> [Runner; 2] {
        let weights = source::builtin().unwrap().weights;
        let limits = Limits { batch_tokens: 512, threads: 2, cache_bytes: 1 << 20, precision };
        let network = |weights: &Weights| HyenaDna::new(weights, Device::Cpu).unwrap();
        let tokenizer = Tokenizer::default();
        let device =
            Engine::by_operators(network(of_device), Device::Cpu, tokenizer, limits).unwrap();
        let limits = Limits { precision: Precision::Fp32, ..limits };
        let cpu = Engine::new(network(&weights), Device::Cpu, tokenizer, limits).unwrap();
        [Runner::new(device), Runner::new(cpu)]
    }

    #[test]
    fn a_sound_device_passes_in_each_type() {
        let weights = source::builtin().unwrap().weights;
        for precision in [Precision::Fp32, Precision::Bf16] {
            let [mut device, mut cpu] = runners(&weights, precision);
            let found = check(&mut device, &mut cpu, precision).unwrap();
            assert!(found.log_probability > 0.0 || found.hidden > 0.0, "two ways to compute");
        }
    }

    #[test]
    fn a_device_that_computes_wrongly_is_refused() {
        let mut weights = source::builtin().unwrap().weights;
        for (spoiled, phrase) in [(1.01, "log-probabilities differ"), (f32::NAN, "NaN or infinite")]
        {
            let mut tensors = weights.tensors.values_mut();
            let tensor = tensors.find(|tensor| tensor.data.len() > 10_000).unwrap();
            tensor.data.iter_mut().for_each(|x| *x *= spoiled);
            let [mut device, mut cpu] = runners(&weights, Precision::Fp32);
            let error = check(&mut device, &mut cpu, Precision::Fp32).unwrap_err().to_string();
            assert!(error.contains(phrase) && error.contains("--device cpu"), "{error}");
        }
    }
}
