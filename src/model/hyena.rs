//! The Hyena operator of order 2: gate, long convolution, gate.
//!
//! Poli et al., "Hyena Hierarchy" (arXiv 2302.10866), definition 3.1.

use tch::{TchError, Tensor};

use super::{
    fft::{self, SpectrumCache},
    filter::ImplicitFilter,
    leaves::Linear,
};

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

    /// Mixes `h` (B, L, D); `layer` is the key of this operator's spectra in `cache`.
    pub fn forward(
        &self,
        h: &Tensor,
        layer: usize,
        cache: &mut SpectrumCache,
    ) -> Result<Tensor, TchError> {
        let length = h.size()[1];
        let spectrum = cache.get(layer, length, || self.spectrum(length))?;
        let u = self.in_proj.forward(h)?.f_transpose(1, 2)?; // (B, 3D, L)
        let u = self.short_convolution(&u)?;
        let [x0, x1, v] = <[Tensor; 3]>::try_from(u.f_chunk(3, 1)?)
            .map_err(|_| TchError::Shape("in_proj must give three parts".into()))?;
        let v = v.f_mul(&x1)?; // (B, D, L)
        let y = fft::convolve(&v, &spectrum)?.f_mul(&x0)?;
        self.out_proj.forward(&y.f_transpose(1, 2)?)
    }

    /// The spectrum of the long filter for sequences of `length` bases. y = v∗k + bias·v is one
    /// convolution when the bias is added to the first tap.
    pub fn spectrum(&self, length: i64) -> Result<Tensor, TchError> {
        let taps = self.filter.taps(length)?; // (L, D)
        let first = taps.f_narrow(0, 0, 1)?.f_add(&self.bias)?;
        let rest = taps.f_narrow(0, 1, length - 1)?;
        fft::spectrum(&Tensor::f_cat(&[first, rest], 0)?, length)
    }

    /// Each channel convolved with its own few taps, causally: padded on both sides, cut to L.
    fn short_convolution(&self, u: &Tensor) -> Result<Tensor, TchError> {
        let Linear { weight, bias } = &self.short_filter;
        let (channels, taps, length) = (weight.size()[0], weight.size()[2], u.size()[2]);
        u.f_conv1d(weight, Some(bias), 1, taps - 1, 1, channels)?.f_narrow(2, 0, length)
    }
}
