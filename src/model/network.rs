//! The whole model: embedding, blocks, final norm, head.

pub mod block;
pub mod fft;
pub mod filter;
pub mod hyena;
pub mod leaves;
pub mod tensors;

use std::collections::BTreeMap;

use tch::{Device, TchError, Tensor};

use super::{
    config::Config,
    head::Head,
    weights::{Weights, host::HostTensor, names},
};
use block::Block;
use fft::SpectrumCache;
use filter::PositionBuffers;
use hyena::LongFilter;
use leaves::{LayerNorm, Precision};
use tensors::{SharedTensor, TensorPath};

/// HyenaDNA with its weights on one device. Clones share the weights.
#[derive(Debug, Clone)]
pub struct HyenaDna {
    /// The architecture.
    pub config: Config,
    /// Type of the matrix products.
    pub precision: Precision,
    pub(super) embedding: SharedTensor, // (vocabulary + prompt, D)
    /// Token ids that each sequence follows.
    prompt: Vec<u32>,
    /// The blocks, first to last.
    pub layers: Vec<Block>,
    pub(super) ln_f: LayerNorm,
    pub(super) head: SharedTensor, // (vocabulary, D)
}

impl HyenaDna {
    /// Puts checked weights on `device`.
    pub fn new(weights: &Weights, device: Device) -> Result<Self, TchError> {
        let tensor = |(name, host): (&String, &HostTensor)| Ok((name.clone(), host.on(device)?));
        let tensors = weights.tensors.iter().map(tensor).collect::<Result<_, TchError>>()?;
        Self::from_tensors(&weights.config, &tensors, device)
    }

    /// Takes `tensors`, by canonical name, which lie on `device` and are not copied.
    pub fn from_tensors(
        config: &Config,
        tensors: &BTreeMap<String, Tensor>,
        device: Device,
    ) -> Result<Self, TchError> {
        let root = TensorPath::root(tensors);
        let backbone = root.pp("backbone");
        let layers = backbone.pp("layers");
        let generated = PositionBuffers::generate(config, device)?;
        let block = |i| Block::new(config, &generated, layers.pp(i));
        let embedding = root.get(names::EMBEDDING)?;
        Ok(Self {
            config: config.clone(),
            precision: Precision::Fp32,
            layers: (0..config.n_layer).map(block).collect::<Result<_, _>>()?,
            ln_f: LayerNorm::new(config.layer_norm_epsilon, backbone.pp("ln_f"))?,
            head: root.find(names::HEAD).unwrap_or_else(|| embedding.clone()),
            embedding,
            prompt: Vec::new(),
        })
    }

    /// The same model, whose sequences follow a prompt: vectors (N, D) that its embedding has as further
    /// rows. The head of the language model stays.
    ///
    /// # Errors
    /// libtorch fails.
    pub fn with_prompt(mut self, prompt: &HostTensor) -> Result<Self, TchError> {
        let first = self.embedding.size()[0] as u32;
        let added = prompt.on(self.embedding.device())?;
        self.embedding = Tensor::f_cat(&[&*self.embedding, &added], 0)?.into();
        self.prompt = (first..first + added.size()[0] as u32).collect();
        Ok(self)
    }

    /// The same model, whose sequences follow the prompt and the demonstrations of a head.
    ///
    /// # Errors
    /// libtorch fails.
    pub fn for_head(self, head: &Head) -> Result<Self, TchError> {
        let mut model = match head.prompt() {
            Some(prompt) => self.with_prompt(prompt)?,
            None => self,
        };
        model.prompt.extend(head.config.demonstration_tokens());
        Ok(model)
    }

    /// Token ids of a prompt and of demonstrations before each sequence; empty without.
    pub fn prompt(&self) -> &[u32] {
        &self.prompt
    }

    /// The same model with a vector of zeros in place of the row of a token in the embedding; the
    /// head stays.
    ///
    /// # Errors
    /// libtorch fails.
    pub fn with_zero_input(mut self, token: u8) -> Result<Self, TchError> {
        let device = self.embedding.device();
        let mut embedding = HostTensor::of(&self.embedding)?;
        let (row, width) = (usize::from(token), self.config.d_model as usize);
        embedding.data[row * width..][..width].fill(0.0);
        self.embedding = embedding.on(device)?.into();
        Ok(self)
    }

    /// Size of the vocabulary.
    pub fn vocabulary(&self) -> usize {
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
