//! One block: x += Mixer(LN1(x)); x += MLP(LN2(x)).

use tch::{TchError, Tensor};

use super::{
    fft::SpectrumCache,
    hyena::Hyena,
    leaves::{LayerNorm, Linear},
};

/// Two linear maps with a GELU (in its tanh form) between them.
#[derive(Debug)]
pub struct Mlp {
    /// D → d_inner
    pub fc1: Linear,
    /// d_inner → D
    pub fc2: Linear,
}

impl Mlp {
    fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let mut h = self.fc1.forward(x)?;
        let h = if h.requires_grad() { h.f_gelu("tanh")? } else { h.f_gelu_("tanh")? };
        self.fc2.forward(&h)
    }
}

/// One layer of the network.
#[derive(Debug)]
pub struct Block {
    pub norm1: LayerNorm,
    pub mixer: Hyena,
    pub norm2: LayerNorm,
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

    /// The residual stream `x` (B, L, D) after this block. Position i depends on positions ≤ i.
    pub fn forward(
        &self,
        x: &Tensor,
        layer: usize,
        cache: &mut SpectrumCache,
    ) -> Result<Tensor, TchError> {
        let x = self.mixer.forward(&self.norm1.forward(x)?, layer, cache)?.f_add(x)?;
        self.mlp.forward(&self.norm2.forward(&x)?)?.f_add(&x)
    }
}
