//! Stretches of contigs as one numbered list of bases.

use std::ops::Range;

/// Regions in which null variants are drawn: each base once, in the order of the contigs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions {
    /// Index of the contig, and range, 0-based and half-open; sorted and disjoint.
    ranges: Vec<(usize, Range<u64>)>,
    /// Number of bases before each range.
    before: Vec<u64>,
    bases: u64,
    /// Length of each contig, in bases.
    lengths: Vec<u64>,
}

/// A base of the regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomPlace {
    /// Index of the contig.
    pub contig: usize,
    /// Position on the contig, 0-based.
    pub position: u64,
    /// One past the last base of its region, 0-based.
    region_end: u64,
}

impl Regions {
    /// Merges regions (index of the contig, and range, 0-based and half-open), which may overlap
    /// and come in any order, on contigs of the given lengths. They are clamped to the contigs.
    pub fn new(regions: impl IntoIterator<Item = (usize, Range<u64>)>, lengths: &[u64]) -> Self {
        let within = |(contig, range): (usize, Range<u64>)| {
            let end = range.end.min(*lengths.get(contig)?);
            (range.start < end).then_some((contig, range.start..end))
        };
        let mut sorted: Vec<_> = regions.into_iter().filter_map(within).collect();
        sorted.sort_unstable_by_key(|(contig, range)| (*contig, range.start));
        let mut ranges: Vec<(usize, Range<u64>)> = Vec::with_capacity(sorted.len());
        for (contig, range) in sorted {
            match ranges.last_mut() {
                Some((c, last)) if *c == contig && range.start <= last.end => {
                    last.end = last.end.max(range.end);
                }
                _ => ranges.push((contig, range)),
            }
        }
        let mut bases = 0;
        let before = ranges
            .iter()
            .map(|(_, range)| {
                let before = bases;
                bases += range.end - range.start;
                before
            })
            .collect();
        Self { ranges, before, bases, lengths: lengths.to_vec() }
    }

    /// Regions that cover whole contigs of the given lengths.
    pub fn whole(lengths: &[u64]) -> Self {
        Self::new(lengths.iter().enumerate().map(|(contig, &length)| (contig, 0..length)), lengths)
    }

    /// Number of bases.
    pub fn bases(&self) -> u64 {
        self.bases
    }

    /// The base of a number from 0 on; `None` after the last.
    pub fn place(&self, number: u64) -> Option<RandomPlace> {
        if number >= self.bases {
            return None;
        }
        let region = self.before.partition_point(|&before| before <= number) - 1;
        let (contig, range) = &self.ranges[region];
        let position = range.start + (number - self.before[region]);
        Some(RandomPlace { contig: *contig, position, region_end: range.end })
    }

    /// The `length` bases from a place on, 0-based and half-open on the contig; `None` if its
    /// region ends earlier.
    pub fn stretch(&self, place: &RandomPlace, length: u64) -> Option<Range<u64>> {
        let end = place.position.checked_add(length)?;
        (end <= place.region_end).then_some(place.position..end)
    }

    /// A base and its two neighbours, 0-based and half-open on the contig. The neighbours may be
    /// outside the regions; `None` at the ends of a contig.
    pub fn trinucleotide(&self, place: &RandomPlace) -> Option<Range<u64>> {
        let start = place.position.checked_sub(1)?;
        let end = place.position + 2;
        (end <= self.lengths[place.contig]).then_some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn regions_are_merged_and_clamped_to_their_contigs() {
        let given = [(1, 5..9), (0, 8..20), (0, 2..4), (0, 3..6), (0, 6..7), (2, 0..5), (0, 5..5)];
        let regions = Regions::new(given, &[10, 7]);
        assert_eq!(regions.ranges, [(0, 2..7), (0, 8..10), (1, 5..7)]);
        assert_eq!((regions.bases(), regions.place(9)), (9, None));
        let place = regions.place(5).unwrap();
        assert_eq!((place.contig, place.position), (0, 8));
        assert_eq!(regions.stretch(&place, 2), Some(8..10));
        assert_eq!(regions.stretch(&place, 3), None);
        assert_eq!(regions.stretch(&place, u64::MAX), None);
        assert_eq!(regions.trinucleotide(&place), Some(7..10));
        assert_eq!(regions.trinucleotide(&regions.place(6).unwrap()), None);
        let whole = Regions::whole(&[3, 0, 1]);
        assert_eq!(whole.trinucleotide(&whole.place(0).unwrap()), None);
        assert_eq!((whole.bases(), whole.place(3).unwrap().contig), (4, 2));
    }

    proptest! {
        #[test]
        fn every_base_of_any_region_comes_once(
            given in prop::collection::vec((0..3_usize, 0..30_u64, 0..10_u64), 0..12),
        ) {
            let given = given.into_iter().map(|(contig, start, n)| (contig, start..start + n));
            let given: Vec<_> = given.collect();
            let regions = Regions::new(given.clone(), &[25, 40]);
            let expected: Vec<(usize, u64)> = (0..2_usize)
                .flat_map(|contig| (0..[25, 40][contig]).map(move |at| (contig, at)))
                .filter(|(c, at)| given.iter().any(|(contig, r)| contig == c && r.contains(at)))
                .collect();
            let found: Vec<(usize, u64)> = (0..regions.bases())
                .map(|i| regions.place(i).map(|place| (place.contig, place.position)).unwrap())
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
