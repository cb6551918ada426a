//! Bases that several intervals hold.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::parts::Splits;
use crate::sampling::interval::Interval;

/// Joins intervals that overlap; those that only touch stay apart. A joined interval takes the place of
/// the first of its parts. Returns the number of bases by which the sum of the lengths fell.
pub(super) fn join(intervals: &mut Vec<Interval>) -> u64 {
    let mut order: Vec<usize> = (0..intervals.len()).collect();
    order.sort_by_key(|&i| (intervals[i].genome, intervals[i].contig, intervals[i].range.start));
    let mut groups: Vec<(usize, Interval)> = Vec::new();
    for i in order {
        let next = &intervals[i];
        match groups.last_mut() {
            Some((first, last))
                if (last.genome, last.contig) == (next.genome, next.contig)
                    && next.range.start < last.range.end =>
            {
                *first = i.min(*first);
                last.range.end = last.range.end.max(next.range.end);
            }
            _ => groups.push((i, next.clone())),
        }
    }
    groups.sort_by_key(|(first, _)| *first);
    let joined = groups.into_iter().map(|(_, interval)| interval).collect();
    fallen(intervals, joined)
}

/// Removes repeats of an interval. Returns the number of their bases.
pub(super) fn drop_repeats(intervals: &mut Vec<Interval>) -> u64 {
    let mut seen = HashSet::new();
    let distinct = intervals.iter().filter(|i| seen.insert((i.genome, i.contig, i.range.clone())));
    let distinct = distinct.cloned().collect();
    fallen(intervals, distinct)
}

/// Replaces intervals. Returns the number of bases by which the sum of the lengths fell.
fn fallen(intervals: &mut Vec<Interval>, by: Vec<Interval>) -> u64 {
    let sum = |intervals: &[Interval]| intervals.iter().map(Interval::len).sum::<u64>();
    let before = sum(intervals);
    *intervals = by;
    before - sum(intervals)
}

/// Bases of train intervals that valid or test intervals hold too, each counted once.
pub(super) fn bases(splits: &Splits) -> u64 {
    let train = joined(splits.train.iter());
    let apart = joined(splits.valid.iter().chain(&splits.test));
    train.iter().filter_map(|(contig, train)| Some(shared(train, apart.get(contig)?))).sum()
}

/// The intervals of each contig in order, those that touch or overlap joined.
fn joined<'a>(
    intervals: impl Iterator<Item = &'a Interval>,
) -> HashMap<(usize, usize), Vec<Range<u64>>> {
    let mut contigs: HashMap<_, Vec<Range<u64>>> = HashMap::new();
    for interval in intervals {
        contigs.entry((interval.genome, interval.contig)).or_default().push(interval.range.clone());
    }
    for ranges in contigs.values_mut() {
        ranges.sort_unstable_by_key(|range| range.start);
        ranges.dedup_by(|next, before| {
            let touch = next.start <= before.end;
            if touch {
                before.end = before.end.max(next.end);
            }
            touch
        });
    }
    contigs
}

/// Bases that two lists of ranges share; each list is in order and without overlaps.
fn shared(one: &[Range<u64>], other: &[Range<u64>]) -> u64 {
    let (mut i, mut j, mut sum) = (0, 0, 0);
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        sum += a.end.min(b.end).saturating_sub(a.start.max(b.start));
        if a.end < b.end {
            i += 1;
        } else {
            j += 1;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn intervals(ranges: &[(usize, Range<u64>)]) -> Vec<Interval> {
        let of = |(contig, range): &(usize, Range<u64>)| (*contig, range.clone());
        let of = ranges.iter().map(of);
        of.map(|(contig, range)| Interval { genome: 0, contig, range }).collect()
    }

    #[test]
    fn overlapping_intervals_are_joined_in_their_first_place() {
        let mut list = intervals(&[(1, 5..9), (0, 0..4), (1, 0..6), (0, 4..8), (2, 5..9)]);
        assert_eq!(join(&mut list), 1);
        assert_eq!(list, intervals(&[(1, 0..9), (0, 0..4), (0, 4..8), (2, 5..9)]));
        assert_eq!(join(&mut list), 0);
    }

    #[test]
    fn only_equal_intervals_are_repeats() {
        let mut list = intervals(&[(0, 0..4), (0, 2..6), (0, 0..4), (1, 0..4)]);
        assert_eq!(drop_repeats(&mut list), 4);
        assert_eq!(list, intervals(&[(0, 0..4), (0, 2..6), (1, 0..4)]));
    }

    proptest! {
        #[test]
        fn each_base_is_counted_once_after_joining(
            ranges in proptest::collection::vec((0_usize..2, 0_u64..30, 1_u64..9), 0..12),
        ) {
            let ranges: Vec<_> =
                ranges.into_iter().map(|(contig, start, n)| (contig, start..start + n)).collect();
            let mut list = intervals(&ranges);
            let before: u64 = list.iter().map(Interval::len).sum();
            let fallen = join(&mut list);
            let bases: HashSet<(usize, u64)> =
                ranges.iter().flat_map(|(c, range)| range.clone().map(|at| (*c, at))).collect();
            let after: u64 = list.iter().map(Interval::len).sum();
            prop_assert_eq!(after, bases.len() as u64);
            prop_assert_eq!(before - after, fallen);
        }

        #[test]
        fn counts_as_base_by_base(
            ranges in proptest::collection::vec((0_usize..3, 0_usize..2, 0_u64..30, 1_u64..9), 0..12),
        ) {
            let mut splits = Splits::default();
            for &(split, contig, start, length) in &ranges {
                let interval = Interval { genome: 0, contig, range: start..start + length };
                [&mut splits.train, &mut splits.valid, &mut splits.test][split].push(interval);
            }
            let within = |intervals: &[Interval], contig, at| {
                intervals.iter().any(|i| i.contig == contig && i.range.contains(&at))
            };
            let expected = (0..2)
                .flat_map(|contig| (0..40).map(move |at| (contig, at)))
                .filter(|&(contig, at)| {
                    within(&splits.train, contig, at)
                        && (within(&splits.valid, contig, at) || within(&splits.test, contig, at))
                })
                .count() as u64;
            prop_assert_eq!(bases(&splits), expected);
        }
    }
}
