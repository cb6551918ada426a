//! Random numbers that depend only on a seed, a purpose and a stream number.
//!
//! The steps from random bits to numbers are implemented here, so that they stay the same with
//! another version of the library: a resumed run draws the same windows, and a null the same
//! variants.

pub mod splitmix;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Purpose of random numbers. Streams of different purposes are independent.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// The training sample of an index.
    Sample = 1,
    /// The order of the intervals in an epoch.
    Order = 2,
    /// The order of the bases at which null variants of a kind are drawn.
    NullOrder = 3,
    /// The length and the bases of a null insertion of an index.
    NullInsertion = 4,
    /// The length of a null deletion of an index.
    NullDeletion = 5,
    /// The order in which the examples of a class are divided into parts.
    Division = 6,
    /// The bases of the generated sequence of an index.
    Generation = 7,
    /// The order in which the examples of a class are shown to a model before a query.
    Demonstration = 8,
    /// The seeds of the windows of a class.
    Class = 9,
    /// The places from which a projection starts.
    Start = 10,
    /// The rows that a picture shows of many.
    Shown = 11,
    /// The window of a trial of repeats.
    RepeatWindow = 20,
    /// The copy and the control of a trial of repeats.
    RepeatCopy = 21,
    /// The shuffled window of a trial of repeats.
    RepeatShuffle = 22,
}

/// A stream of random numbers.
#[derive(Debug)]
pub struct RandomStream(ChaCha8Rng);

impl RandomStream {
    /// Opens a stream. `number` is the index of a sample, an epoch or a variant.
    pub fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8] = purpose as u8;
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(number);
        Self(rng)
    }

    /// Draws 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Draws a whole number from 0 to `end` - 1, all exactly equally likely; `end` is above 0.
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

    /// Draws a number from 0 (included) to 1 (excluded).
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Draws true or false with equal probability.
    pub fn coin(&mut self) -> bool {
        self.0.next_u64() >> 63 == 1
    }

    /// Shuffles items into a random order (Fisher and Yates).
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
    fn numbers_are_uniformly_distributed() {
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
