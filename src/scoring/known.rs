//! Scores that are known from an earlier run, as text, in little memory.

/// An allele: its place, and REF and ALT in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlleleKey<'a> {
    /// Number of the contig in the reference.
    pub contig: usize,
    /// POS, 1-based.
    pub position: u64,
    /// REF.
    pub reference: &'a [u8],
    /// ALT.
    pub alternative: &'a [u8],
}

/// Scores of alleles. An allele takes 8 bytes beside its own: the key, the number of the line and the text, with
/// their lengths, under each other in one buffer.
#[derive(Debug, Default)]
pub struct KnownScores {
    entries: Vec<u8>,
    /// Start of each entry, in the order of the keys once they are complete.
    starts: Vec<u64>,
}

/// An entry of the buffer.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    key: AlleleKey<'a>,
    line: u64,
    values: &'a [u8],
}

impl KnownScores {
    /// Adds an allele with its values, which stand in a line of a file.
    pub fn add(&mut self, key: AlleleKey<'_>, line: u64, values: &[u8]) {
        self.starts.push(self.entries.len() as u64);
        for number in [key.contig as u64, key.position, line] {
            push_number(&mut self.entries, number);
        }
        for bytes in [key.reference, key.alternative, values] {
            push_number(&mut self.entries, bytes.len() as u64);
            self.entries.extend_from_slice(bytes);
        }
    }

    /// Prepares for [`get`](Self::get). An allele that was added again with the same values is kept once.
    ///
    /// # Errors
    /// The lines of an allele that has two different values, in their order.
    pub fn complete(&mut self) -> Result<(), (u64, u64)> {
        let Self { entries, starts } = self;
        // an order that is nearly that of the keys, as in sorted files, takes few comparisons
        starts.sort_by(|&a, &b| entry(entries, a).key.cmp(&entry(entries, b).key));
        let mut conflict = None;
        starts.dedup_by(|later, first| {
            let [later, first] = [*later, *first].map(|start| entry(entries, start));
            let same = later.key == first.key;
            if same && later.values != first.values {
                conflict = conflict.or(Some((first.line, later.line)));
            }
            same
        });
        starts.shrink_to_fit();
        entries.shrink_to_fit();
        conflict.map_or(Ok(()), Err)
    }

    /// The values of an allele.
    pub fn get(&self, key: AlleleKey<'_>) -> Option<&[u8]> {
        let found =
            self.starts.binary_search_by(|&start| entry(&self.entries, start).key.cmp(&key));
        found.ok().map(|i| entry(&self.entries, self.starts[i]).values)
    }

    /// Number of alleles.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// True if there is no allele.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Bytes of memory that the alleles take.
    pub fn bytes(&self) -> usize {
        self.entries.capacity() + size_of::<u64>() * self.starts.capacity()
    }
}

/// Appends a number in groups of 7 bits, the lowest first; all but the last have the highest bit set.
fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let Some((&first, rest)) = bytes.split_first() else { break };
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first < 0x80 {
            break;
        }
    }
    number
}

/// The entry that starts there.
fn entry(entries: &[u8], start: u64) -> Entry<'_> {
    let mut rest = &entries[start as usize..];
    let [contig, position, line] = [(); 3].map(|()| take_number(&mut rest));
    let [reference, alternative, values] = [(); 3].map(|()| {
        let length = take_number(&mut rest) as usize;
        let (bytes, after) = rest.split_at(length);
        rest = after;
        bytes
    });
    let key = AlleleKey { contig: contig as usize, position, reference, alternative };
    Entry { key, line, values }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn key(contig: usize, position: u64, alternative: &[u8]) -> AlleleKey<'_> {
        AlleleKey { contig, position, reference: b"A", alternative }
    }

    fn of(
        (contig, position, reference, alternative): &(usize, u64, String, String),
    ) -> AlleleKey<'_> {
        let [reference, alternative] = [reference, alternative].map(String::as_bytes);
        AlleleKey { contig: *contig, position: *position, reference, alternative }
    }

    #[test]
    fn an_allele_is_found_by_all_of_its_key() {
        let mut known = KnownScores::default();
        known.add(key(300, 5_000_000_000, b"C"), 1 << 40, b"1\tok");
        known.add(key(0, 1, b""), 2, b"");
        known.complete().unwrap();
        assert_eq!((known.len(), known.is_empty()), (2, false));
        assert_eq!(known.get(key(300, 5_000_000_000, b"C")), Some(&b"1\tok"[..]));
        assert_eq!(known.get(key(0, 1, b"")), Some(&b""[..]));
        for other in [key(300, 5_000_000_000, b"G"), key(300, 5, b"C"), key(0, 5_000_000_000, b"C")]
        {
            assert_eq!(known.get(other), None, "{other:?}");
        }
        let reference = AlleleKey { reference: b"AA", ..key(0, 1, b"") };
        assert_eq!(known.get(reference), None);
    }

    #[test]
    fn two_values_of_an_allele_are_an_error_with_both_lines() {
        let add = |values: [&[u8]; 3]| {
            let mut known = KnownScores::default();
            known.add(key(0, 9, b"C"), 7, values[0]);
            known.add(key(0, 3, b"C"), 8, values[1]);
            known.add(key(0, 9, b"C"), 9, values[2]);
            known.complete().map(|()| known.len())
        };
        assert_eq!(add([b"1", b"2", b"1"]), Ok(2));
        assert_eq!(add([b"1", b"2", b"3"]), Err((7, 9)));
    }

    proptest! {
        #[test]
        fn equals_a_map(
            alleles in proptest::collection::vec(
                ((0_usize..3, 0_u64..400, "[ACGT]{0,200}", "[AC]{0,3}"), "[0-9.\t]{0,9}"), 0..60),
        ) {
            let map: BTreeMap<_, _> = alleles.into_iter().collect();
            let mut known = KnownScores::default();
            for (line, (key, values)) in map.iter().rev().enumerate() {
                let key = of(key);
                known.add(key, line as u64, values.as_bytes());
            }
            prop_assert_eq!(known.complete(), Ok(()));
            for (key, values) in &map {
                let key = of(key);
                prop_assert_eq!(known.get(key), Some(values.as_bytes()));
                let other = AlleleKey { position: key.position + 400, ..key };
                prop_assert_eq!(known.get(other), None);
            }
        }
    }
}
