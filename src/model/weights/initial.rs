//! Weights to start training from scratch, as the published recipe draws them.

use std::{collections::BTreeMap, f64::consts::TAU};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Weights, host::HostTensor, names};
use crate::model::config::Config;

/// Standard deviation of embeddings and linear maps.
const SPREAD: f64 = 0.02;

/// Distribution of the elements of a tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::model) enum Law {
    Constant(f64),
    /// Mean 0 and this standard deviation.
    Normal(f64),
    /// Between −limit and limit.
    Uniform(f64),
}

impl Weights {
    /// A model with newly drawn weights; `seed` and the configuration determine every bit, on
    /// any machine. The head is the embedding.
    ///
    /// Projections and the embedding are N(0, 0.02²), those that write to the residual stream
    /// divided by √(2·layers); biases 0; filter bias N(0, 1); the short convolution as PyTorch's
    /// Conv1d starts (uniform within 1/√taps).
    pub fn initial(config: &Config, seed: u64) -> Self {
        let tensors: BTreeMap<String, HostTensor> = names::required(config)
            .into_iter()
            .enumerate()
            .map(|(number, (name, shape))| {
                let mut draws = InitialDraws::new(seed, number as u64);
                let law = law(&name, config);
                let data = (0..shape.iter().product()).map(|_| draws.draw(law) as f32).collect();
                (name, HostTensor { shape, data })
            })
            .collect();
        Self { config: config.clone(), tensors }
    }
}

/// Distribution of one tensor according to the recipe.
fn law(name: &str, config: &Config) -> Law {
    let residual = SPREAD / (2.0 * config.n_layer as f64).sqrt();
    match name {
        _ if name.contains(".short_filter.") => {
            Law::Uniform(1.0 / (config.short_filter_order as f64).sqrt())
        }
        _ if name.ends_with(".filter_fn.bias") => Law::Normal(1.0),
        _ if name.ends_with(".freq") => Law::Constant(config.activation_freq),
        _ if name.ends_with(".bias") => Law::Constant(0.0),
        _ if name.contains("norm") || name.contains("ln_f") => Law::Constant(1.0),
        _ if name.ends_with("out_proj.weight") || name.ends_with("fc2.weight") => {
            Law::Normal(residual)
        }
        _ => Law::Normal(SPREAD),
    }
}

/// Random numbers of one tensor.
pub(in crate::model) struct InitialDraws(ChaCha8Rng);

impl InitialDraws {
    pub(in crate::model) fn new(seed: u64, tensor: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(tensor);
        Self(random)
    }

    /// Uniform in (0, 1).
    fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(in crate::model) fn draw(&mut self, law: Law) -> f64 {
        match law {
            Law::Constant(value) => value,
            Law::Uniform(limit) => limit * (2.0 * self.unit() - 1.0),
            // Box and Muller
            Law::Normal(spread) => {
                let radius = (-2.0 * self.unit().ln()).sqrt();
                spread * radius * (TAU * self.unit()).cos()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::source;

    fn config() -> Config {
        source::builtin().unwrap().weights.config
    }

    /// Mean and standard deviation of a tensor of the first block.
    fn moments(weights: &Weights, name: &str) -> (f64, f64) {
        let data = &weights.tensors[&format!("backbone.layers.0.{name}")].data;
        let mean = data.iter().map(|&x| f64::from(x)).sum::<f64>() / data.len() as f64;
        let square = data.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>();
        (mean, (square / data.len() as f64).sqrt())
    }

    #[test]
    fn every_group_has_the_moments_of_the_recipe() {
        let weights = Weights::initial(&config(), 2222);
        for (name, spread) in [
            ("mixer.in_proj.weight", 0.02),
            ("mixer.out_proj.weight", 0.01),
            ("mlp.fc1.weight", 0.02),
            ("mlp.fc2.weight", 0.01),
            ("mixer.filter_fn.implicit_filter.2.weight", 0.02),
            ("mixer.filter_fn.bias", 1.0),
            ("mixer.short_filter.weight", 1.0 / 3.0), // uniform within 1/√3: deviation 1/3
            ("mixer.short_filter.bias", 1.0 / 3.0),
        ] {
            let (mean, deviation) = moments(&weights, name);
            let n = weights.tensors[&format!("backbone.layers.0.{name}")].data.len() as f64;
            assert!(mean.abs() < 4.0 * spread / n.sqrt(), "{name}: mean {mean}");
            assert!((deviation / spread - 1.0).abs() < 4.0 / n.sqrt(), "{name}: {deviation}");
        }
        for (name, value) in [
            ("mixer.in_proj.bias", 0.0),
            ("mlp.fc2.bias", 0.0),
            ("mixer.filter_fn.implicit_filter.0.bias", 0.0),
            ("norm1.weight", 1.0),
            ("norm2.bias", 0.0),
            ("mixer.filter_fn.implicit_filter.1.freq", 10.0),
        ] {
            assert_eq!(moments(&weights, name), (value, 0.0), "{name}");
        }
    }

    #[test]
    fn the_seed_decides() {
        let draw = |seed| Weights::initial(&config(), seed).tensors;
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1)[names::EMBEDDING], draw(2)[names::EMBEDDING]);
        assert_eq!(Weights::initial(&config(), 0).parameters(), 436_096);
    }
}
