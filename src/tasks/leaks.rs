//! Sequences of later parts that earlier parts hold too.

use std::collections::HashMap;

use super::example::{Example, Target};
use crate::genome::dna;

/// Length of the words of which a share makes two sequences similar.
pub const WORD: usize = 24;

/// Way in which a sequence is in another part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leak {
    /// The same sequence.
    Identical,
    /// Its reverse complement.
    ReverseComplemented,
    /// A share of its 24-mers, on either strand.
    Similar,
}

/// Leaks of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaks {
    /// The leak of each example.
    pub of: Vec<Option<Leak>>,
    /// Number of identical or reverse-complemented ones whose other copy has another target.
    pub conflicts: u64,
}

impl Leaks {
    /// Finds the examples of `later` that are in `earlier`: identical, reverse-complemented, or with a
    /// share of their 24-mers of `share` or more. Words with N do not count.
    pub fn find<'a>(
        later: &[Example],
        earlier: impl Iterator<Item = &'a Example> + Clone,
        share: f64,
    ) -> Self {
        let mut whole: HashMap<&[u8], &Target> = HashMap::new();
        for example in earlier.clone() {
            whole.entry(&example.bases).or_insert(&example.target);
        }
        // only words of the later part are kept, which is the smaller one
        let mut seen: HashMap<u64, bool> = HashMap::new();
        for example in later {
            words(&example.bases, |word| {
                seen.insert(word, false);
            });
        }
        for example in earlier {
            words(&example.bases, |word| {
                seen.entry(word).and_modify(|is_seen| *is_seen = true);
            });
        }
        let mut conflicts = 0;
        let mut of = Vec::with_capacity(later.len());
        for example in later {
            let reverse = dna::reverse_complement(&example.bases);
            let copy = [(Leak::Identical, &example.bases), (Leak::ReverseComplemented, &reverse)]
                .into_iter()
                .find_map(|(leak, bases)| Some((leak, *whole.get(bases.as_slice())?)));
            let (mut found, mut all) = (0_u64, 0_u64);
            words(&example.bases, |word| {
                all += 1;
                found += u64::from(seen[&word]);
            });
            of.push(match copy {
                Some((leak, target)) => {
                    conflicts += u64::from(*target != example.target);
                    Some(leak)
                }
                None => (all > 0 && found as f64 >= share * all as f64).then_some(Leak::Similar),
            });
        }
        Self { of, conflicts }
    }

    /// Number of examples with this leak.
    pub fn count(&self, leak: Leak) -> u64 {
        self.of.iter().filter(|of| **of == Some(leak)).count() as u64
    }

    /// Number of examples with any leak.
    pub fn total(&self) -> u64 {
        self.of.iter().flatten().count() as u64
    }
}

/// Calls `take` with each 24-mer of `bases` without N, as the smaller of the codes of both strands.
fn words(bases: &[u8], mut take: impl FnMut(u64)) {
    const MASK: u64 = (1 << (2 * WORD)) - 1;
    let (mut forward, mut reverse, mut length) = (0_u64, 0_u64, 0);
    for base in bases {
        let code = match base {
            b'A' => 0,
            b'C' => 1,
            b'G' => 2,
            b'T' => 3,
            _ => {
                length = 0;
                continue;
            }
        };
        forward = (forward << 2 | code) & MASK;
        reverse = reverse >> 2 | (3 - code) << (2 * (WORD - 1));
        length += 1;
        if length >= WORD {
            take(forward.min(reverse));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::testing::example;

    fn bases(length: usize, seed: u64) -> Vec<u8> {
        let mut chance = crate::chance::RandomStream::new(seed, crate::chance::Purpose::Sample, 0);
        (0..length).map(|_| b"ACGT"[chance.below(4) as usize]).collect()
    }

    #[test]
    fn copies_are_found_on_both_strands() {
        let train: Vec<Example> = (0..3).map(|seed| example(&bases(100, seed), 0)).collect();
        let half = |seed| [&bases(100, seed)[..62], &bases(38, 9)].concat();
        let test = [
            example(&bases(100, 0), 0),
            example(&dna::reverse_complement(&bases(100, 1)), 1),
            example(&dna::reverse_complement(&half(2)), 0),
            example(&bases(100, 5), 0),
            example(b"ACGT", 0),
        ];
        let leaks = Leaks::find(&test, train.iter(), 0.5);
        let expected = [
            Some(Leak::Identical),
            Some(Leak::ReverseComplemented),
            Some(Leak::Similar),
            None,
            None,
        ];
        assert_eq!((leaks.of.as_slice(), leaks.conflicts), (&expected[..], 1));
        assert_eq!((leaks.total(), leaks.count(Leak::Similar)), (3, 1));
        // 39 of 77 words are in train
        assert_eq!(Leaks::find(&test, train.iter(), 0.51).of[2], None);
    }

    #[test]
    fn words_skip_n_and_are_the_same_on_both_strands() {
        let of = |bases: &[u8]| {
            let mut found = Vec::new();
            words(bases, |word| found.push(word));
            found.sort_unstable();
            found
        };
        let bases = bases(60, 3);
        assert_eq!(of(&bases).len(), 37);
        assert_eq!(of(&bases), of(&dna::reverse_complement(&bases)));
        assert_eq!(of(&[&bases[..30], b"N", &bases[30..]].concat()).len(), 7 + 7);
    }
}
