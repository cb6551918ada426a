//! The implicit filter of a Hyena operator: a small network of the position gives every tap.
//!
//! Poli et al., "Hyena Hierarchy" (arXiv 2302.10866), section 3.3, in the form of the published
//! HyenaDNA code. Always fp32: in bf16 the positions of a long context would coincide.

use std::{f64::consts::PI, ops::Range};

use tch::{Device, Kind, TchError, Tensor};

use super::leaves::{Linear, Precision};
use crate::model::config::Config;

/// Buffers that the position alone determines, laid out for `l_max`, never for a shorter length.
#[derive(Debug)]
pub struct PositionBuffers {
    /// Positional features (1, l_max, emb_dim): t, cos(−f·w), sin(−f·w).
    pub z: Tensor,
    /// Time 0…1 (1, l_max, 1).
    pub t: Tensor,
    /// Decay rates (1, 1, D).
    pub deltas: Tensor,
}

impl PositionBuffers {
    /// The same buffers for another thread.
    pub fn share(&self) -> Self {
        let [z, t, deltas] = [&self.z, &self.t, &self.deltas].map(Tensor::shallow_clone);
        Self { z, t, deltas }
    }

    /// The buffers as the published code makes them.
    pub fn generate(config: &Config) -> Result<Self, TchError> {
        let options = (Kind::Float, Device::Cpu);
        let l_max = config.l_max;
        let bands = (config.emb_dim - 1) / 2;
        let column = |n: i64| [1, n, 1];
        let t = Tensor::f_linspace(0, 1, l_max, options)?.f_view(column(l_max))?;
        let w = (Tensor::f_linspace(0, l_max - 1, l_max, options)?.f_view(column(l_max))?
            * (2.0 * PI))
            / l_max as f64;
        let f =
            Tensor::f_linspace(1e-4, (bands - 1) as f64, bands, options)?.f_view([1, 1, bands])?;
        let angle = -f * w; // (1, l_max, bands)
        let z = Tensor::f_cat(&[t.shallow_clone(), angle.f_cos()?, angle.f_sin()?], -1)?;
        let (fast, slow) = ((1e-2_f64).ln() / 0.3, (1e-2_f64).ln() / 1.5);
        let deltas = Tensor::f_linspace(slow, fast, config.d_model, options)?.f_view([
            1,
            1,
            config.d_model,
        ])?;
        Ok(Self { z, t, deltas })
    }
}

/// The filter network of one layer.
#[derive(Debug)]
pub struct ImplicitFilter {
    /// Positional features, time and decay rates.
    pub positions: PositionBuffers,
    /// The hidden layers, each `(weight, bias)`: emb_dim → F, then F → F.
    pub hidden: Vec<Linear>,
    /// Frequency of the sine activations (1, F), one for all layers.
    pub freq: Tensor,
    /// The last layer (D, F), without bias.
    pub output: Tensor,
    /// What the decay ends at.
    pub shift: f64,
}

impl ImplicitFilter {
    /// The same filter for another thread.
    pub fn share(&self) -> Self {
        Self {
            positions: self.positions.share(),
            hidden: self.hidden.iter().map(Linear::share).collect(),
            freq: self.freq.shallow_clone(),
            output: self.output.shallow_clone(),
            shift: self.shift,
        }
    }

    /// The first `length` taps (length, D): `h(z) · (exp(−t·|deltas|) + shift)`.
    pub fn taps(&self, length: i64) -> Result<Tensor, TchError> {
        let channels = 0..self.output.size()[0];
        self.taps_of(&self.features(0..length)?, 0, channels)
    }

    /// What the hidden layers make of some positions: (positions, F).
    pub fn features(&self, positions: Range<i64>) -> Result<Tensor, TchError> {
        let (start, count) = (positions.start, positions.end - positions.start);
        let mut h = self.positions.z.f_narrow(1, start, count)?.f_squeeze_dim(0)?;
        for layer in &self.hidden {
            h = layer.forward(&h, Precision::Fp32)?.f_mul(&self.freq)?.f_sin()?;
        }
        Ok(h)
    }

    /// The taps (positions, channels) of some channels, of the positions from `start` on whose
    /// `features` these are.
    pub fn taps_of(
        &self,
        features: &Tensor,
        start: i64,
        channels: Range<i64>,
    ) -> Result<Tensor, TchError> {
        let (first, count) = (channels.start, channels.end - channels.start);
        let h = features.f_matmul(&self.output.f_narrow(0, first, count)?.f_tr()?)?;
        let PositionBuffers { t, deltas, .. } = &self.positions;
        let t = t.f_narrow(1, start, features.size()[0])?.f_squeeze_dim(0)?; // (positions, 1)
        let rates = deltas.f_squeeze_dim(0)?.f_narrow(1, first, count)?.f_abs()?; // (1, channels)
        let decay = t.f_mul(&rates)?.f_neg()?.f_exp()?.f_add_scalar(self.shift)?;
        h.f_mul(&decay)
    }
}
