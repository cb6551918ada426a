//! The smallest parts of the network: linear maps, layer norms and the short convolution.

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, TchError, Tensor};

use super::tensors::{SharedTensor, TensorPath};
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

/// A linear map: y = x·Wᵀ + b.
#[derive(Debug, Clone)]
pub struct Linear {
    /// W (out, in).
    pub weight: SharedTensor,
    /// b (out).
    pub bias: SharedTensor,
}

impl Linear {
    /// Takes the tensors at `path`.
    pub fn new(path: TensorPath<'_>) -> Result<Self, TchError> {
        Ok(Self { weight: path.get("weight")?, bias: path.get("bias")? })
    }

    /// Weight and bias.
    pub fn tensors(&self) -> [&Tensor; 2] {
        [&self.weight, &self.bias]
    }

    /// Maps the last dimension of `x`; the result is in the type of the products.
    pub fn forward(&self, x: &Tensor, precision: Precision) -> Result<Tensor, TchError> {
        let [weight, bias] = self.tensors();
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
#[derive(Debug, Clone)]
pub struct LayerNorm {
    /// Scale (D).
    pub weight: SharedTensor,
    /// Shift (D).
    pub bias: SharedTensor,
    /// ε added to the variance.
    pub epsilon: f64,
}

impl LayerNorm {
    /// Takes the tensors at `path`.
    pub fn new(epsilon: f64, path: TensorPath<'_>) -> Result<Self, TchError> {
        Ok(Self { weight: path.get("weight")?, bias: path.get("bias")?, epsilon })
    }

    /// Weight and bias.
    pub fn tensors(&self) -> [&Tensor; 2] {
        [&self.weight, &self.bias]
    }

    /// Normalises the last dimension of `x`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let [weight, bias] = self.tensors();
        x.f_layer_norm(weight.size(), Some(weight), Some(bias), self.epsilon, false)
    }
}

/// Depthwise causal convolution with a few taps: each channel with its own.
#[derive(Debug, Clone)]
pub struct ShortConvolution {
    /// Taps (channels, 1, taps).
    pub weight: SharedTensor,
    /// Bias (channels).
    pub bias: SharedTensor,
}

impl ShortConvolution {
    /// Takes the tensors at `path`.
    pub fn new(path: TensorPath<'_>) -> Result<Self, TchError> {
        Ok(Self { weight: path.get("weight")?, bias: path.get("bias")? })
    }

    /// Weight and bias.
    pub fn tensors(&self) -> [&Tensor; 2] {
        [&self.weight, &self.bias]
    }

    /// Number of taps.
    pub fn taps(&self) -> i64 {
        self.weight.size()[2]
    }

    /// Convolves `u` (B, channels, L): padded on both sides, then cut to L.
    pub fn forward(&self, u: &Tensor) -> Result<Tensor, TchError> {
        let [weight, bias] = self.tensors();
        let (channels, length) = (weight.size()[0], u.size()[2]);
        u.f_conv1d(weight, Some(bias), 1, self.taps() - 1, 1, channels)?.f_narrow(2, 0, length)
    }
}
