//! Percentiles of scores among those of null variants.

use std::collections::BTreeMap;

use super::{
    class::Class,
    entries::{NullEntry, NullScores},
};
use crate::genome::contig;

/// Sorted scores of null variants: a percentile takes a few binary searches.
#[derive(Debug, Clone, Default)]
pub struct Distribution {
    classes: BTreeMap<Class, SortedScores>,
}

/// The scores of a class.
#[derive(Debug, Clone)]
struct SortedScores {
    /// Values of each score in ascending order, without missing ones.
    sorted: Vec<Vec<f64>>,
    /// Null variants in order of contig, by its [canonical](contig::canonical) name, and position.
    entries: Vec<NullEntry>,
}

/// Position of a variant on a contig.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Locus<'a> {
    /// Name of the contig, or an alias.
    pub contig: &'a str,
    /// First changed base, 1-based.
    pub position: u64,
}

impl Distribution {
    /// Sorts the scores of each class.
    pub fn new(null: NullScores) -> Self {
        let mut distribution = Self::default();
        for (class, entries) in null.classes {
            distribution.set(class, entries);
        }
        distribution
    }

    /// Sets the null variants of a class, replacing earlier ones.
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
        entries.sort_by(|a, b| locus(a).cmp(&locus(b)));
        self.classes.insert(class, SortedScores { sorted, entries });
    }

    /// Percentile of `value` among the null variants of a class, from 0 to 100: 100 (b + t/2) / n,
    /// where b of the n null variants have a lower score and t an equal one. `column` is the index
    /// of the score. Null variants at `except`, the locus of the variant itself, do not count.
    /// `None` without a null variant, and for NaN.
    pub fn percentile(
        &self,
        class: Class,
        column: usize,
        value: f64,
        except: Option<Locus<'_>>,
    ) -> Option<f64> {
        let scores = self.classes.get(&class)?;
        let sorted = scores.sorted.get(column)?;
        if value.is_nan() {
            return None;
        }
        let mut below = sorted.partition_point(|&other| other < value);
        let mut equal = sorted.partition_point(|&other| other <= value) - below;
        let mut n = sorted.len();
        let except = except.map(|locus| Locus { contig: contig::canonical(locus.contig), ..locus });
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
    /// The null variants at a locus, whose contig has its canonical name.
    fn at(&self, wanted: Locus<'_>) -> &[NullEntry] {
        let from = self.entries.partition_point(|entry| locus(entry) < wanted);
        let rest = &self.entries[from..];
        &rest[..rest.partition_point(|entry| locus(entry) == wanted)]
    }
}

fn locus(entry: &NullEntry) -> Locus<'_> {
    Locus { contig: &entry.contig, position: entry.position }
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
        let percentile = |value, except: Option<(&str, u64)>| {
            let except = except.map(|(contig, position)| Locus { contig, position });
            null.percentile(Class::Insertion, 0, value, except)
        };
        assert_eq!(percentile(0.0, None), Some(0.0));
        assert_eq!(percentile(1.0, None), Some(12.5));
        assert_eq!(percentile(2.0, None), Some(50.0));
        assert_eq!(percentile(9.0, None), Some(100.0));
        assert_eq!(percentile(f64::INFINITY, None), Some(100.0));
        assert_eq!(percentile(f64::NAN, None), None);
        // without the variant itself: of 1, 2 and 3 one is lower and one equal
        assert_eq!(percentile(2.0, Some(("1", 5))), Some(50.0));
        // of 2, 2 and 3 none is lower
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
            let except =
                name.as_ref().map(|(contig, position)| Locus { contig, position: *position });
            let found = Distribution::new(null).percentile(Class::Deletion, 0, value, except);
            prop_assert_eq!(found, expected);
        }
    }
}
