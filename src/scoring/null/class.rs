//! Classes of variants whose scores are comparable.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::genome::{dna::reverse_complement, variant::Edit};

/// Variants whose scores are comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// One base is replaced by another, between given neighbours.
    Substitution(Substitution),
    /// More bases are added than removed.
    Insertion,
    /// More bases are removed than added.
    Deletion,
}

/// A substitution of one base between two neighbours; all four are A, C, G or T. Sorted as in plots
/// of mutation spectra: by the substitution, then by the neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Substitution {
    reference: u8,
    alternative: u8,
    before: u8,
    after: u8,
}

impl Substitution {
    /// The substitution of the middle base of `trinucleotide` by `alternative`. `None` unless all
    /// are A, C, G or T (upper-case) and the base changes.
    pub fn new(trinucleotide: [u8; 3], alternative: u8) -> Option<Self> {
        let [before, reference, after] = trinucleotide;
        let valid = is_called(&trinucleotide) && is_called(&[alternative]);
        (valid && reference != alternative).then_some(Self {
            reference,
            alternative,
            before,
            after,
        })
    }

    /// Bases of the reference: the substituted one between its neighbours.
    pub fn trinucleotide(self) -> [u8; 3] {
        [self.before, self.reference, self.after]
    }

    /// The base of the alternative.
    pub fn alternative(self) -> u8 {
        self.alternative
    }

    /// The substitution as seen on the other strand.
    #[must_use]
    pub fn reverse_complement(self) -> Self {
        let complement = |base| reverse_complement(&[base])[0];
        Self {
            reference: complement(self.reference),
            alternative: complement(self.alternative),
            before: complement(self.after),
            after: complement(self.before),
        }
    }

    /// This substitution or its reverse complement, whichever changes a pyrimidine, C or T: the
    /// convention of mutational signatures (Alexandrov et al. 2013, doi:10.1038/nature12477).
    #[must_use]
    pub fn folded(self) -> Self {
        match self.reference {
            b'C' | b'T' => self,
            _ => self.reverse_complement(),
        }
    }
}

/// Strands of substitution classes, as of mutation spectra.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spectrum {
    /// A substitution and its reverse complement are one class: 96 classes. For scores averaged over
    /// both strands.
    Folded,
    /// Each is a class of its own: 192 classes.
    Unfolded,
}

impl Class {
    /// The class of a trimmed, upper-case edit. `before` and `after` are the bases of the reference
    /// next to the removed ones, `None` at the ends of a contig; only substitutions need them.
    ///
    /// `None` if several bases are substituted without a change of length, if nothing changes, or
    /// if a base is not A, C, G or T. An edit that changes both bases and length is an insertion or
    /// a deletion by its net change.
    pub fn of(
        edit: &Edit<'_>,
        before: Option<u8>,
        after: Option<u8>,
        spectrum: Spectrum,
    ) -> Option<Self> {
        let (removed, added) = (edit.removed, edit.added);
        if !is_called(removed) || !is_called(added) {
            return None;
        }
        if removed.len() != added.len() {
            let longer = added.len() > removed.len();
            return Some(if longer { Self::Insertion } else { Self::Deletion });
        }
        let (&[reference], &[alternative]) = (removed, added) else { return None };
        let class =
            Self::Substitution(Substitution::new([before?, reference, after?], alternative)?);
        Some(class.within(spectrum))
    }

    /// This class, folded if the spectrum is.
    #[must_use]
    pub fn within(self, spectrum: Spectrum) -> Self {
        match spectrum {
            Spectrum::Folded => self.folded(),
            Spectrum::Unfolded => self,
        }
    }

    /// The class shared by this and its reverse complement: see [`Substitution::folded`].
    #[must_use]
    pub fn folded(self) -> Self {
        match self {
            Self::Substitution(substitution) => Self::Substitution(substitution.folded()),
            Self::Insertion | Self::Deletion => self,
        }
    }

    /// The name in tables: `A[C>T]G`, `insertion` or `deletion`.
    pub fn name(self) -> String {
        self.to_string()
    }

    /// True if variants of this class can change the length by `length` bases; positive if bases
    /// are added.
    pub fn has_length(self, length: i64) -> bool {
        match self {
            Self::Substitution(_) => length == 0,
            Self::Insertion => length > 0,
            Self::Deletion => length < 0,
        }
    }
}

/// True if all bases are A, C, G or T, upper-case.
pub(super) fn is_called(bases: &[u8]) -> bool {
    bases.iter().all(|base| matches!(base, b'A' | b'C' | b'G' | b'T'))
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Insertion => f.write_str("insertion"),
            Self::Deletion => f.write_str("deletion"),
            Self::Substitution(Substitution { reference, alternative, before, after }) => {
                let [reference, alternative, before, after] =
                    [*reference, *alternative, *before, *after].map(char::from);
                write!(f, "{before}[{reference}>{alternative}]{after}")
            }
        }
    }
}

/// Error: a name does not name a class.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("{0:?} is not a class of variants; expected a name like A[C>T]G, insertion or deletion")]
pub struct UnknownClass(String);

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let class = match *name.as_bytes() {
            [before, b'[', reference, b'>', alternative, b']', after] => {
                Substitution::new([before, reference, after], alternative).map(Self::Substitution)
            }
            _ if name == "insertion" => Some(Self::Insertion),
            _ if name == "deletion" => Some(Self::Deletion),
            _ => None,
        };
        class.ok_or_else(|| UnknownClass(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(
        removed: &str,
        added: &str,
        flanks: [Option<u8>; 2],
        spectrum: Spectrum,
    ) -> Option<String> {
        let edit = Edit { start: 5, removed: removed.as_bytes(), added: added.as_bytes() };
        Class::of(&edit, flanks[0], flanks[1], spectrum).map(Class::name)
    }

    #[test]
    fn classes_follow_from_the_change() {
        let flanks = [Some(b'A'), Some(b'G')];
        for (removed, added, plain, folded) in [
            ("C", "T", Some("A[C>T]G"), Some("A[C>T]G")),
            ("G", "A", Some("A[G>A]G"), Some("C[C>T]T")),
            ("A", "C", Some("A[A>C]G"), Some("C[T>G]T")),
            ("", "T", Some("insertion"), Some("insertion")),
            ("GA", "TTT", Some("insertion"), Some("insertion")),
            ("GAT", "C", Some("deletion"), Some("deletion")),
            ("CA", "TG", None, None),
            ("", "", None, None),
            ("C", "N", None, None),
            ("C", "t", None, None),
            ("", "N", None, None),
            ("C", "C", None, None),
        ] {
            assert_eq!(
                of(removed, added, flanks, Spectrum::Unfolded).as_deref(),
                plain,
                "{removed}>{added}"
            );
            assert_eq!(
                of(removed, added, flanks, Spectrum::Folded).as_deref(),
                folded,
                "{removed}>{added}"
            );
        }
    }

    #[test]
    fn neighbours_matter_to_substitutions_only() {
        for flanks in [[None, Some(b'G')], [Some(b'A'), None], [Some(b'N'), Some(b'G')]] {
            assert_eq!(of("C", "T", flanks, Spectrum::Folded), None);
            assert_eq!(of("", "T", flanks, Spectrum::Folded).as_deref(), Some("insertion"));
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        for name in ["", "SNV", "A[C>C]G", "A[C>N]G", "a[C>T]G", "A[C>T]", "é[C>T]"] {
            assert!(name.parse::<Class>().unwrap_err().to_string().contains("A[C>T]G"), "{name}");
        }
    }

    proptest! {
        #[test]
        fn names_read_back_and_strands_fold(bases in "[ACGT]{4}") {
            let &[before, reference, after, alternative] = bases.as_bytes() else { panic!() };
            let made = Substitution::new([before, reference, after], alternative);
            prop_assert_eq!(made.is_none(), reference == alternative);
            if let Some(made) = made {
                let class = Class::Substitution(made);
                prop_assert_eq!(class.name().parse::<Class>(), Ok(class));
                let complement = made.reverse_complement();
                prop_assert_ne!(complement, made);
                prop_assert_eq!(complement.reverse_complement(), made);
                prop_assert_eq!(complement.folded(), made.folded());
                prop_assert!(matches!(made.folded().trinucleotide()[1], b'C' | b'T'));
                prop_assert_eq!(reverse_complement(&made.trinucleotide()), complement.trinucleotide());
            }
        }
    }
}
