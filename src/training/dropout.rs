//! Dropout of the embedding, determined by the seed and the number of the sample.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, TchError, Tensor};

/// Keeps the streams of dropout apart from those of the sampler, which has the same seed.
const DOMAIN: u64 = 0x6472_6f70_6f75_7421; // "dropout!"

/// The masks of one step.
#[derive(Debug, Clone, Copy)]
pub struct Dropout {
    /// Share of the elements that are set to 0, to 1/65,536.
    pub rate: f64,
    /// Seed of the run.
    pub seed: u64,
    /// Index of the first sample of the step.
    pub first_sample: u64,
}

impl Dropout {
    /// Factors of the embedding (B, L, D) of the sequences from `row` on: 0 with the rate's
    /// probability, else 1/(1 − rate). `None` without dropout.
    pub fn mask(
        &self,
        row: usize,
        size: [i64; 3],
        device: Device,
    ) -> Result<Option<Tensor>, TchError> {
        if self.rate <= 0.0 {
            return Ok(None);
        }
        let [rows, length, width] = size;
        let threshold = ((self.rate * 65_536.0).round() as u32).min(65_535);
        let elements = (length * width) as usize;
        let mut kept = Vec::with_capacity(rows as usize * elements);
        let mut bytes = vec![0; 2 * elements];
        for row in row as u64..row as u64 + rows as u64 {
            let mut random = ChaCha8Rng::seed_from_u64(self.seed ^ DOMAIN);
            random.set_stream(self.first_sample + row);
            random.fill_bytes(&mut bytes);
            let draw = |pair: &[u8]| u32::from(u16::from_le_bytes([pair[0], pair[1]]));
            kept.extend(bytes.chunks_exact(2).map(|pair| u8::from(draw(pair) >= threshold)));
        }
        let mask = Tensor::f_from_slice(&kept)?.f_view(size)?.f_to_device(device)?;
        let scale = 1.0 / (1.0 - f64::from(threshold) / 65_536.0);
        mask.f_to_kind(Kind::Float)?.f_mul_scalar(scale).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_depend_on_the_sample_only() {
        let dropout = Dropout { rate: 0.1, seed: 1, first_sample: 5 };
        let mask = |dropout: &Dropout, row, rows| {
            dropout.mask(row, [rows, 100, 32], Device::Cpu).unwrap().unwrap()
        };
        let both = mask(&dropout, 0, 2);
        assert!(both.narrow(0, 1, 1) == mask(&dropout, 1, 1));
        let later = Dropout { first_sample: 6, ..dropout };
        assert!(both.narrow(0, 1, 1) == mask(&later, 0, 1));
        assert!(both.narrow(0, 0, 1) != both.narrow(0, 1, 1));
        let mean = both.mean(Kind::Double).double_value(&[]);
        let zeros = both.eq(0.0).mean(Kind::Double);
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        let zeros = zeros.double_value(&[]);
        assert!((zeros - 0.1).abs() < 0.02, "{zeros}");
        let none = Dropout { rate: 0.0, ..dropout };
        assert!(none.mask(0, [1, 1, 1], Device::Cpu).unwrap().is_none());
    }
}
