//! One block: x += Mixer(LN1(x)); x += MLP(LN2(x)).

use tch::{Device, TchError, Tensor};

use super::{
    hyena::{Hyena, LongFilter},
    leaves::{LayerNorm, Linear, Precision},
};
use crate::model::libtorch::operators;

/// Two linear maps with a GELU (in its tanh form) between them.
#[derive(Debug)]
pub struct Mlp {
    /// D → d_inner
    pub fc1: Linear,
    /// d_inner → D
    pub fc2: Linear,
}

impl Mlp {
    fn forward(&self, x: &Tensor, precision: Precision) -> Result<Tensor, TchError> {
        let Self { fc1, fc2 } = self;
        if x.device() == Device::Cpu {
            let [first, second] = [fc1, fc2].map(|linear| [&linear.weight, &linear.bias]);
            let keep = x.requires_grad() || fc1.weight.requires_grad();
            return operators::mlp(x, first, second, precision == Precision::Bf16, keep);
        }
        fc2.forward(&fc1.forward(x, precision)?.f_gelu("tanh")?, precision)
    }
}

/// One layer of the network.
#[derive(Debug)]
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
    /// The same block for another thread.
    pub fn share(&self) -> Self {
        Self {
            norm1: self.norm1.share(),
            mixer: self.mixer.share(),
            norm2: self.norm2.share(),
            mlp: Mlp { fc1: self.mlp.fc1.share(), fc2: self.mlp.fc2.share() },
        }
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
