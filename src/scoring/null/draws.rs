//! Random places of the genome, and random indels at them.

use super::{
    order::DrawOrder,
    regions::{RandomPlace, Regions},
};
use crate::chance::{Purpose, RandomStream};

/// Places and indels in a random order. Each depends only on the regions, the seed and its number,
/// not on earlier draws.
#[derive(Debug, Clone)]
pub struct Draws {
    regions: Regions,
    seed: u64,
    substitutions: DrawOrder,
    insertions: DrawOrder,
    deletions: DrawOrder,
    /// Σ 1/k over the lengths k from 1 up to each length.
    lengths: Vec<f64>,
}

/// An insertion or a deletion at a random place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indel {
    /// The base right after the inserted ones, or the first deleted base.
    pub place: RandomPlace,
    /// Number of inserted or deleted bases.
    pub length: u64,
    /// First of the bases that an insertion copies; `None` for a deletion.
    pub source: Option<RandomPlace>,
}

impl Draws {
    /// Prepares draws from `regions`, with indels of 1 to `longest` bases.
    pub fn new(regions: Regions, seed: u64, longest: usize) -> Self {
        let order = |kind| {
            DrawOrder::new(regions.bases(), &mut RandomStream::new(seed, Purpose::NullOrder, kind))
        };
        let (substitutions, insertions, deletions) = (order(0), order(1), order(2));
        let sum = |sum: &mut f64, length: usize| {
            *sum += 1.0 / length as f64;
            Some(*sum)
        };
        let lengths = (1..=longest.max(1)).scan(0.0, sum).collect();
        Self { regions, seed, substitutions, insertions, deletions, lengths }
    }

    /// The regions drawn from.
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// The place of a draw, numbered from 0. Every base of the regions comes once, in a random
    /// order; `None` after the last.
    pub fn place(&self, number: u64) -> Option<RandomPlace> {
        self.regions.place(self.substitutions.at(number)?)
    }

    /// The insertion of a draw, numbered from 0. There is one before every base of the regions, in
    /// a random order; `None` after the last. Lengths are distributed as those of deletions. The
    /// inserted bases are a copy of a stretch at another random place, so they have the composition
    /// and the repeats of real sequence.
    pub fn insertion(&self, number: u64) -> Option<Indel> {
        let place = self.regions.place(self.insertions.at(number)?)?;
        let mut chance = RandomStream::new(self.seed, Purpose::NullInsertion, number);
        let length = self.length(&mut chance);
        let source = self.regions.place(chance.below(self.regions.bases()));
        Some(Indel { place, length, source })
    }

    /// The deletion of a draw, numbered from 0. One starts at every base of the regions, in a
    /// random order; `None` after the last. The probability of length k is proportional to 1/k, up
    /// to the longest: lengths are uniform on a logarithmic scale, as short indels are the most
    /// frequent.
    pub fn deletion(&self, number: u64) -> Option<Indel> {
        let place = self.regions.place(self.deletions.at(number)?)?;
        let length = self.length(&mut RandomStream::new(self.seed, Purpose::NullDeletion, number));
        Some(Indel { place, length, source: None })
    }

    /// Draws a length by sums of 1/k: logarithms may differ between libraries.
    fn length(&self, chance: &mut RandomStream) -> u64 {
        let last = self.lengths.len() - 1;
        let point = chance.unit() * self.lengths[last];
        self.lengths.partition_point(|&sum| sum <= point).min(last) as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn draws(bases: u64, seed: u64, longest: usize) -> Draws {
        Draws::new(
            Regions::new([(0, 10..10 + bases / 2), (1, 0..bases / 2)], &[bases; 2]),
            seed,
            longest,
        )
    }

    #[test]
    fn each_base_comes_once_and_orders_differ() {
        let here = draws(200, 1, 5);
        let place = |place: RandomPlace| (place.contig, place.position);
        let places = |draws: &Draws| -> Vec<_> {
            std::iter::from_fn({
                let mut number = 0..;
                move || draws.place(number.next()?).map(place)
            })
            .collect()
        };
        let first = places(&here);
        assert_eq!((first.len(), first.iter().collect::<BTreeSet<_>>().len()), (200, 200));
        assert!(!first.is_sorted());
        assert_eq!(first, places(&draws(200, 1, 9)));
        assert_ne!(first, places(&draws(200, 2, 5)));
        let insertions: Vec<_> =
            (0..200).map(|i| place(here.insertion(i).unwrap().place)).collect();
        let deletions: Vec<_> = (0..200).map(|i| place(here.deletion(i).unwrap().place)).collect();
        assert_eq!(insertions.iter().collect::<BTreeSet<_>>().len(), 200);
        assert!(insertions != first && deletions != first && insertions != deletions);
        assert_eq!((here.place(200), here.insertion(200), here.deletion(200)), (None, None, None));
    }

    #[test]
    fn draws_without_bases_end_at_once() {
        let empty = Draws::new(Regions::new([], &[10]), 0, 0);
        assert_eq!((empty.place(0), empty.insertion(0), empty.deletion(0)), (None, None, None));
    }

    /// 1/k over the harmonic number of 8, 761/280.
    #[test]
    fn lengths_follow_their_distribution_and_sources_are_anywhere() {
        let draws = draws(20_000, 3, 8);
        let mut counts = [[0.0_f64; 8]; 2];
        let (mut sources, mut apart) = (0.0, 0);
        for number in 0..20_000 {
            let (insertion, deletion) =
                (draws.insertion(number).unwrap(), draws.deletion(number).unwrap());
            counts[0][insertion.length as usize - 1] += 1.0;
            counts[1][deletion.length as usize - 1] += 1.0;
            let source = insertion.source.unwrap();
            sources += source.contig as f64;
            apart += u32::from(source != insertion.place);
            assert_eq!(deletion.source, None);
        }
        for counts in counts {
            for (k, count) in counts.into_iter().enumerate() {
                let expected = 20_000.0 * 280.0 / 761.0 / (k as f64 + 1.0);
                assert!((count - expected).abs() < 5.0 * expected.sqrt(), "{k} {count} {expected}");
            }
        }
        assert!((sources / 20_000.0_f64 - 0.5).abs() < 0.02 && apart > 19_990);
    }
}
