//! Dropout of the embedding, determined by the seed and the number of the sample.

use tch::{Device, Kind, TchError, Tensor};

use crate::{
    chance::splitmix::{FACTORS, SHIFTS, STEP, mixed},
    model::libtorch::transfer::upload,
};

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
        let threshold = ((self.rate * 65_536.0).round() as i64).min(65_535);
        let elements = length * width;
        let keys: Vec<u64> =
            (row as u64..row as u64 + rows as u64).map(|row| self.key(row)).collect();
        let kept = match device {
            Device::Cpu => kept(&keys, elements, threshold)?,
            _ => kept_on_device(&keys, elements, threshold, device)?,
        };
        let scale = 1.0 / (1.0 - threshold as f64 / 65_536.0);
        kept.f_view(size)?.f_to_kind(Kind::Float)?.f_mul_scalar(scale).map(Some)
    }

    /// The number that the draws of a row follow from.
    fn key(&self, row: u64) -> u64 {
        mixed(mixed(self.seed ^ DOMAIN).wrapping_add((self.first_sample + row).wrapping_mul(STEP)))
    }
}

/// 1 for each element of each row whose upper 16 bits are not below `threshold`, else 0.
fn kept(keys: &[u64], elements: i64, threshold: i64) -> Result<Tensor, TchError> {
    let draws = keys.iter().flat_map(|&key| {
        (1..=elements as u64).map(move |i| mixed(key.wrapping_add(i.wrapping_mul(STEP))) >> 48)
    });
    let kept: Vec<u8> = draws.map(|draw| u8::from(draw as i64 >= threshold)).collect();
    Tensor::f_from_slice(&kept)
}

/// The same, made on a device: integers of libtorch wrap as well, and their shift keeps the sign, which is masked.
fn kept_on_device(
    keys: &[u64],
    elements: i64,
    threshold: i64,
    device: Device,
) -> Result<Tensor, TchError> {
    let keys: Vec<i64> = keys.iter().map(|&key| key as i64).collect();
    let keys = upload(&Tensor::f_from_slice(&keys)?, device)?.f_unsqueeze(1)?;
    let numbers = Tensor::f_arange_start(1, elements + 1, (Kind::Int64, device))?;
    let mut z = keys.f_add(&numbers.f_mul_scalar(STEP as i64)?)?;
    let shifted = |z: &Tensor, places: u32| {
        z.f_bitwise_right_shift_tensor_scalar(i64::from(places))?
            .f_bitwise_and((u64::MAX >> places) as i64)
    };
    for (places, factor) in SHIFTS.into_iter().zip([Some(FACTORS[0]), Some(FACTORS[1]), None]) {
        let low = shifted(&z, places)?;
        z = z.f_bitwise_xor_tensor_(&low)?;
        if let Some(factor) = factor {
            z = z.f_mul_scalar_(factor as i64)?;
        }
    }
    shifted(&z, 48)?.f_ge(threshold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_of_a_device_are_those_of_a_cpu() {
        let keys = [0, 1, u64::MAX, 0x0123_4567_89ab_cdef, 1 << 63];
        for threshold in [1, 6554, 65_535] {
            let here = kept(&keys, 1000, threshold).unwrap().to_kind(Kind::Bool);
            let there = kept_on_device(&keys, 1000, threshold, Device::Cpu).unwrap();
            assert!(here == there.flatten(0, -1));
        }
    }

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
