//! Random numbers that depend on a seed, a purpose and a number, and on nothing else.
//!
//! How bits become numbers is written out here: a run that goes on next year, with another version
//! of the library, draws the same windows, and a null of last year the same variants.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What numbers are drawn for; purposes do not share numbers.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// The sample of an index.
    Sample = 1,
    /// The order of an epoch.
    Order = 2,
    /// The order in which bases are taken for null variants of a kind.
    NullOrder = 3,
    /// The length and the bases of a null insertion of an index.
    NullInsertion = 4,
    /// The length of a null deletion of an index.
    NullDeletion = 5,
}

/// A stream of random numbers.
#[derive(Debug)]
pub struct RandomStream(ChaCha8Rng);

impl RandomStream {
    /// The stream of a number: the index of a sample, of an epoch, of a variant.
    pub fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8] = purpose as u8;
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(number);
        Self(rng)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `end`, which is above 0; each is exactly as likely as any other.
    pub fn below(&mut self, end: u64) -> u64 {
        debug_assert!(end > 0);
        // the high half of the product is uniform once the low halves that occur once too often
        // are drawn again (Lemire 2019)
        let unfair = end.wrapping_neg() % end;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(end);
            if product as u64 >= unfair {
                return (product >> 64) as u64;
            }
        }
    }

    /// A number from 0 to 1, without 1.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Heads or tails.
    pub fn coin(&mut self) -> bool {
        self.0.next_u64() >> 63 == 1
    }

    /// Brings items into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, purpose, number| {
            let mut chance = RandomStream::new(seed, purpose, number);
            (0..4).map(|_| chance.below(1 << 40)).collect::<Vec<_>>()
        };
        let first = draw(1, Purpose::Sample, 5);
        assert_eq!(first, draw(1, Purpose::Sample, 5));
        for other in
            [draw(2, Purpose::Sample, 5), draw(1, Purpose::Order, 5), draw(1, Purpose::Sample, 6)]
        {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn the_law_of_numbers_is_uniform() {
        let mut chance = RandomStream::new(0, Purpose::Sample, 0);
        let mut counts = [0_i32; 6];
        let (mut sum, mut heads) = (0.0, 0);
        for _ in 0..6000 {
            counts[chance.below(6) as usize] += 1;
            sum += chance.unit();
            heads += i32::from(chance.coin());
        }
        assert!(counts.iter().all(|count| (count - 1000).abs() < 120), "{counts:?}");
        assert!((sum / 6000.0 - 0.5).abs() < 0.02 && (heads - 3000).abs() < 200);
        let mut items: Vec<u8> = (0..100).collect();
        chance.shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<u8>>());
    }
}
