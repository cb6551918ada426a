//! Weights to start training from scratch, as the published recipe draws them.

use std::{collections::BTreeMap, f64::consts::TAU};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Weights, host::HostTensor, names};
use crate::model::{
    config::Config,
    head::{HeadConfig, PREFIX, PROMPT},
};

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
        Self { config: config.clone(), head: None, tensors }
    }
}

/// Newly drawn tensors of a head on a model of width `d_model`: weights N(0, 0.02²) for the outputs and a prompt, and
/// N(0, 2/inputs) for hidden layers (He et al., arXiv 1502.01852), biases 0. The seed determines every
/// bit.
pub fn head(config: &HeadConfig, d_model: i64, seed: u64) -> BTreeMap<String, HostTensor> {
    /// Keeps the draws apart from those of the network, whose tensors are numbered from 0.
    const FIRST: u64 = 1 << 32;
    let last = format!("{PREFIX}{}.weight", config.hidden.len());
    let draw = |(number, (name, shape)): (u64, (String, Vec<usize>))| {
        let law = match shape[..] {
            [_, _] if name == last || name == PROMPT => Law::Normal(SPREAD),
            [_, inputs] => Law::Normal((2.0 / inputs as f64).sqrt()),
            _ => Law::Constant(0.0),
        };
        let mut draws = InitialDraws::new(seed, FIRST + number);
        let data = (0..shape.iter().product()).map(|_| draws.draw(law) as f32).collect();
        (name, HostTensor { shape, data })
    };
    (0..).zip(config.shapes(d_model)).map(draw).collect()
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
    use crate::model::{
        head::{HeadStrands, HeadTask},
        pool::Pool,
        weights::{convert, source},
    };

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

    fn two_layers() -> HeadConfig {
        HeadConfig {
            task: HeadTask::SingleLabel,
            outputs: vec!["a".into(), "b".into()],
            pool: Pool::Mean,
            strands: HeadStrands::Concat,
            hidden: vec![64],
            length: 10,
            prompt: 0,
            demonstrations: String::new(),
            scale: Vec::new(),
        }
    }

    #[test]
    fn heads_depend_on_the_seed() {
        let config = two_layers();
        assert_eq!(head(&config, 128, 1), head(&config, 128, 1));
        assert_ne!(head(&config, 128, 1), head(&config, 128, 2));
        let deviation = |name: &str| {
            let data = &head(&config, 128, 1)[name].data;
            (data.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / data.len() as f64).sqrt()
        };
        assert!((deviation("head.0.weight") / (2.0_f64 / 256.0).sqrt() - 1.0).abs() < 0.05);
        assert!((deviation("head.1.weight") / 0.02 - 1.0).abs() < 0.3);
        assert_eq!(deviation("head.0.bias"), 0.0);
    }

    #[test]
    fn a_model_with_a_head_is_written_and_read() {
        let mut weights = source::builtin().unwrap().weights;
        let config = two_layers();
        weights.tensors.extend(head(&config, weights.config.d_model, 7));
        weights.head = Some(config.clone());
        let folder = tempfile::tempdir().unwrap();
        convert::write_hub_layout(&weights, folder.path()).unwrap();
        let read = source::load_folder(folder.path()).unwrap();
        assert!(read.left_out.is_empty());
        assert_eq!(read.weights.head.as_ref(), Some(&config));
        assert_eq!(read.weights.task_head(), weights.task_head());
        assert_eq!(read.weights.parameters(), 436_096 + 256 * 64 + 64 + 64 * 2 + 2);
        // without its description a head is left out, as those of others
        let path = folder.path().join("config.json");
        let text = std::fs::read_to_string(&path).unwrap();
        let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
        json.as_object_mut().unwrap().remove("head");
        std::fs::write(&path, json.to_string()).unwrap();
        let read = source::load_folder(folder.path()).unwrap();
        assert_eq!(read.left_out.len(), 4);
        assert!(read.weights.task_head().is_none());
        // a head that does not fit is refused
        json["head"] = serde_json::to_value(HeadConfig { hidden: vec![3], ..config }).unwrap();
        std::fs::write(&path, json.to_string()).unwrap();
        let error = source::load_folder(folder.path()).unwrap_err().to_string();
        assert!(error.contains("misshapen head.0.weight [64, 256], expected [3, 256]"), "{error}");
    }
}
