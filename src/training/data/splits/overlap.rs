//! Bases that are trained on and measured on.

use std::{collections::HashMap, ops::Range};

use super::parts::Splits;
use crate::training::data::interval::Interval;

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

    proptest! {
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
