//! Shuffles of a sequence that keep its dinucleotides.

use std::collections::BTreeMap;

use crate::chance::RandomStream;

/// Shuffles bases so that each dinucleotide occurs as often as before, and so each base too. All such
/// orders are equally likely. The first and the last base stay (Altschul and Erickson 1985).
pub fn dinucleotides(bases: &[u8], chance: &mut RandomStream) -> Vec<u8> {
    let (Some(&first), Some(&last)) = (bases.first(), bases.last()) else { return Vec::new() };
    let mut after: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
    for pair in bases.windows(2) {
        after.entry(pair[0]).or_default().push(pair[1]);
    }
    // the last successor of each base must lead to the last base, or the walk ends too early
    loop {
        for (_, successors) in after.iter_mut().filter(|(base, _)| **base != last) {
            let end = successors.len() - 1;
            successors.swap(chance.below(end as u64 + 1) as usize, end);
        }
        if after.keys().all(|&base| leads_to(last, base, &after)) {
            break;
        }
    }
    for (&base, successors) in &mut after {
        let free = successors.len() - usize::from(base != last);
        chance.shuffle(&mut successors[..free]);
    }
    let mut used: BTreeMap<u8, usize> = BTreeMap::new();
    let mut shuffled = vec![first];
    while shuffled.len() < bases.len() {
        let base = shuffled[shuffled.len() - 1];
        let used = used.entry(base).or_default();
        shuffled.push(after[&base][*used]);
        *used += 1;
    }
    shuffled
}

/// True if the last successors lead from `base` to `last`.
fn leads_to(last: u8, mut base: u8, after: &BTreeMap<u8, Vec<u8>>) -> bool {
    for _ in 0..=after.len() {
        match after.get(&base).and_then(|successors| successors.last()) {
            _ if base == last => return true,
            Some(&next) => base = next,
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;
    use proptest::prelude::*;

    fn counts(bases: &[u8]) -> BTreeMap<&[u8], usize> {
        let mut counts = BTreeMap::new();
        for pair in bases.windows(2) {
            *counts.entry(pair).or_default() += 1;
        }
        counts
    }

    fn chance(number: u64) -> RandomStream {
        RandomStream::new(5, Purpose::RepeatShuffle, number)
    }

    /// ACGATA has the walks ACGATA and ATACGA over its dinucleotides.
    #[test]
    fn all_orders_are_equally_likely() {
        let mut found: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for number in 0..400 {
            *found.entry(dinucleotides(b"ACGATA", &mut chance(number))).or_default() += 1;
        }
        let orders: Vec<&[u8]> = found.keys().map(Vec::as_slice).collect();
        assert_eq!(orders, [b"ACGATA", b"ATACGA"]);
        assert!(found.values().all(|count| (160..=240).contains(count)), "{found:?}");
    }

    #[test]
    fn a_long_sequence_is_another_one() {
        let mut draws = chance(9);
        let bases: Vec<u8> = (0..1000).map(|_| b"ACGT"[draws.below(4) as usize]).collect();
        let shuffled = dinucleotides(&bases, &mut chance(1));
        let same = bases.iter().zip(&shuffled).filter(|(a, b)| a == b).count();
        assert!((180..320).contains(&same), "{same}");
        assert_eq!(shuffled, dinucleotides(&bases, &mut chance(1)));
        assert_ne!(shuffled, dinucleotides(&bases, &mut chance(2)));
    }

    proptest! {
        #[test]
        fn dinucleotides_are_kept(picks in proptest::collection::vec(0..4_usize, 0..80), number in 0..99_u64) {
            let bases: Vec<u8> = picks.into_iter().map(|pick| b"ACGT"[pick]).collect();
            let shuffled = dinucleotides(&bases, &mut chance(number));
            prop_assert_eq!(shuffled.len(), bases.len());
            prop_assert_eq!(counts(&shuffled), counts(&bases));
            prop_assert_eq!(shuffled.first(), bases.first());
            prop_assert_eq!(shuffled.last(), bases.last());
        }
    }
}
