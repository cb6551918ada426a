//! The smallest parts of the network: linear maps and layer norms.

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, TchError, Tensor};

use crate::model::libtorch::operators;

/// Type of the matrix products. The residual stream, the filters, the norms and the Fourier
/// transform are fp32 in either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32 bits.
    #[default]
    Fp32,
    /// 32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU.
    Tf32,
    /// Weights and activations rounded to bfloat16.
    Bf16,
}

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

    /// Maps the last dimension of `x`; the result is in the type of the products.
    pub fn forward(&self, x: &Tensor, precision: Precision) -> Result<Tensor, TchError> {
        let Self { weight, bias } = self;
        match (x.device(), precision) {
            (Device::Cpu, _) => operators::linear(x, weight, bias, precision == Precision::Bf16),
            (_, Precision::Fp32 | Precision::Tf32) => x.f_linear(weight, Some(bias)),
            (_, Precision::Bf16) => {
                let [x, weight, bias] = [x, weight, bias].map(|t| t.f_to_kind(Kind::BFloat16));
                x?.f_linear(&weight?, Some(&bias?))
            }
        }
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
