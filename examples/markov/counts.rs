//! How often each base follows each context.

use hyenadna::model::tokenizer::{A, T};

/// Counts for contexts of 0, 1, … bases. A word (a context and the base that follows) is a number
/// with two bits a base, the last base lowest.
pub struct Counts {
    orders: Vec<Vec<u32>>,
}

/// Where a base stands: it, up to `order` bases before it, and how many those are.
#[derive(Clone, Copy)]
pub struct Place {
    pub word: usize,
    pub known: usize,
}

/// The places of all bases but N, which ends every context.
pub fn places(tokens: &[u8], order: usize) -> impl Iterator<Item = (usize, Place)> {
    let mask = (1 << (2 * (order + 1))) - 1;
    let (mut word, mut known) = (0, 0);
    tokens.iter().enumerate().filter_map(move |(at, token)| {
        if !(A..=T).contains(token) {
            known = 0;
            return None;
        }
        word = (word << 2 | usize::from(token - A)) & mask;
        let place = Place { word, known: order.min(known) };
        known += 1;
        Some((at, place))
    })
}

impl Counts {
    /// Nothing is counted yet.
    pub fn new(order: usize) -> Self {
        Self { orders: (0..=order).map(|k| vec![0; 4 << (2 * k)]).collect() }
    }

    /// The longest context, in bases.
    pub fn order(&self) -> usize {
        self.orders.len() - 1
    }

    /// Counts each base with the longest context that it has; [`complete`](Self::complete) must
    /// follow after all are counted.
    pub fn add(&mut self, tokens: &[u8]) {
        for (_, Place { word, known }) in places(tokens, self.order()) {
            let count = &mut self.orders[known][shortened(word, known)];
            *count = count.saturating_add(1);
        }
    }

    /// Counts every base with every shorter context too.
    pub fn complete(&mut self) {
        for k in (1..self.orders.len()).rev() {
            let (shorter, longer) = self.orders.split_at_mut(k);
            for (word, count) in longer[0].iter().enumerate() {
                shorter[k - 1][shortened(word, k - 1)] += count;
            }
        }
    }

    /// Adds the counts of another of the same order.
    pub fn merge(&mut self, other: &Self) {
        for (own, others) in self.orders.iter_mut().zip(&other.orders) {
            for (own, other) in own.iter_mut().zip(others) {
                *own += other;
            }
        }
    }

    /// How often the base at a place follows its context of `k` bases, and how often any does.
    pub fn of(&self, place: Place, k: usize) -> (u32, u32) {
        let word = shortened(place.word, k);
        let any = &self.orders[k][word & !3..][..4];
        (any[word & 3], any.iter().sum())
    }
}

/// The base with only the last `k` bases of its context.
fn shortened(word: usize, k: usize) -> usize {
    word & ((4 << (2 * k)) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_context_is_counted() {
        // ACAC N AC, of which contexts do not reach over N
        let tokens = [7, 8, 7, 8, 11, 7, 8];
        let mut counts = Counts::new(2);
        counts.add(&tokens);
        counts.complete();
        let places: Vec<_> = places(&tokens, 2).map(|(_, place)| place).collect();
        assert_eq!(places.iter().map(|p| p.known).collect::<Vec<_>>(), [0, 1, 2, 2, 0, 1]);
        assert_eq!(counts.of(places[3], 0), (3, 6), "C of all");
        assert_eq!(counts.of(places[3], 1), (3, 3), "C after A");
        assert_eq!(counts.of(places[3], 2), (1, 1), "C after CA");
        assert_eq!(counts.of(places[2], 1), (1, 1), "A after C");
    }
}
