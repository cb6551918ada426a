//! Intervals covered with windows that do not overlap, for validation and test.

use super::interval::Interval;

/// Treatment of the bases after the last whole window of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// They are a shorter window.
    Read,
    /// They are left out, unless the whole interval is shorter than a window.
    Skipped,
}

/// Windows of one length, from the start of each interval on; only the last of an interval may be
/// shorter.
#[derive(Debug, Clone)]
pub struct Tiles {
    intervals: Vec<Interval>,
    /// Windows in the intervals, summed up to and with each.
    sums: Vec<u64>,
    length: u64,
    count: u64,
    next: u64,
}

impl Tiles {
    /// Windows of `length` bases, which is at least 1; at most `most` of them, evenly spread over
    /// all that there are.
    pub fn new(intervals: &[Interval], length: u64, most: Option<u64>, rest: Rest) -> Self {
        let length = length.max(1);
        let mut sums = Vec::with_capacity(intervals.len());
        let mut sum = 0;
        for interval in intervals {
            sum += match rest {
                Rest::Read => interval.len().div_ceil(length),
                Rest::Skipped => (interval.len() / length).max(1),
            };
            sums.push(sum);
        }
        let count = most.map_or(sum, |most| most.min(sum));
        Self { intervals: intervals.to_vec(), sums, length, count, next: 0 }
    }

    /// Window number `number` of those that are taken.
    fn tile(&self, number: u64) -> Interval {
        let total = self.sums.last().copied().unwrap_or(0);
        // the product of two lengths in bases may exceed 64 bits
        let number = (u128::from(number) * u128::from(total) / u128::from(self.count)) as u64;
        let place = self.sums.partition_point(|sum| *sum <= number);
        let before = if place == 0 { 0 } else { self.sums[place - 1] };
        let interval = &self.intervals[place];
        let start = interval.range.start + (number - before) * self.length;
        Interval { range: start..interval.range.end.min(start + self.length), ..interval.clone() }
    }
}

impl Iterator for Tiles {
    type Item = Interval;

    fn next(&mut self) -> Option<Interval> {
        let tile = (self.next < self.count).then(|| self.tile(self.next))?;
        self.next += 1;
        Some(tile)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.count - self.next) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Tiles {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn interval(contig: usize, range: std::ops::Range<u64>) -> Interval {
        Interval { genome: 0, contig, range }
    }

    #[test]
    fn all_windows_of_the_published_interval() {
        let tiles = Tiles::new(&[interval(3, 0..2_000_001)], 1024, None, Rest::Skipped);
        assert_eq!((tiles.len(), tiles.clone().count()), (1953, 1953));
        assert_eq!(tiles.last(), Some(interval(3, 1952 * 1024..1953 * 1024)));
    }

    #[test]
    fn short_intervals_are_taken_whole_and_a_few_are_spread() {
        let intervals = [interval(0, 5..35), interval(1, 3..7), interval(2, 0..70)];
        let all: Vec<_> = Tiles::new(&intervals, 10, None, Rest::Skipped).collect();
        assert_eq!(all.len(), 11);
        assert_eq!(
            all[..4],
            [interval(0, 5..15), interval(0, 15..25), interval(0, 25..35), interval(1, 3..7)]
        );
        let few: Vec<_> = Tiles::new(&intervals, 10, Some(3), Rest::Skipped).collect();
        assert_eq!(few, [all[0].clone(), all[3].clone(), all[7].clone()]);
        assert!(Tiles::new(&intervals, 10, Some(99), Rest::Skipped).eq(all));
        assert_eq!(Tiles::new(&[], 10, None, Rest::Skipped).next(), None);
        assert_eq!(Tiles::new(&intervals, 10, Some(0), Rest::Skipped).next(), None);
    }

    proptest! {
        #[test]
        fn tiles_follow_each_other(
            pieces in proptest::collection::vec((0_u64..100, 1_u64..100), 0..5),
            length in 1_u64..40,
            most in proptest::option::of(0_u64..30),
            whole in any::<bool>(),
        ) {
            let rest = if whole { Rest::Skipped } else { Rest::Read };
            let intervals: Vec<_> = pieces
                .iter()
                .enumerate()
                .map(|(i, (start, bases))| interval(i, *start..start + bases))
                .collect();
            let tiles: Vec<_> = Tiles::new(&intervals, length, most, rest).collect();
            for tile in &tiles {
                let owner = &intervals[tile.contig];
                prop_assert!(tile.range.end <= owner.range.end);
                prop_assert_eq!((tile.range.start - owner.range.start) % length, 0);
                let left = owner.range.end - tile.range.start;
                prop_assert_eq!(tile.len(), length.min(if whole { owner.len() } else { left }));
            }
            if most.is_none() && !whole {
                let all = intervals.iter().map(Interval::len).sum::<u64>();
                prop_assert_eq!(tiles.iter().map(Interval::len).sum::<u64>(), all);
            }
            let places: Vec<_> = tiles.iter().map(|t| (t.contig, t.range.start)).collect();
            prop_assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(most.is_none_or(|most| tiles.len() as u64 <= most));
        }
    }
}
