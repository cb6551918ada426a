//! The Hyena operator of order 2: gate, long convolution, gate.
//!
//! Poli et al., "Hyena Hierarchy" (arXiv 2302.10866), definition 3.1.

use tch::{Device, Kind, TchError, Tensor};

use super::{
    fft,
    filter::ImplicitFilter,
    leaves::{Linear, Precision},
};
use crate::model::libtorch::operators;

/// The long filter of an operator for sequences of one length, its bias folded into the first tap.
#[derive(Debug)]
pub enum LongFilter {
    /// Its spectrum (D, n/2 + 1), divided by n: for passes without gradients.
    Spectrum(Tensor),
    /// Its taps (D, L): for passes with gradients.
    Taps(Tensor),
}

/// Mixes positions: what attention is in a transformer.
#[derive(Debug)]
pub struct Hyena {
    /// D → 3·D: x0, x1 and v.
    pub in_proj: Linear,
    /// D → D
    pub out_proj: Linear,
    /// Depthwise causal convolution (3·D, 1, taps)
    pub short_filter: Linear,
    /// The long filter.
    pub filter: ImplicitFilter,
    /// Weight of the input itself beside its convolution (D).
    pub bias: Tensor,
}

impl Hyena {
    /// The same operator for another thread.
    pub fn share(&self) -> Self {
        Self {
            in_proj: self.in_proj.share(),
            out_proj: self.out_proj.share(),
            short_filter: self.short_filter.share(),
            filter: self.filter.share(),
            bias: self.bias.shallow_clone(),
        }
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
                let Linear { weight, bias } = &self.short_filter;
                operators::mix(&u, weight, bias, taps, fft::transform_size(u.size()[1]))?
            }
            _ => self.mix(&u.f_to_kind(Kind::Float)?, filter)?,
        };
        self.out_proj.forward(&y, precision)
    }

    /// What the operators of shim/ do, in libtorch's own.
    fn mix(&self, u: &Tensor, filter: &LongFilter) -> Result<Tensor, TchError> {
        let u = self.short_convolution(&u.f_transpose(1, 2)?)?; // (B, 3D, L)
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
        let taps = self.filter.taps(length)?; // (L, D)
        let first = taps.f_narrow(0, 0, 1)?.f_add(&self.bias)?;
        let rest = taps.f_narrow(0, 1, length - 1)?;
        Tensor::f_cat(&[first, rest], 0)?.f_tr()?.f_contiguous()
    }

    /// The spectrum of [`taps`](Self::taps), for [`LongFilter::Spectrum`].
    pub fn spectrum(&self, length: i64) -> Result<Tensor, TchError> {
        fft::spectrum(&self.taps(length)?)
    }

    /// Each channel convolved with its own few taps, causally: padded on both sides, cut to L.
    fn short_convolution(&self, u: &Tensor) -> Result<Tensor, TchError> {
        let Linear { weight, bias } = &self.short_filter;
        let (channels, taps, length) = (weight.size()[0], weight.size()[2], u.size()[2]);
        u.f_conv1d(weight, Some(bias), 1, taps - 1, 1, channels)?.f_narrow(2, 0, length)
    }
}
