//! Random order of numbers in constant memory.

use crate::chance::{RandomStream, splitmix::mixed};

/// A random permutation of the numbers below a size: a Feistel network (Luby and Rackoff 1988,
/// doi:10.1137/0217022) on the next even number of bits, applied repeatedly until it gives a number
/// below the size (Black and Rogaway 2002, doi:10.1007/3-540-45760-7_9).
#[derive(Debug, Clone)]
pub(super) struct DrawOrder {
    size: u64,
    /// Number of bits of either half.
    half: u32,
    keys: [u64; ROUNDS],
}

const ROUNDS: usize = 8;

/// Fewest bits of a half: permutations of fewer bits are too similar.
const FEWEST_BITS: u32 = 4;

impl DrawOrder {
    /// Makes a permutation of `size` numbers, with keys drawn from `chance`.
    pub(super) fn new(size: u64, chance: &mut RandomStream) -> Self {
        let bits = u64::BITS - size.saturating_sub(1).leading_zeros();
        let half = bits.div_ceil(2).max(FEWEST_BITS);
        Self { size, half, keys: std::array::from_fn(|_| chance.bits()) }
    }

    /// The number at a 0-based place of the order; `None` after the last.
    pub(super) fn at(&self, place: u64) -> Option<u64> {
        if place >= self.size {
            return None;
        }
        // the network is a permutation, so its cycle returns to a number below the size, at the
        // latest to `place` itself
        let mut number = self.permuted(place);
        while number >= self.size {
            number = self.permuted(number);
        }
        Some(number)
    }

    fn permuted(&self, number: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let (mut left, mut right) = (number >> self.half, number & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mixed(right ^ key) & mask));
        }
        left << self.half | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;
    use proptest::prelude::*;

    fn order(size: u64, seed: u64) -> DrawOrder {
        DrawOrder::new(size, &mut RandomStream::new(seed, Purpose::NullOrder, 0))
    }

    #[test]
    fn every_number_is_as_likely_at_every_place() {
        for size in [3_u64, 10, 70] {
            for place in [0, size / 2, size - 1] {
                let mut counts = vec![0.0; size as usize];
                let seeds = 300 * size;
                for seed in 0..seeds {
                    counts[order(size, seed).at(place).unwrap() as usize] += 1.0;
                }
                // χ² of size - 1 degrees of freedom has that mean and twice that variance
                let chi: f64 = counts.iter().map(|n: &f64| (n - 300.0).powi(2) / 300.0).sum();
                let degrees = size as f64 - 1.0;
                assert!((chi - degrees) < 5.0 * (2.0 * degrees).sqrt(), "{size} {place} {chi}");
            }
        }
    }

    #[test]
    fn neighbours_in_the_order_are_independent() {
        let (size, cells) = (3_100_000_000_u64, 10);
        let order = order(size, 1);
        let cell = |place| (order.at(place).unwrap() * cells / size) as usize;
        let mut counts = [[0.0_f64; 10]; 10];
        for place in 0..50_000 {
            counts[cell(place)][cell(place + 1)] += 1.0;
        }
        let chi: f64 = counts.iter().flatten().map(|n| (n - 500.0).powi(2) / 500.0).sum();
        assert!((chi - 99.0).abs() < 5.0 * (2.0_f64 * 99.0).sqrt(), "{chi}");
    }

    proptest! {
        #[test]
        fn every_number_comes_once(size in 0..3000_u64, seed: u64) {
            let order = order(size, seed);
            let mut all: Vec<u64> = (0..size).map(|place| order.at(place).unwrap()).collect();
            all.sort_unstable();
            prop_assert!(all.into_iter().eq(0..size));
            prop_assert_eq!(order.at(size), None);
        }

        #[test]
        fn the_largest_sizes_work(size in (u64::MAX - 1000)..=u64::MAX, place: u64) {
            let order = order(size, 0);
            prop_assert_eq!(order.at(place % size).is_some_and(|number| number < size), true);
        }
    }
}
