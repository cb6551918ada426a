//! Causal convolution with a filter as long as the sequence, by the fast Fourier transform.

use std::collections::HashMap;

use tch::{TchError, Tensor};

/// Spectra of long filters, kept between calls: evaluating the filter network again in each call
/// costs about as much as 5 % of the model.
#[derive(Debug)]
pub struct SpectrumCache {
    spectra: HashMap<(usize, i64), Tensor>,
    left: usize,
    used: usize,
}

impl Default for SpectrumCache {
    /// A gigabyte.
    fn default() -> Self {
        Self::new(1 << 30)
    }
}

impl SpectrumCache {
    /// A cache of at most `bytes`; spectra beyond that are made in each call.
    pub fn new(bytes: usize) -> Self {
        Self { spectra: HashMap::new(), left: bytes, used: 0 }
    }

    /// Bytes that there is room for.
    pub fn room(&self) -> usize {
        self.left
    }

    /// Bytes that are kept.
    pub fn used(&self) -> usize {
        self.used
    }

    /// True if the spectrum of `layer` for sequences of `length` is kept.
    pub fn has(&self, layer: usize, length: i64) -> bool {
        self.spectra.contains_key(&(layer, length))
    }

    /// The spectrum of `layer` for sequences of `length`, made by `make` if it is not kept yet.
    pub fn get(
        &mut self,
        layer: usize,
        length: i64,
        make: impl FnOnce() -> Result<Tensor, TchError>,
    ) -> Result<Tensor, TchError> {
        if let Some(spectrum) = self.spectra.get(&(layer, length)) {
            return Ok(spectrum.shallow_clone());
        }
        let spectrum = make()?;
        let bytes = spectrum.numel() * spectrum.kind().elt_size_in_bytes();
        if bytes <= self.left {
            self.left -= bytes;
            self.used += bytes;
            self.spectra.insert((layer, length), spectrum.shallow_clone());
        }
        Ok(spectrum)
    }
}

/// True if `n` has no prime factor over 5: the transforms of such sizes are fast.
fn is_smooth(mut n: i64) -> bool {
    for p in [2, 3, 5] {
        while n % p == 0 {
            n /= p;
        }
    }
    n == 1
}

/// The smallest fast even size that holds `length` inputs convolved with `length` taps without
/// wrapping round: at least 2·length − 1.
pub fn transform_size(length: i64) -> i64 {
    let mut n = (2 * length - 1).max(2);
    n += n % 2;
    while !is_smooth(n) {
        n += 2;
    }
    n
}

/// Length that a sequence is padded to on the right: few distinct values, so that sequences share
/// spectra and batches, at most 1/8 more than `length`, and alone a function of it, so that a
/// result does not depend on what else is in the batch. Never over `limit` unless `length` is.
pub fn padded_length(length: i64, limit: i64) -> i64 {
    let mut step = 1;
    while length / step >= 16 {
        step *= 2;
    }
    let padded = (length + step - 1) / step * step;
    padded.min(limit.max(length))
}

/// The spectrum of a filter for [`convolve`], scaled for a transform back without scaling.
/// `taps` is (D, L); the result is (D, n/2 + 1), complex.
pub fn spectrum(taps: &Tensor) -> Result<Tensor, TchError> {
    taps.f_fft_rfft(transform_size(taps.size()[1]), -1, "forward")
}

/// Causal convolution of `x` (B, D, L) with the filter whose spectrum is `spectrum`.
pub fn convolve(x: &Tensor, spectrum: &Tensor) -> Result<Tensor, TchError> {
    let length = x.size()[2];
    let n = transform_size(length);
    let product = x.f_fft_rfft(n, -1, "backward")?.f_mul(spectrum)?;
    product.f_fft_irfft(n, -1, "forward")?.f_narrow(2, 0, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::Normal;
    use proptest::prelude::*;
    use tch::Kind;

    #[test]
    fn equals_the_sum_of_products() {
        let mut random = Normal::new(1);
        for length in [1, 2, 3, 5, 16, 97] {
            let x = random.tensor(&[2, 3, length], Kind::Double);
            let k = random.tensor(&[3, length], Kind::Double);
            let got = convolve(&x, &spectrum(&k).unwrap()).unwrap();
            for (b, d, i) in [(0, 0, length - 1), (1, 2, length / 2), (1, 1, 0)] {
                let mut want = 0.0;
                for j in 0..=i {
                    want += x.double_value(&[b, d, j]) * k.double_value(&[d, i - j]);
                }
                assert!((got.double_value(&[b, d, i]) - want).abs() < 1e-10, "L={length} i={i}");
            }
        }
    }

    proptest! {
        #[test]
        fn sizes_are_fast_and_hold_the_convolution(length in 1i64..2_000_000) {
            let n = transform_size(length);
            prop_assert!(n >= 2 * length - 1 && n % 2 == 0 && is_smooth(n));
            let padded = padded_length(length, i64::MAX);
            prop_assert!(padded >= length && padded <= length + length / 8);
            prop_assert_eq!(padded_length(padded, i64::MAX), padded);
            prop_assert!(padded_length(length, 1000) <= length.max(1000));
        }
    }
}
