//! Where a score stands among those of null variants.

use std::collections::BTreeMap;

use super::{
    class::Class,
    entries::{NullEntry, NullScores},
};
use crate::genome::contig;

/// Scores of null variants, sorted: a percentile takes a few searches by halves.
#[derive(Debug, Clone, Default)]
pub struct Distribution {
    classes: BTreeMap<Class, SortedScores>,
}

/// The scores of a class.
#[derive(Debug, Clone)]
struct SortedScores {
    /// The values of each score that are there, in order.
    sorted: Vec<Vec<f64>>,
    /// The null variants by contig, under its [canonical](contig::canonical) name, and position.
    entries: Vec<NullEntry>,
}

impl Distribution {
    /// The distribution of each score within each class.
    pub fn new(null: NullScores) -> Self {
        let mut distribution = Self::default();
        for (class, entries) in null.classes {
            distribution.set(class, entries);
        }
        distribution
    }

    /// The null variants of a class, in place of those that it had.
    pub fn set(&mut self, class: Class, mut entries: Vec<NullEntry>) {
        let columns = entries.iter().map(|entry| entry.scores.len()).max().unwrap_or(0);
        let values = |column: usize| {
            let values = entries.iter().filter_map(|entry| entry.scores.get(column).copied());
            let mut sorted: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted
        };
        let sorted = (0..columns).map(values).collect();
        for entry in &mut entries {
            entry.contig = contig::canonical(&entry.contig).to_owned();
        }
        entries.sort_by(|a, b| place(a).cmp(&place(b)));
        self.classes.insert(class, SortedScores { sorted, entries });
    }

    /// 100 (b + t/2) / n, where of the n null variants of the class b have a score below `value`
    /// and t the same: 0 to 100, and 50 in the middle. The score is that of the number `column`.
    /// A null variant at `except`, a name of the contig and the 1-based position of the first changed
    /// base of the variant itself, does not count. None without a null variant, and for NaN.
    pub fn percentile(
        &self,
        class: Class,
        column: usize,
        value: f64,
        except: Option<(&str, u64)>,
    ) -> Option<f64> {
        let scores = self.classes.get(&class)?;
        let sorted = scores.sorted.get(column)?;
        if value.is_nan() {
            return None;
        }
        let mut below = sorted.partition_point(|&other| other < value);
        let mut equal = sorted.partition_point(|&other| other <= value) - below;
        let mut n = sorted.len();
        let except = except.map(|(name, position)| (contig::canonical(name), position));
        for entry in except.map_or(&[][..], |except| scores.at(except)) {
            let other = entry.scores.get(column).copied().unwrap_or(f64::NAN);
            n -= usize::from(!other.is_nan());
            below -= usize::from(other < value);
            equal -= usize::from(other == value);
        }
        (n > 0).then(|| 100.0 * (below as f64 + equal as f64 / 2.0) / n as f64)
    }
}

impl SortedScores {
    /// The null variants at a place.
    fn at(&self, wanted: (&str, u64)) -> &[NullEntry] {
        let from = self.entries.partition_point(|entry| place(entry) < wanted);
        let rest = &self.entries[from..];
        &rest[..rest.partition_point(|entry| place(entry) == wanted)]
    }
}

fn place(entry: &NullEntry) -> (&str, u64) {
    (&entry.contig, entry.position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(contig: &str, position: u64, scores: &[f64]) -> NullEntry {
        NullEntry { contig: contig.into(), position, length: 1, scores: scores.to_vec() }
    }

    #[test]
    fn percentiles_by_hand() {
        let mut null = NullScores::new(["llr", "l2"]);
        for (position, llr) in [(7, 3.0), (3, 1.0), (5, 2.0), (1, 2.0)] {
            null.push(Class::Insertion, entry("1", position, &[llr, f64::NAN]));
        }
        let null = Distribution::new(null);
        let percentile = |value, except| null.percentile(Class::Insertion, 0, value, except);
        assert_eq!(percentile(0.0, None), Some(0.0));
        assert_eq!(percentile(1.0, None), Some(12.5));
        assert_eq!(percentile(2.0, None), Some(50.0));
        assert_eq!(percentile(9.0, None), Some(100.0));
        assert_eq!(percentile(f64::INFINITY, None), Some(100.0));
        assert_eq!(percentile(f64::NAN, None), None);
        // without the variant itself: of 1, 2 and 3 one is below and one the same
        assert_eq!(percentile(2.0, Some(("1", 5))), Some(50.0));
        // of 2, 2 and 3 none is below
        assert_eq!(percentile(2.0, Some(("1", 3))), Some(100.0 / 3.0));
        assert_eq!(percentile(2.0, Some(("2", 3))), Some(50.0));
        assert_eq!(null.percentile(Class::Insertion, 1, 2.0, None), None);
        assert_eq!(null.percentile(Class::Insertion, 2, 2.0, None), None);
        assert_eq!(null.percentile(Class::Deletion, 0, 2.0, None), None);
        assert_eq!(percentile(2.0, Some(("chr1", 3))), Some(100.0 / 3.0));
    }

    proptest! {
        #[test]
        fn equals_counting(
            values in prop::collection::vec((0..3_u8, 0..4_u64, -3..4_i8), 0..30),
            value in -4..5_i8,
            except in prop::option::of((0..3_u8, 0..4_u64)),
        ) {
            // 3 stands for a missing score; -0 and 0 are the same
            let score = |n: i8| if n == 3 { f64::NAN } else { -f64::from(n) };
            let mut null = NullScores::new(["llr"]);
            for (contig, position, n) in &values {
                null.push(Class::Deletion, entry(&contig.to_string(), *position, &[score(*n)]));
            }
            let others: Vec<f64> = values
                .iter()
                .filter(|(contig, position, _)| except != Some((*contig, *position)))
                .map(|(.., n)| score(*n))
                .filter(|other| !other.is_nan())
                .collect();
            let value = f64::from(value);
            let below = others.iter().filter(|other| **other < value).count() as f64;
            let equal = others.iter().filter(|other| **other == value).count() as f64;
            let expected = (!others.is_empty())
                .then(|| 100.0 * (below + equal / 2.0) / others.len() as f64);
            let name = except.map(|(contig, position)| (contig.to_string(), position));
            let except = name.as_ref().map(|(contig, position)| (contig.as_str(), *position));
            let found = Distribution::new(null).percentile(Class::Deletion, 0, value, except);
            prop_assert_eq!(found, expected);
        }
    }
}
