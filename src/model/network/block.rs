//! One block: x += Mixer(LN1(x)); x += MLP(LN2(x)).

use tch::{Device, TchError, Tensor};

use super::{
    filter::PositionBuffers,
    hyena::{Hyena, LongFilter},
    leaves::{LayerNorm, Linear, Precision},
    tensors::TensorPath,
};
use crate::model::{
    config::Config,
    libtorch::operators::{self, Activations},
};

/// Two linear maps with a GELU (in its tanh form) between them.
#[derive(Debug, Clone)]
pub struct Mlp {
    /// D → d_inner.
    pub fc1: Linear,
    /// d_inner → D.
    pub fc2: Linear,
}

impl Mlp {
    /// Takes the tensors at `path`.
    pub fn new(path: TensorPath<'_>) -> Result<Self, TchError> {
        Ok(Self { fc1: Linear::new(path.pp("fc1"))?, fc2: Linear::new(path.pp("fc2"))? })
    }

    fn forward(&self, x: &Tensor, precision: Precision) -> Result<Tensor, TchError> {
        let Self { fc1, fc2 } = self;
        if x.device() == Device::Cpu {
            let activations = match x.requires_grad() || fc1.weight.requires_grad() {
                true => Activations::Kept,
                false => Activations::Dropped,
            };
            let bf16 = precision == Precision::Bf16;
            return operators::mlp(x, fc1.tensors(), fc2.tensors(), bf16, activations);
        }
        fc2.forward(&fc1.forward(x, precision)?.f_gelu("tanh")?, precision)
    }
}

/// One layer of the network.
#[derive(Debug, Clone)]
pub struct Block {
    /// Norm before the mixer.
    pub norm1: LayerNorm,
    /// Hyena operator.
    pub mixer: Hyena,
    /// Norm before the MLP.
    pub norm2: LayerNorm,
    /// Multilayer perceptron.
    pub mlp: Mlp,
}

impl Block {
    /// Takes the tensors at `path`; see [`ImplicitFilter::new`](super::filter::ImplicitFilter::new)
    /// for `generated`.
    pub fn new(
        config: &Config,
        generated: &PositionBuffers,
        path: TensorPath<'_>,
    ) -> Result<Self, TchError> {
        let epsilon = config.layer_norm_epsilon;
        Ok(Self {
            norm1: LayerNorm::new(epsilon, path.pp("norm1"))?,
            mixer: Hyena::new(config, generated, path.pp("mixer"))?,
            norm2: LayerNorm::new(epsilon, path.pp("norm2"))?,
            mlp: Mlp::new(path.pp("mlp"))?,
        })
    }

    /// The residual stream `x` (B, L, D) after this block, fp32. Position i depends on positions
    /// ≤ i. `filter` is this block's, for length L.
    pub fn forward(
        &self,
        x: &Tensor,
        filter: &LongFilter,
        precision: Precision,
    ) -> Result<Tensor, TchError> {
        self.transform(&self.mix(x, filter, precision)?, precision)
    }

    /// The first half: x + Mixer(LN1(x)).
    pub fn mix(
        &self,
        x: &Tensor,
        filter: &LongFilter,
        precision: Precision,
    ) -> Result<Tensor, TchError> {
        x.f_add(&self.mixer.forward(&self.norm1.forward(x)?, filter, precision)?)
    }

    /// The second half: x + MLP(LN2(x)), each position on its own.
    pub fn transform(&self, x: &Tensor, precision: Precision) -> Result<Tensor, TchError> {
        x.f_add(&self.mlp.forward(&self.norm2.forward(x)?, precision)?)
    }
}
