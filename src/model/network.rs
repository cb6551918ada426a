//! The whole model: embedding, blocks, final norm, head.

pub mod block;
pub mod fft;
pub mod filter;
pub mod hyena;
pub mod leaves;

use std::collections::BTreeMap;

use tch::{Device, TchError, Tensor};

use super::{
    config::Config,
    weights::{Weights, host::HostTensor, names},
};
use block::{Block, Mlp};
use fft::SpectrumCache;
use filter::{ImplicitFilter, PositionBuffers};
use hyena::{Hyena, LongFilter};
use leaves::{LayerNorm, Linear, Precision};

/// HyenaDNA with its weights on one device.
#[derive(Debug)]
pub struct HyenaDna {
    /// The architecture.
    pub config: Config,
    /// Type of the matrix products.
    pub precision: Precision,
    pub(super) embedding: Tensor, // (vocabulary, D)
    /// The blocks, first to last.
    pub layers: Vec<Block>,
    pub(super) ln_f: LayerNorm,
    pub(super) head: Tensor, // (vocabulary, D)
}

impl HyenaDna {
    /// Puts checked weights on `device`.
    pub fn new(weights: &Weights, device: Device) -> Result<Self, TchError> {
        let tensor = |(name, host): (&String, &HostTensor)| Ok((name.clone(), host.on(device)?));
        let tensors = weights.tensors.iter().map(tensor).collect::<Result<_, TchError>>()?;
        Self::assemble(&weights.config, &tensors, device)
    }

    /// The network of `tensors`, by canonical name, which lie on `device` and are not copied.
    pub fn assemble(
        config: &Config,
        tensors: &BTreeMap<String, Tensor>,
        device: Device,
    ) -> Result<Self, TchError> {
        let take = Take { tensors, device };
        let generated = PositionBuffers::generate(config)?;
        let layers = (0..config.n_layer)
            .map(|i| block(&take, config, &format!("backbone.layers.{i}"), &generated))
            .collect::<Result<_, _>>()?;
        let embedding = take.tensor(names::EMBEDDING)?;
        let head = take.optional(names::HEAD).unwrap_or_else(|| embedding.shallow_clone());
        let ln_f = take.norm("backbone.ln_f", config.layer_norm_epsilon)?;
        let (config, precision) = (config.clone(), Precision::Fp32);
        Ok(Self { config, precision, embedding, layers, ln_f, head })
    }

    /// The same model for another thread: tensors may move between threads but not be used by two,
    /// while the values behind them may.
    pub fn share(&self) -> Self {
        Self {
            config: self.config.clone(),
            precision: self.precision,
            embedding: self.embedding.shallow_clone(),
            layers: self.layers.iter().map(Block::share).collect(),
            ln_f: self.ln_f.share(),
            head: self.head.shallow_clone(),
        }
    }

    /// Size of the vocabulary.
    pub fn letters(&self) -> usize {
        self.head.size()[0] as usize
    }

    /// Hidden states (B, L, D) of token ids (B, L). With `layer` n: the residual stream after n
    /// blocks (0: the embedding); without: after the last block and the final norm.
    pub fn hidden(
        &self,
        ids: &Tensor,
        layer: Option<usize>,
        cache: &mut SpectrumCache,
    ) -> Result<Tensor, TchError> {
        let mut x = self.embed(ids)?;
        let depth = layer.unwrap_or(self.layers.len());
        for (i, block) in self.layers.iter().take(depth).enumerate() {
            let length = ids.size()[1];
            let spectrum = cache.get(i, length, || block.mixer.spectrum(length))?;
            x = block.forward(&x, &LongFilter::Spectrum(spectrum), self.precision)?;
        }
        if layer.is_none() { self.normalize(&x) } else { Ok(x) }
    }

    /// The residual stream (B, L, D) before the first block.
    pub fn embed(&self, ids: &Tensor) -> Result<Tensor, TchError> {
        Tensor::f_embedding(&self.embedding, ids, -1, false, false)
    }

    /// The final norm of the residual stream after the last block.
    pub fn normalize(&self, x: &Tensor) -> Result<Tensor, TchError> {
        self.ln_f.forward(x)
    }

    /// Logits (B, L, vocabulary) of hidden states after the final norm; those at position i
    /// predict base i + 1.
    pub fn logits(&self, hidden: &Tensor) -> Result<Tensor, TchError> {
        hidden.f_linear(&self.head, None::<&Tensor>)
    }

    /// The first `length` taps (L, D) of a layer's long filter.
    pub fn filter(&self, layer: usize, length: i64) -> Result<Tensor, TchError> {
        self.layers[layer].mixer.filter.taps(length)
    }
}

fn block(
    take: &Take<'_>,
    config: &Config,
    name: &str,
    generated: &PositionBuffers,
) -> Result<Block, TchError> {
    let filter = format!("{name}.mixer.filter_fn");
    let buffer =
        |suffix: &str, generated: &Tensor| match take.optional(&format!("{filter}.{suffix}")) {
            Some(stored) => Ok(stored),
            None => generated.f_to(take.device),
        };
    let layer = |i: i64| take.linear(&format!("{filter}.implicit_filter.{}", 2 * i));
    let output = 2 * (config.num_inner_mlps + 1);
    Ok(Block {
        norm1: take.norm(&format!("{name}.norm1"), config.layer_norm_epsilon)?,
        mixer: Hyena {
            in_proj: take.linear(&format!("{name}.mixer.in_proj"))?,
            out_proj: take.linear(&format!("{name}.mixer.out_proj"))?,
            short_filter: take.linear(&format!("{name}.mixer.short_filter"))?,
            filter: ImplicitFilter {
                positions: PositionBuffers {
                    z: buffer("pos_emb.z", &generated.z)?,
                    t: buffer("pos_emb.t", &generated.t)?,
                    deltas: buffer("modulation.deltas", &generated.deltas)?,
                },
                hidden: (0..=config.num_inner_mlps).map(layer).collect::<Result<_, _>>()?,
                freq: take.tensor(&format!("{filter}.implicit_filter.1.freq"))?,
                output: take.tensor(&format!("{filter}.implicit_filter.{output}.weight"))?,
                shift: config.shift,
            },
            bias: take.tensor(&format!("{filter}.bias"))?,
        },
        norm2: take.norm(&format!("{name}.norm2"), config.layer_norm_epsilon)?,
        mlp: Mlp {
            fc1: take.linear(&format!("{name}.mlp.fc1"))?,
            fc2: take.linear(&format!("{name}.mlp.fc2"))?,
        },
    })
}

/// Takes tensors by name.
struct Take<'a> {
    tensors: &'a BTreeMap<String, Tensor>,
    device: Device,
}

impl Take<'_> {
    fn optional(&self, name: &str) -> Option<Tensor> {
        self.tensors.get(name).map(Tensor::shallow_clone)
    }

    fn tensor(&self, name: &str) -> Result<Tensor, TchError> {
        self.optional(name).ok_or_else(|| TchError::FileFormat(format!("tensor {name} is missing")))
    }

    fn linear(&self, name: &str) -> Result<Linear, TchError> {
        Ok(Linear {
            weight: self.tensor(&format!("{name}.weight"))?,
            bias: self.tensor(&format!("{name}.bias"))?,
        })
    }

    fn norm(&self, name: &str, epsilon: f64) -> Result<LayerNorm, TchError> {
        let Linear { weight, bias } = self.linear(name)?;
        Ok(LayerNorm { weight, bias, epsilon })
    }
}
