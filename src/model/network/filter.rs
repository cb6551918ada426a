//! The implicit filter of a Hyena operator: a small network of the position gives every tap.
//!
//! Poli et al., "Hyena Hierarchy" (arXiv 2302.10866), section 3.3, in the form of the published
//! HyenaDNA code. Always fp32: in bf16 the positions of a long context would coincide.

use std::{f64::consts::PI, ops::Range};

use tch::{Device, Kind, TchError, Tensor};

use super::{
    leaves::{Linear, Precision},
    tensors::{SharedTensor, TensorPath},
};
use crate::model::config::Config;

/// Buffers that the position alone determines, laid out for `l_max`, never for a shorter length.
#[derive(Debug, Clone)]
pub struct PositionBuffers {
    /// Positional features: t, cos(−f·w), sin(−f·w).
    pub z: SharedTensor, // (1, l_max, emb_dim)
    /// Time 0…1.
    pub t: SharedTensor, // (1, l_max, 1)
    /// Decay rates.
    pub deltas: SharedTensor, // (1, 1, D)
}

impl PositionBuffers {
    /// Takes the buffers that a checkpoint holds at `path`, and the others from `generated`.
    pub fn new(generated: &Self, path: TensorPath<'_>) -> Self {
        let or = |stored: Option<SharedTensor>, generated: &SharedTensor| {
            stored.unwrap_or_else(|| generated.clone())
        };
        Self {
            z: or(path.pp("pos_emb").find("z"), &generated.z),
            t: or(path.pp("pos_emb").find("t"), &generated.t),
            deltas: or(path.pp("modulation").find("deltas"), &generated.deltas),
        }
    }

    /// Computes the buffers as the published code does.
    pub fn generate(config: &Config, device: Device) -> Result<Self, TchError> {
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
        let on_device = |buffer: Tensor| buffer.f_to(device).map(SharedTensor::from);
        Ok(Self { z: on_device(z)?, t: on_device(t)?, deltas: on_device(deltas)? })
    }
}

/// The filter network of one layer.
#[derive(Debug, Clone)]
pub struct ImplicitFilter {
    /// Positional features, time and decay rates.
    pub positions: PositionBuffers,
    /// The hidden layers.
    pub hidden: Vec<Linear>, // emb_dim → F, then F → F
    /// Frequency of the sine activations, one for all layers.
    pub freq: SharedTensor, // (1, F)
    /// The last layer, without bias.
    pub output: SharedTensor, // (D, F)
    /// Limit of the decay.
    pub shift: f64,
}

impl ImplicitFilter {
    /// Takes the tensors at `path`, and from `generated` the buffers that are not among them. The
    /// layers are those of a `Sequential` in which each is followed by its activation.
    pub fn new(
        config: &Config,
        generated: &PositionBuffers,
        path: TensorPath<'_>,
    ) -> Result<Self, TchError> {
        let layers = path.pp("implicit_filter");
        let inner = config.num_inner_mlps;
        Ok(Self {
            positions: PositionBuffers::new(generated, path),
            hidden: (0..=inner).map(|i| Linear::new(layers.pp(2 * i))).collect::<Result<_, _>>()?,
            freq: layers.pp(1).get("freq")?,
            output: layers.pp(2 * (inner + 1)).get("weight")?,
            shift: config.shift,
        })
    }

    /// The first `length` taps (length, D): `h(z) · (exp(−t·|deltas|) + shift)`.
    pub fn taps(&self, length: i64) -> Result<Tensor, TchError> {
        let channels = 0..self.output.size()[0];
        self.taps_of(&self.features(0..length)?, 0, channels)
    }

    /// Width of the hidden layers, F.
    pub fn width(&self) -> usize {
        self.output.size()[1] as usize
    }

    /// Output of the hidden layers for some positions: (positions, F).
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
