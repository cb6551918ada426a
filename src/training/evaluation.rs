//! The loss of a model on windows, by the number of bases before each target.

use rayon::prelude::*;
use tch::{Device, Kind, TchError, Tensor};

use super::{engine::ALONE, loss::Examples};
use crate::model::{fft::SpectrumCache, libtorch, network::HyenaDna};

/// Sums of losses by position.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// Summed loss in nats of the targets with i + 1 bases before them.
    pub losses: Vec<f64>,
    /// Number of these targets.
    pub counts: Vec<u64>,
}

/// Targets with at least `from` and at most `to` bases before them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Fewest bases before a target.
    pub from: usize,
    /// Most.
    pub to: usize,
    /// Number of targets.
    pub targets: u64,
    /// Mean loss in nats; NaN without targets.
    pub loss: f64,
}

impl Evaluation {
    /// Mean loss of all targets in nats; NaN without any.
    pub fn loss(&self) -> f64 {
        self.bin(1, self.losses.len()).loss
    }

    /// Number of targets.
    pub fn targets(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The targets with `from`…`to` bases before them.
    pub fn bin(&self, from: usize, to: usize) -> Bin {
        let range = from.saturating_sub(1)..to.min(self.losses.len());
        let targets: u64 = self.counts[range.clone()].iter().sum();
        let loss = self.losses[range].iter().sum::<f64>() / targets as f64;
        Bin { from, to: to.min(self.losses.len()), targets, loss }
    }

    /// Bins of the bounds 16, 64, 256, 512, 1024, 4096, … as far as there are targets.
    pub fn bins(&self) -> Vec<Bin> {
        let longest = self.losses.len();
        let mut bounds = vec![16, 64, 256, 512, 1024];
        while bounds.last().is_some_and(|&last| last < longest) {
            bounds.push(bounds[bounds.len() - 1] * 4);
        }
        let mut from = 1;
        let mut bins = Vec::new();
        for to in bounds {
            if from <= longest {
                bins.push(self.bin(from, to));
            }
            from = to + 1;
        }
        bins
    }

    fn add(&mut self, other: &Self) {
        let longest = self.losses.len().max(other.losses.len());
        self.losses.resize(longest, 0.0);
        self.counts.resize(longest, 0);
        for (sum, loss) in self.losses.iter_mut().zip(&other.losses) {
            *sum += loss;
        }
        for (sum, count) in self.counts.iter_mut().zip(&other.counts) {
            *sum += count;
        }
    }
}

/// Evaluates windows with the weights that a network has at the moment.
pub struct Evaluator<'a> {
    network: &'a HyenaDna,
    device: Device,
    threads: usize,
    cache: SpectrumCache,
}

impl<'a> Evaluator<'a> {
    /// For a network on `device`. The spectra of its filters are made once.
    pub fn new(network: &'a HyenaDna, device: Device, threads: usize) -> Self {
        Self { network, device, threads, cache: SpectrumCache::default() }
    }

    /// Adds a batch of windows of equal length to `sums`; `batches` are rows of `width` ids each.
    pub fn add(
        &mut self,
        batches: &[Vec<u8>],
        width: usize,
        sums: &mut Evaluation,
    ) -> Result<(), TchError> {
        let _no_grad = tch::no_grad_guard();
        if width < 2 {
            return Ok(());
        }
        let length = width as i64 - 1;
        self.network.warm(length, &mut self.cache)?;
        let (device, alone) = (self.device, self.device == Device::Cpu && length as u64 <= ALONE);
        let replica = || (self.network.share(), self.cache.share());
        let found: Vec<Evaluation> = if alone && batches.len() > 1 {
            let tasks: Vec<_> = batches.iter().map(|batch| (replica(), batch)).collect();
            let found = tasks.into_par_iter().map(|((network, mut cache), batch)| {
                let _no_grad = tch::no_grad_guard(); // both are bound to the thread
                libtorch::set_threads(1);
                evaluate(&network, &mut cache, batch, width, device)
            });
            let found: Result<_, TchError> = found.collect();
            libtorch::set_threads(self.threads);
            found?
        } else {
            let (network, mut cache) = replica();
            let one = |batch: &Vec<u8>| evaluate(&network, &mut cache, batch, width, device);
            batches.iter().map(one).collect::<Result<_, _>>()?
        };
        found.iter().for_each(|one| sums.add(one));
        Ok(())
    }
}

fn evaluate(
    network: &HyenaDna,
    cache: &mut SpectrumCache,
    tokens: &[u8],
    width: usize,
    device: Device,
) -> Result<Evaluation, TchError> {
    let examples = Examples::new(tokens, tokens.len() / width, device)?;
    let hidden = network.hidden(&examples.inputs, None, cache)?;
    let losses = examples.losses(&network.logits(&hidden)?)?;
    let column = |tensor: Tensor| -> Result<Tensor, TchError> {
        tensor.f_to_kind(Kind::Double)?.f_sum_dim_intlist([0_i64].as_slice(), false, Kind::Double)
    };
    let losses = Vec::<f64>::try_from(column(losses)?.f_to_device(Device::Cpu)?)?;
    let counts = Vec::<f64>::try_from(column(examples.known()?)?.f_to_device(Device::Cpu)?)?;
    Ok(Evaluation { losses, counts: counts.into_iter().map(|n| n as u64).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::source;

    #[test]
    fn bins_cover_every_target_once() {
        let evaluation = Evaluation { losses: vec![1.0; 1023], counts: vec![2; 1023] };
        let bins = evaluation.bins();
        let bounds: Vec<_> = bins.iter().map(|bin| (bin.from, bin.to)).collect();
        assert_eq!(bounds, [(1, 16), (17, 64), (65, 256), (257, 512), (513, 1023)]);
        assert_eq!(bins.iter().map(|bin| bin.targets).sum::<u64>(), evaluation.targets());
        assert!((evaluation.loss() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn threads_and_batches_change_nothing() {
        let weights = source::builtin().unwrap().weights;
        let network = HyenaDna::new(&weights, Device::Cpu).unwrap();
        let rows: Vec<Vec<u8>> =
            (0..3).map(|row| (0..33).map(|i| 7 + ((i * i + row) % 5) as u8).collect()).collect();
        let mut apart = Evaluation::default();
        let mut evaluator = Evaluator::new(&network, Device::Cpu, 2);
        evaluator.add(&rows, 33, &mut apart).unwrap();
        let mut together = Evaluation::default();
        evaluator.add(&[rows.concat()], 33, &mut together).unwrap();
        assert_eq!(apart.counts, together.counts);
        assert!((apart.loss() - together.loss()).abs() < 1e-6);
        let unknown = rows.concat().iter().filter(|&&id| id == 11).count();
        assert!(unknown > 0 && apart.targets() < 96);
    }
}
