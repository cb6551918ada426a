//! The Hyena operator of order 2: gate, long convolution, gate.
//!
//! Poli et al., "Hyena Hierarchy" (arXiv 2302.10866), definition 3.1.

use std::ops::Range;

use tch::{Device, Kind, TchError, Tensor};

use super::{
    fft,
    filter::{ImplicitFilter, PositionBuffers},
    leaves::{Linear, Precision, ShortConvolution},
    tensors::{SharedTensor, TensorPath},
};
use crate::model::{config::Config, libtorch::operators};

/// The long filter of an operator for sequences of one length, its bias folded into the first tap.
#[derive(Debug)]
pub enum LongFilter {
    /// Its spectrum (D, n/2 + 1), divided by n: for passes without gradients.
    Spectrum(Tensor),
    /// Its taps (D, L): for passes with gradients.
    Taps(Tensor),
}

/// Mixes positions, as attention does in a transformer.
#[derive(Debug, Clone)]
pub struct Hyena {
    /// D → 3·D: x0, x1 and v.
    pub in_proj: Linear,
    /// D → D.
    pub out_proj: Linear,
    /// Short convolution of the 3·D channels.
    pub short_filter: ShortConvolution,
    /// The long filter.
    pub filter: ImplicitFilter,
    /// Weight of the input itself, added to its convolution.
    pub bias: SharedTensor, // (D)
}

impl Hyena {
    /// Takes the tensors at `path`; see [`ImplicitFilter::new`] for `generated`.
    pub fn new(
        config: &Config,
        generated: &PositionBuffers,
        path: TensorPath<'_>,
    ) -> Result<Self, TchError> {
        let filter = path.pp("filter_fn");
        Ok(Self {
            in_proj: Linear::new(path.pp("in_proj"))?,
            out_proj: Linear::new(path.pp("out_proj"))?,
            short_filter: ShortConvolution::new(path.pp("short_filter"))?,
            bias: filter.get("bias")?,
            filter: ImplicitFilter::new(config, generated, filter)?,
        })
    }

    /// Mixes `h` (B, L, D), whose length is that of `filter`.
    pub fn forward(
        &self,
        h: &Tensor,
        filter: &LongFilter,
        precision: Precision,
    ) -> Result<Tensor, TchError> {
        let u = self.in_proj.forward(h, precision)?; // (B, L, 3D)
        let y = match filter {
            LongFilter::Taps(taps) if u.device() == Device::Cpu => {
                let [weight, bias] = self.short_filter.tensors();
                operators::mix(&u, weight, bias, taps, fft::transform_size(u.size()[1]))?
            }
            _ => self.mix(&u.f_to_kind(Kind::Float)?, filter)?,
        };
        self.out_proj.forward(&y, precision)
    }

    /// The operation of [`operators::mix`] in libtorch's own operators.
    fn mix(&self, u: &Tensor, filter: &LongFilter) -> Result<Tensor, TchError> {
        let u = self.short_filter.forward(&u.f_transpose(1, 2)?)?; // (B, 3D, L)
        let [x0, x1, v] = <[Tensor; 3]>::try_from(u.f_chunk(3, 1)?)
            .map_err(|_| TchError::Shape("in_proj must give three parts".into()))?;
        let v = v.f_mul(&x1)?; // (B, D, L)
        let y = match filter {
            LongFilter::Spectrum(spectrum) => fft::convolve(&v, spectrum)?,
            LongFilter::Taps(taps) => fft::convolve(&v, &fft::spectrum(taps)?)?,
        };
        y.f_mul(&x0)?.f_transpose(1, 2)
    }

    /// The taps (D, L) of the long filter for sequences of `length` bases. y = v∗k + bias·v is one
    /// convolution when the bias is added to the first tap.
    pub fn taps(&self, length: i64) -> Result<Tensor, TchError> {
        self.taps_of(&self.filter.features(0..length)?, 0..self.bias.size()[0])
    }

    /// Those of some channels, from the features of all positions: see [`ImplicitFilter::features`].
    pub fn taps_of(&self, features: &Tensor, channels: Range<i64>) -> Result<Tensor, TchError> {
        let (start, count) = (channels.start, channels.end - channels.start);
        let taps = self.filter.taps_of(features, 0, channels)?; // (L, channels)
        let first = taps.f_narrow(0, 0, 1)?.f_add(&self.bias.f_narrow(0, start, count)?)?;
        let rest = taps.f_narrow(0, 1, taps.size()[0] - 1)?;
        Tensor::f_cat(&[first, rest], 0)?.f_tr()?.f_contiguous()
    }

    /// The spectrum of [`taps`](Self::taps), for [`LongFilter::Spectrum`].
    pub fn spectrum(&self, length: i64) -> Result<Tensor, TchError> {
        fft::spectrum(&self.taps(length)?)
    }
}
