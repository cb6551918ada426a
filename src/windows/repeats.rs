//! Windows whose last bases, the segment, have an earlier copy, and controls without it.

use clap::ValueEnum;

use super::shuffle::dinucleotides;
use crate::{chance::RandomStream, genome::dna::reverse_complement};

/// Copy of the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Repeat {
    /// The same bases
    Exact,
    /// The same bases, some of them substituted
    Mutated,
    /// The reverse complement
    ReverseComplement,
}

impl Repeat {
    /// Its name in tables, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Mutated => "mutated",
            Self::ReverseComplement => "reverse-complement",
        }
    }

    /// The copy of a segment of A, C, G and T; `rate` is the probability that a base of a mutated one
    /// is another base.
    fn of(self, segment: &[u8], rate: f64, chance: &mut RandomStream) -> Vec<u8> {
        match self {
            Self::Exact => segment.to_vec(),
            Self::Mutated => segment.iter().map(|&base| mutated(base, rate, chance)).collect(),
            Self::ReverseComplement => reverse_complement(segment),
        }
    }
}

/// The base, or with probability `rate` one of the three others.
fn mutated(base: u8, rate: f64, chance: &mut RandomStream) -> u8 {
    if chance.unit() >= rate {
        return base;
    }
    let others: Vec<u8> = b"ACGT".iter().copied().filter(|&other| other != base).collect();
    others[chance.below(3) as usize]
}

/// A copy, and the control in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The copy.
    pub copy: Vec<u8>,
    /// Its shuffle with the same dinucleotides.
    pub control: Vec<u8>,
}

/// Layout of the windows. The segment is the last bases of a window, so that it has the same position
/// and the same number of bases before it at every distance.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Length of a window, in bases.
    pub window: usize,
    /// Length of the segment, in bases.
    pub segment: usize,
    /// Probability that a base of a mutated copy is another base.
    pub rate: f64,
}

impl Layout {
    /// The largest distance of a copy, in bases: that of one at the start of a window.
    pub fn farthest(&self) -> usize {
        self.window - self.segment
    }

    /// The distances 2ⁿ at which a copy fits.
    pub fn powers_of_two(&self) -> Vec<usize> {
        let powers = (0..usize::BITS - 1).map(|power| 1 << power);
        powers.filter(|power| (self.segment..=self.farthest()).contains(power)).collect()
    }

    /// The copy of the segment of a window, and its control.
    pub fn pair(&self, window: &[u8], repeat: Repeat, chance: &mut RandomStream) -> Pair {
        let copy = repeat.of(&window[self.farthest()..], self.rate, chance);
        let control = dinucleotides(&copy, chance);
        Pair { copy, control }
    }

    /// The window from the copy on, which starts `distance` bases before the segment; 0-based start, and
    /// the bases.
    pub fn place(&self, window: &[u8], copy: &[u8], distance: usize) -> (usize, Vec<u8>) {
        let from = self.farthest() - distance;
        (from, [copy, &window[from + copy.len()..]].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;

    fn chance(number: u64) -> RandomStream {
        RandomStream::new(5, Purpose::RepeatCopy, number)
    }

    #[test]
    fn copies_are_before_the_segment() {
        let layout = Layout { window: 12, segment: 3, rate: 0.5 };
        let window = b"AAAAAAAAACGG";
        assert_eq!((layout.farthest(), layout.powers_of_two()), (9, vec![4, 8]));
        let pair = layout.pair(window, Repeat::Exact, &mut chance(0));
        assert_eq!((&pair.copy[..], &pair.control[..]), (&b"CGG"[..], &b"CGG"[..]));
        assert_eq!(layout.place(window, &pair.copy, 9), (0, b"CGGAAAAAACGG".to_vec()));
        assert_eq!(layout.place(window, &pair.copy, 3), (6, b"CGGCGG".to_vec()));
        let reverse = layout.pair(window, Repeat::ReverseComplement, &mut chance(0));
        assert_eq!(layout.place(window, &reverse.copy, 4), (5, b"CCGACGG".to_vec()));
    }

    #[test]
    fn a_share_of_the_bases_mutates() {
        let segment: Vec<u8> = b"ACGT".repeat(500);
        for (rate, expected) in [(0.0, 0..=0), (0.1, 150..=250), (1.0, 2000..=2000)] {
            let copy = Repeat::Mutated.of(&segment, rate, &mut chance(1));
            let changed = copy.iter().zip(&segment).filter(|(a, b)| a != b).count();
            assert!(expected.contains(&changed), "{rate}: {changed}");
            assert!(copy.iter().all(|base| b"ACGT".contains(base)));
        }
    }

    #[test]
    fn a_control_is_a_shuffle_of_its_copy() {
        let window: Vec<u8> = (0..100_usize).map(|i| b"ACGT"[i * i * 7 % 11 % 4]).collect();
        let layout = Layout { window: 100, segment: 40, rate: 0.1 };
        for repeat in [Repeat::Exact, Repeat::Mutated, Repeat::ReverseComplement] {
            let Pair { mut copy, mut control } = layout.pair(&window, repeat, &mut chance(2));
            assert_ne!(copy, control, "{repeat:?}");
            copy.sort_unstable();
            control.sort_unstable();
            assert_eq!(copy, control, "{repeat:?}");
        }
    }
}
