//! Variants: status, minimal form and kind of an ALT allele.

use std::fmt;

/// Status of an ALT allele. Only [`Status::Ok`] and [`Status::Swapped`] carry scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Scored.
    Ok,
    /// Scored with the alleles exchanged: ALT matches the reference, and REF does not.
    Swapped,
    /// ALT is `.`: the record has no alternative.
    NoAlt,
    /// ALT is `*`.
    SpanningDeletion,
    /// ALT contains `[` or `]`, or is a single breakend (`.A`, `A.`).
    Breakend,
    /// ALT is `<…>`.
    Symbolic,
    /// REF or ALT has a letter that is not A, C, G, T or N.
    BadAllele,
    /// ALT is N for bases that are not given, as in deletions by some SV callers (`GTATG` to `N`): only
    /// N, and not as long as REF.
    AmbiguousAllele,
    /// The contig is not in the reference.
    MissingContig,
    /// REF differs from the reference, or lies outside the contig.
    RefMismatch,
    /// The alleles do not fit the window.
    TooLong,
    /// The window has fewer bases than the head of the model has parts.
    Short,
}

impl Status {
    /// Every status.
    pub const ALL: &[Self] = &[
        Self::Ok,
        Self::Swapped,
        Self::NoAlt,
        Self::SpanningDeletion,
        Self::Breakend,
        Self::Symbolic,
        Self::BadAllele,
        Self::AmbiguousAllele,
        Self::MissingContig,
        Self::RefMismatch,
        Self::TooLong,
        Self::Short,
    ];

    /// The name in tables and VCF files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Swapped => "swapped",
            Self::NoAlt => "no_alt",
            Self::SpanningDeletion => "spanning_deletion",
            Self::Breakend => "breakend",
            Self::Symbolic => "symbolic",
            Self::BadAllele => "bad_allele",
            Self::AmbiguousAllele => "ambiguous_allele",
            Self::MissingContig => "missing_contig",
            Self::RefMismatch => "ref_mismatch",
            Self::TooLong => "too_long",
            Self::Short => "short",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Classifies an allele by its letters alone: `Ok`, or the reason why it cannot be scored.
pub fn classify(reference: &[u8], alternative: &[u8]) -> Status {
    match alternative {
        b"." => return Status::NoAlt,
        b"*" => return Status::SpanningDeletion,
        _ => {}
    }
    // the name of a symbolic allele may hold brackets
    if alternative.starts_with(b"<") {
        Status::Symbolic
    } else if is_breakend(alternative) {
        Status::Breakend
    } else if !is_sequence(reference) || !is_sequence(alternative) {
        Status::BadAllele
    } else if reference.len() != alternative.len() && is_unknown(alternative) {
        Status::AmbiguousAllele
    } else {
        Status::Ok
    }
}

fn is_unknown(allele: &[u8]) -> bool {
    allele.iter().all(|b| b.eq_ignore_ascii_case(&b'N'))
}

/// True for a mate's position between brackets, and for a single breakend: `.` before or after the
/// bases.
fn is_breakend(allele: &[u8]) -> bool {
    allele.iter().any(|b| matches!(b, b'[' | b']'))
        || allele.starts_with(b".")
        || allele.ends_with(b".")
}

fn is_sequence(allele: &[u8]) -> bool {
    let base = |b: &u8| matches!(b.to_ascii_uppercase(), b'A' | b'C' | b'G' | b'T' | b'N');
    !allele.is_empty() && allele.iter().all(base)
}

/// An allele in minimal form: `removed` is replaced by `added` at `start`. Either may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit<'a> {
    /// First changed base, 0-based on the contig.
    pub start: u64,
    /// Removed bases of REF.
    pub removed: &'a [u8],
    /// Added bases of ALT.
    pub added: &'a [u8],
}

impl<'a> Edit<'a> {
    /// Trims the common suffix, then the common prefix, of REF and ALT, both upper-case. `position`
    /// is that of REF, 0-based on the contig.
    pub fn trimmed(position: u64, reference: &'a [u8], alternative: &'a [u8]) -> Self {
        let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
        let suffix = reference.iter().rev().zip(alternative.iter().rev()).take_while(same).count();
        let reference = &reference[..reference.len() - suffix];
        let alternative = &alternative[..alternative.len() - suffix];
        let prefix = reference.iter().zip(alternative).take_while(same).count();
        Self {
            start: position + prefix as u64,
            removed: &reference[prefix..],
            added: &alternative[prefix..],
        }
    }

    /// One past the last removed base, 0-based on the contig.
    pub fn end(&self) -> u64 {
        self.start + self.removed.len() as u64
    }

    /// The start and the bases of an insertion or deletion that makes the same change as far to the
    /// left as it can, as `bcftools norm` places it (Tan et al. 2015, doi:10.1093/bioinformatics/btv112).
    /// `None` for any other change. `before` gives a stretch of the contig that ends at a 0-based
    /// position, at least one base long unless that is 0.
    ///
    /// # Errors
    /// Those of `before`.
    pub fn left_aligned<E>(
        &self,
        mut before: impl FnMut(u64) -> Result<Vec<u8>, E>,
    ) -> Result<Option<(u64, Vec<u8>)>, E> {
        let bases = match (self.removed, self.added) {
            (bases, b"") | (b"", bases) if !bases.is_empty() => bases,
            _ => return Ok(None),
        };
        let (mut start, mut shift) = (self.start, 0);
        // the change repeats: shifted by one it is its own last base, then the others
        let last = |shift: usize| bases[bases.len() - 1 - shift % bases.len()];
        'shifts: while start > 0 {
            let stretch = before(start)?;
            for &base in stretch.iter().rev() {
                if base != last(shift) {
                    break 'shifts;
                }
                start -= 1;
                shift += 1;
            }
            if stretch.is_empty() {
                break;
            }
        }
        let mut bases = bases.to_vec();
        let length = bases.len();
        bases.rotate_right(shift % length);
        Ok(Some((start, bases)))
    }
}

/// Kind of change that an ALT allele makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One base is substituted.
    Snv,
    /// The length changes.
    Indel,
    /// Several bases are substituted; the length stays the same.
    Mnv,
    /// No change, or an ALT that is not a sequence.
    Other,
}

impl Kind {
    /// The kind of an allele. Both are upper-case.
    pub fn of(reference: &[u8], alternative: &[u8]) -> Self {
        if classify(reference, alternative) != Status::Ok {
            return Self::Other;
        }
        let edit = Edit::trimmed(0, reference, alternative);
        match (edit.removed.len(), edit.added.len()) {
            (0, 0) => Self::Other,
            (1, 1) => Self::Snv,
            (removed, added) if removed == added => Self::Mnv,
            _ => Self::Indel,
        }
    }

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Snv => "SNV",
            Self::Indel => "indel",
            Self::Mnv => "MNV",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn classifies_by_letters() {
        let cases: &[(&[u8], &[u8], Status)] = &[
            (b"A", b"C", Status::Ok),
            (b"n", b"acgt", Status::Ok),
            (b"A", b".", Status::NoAlt),
            (b"A", b"*", Status::SpanningDeletion),
            (b"A", b"A[chr2:100[", Status::Breakend),
            (b"A", b"A.", Status::Breakend),
            (b"A", b"<DEL>", Status::Symbolic),
            (b"A", b"<odd[name]>", Status::Symbolic),
            (b"A", b"R", Status::BadAllele),
            (b"R", b"A", Status::BadAllele),
            (b"A", b"", Status::BadAllele),
            (b"GTATG", b"N", Status::AmbiguousAllele),
            (b"A", b"nn", Status::AmbiguousAllele),
            (b"A", b"N", Status::Ok),
            (b"AC", b"AN", Status::Ok),
        ];
        for (reference, alternative, status) in cases {
            assert_eq!(classify(reference, alternative), *status, "{alternative:?}");
        }
    }

    #[test]
    fn kinds_are_determined_after_trimming() {
        for (reference, alternative, kind) in [
            ("A", "C", Kind::Snv),
            ("TGA", "TCA", Kind::Snv),
            ("ACG", "CGT", Kind::Mnv),
            ("A", "AC", Kind::Indel),
            ("CGCA", "CTATTACA", Kind::Indel),
            ("A", "A", Kind::Other),
            ("A", "<DEL>", Kind::Other),
            ("A", "*", Kind::Other),
        ] {
            let found = Kind::of(reference.as_bytes(), alternative.as_bytes());
            assert_eq!(found, kind, "{reference} {alternative}");
        }
    }

    #[test]
    fn trims_suffix_first() {
        let edit = Edit::trimmed(10, b"CAA", b"CA");
        assert_eq!(edit, Edit { start: 11, removed: b"A", added: b"" });
        let edit = Edit::trimmed(10, b"CTG", b"CAG");
        assert_eq!(edit, Edit { start: 11, removed: b"T", added: b"A" });
    }

    proptest! {
        #[test]
        fn a_trimmed_edit_makes_the_same_sequence(
            left in "[ACGT]{0,5}", reference in "[ACGT]{1,8}", alternative in "[ACGT]{1,8}", right in "[ACGT]{0,5}",
        ) {
            let genome = format!("{left}{reference}{right}");
            let edit = Edit::trimmed(left.len() as u64, reference.as_bytes(), alternative.as_bytes());
            let (start, end) = (edit.start as usize, edit.end() as usize);
            prop_assert_eq!(&genome.as_bytes()[start..end], edit.removed);
            let made = [&genome.as_bytes()[..start], edit.added, &genome.as_bytes()[end..]].concat();
            prop_assert_eq!(made, format!("{left}{alternative}{right}").into_bytes());
            prop_assert!(edit.removed.is_empty() || edit.removed.first() != edit.added.first());
        }
    }

    /// A change applied to a contig.
    fn applied(genome: &[u8], start: u64, removed: usize, added: &[u8]) -> Vec<u8> {
        [&genome[..start as usize], added, &genome[start as usize + removed..]].concat()
    }

    proptest! {
        #[test]
        fn left_aligned_changes_are_the_same_and_cannot_go_further(
            genome in "[AC]{1,30}", at in 0.0f64..=1.0, removed in 0usize..5, added in "[AC]{0,4}",
            stretch in 1u64..6,
        ) {
            let genome = genome.as_bytes();
            let start = (genome.len() as f64 * at) as usize;
            let removed = &genome[start..genome.len().min(start + removed)];
            let edit = Edit { start: start as u64, removed, added: added.as_bytes() };
            let before = |end: u64| -> Result<Vec<u8>, ()> {
                Ok(genome[end.saturating_sub(stretch) as usize..end as usize].to_vec())
            };
            let found = edit.left_aligned(before).unwrap();
            let is_indel = removed.is_empty() != added.is_empty();
            prop_assert_eq!(found.is_some(), is_indel);
            let Some((to, bases)) = found else { return Ok(()) };
            let changed = applied(genome, edit.start, removed.len(), added.as_bytes());
            let moved = |to: u64, bases: &[u8]| match added.is_empty() {
                true => applied(genome, to, bases.len(), b""),
                false => applied(genome, to, 0, bases),
            };
            prop_assert!(to <= edit.start);
            prop_assert_eq!(&moved(to, &bases), &changed);
            if added.is_empty() {
                prop_assert_eq!(&genome[to as usize..to as usize + bases.len()], &bases[..]);
            }
            let further = to.checked_sub(1).is_some_and(|to| genome[to as usize] == bases[bases.len() - 1]);
            prop_assert!(!further);
        }
    }
}
