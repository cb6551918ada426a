//! Small networks, texts and random tensors for tests. The generator of libtorch is shared by all threads: what a test drew
//! from it would depend on the tests that run beside it.

use tch::{Device, Kind, Tensor};

use super::{
    config::Config,
    network::HyenaDna,
    weights::{
        Weights,
        initial::{InitialDraws, Law},
        source,
    },
};

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

/// A small network with a context of `l_max`.
pub fn network(width: i64, l_max: i64) -> HyenaDna {
    network_of([width, 4 * width], l_max)
}

/// The same with another width of the MLP.
pub fn network_of([d_model, d_inner]: [i64; 2], l_max: i64) -> HyenaDna {
    let base = source::builtin().unwrap().weights.config.clone();
    let config = Config { d_model, d_inner, n_layer: 2, l_max, ..base };
    let mut weights = Weights::initial(&config, 7);
    for (i, tensor) in weights.tensors.values_mut().enumerate() {
        // away from zero, so that every weight counts
        for (j, x) in tensor.data.iter_mut().enumerate() {
            *x += ((i * 37 + j * 101) % 17) as f32 / 170.0 - 0.05;
        }
    }
    HyenaDna::new(&weights, Device::Cpu).unwrap()
}

/// Token ids of so many bases, another text for each seed.
pub fn ids(length: usize, seed: usize) -> Vec<u8> {
    (0..length).map(|i| 7 + ((i * i + seed * 31 + i * seed) % 13 % 5) as u8).collect()
}

/// ‖got − want‖ / ‖want‖; `got` is row-major.
pub fn relative_error(got: &[f32], want: &Tensor) -> f64 {
    let got = Tensor::from_slice(got).view_as(want);
    let norm = |t: &Tensor| t.to_kind(Kind::Double).norm().double_value(&[]);
    norm(&(&got - want)) / norm(want).max(1e-30)
}
