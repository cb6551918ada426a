//! The smallest parts of the network: linear maps and layer norms.

use tch::{TchError, Tensor};

/// y = x·Wᵀ + b.
#[derive(Debug)]
pub struct Linear {
    /// (out, in)
    pub weight: Tensor,
    /// (out)
    pub bias: Tensor,
}

impl Linear {
    /// The same weights for another thread; the values are shared, not copied.
    pub fn share(&self) -> Self {
        Self { weight: self.weight.shallow_clone(), bias: self.bias.shallow_clone() }
    }

    /// Maps the last dimension of `x`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_linear(&self.weight, Some(&self.bias))
    }
}

/// Layer norm over the last dimension.
#[derive(Debug)]
pub struct LayerNorm {
    /// (D)
    pub weight: Tensor,
    /// (D)
    pub bias: Tensor,
    /// ε added to the variance.
    pub epsilon: f64,
}

impl LayerNorm {
    /// The same weights for another thread.
    pub fn share(&self) -> Self {
        let (weight, bias) = (self.weight.shallow_clone(), self.bias.shallow_clone());
        Self { weight, bias, epsilon: self.epsilon }
    }

    /// Normalises the last dimension of `x`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let shape = self.weight.size();
        x.f_layer_norm(shape, Some(&self.weight), Some(&self.bias), self.epsilon, false)
    }
}
