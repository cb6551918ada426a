//! Scores of null variants.

use std::collections::BTreeMap;

use super::class::Class;

/// Scores of null variants by class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NullScores {
    /// Names of the scores, in the order of [`NullEntry::scores`].
    pub names: Vec<String>,
    /// The null variants of each class, in the order in which they were drawn.
    pub classes: BTreeMap<Class, Vec<NullEntry>>,
}

/// One null variant with its scores.
#[derive(Debug, Clone, PartialEq)]
pub struct NullEntry {
    /// Name of the contig in the reference.
    pub contig: String,
    /// First changed base, 1-based.
    pub position: u64,
    /// Change of length in bases: positive for an insertion, negative for a deletion.
    pub length: i64,
    /// One score for each name of [`NullScores::names`]; NaN if missing.
    pub scores: Vec<f64>,
}

impl NullScores {
    /// Makes an empty null for scores of these names.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect(), classes: BTreeMap::new() }
    }

    /// Appends a null variant to those of its class.
    pub fn push(&mut self, class: Class, entry: NullEntry) {
        self.classes.entry(class).or_default().push(entry);
    }

    /// Number of null variants.
    pub fn len(&self) -> usize {
        self.classes.values().map(Vec::len).sum()
    }

    /// True if there are no null variants.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Index of the score of a name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effect_of_length_is_removed_from_indels_only() {
        let mut null = NullScores::new(["llr", "l2"]);
        let entry = |length: i64, scores: [f64; 2]| NullEntry {
            contig: "1".into(),
            position: 1,
            length,
            scores: scores.to_vec(),
        };
        null.push("A[C>T]G".parse().unwrap(), entry(0, [4.0, 5.0]));
        for (length, llr) in [(-1, 1.0), (-1, 3.0), (-1, 5.0)] {
            null.push(Class::Deletion, entry(length, [llr, f64::NAN]));
        }
        let fit = null.length_fits()[0];
        let corrected = |class: &Class| -> Vec<NullEntry> {
            let entries = null.classes[class].iter().cloned();
            entries.map(|entry| entry.length_corrected(0, &fit)).collect()
        };
        let scores: Vec<f64> = corrected(&Class::Deletion).iter().map(|e| e.scores[0]).collect();
        for (score, expected) in scores.iter().zip([-2.0, 0.0, 2.0]) {
            assert!((score - expected).abs() < 1e-12, "{scores:?}");
        }
        assert_eq!(corrected(&"A[C>T]G".parse().unwrap())[0].scores, [4.0, 5.0]);
        let missing = null.classes[&Class::Deletion][0].clone();
        let fit = null.length_fits()[1];
        assert!(missing.length_corrected(1, &fit).scores[1].is_nan());
        assert_eq!((null.len(), null.is_empty(), null.column("l2")), (4, false, Some(1)));
    }
}
