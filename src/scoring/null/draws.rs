//! Random places of the genome, and random indels at them.

use super::{
    order::DrawOrder,
    regions::{RandomPlace, Regions},
};
use crate::chance::{Purpose, RandomStream};

/// Places and indels in a random order: each a function of the regions, the seed and its number,
/// and of nothing drawn before.
#[derive(Debug, Clone)]
pub struct Draws {
    regions: Regions,
    seed: u64,
    substitutions: DrawOrder,
    insertions: DrawOrder,
    deletions: DrawOrder,
    /// Σ 1/k over the lengths k up to each.
    lengths: Vec<f64>,
}

/// An insertion or a deletion at a random place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indel {
    /// What is inserted comes right before this base; what is deleted starts with it.
    pub place: RandomPlace,
    /// Bases that are inserted or deleted.
    pub length: u64,
    /// The first of the bases of which an insertion is a copy; none for a deletion.
    pub source: Option<RandomPlace>,
}

impl Draws {
    /// Draws from `regions`, with indels of up to `longest` bases, and of one at least.
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

    /// What is drawn from.
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// The place of a number, from 0: every base of the regions comes once, in a random order. None
    /// behind the last.
    pub fn place(&self, number: u64) -> Option<RandomPlace> {
        self.regions.place(self.substitutions.at(number)?)
    }

    /// The insertion of a number, from 0: before every base of the regions there is one, in a random
    /// order. It is as long as a deletion would be and a copy of a stretch at another random place,
    /// so that it has the composition and the repeats of real sequence. None behind the last.
    pub fn insertion(&self, number: u64) -> Option<Indel> {
        let place = self.regions.place(self.insertions.at(number)?)?;
        let mut chance = RandomStream::new(self.seed, Purpose::NullInsertion, number);
        let length = self.length(&mut chance);
        let source = self.regions.place(chance.below(self.regions.bases()));
        Some(Indel { place, length, source })
    }

    /// The deletion of a number, from 0: at every base of the regions one starts, in a random order.
    /// A length of k has the probability 1/k over the sum of these up to the longest: lengths are
    /// uniform on a scale of logarithms, as short indels are the most frequent. None behind the last.
    pub fn deletion(&self, number: u64) -> Option<Indel> {
        let place = self.regions.place(self.deletions.at(number)?)?;
        let length = self.length(&mut RandomStream::new(self.seed, Purpose::NullDeletion, number));
        Some(Indel { place, length, source: None })
    }

    /// Plain sums, so that no library's logarithm decides.
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
    fn lengths_follow_their_law_and_sources_lie_anywhere() {
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
