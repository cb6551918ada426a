//! Random tensors for tests. The generator of libtorch is shared by all threads: what a test drew
//! from it would depend on the tests that run beside it.

use tch::{Kind, Tensor};

use super::weights::initial::{InitialDraws, Law};

/// Numbers of the standard normal distribution, determined by a seed.
pub struct Normal(InitialDraws);

impl Normal {
    pub fn new(seed: u64) -> Self {
        Self(InitialDraws::new(seed, 0))
    }

    /// A tensor on the CPU.
    pub fn tensor(&mut self, shape: &[i64], kind: Kind) -> Tensor {
        let count = shape.iter().product::<i64>() as usize;
        let numbers: Vec<f64> = (0..count).map(|_| self.0.draw(Law::Normal(1.0))).collect();
        Tensor::from_slice(&numbers).view(shape).to_kind(kind)
    }
}
