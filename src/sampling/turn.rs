//! Every interval or example once an epoch, as HyenaDNA was trained.

use crate::{
    chance::{Purpose, RandomStream},
    sampling::interval::Interval,
};

/// The order of intervals or examples, another one each epoch.
pub struct Turn {
    seed: u64,
    count: usize,
    /// The epoch that `order` is of; none before the first.
    epoch: Option<u64>,
    order: Vec<usize>,
}

impl Turn {
    /// An order of so many, at least one.
    pub fn new(seed: u64, count: usize) -> Self {
        Self { seed, count, epoch: None, order: Vec::new() }
    }

    /// Number of the one whose turn it is at an index.
    pub fn at(&mut self, index: u64) -> usize {
        let count = self.count as u64;
        let epoch = index / count;
        if self.epoch != Some(epoch) {
            self.order = (0..self.count).collect();
            RandomStream::new(self.seed, Purpose::Order, epoch).shuffle(&mut self.order);
            self.epoch = Some(epoch);
        }
        self.order[(index % count) as usize]
    }
}

/// The first `length` bases of an interval. A shorter one is widened about its centre, moved
/// inwards at the ends of the contig, and is shorter only where the contig is.
pub fn window(interval: &Interval, length: u64, contig_length: u64) -> Interval {
    let missing = length.saturating_sub(interval.len());
    let start = interval.range.start.saturating_sub(missing / 2);
    let start = start.min(contig_length.saturating_sub(length));
    // an interval that is long enough stays where it is: it ends within the contig
    let start = if missing == 0 { interval.range.start } else { start };
    let range = start..contig_length.min(start + length);
    Interval { range, ..interval.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_epoch_has_each_interval_once_in_an_order_of_its_own() {
        let mut turn = Turn::new(3, 20);
        let mut epochs = Vec::new();
        for epoch in 0..3 {
            let order: Vec<_> = (epoch * 20..(epoch + 1) * 20).map(|i| turn.at(i)).collect();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..20).collect::<Vec<_>>());
            epochs.push(order);
        }
        assert_ne!(epochs[0], epochs[1]);
        assert_ne!(epochs[1], epochs[2]);
        assert_eq!(turn.at(7), epochs[0][7], "whatever was drawn before");
    }

    #[test]
    fn short_intervals_are_widened_within_the_contig() {
        for (range, length, expected) in [
            (40..80, 10, 40..50),
            (40..50, 20, 35..55),
            (0..10, 20, 0..20),
            (95..100, 20, 80..100),
            (40..50, 200, 0..100),
        ] {
            let interval = Interval { genome: 1, contig: 2, range };
            assert_eq!(window(&interval, length, 100), Interval { range: expected, ..interval });
        }
    }

    proptest! {
        #[test]
        fn windows_stay_within_the_contig(
            start in 0_u64..100, bases in 1_u64..50, rest in 0_u64..50, length in 1_u64..200,
        ) {
            let contig = start + bases + rest;
            let interval = Interval { genome: 0, contig: 0, range: start..start + bases };
            let window = window(&interval, length, contig);
            prop_assert!(window.range.end <= contig);
            prop_assert_eq!(window.len(), length.min(contig));
            if bases >= length {
                prop_assert_eq!(window.range.start, start);
            } else {
                prop_assert!(window.range.start <= start && window.range.end >= start + bases);
            }
        }
    }
}
