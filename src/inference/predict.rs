//! Predictions of each base from the bases before it.

use std::ops::Range;

use tch::{TchError, Tensor};

use super::{
    computed::{Computed, EngineError},
    engine::Engine,
    family::Family,
    reduction::{PassFamilies, PassRows, Reduction, operators},
};
use crate::{
    model::{cpu::Depth, tokenizer::Tokenizer},
    scoring::distribution::entropy,
};

/// The predicted bases, in the order of [`Prediction::probabilities`].
pub const LETTERS: [u8; 4] = *b"ACGT";

/// The model's prediction at one base, which is A, C, G or T.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// log P of the base, in nats.
    pub log_probability: f64,
    /// Entropy of the distribution over all tokens, in bits.
    pub entropy: f64,
    /// P of A, C, G and T. The sum is below 1: other tokens have the rest.
    pub probabilities: [f64; 4],
}

impl Prediction {
    /// The prediction of the complementary base, on the other strand.
    #[must_use]
    pub fn complemented(mut self) -> Self {
        self.probabilities.reverse();
        self
    }

    /// The mean of each number over predictions; `None` without any.
    pub fn mean(of: &[Self]) -> Option<Self> {
        let (first, rest) = of.split_first()?;
        let mut sum = *first;
        for next in rest {
            sum.log_probability += next.log_probability;
            sum.entropy += next.entropy;
            sum.probabilities.iter_mut().zip(next.probabilities).for_each(|(sum, p)| *sum += p);
        }
        let count = of.len() as f64;
        Some(Self {
            log_probability: sum.log_probability / count,
            entropy: sum.entropy / count,
            probabilities: sum.probabilities.map(|p| p / count),
        })
    }
}

/// Bases to read, and the part of them to predict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictionJob {
    /// Normalised bases.
    pub bases: Vec<u8>,
    /// Bases to predict, 0-based and half-open.
    pub counted: Range<usize>,
}

impl PredictionJob {
    /// True if a position has a prediction: its base is A, C, G or T, and it is not the first.
    fn is_predicted(&self, position: usize) -> bool {
        position > 0 && LETTERS.contains(&self.bases[position])
    }
}

/// Computes the predictions of each job, in order. A prediction is `None` for N, and for the first
/// base read.
pub fn predict(
    engine: &mut Engine,
    jobs: &[PredictionJob],
) -> Result<Vec<Vec<Option<Prediction>>>, EngineError> {
    let tokenizer = engine.tokenizer();
    // jobs without a predicted base, such as stretches of N, are not computed
    let needed: Vec<&PredictionJob> = jobs
        .iter()
        .filter(|job| job.counted.clone().any(|position| job.is_predicted(position)))
        .collect();
    let families: Vec<Family<'_>> = needed.iter().map(|job| Family::alone(&job.bases)).collect();
    let wanted = Wanted { jobs: &needed, tokenizer };
    let computed = engine.reduce_to(&families, Depth::Predictions, &wanted)?;
    let mut computed = needed.iter().zip(computed);
    let mut next = computed.next();
    let mut results = Vec::with_capacity(jobs.len());
    for job in jobs {
        match next.take_if(|(needed, _)| std::ptr::eq(**needed, job)) {
            Some((_, found)) => {
                let numbers = found.iter().flatten();
                if numbers.clone().any(|p| !(p.log_probability + p.entropy).is_finite()) {
                    return Err(EngineError::NotFinite { length: job.bases.len() });
                }
                results.push(found);
                next = computed.next();
            }
            None => results.push(vec![None; job.counted.len()]),
        }
    }
    Ok(results)
}

/// The predictions of each job.
struct Wanted<'a> {
    jobs: &'a [&'a PredictionJob],
    tokenizer: Tokenizer,
}

impl Wanted<'_> {
    /// Positions of the predicted bases of a job.
    fn positions(&self, number: usize) -> impl Iterator<Item = usize> {
        let job = self.jobs[number];
        job.counted.clone().filter(move |&position| job.is_predicted(position))
    }
}

impl Reduction for Wanted<'_> {
    type Output = Vec<Option<Prediction>>;

    fn of_rows(&self, family: usize, _: usize, computed: &Computed<'_>) -> Self::Output {
        predictions(self.jobs[family], computed, self.tokenizer)
    }

    /// log P of the four letters at each predicted base (n, 4), and the entropies (n).
    fn request(&self, _: usize, pass: &PassRows<'_>) -> Result<Vec<Tensor>, TchError> {
        let mut rows: Vec<i64> = Vec::new();
        for (number, members) in pass.families.numbers.clone().zip(&pass.families.members) {
            rows.extend(self.positions(number).map(|position| members[0].row_of(position - 1)));
        }
        let predictions = pass.predictions()?;
        let device = predictions.device();
        let letters = LETTERS.map(|base| i64::from(self.tokenizer.token(base)));
        let of_letters = predictions.f_index_select(1, &operators::indexes(&letters, device)?)?;
        let of_rows = of_letters.f_index_select(0, &operators::indexes(&rows, device)?)?;
        Ok(vec![of_rows, operators::entropies(predictions, &rows)?])
    }

    fn read(
        &self,
        _: usize,
        families: &PassFamilies,
        numbers: &[Tensor],
    ) -> Result<Vec<Self::Output>, TchError> {
        let letters = Vec::<f32>::try_from(numbers[0].f_flatten(0, -1)?)?;
        let entropies = Vec::<f64>::try_from(&numbers[1])?;
        let mut found = letters.chunks_exact(LETTERS.len()).zip(entropies);
        let of_job = |number: usize| {
            let job = self.jobs[number];
            let prediction = |position: usize| {
                if !job.is_predicted(position) {
                    return None;
                }
                let (letters, entropy) = found.next()?;
                let own = LETTERS.iter().position(|&base| base == job.bases[position])?;
                Some(Prediction {
                    log_probability: f64::from(letters[own]),
                    entropy: entropy / std::f64::consts::LN_2,
                    probabilities: std::array::from_fn(|i| f64::from(letters[i]).exp()),
                })
            };
            job.counted.clone().map(prediction).collect()
        };
        Ok(families.numbers.clone().map(of_job).collect())
    }
}

fn predictions(
    job: &PredictionJob,
    computed: &Computed<'_>,
    tokenizer: Tokenizer,
) -> Vec<Option<Prediction>> {
    let prediction = |position: usize| {
        if !job.is_predicted(position) {
            return None;
        }
        let row = computed.predictions(0, position - 1..position);
        let log_probability = |base| f64::from(row[usize::from(tokenizer.token(base))]);
        Some(Prediction {
            log_probability: log_probability(job.bases[position]),
            entropy: entropy(row) / std::f64::consts::LN_2,
            probabilities: LETTERS.map(|base| log_probability(base).exp()),
        })
    };
    job.counted.clone().map(prediction).collect()
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::{
        inference::computed::Limits,
        model::{
            network::{HyenaDna, leaves::Precision},
            weights::source,
        },
    };

    #[test]
    fn known_bases_are_predicted_from_the_bases_before() {
        let weights = source::builtin().unwrap().weights;
        let network = HyenaDna::new(&weights, Device::Cpu).unwrap();
        let precision = Precision::Fp32;
        let limits = Limits { batch_tokens: 64, threads: 2, cache_bytes: 0, precision };
        let mut engine = Engine::new(network, Device::Cpu, Tokenizer::default(), limits).unwrap();
        let job = |bases: &[u8], counted| PredictionJob { bases: bases.to_vec(), counted };
        let jobs = [
            job(b"NNNN", 0..4),
            job(b"ACGTNACGT", 0..9),
            job(b"ACGTNACGT", 2..6),
            job(b"A", 0..1),
            job(b"", 0..0),
            job(b"ACGTN", 4..5),
            job(b"NNTG", 1..4),
        ];
        let found = predict(&mut engine, &jobs).unwrap();
        let known: Vec<String> = found
            .iter()
            .map(|job| job.iter().map(|p| if p.is_some() { '+' } else { '.' }).collect())
            .collect();
        assert_eq!(known, ["....", ".+++.++++", "++.+", ".", "", ".", ".++"]);
        assert_eq!(found[2], found[1][2..6]);
        for prediction in found.iter().flatten().flatten() {
            assert!((-10.0..0.0).contains(&prediction.log_probability));
            assert!((1.0..4.0).contains(&prediction.entropy));
            let sum: f64 = prediction.probabilities.iter().sum();
            assert!((0.9..1.0 + 1e-6).contains(&sum), "{sum}");
        }
        let of_a = found[1][5].unwrap();
        assert!((of_a.log_probability.exp() - of_a.probabilities[0]).abs() < 1e-12);
    }

    #[test]
    fn means_and_complements() {
        let a =
            Prediction { log_probability: -1.0, entropy: 2.0, probabilities: [0.1, 0.2, 0.3, 0.4] };
        let b =
            Prediction { log_probability: -2.0, entropy: 1.0, probabilities: [0.3, 0.2, 0.1, 0.4] };
        let mean = Prediction::mean(&[a, b]).unwrap();
        assert_eq!((mean.log_probability, mean.entropy), (-1.5, 1.5));
        assert!((mean.probabilities[0] - 0.2).abs() < 1e-12);
        assert_eq!((Prediction::mean(&[a]), Prediction::mean(&[])), (Some(a), None));
        assert_eq!(a.complemented().probabilities, [0.4, 0.3, 0.2, 0.1]);
    }
}
