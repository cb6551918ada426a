//! The sequence of a haplotype around a site: the reference with the other variants of the
//! haplotype applied.

use std::ops::Range;

use crate::genome::variant::Edit;

/// An allele in minimal form that owns its bases: at `start`, `removed` bases of the reference are
/// replaced by `added`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Change {
    /// First changed base, 0-based on the contig; for an insertion, the base that follows the
    /// inserted ones.
    pub start: u64,
    /// Number of removed bases of the reference.
    pub removed: u64,
    /// Inserted bases.
    pub added: Vec<u8>,
}

impl Change {
    /// One past the last removed base, 0-based on the contig.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.removed)
    }

    /// True if the two changes exclude each other: both remove the same base, both insert at the
    /// same position, or one inserts strictly within the bases that the other removes. Adjacent
    /// changes do not touch.
    pub fn touches(&self, other: &Self) -> bool {
        let overlap = self.start < other.end() && other.start < self.end();
        overlap || (self.removed == 0 && other.removed == 0 && self.start == other.start)
    }

    /// Sort key of changes along a haplotype: an insertion before a base comes before a change of
    /// the base itself.
    fn place(&self) -> (u64, bool) {
        (self.start, self.removed > 0)
    }
}

impl From<&Edit<'_>> for Change {
    fn from(edit: &Edit<'_>) -> Self {
        Self { start: edit.start, removed: edit.removed.len() as u64, added: edit.added.to_vec() }
    }
}

/// A stretch of a haplotype that has the reference's bases at one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Haplotype {
    /// Bases of the stretch, with REF at the site.
    pub bases: Vec<u8>,
    /// Start of the site in `bases`, 0-based: its first removed base; for an insertion, the base
    /// that follows the inserted ones.
    pub site: usize,
    /// Positions in `bases` of the bases added by each applied change, 0-based and half-open; empty
    /// for a deletion.
    pub applied: Vec<Range<usize>>,
    /// Number of changes skipped because they touch the site or an earlier applied change.
    pub left_out: usize,
    /// Number of changes skipped because they are not entirely within the stretch.
    pub outside: usize,
}

impl Haplotype {
    /// Number of applied changes that are visible in a part of the bases, 0-based and half-open.
    pub fn applied_in(&self, part: &Range<usize>) -> usize {
        let is_visible = |place: &&Range<usize>| match place.is_empty() {
            // a deletion is visible where both of its neighbours are
            true => part.start < place.start && place.start < part.end,
            false => part.start < place.end && place.start < part.end,
        };
        self.applied.iter().filter(is_visible).count()
    }
}

/// Applies `others` to a stretch of the reference, `bases`, which begins at the 0-based `start` of
/// the contig and holds the site of `edit`. Changes are applied in ascending order of their starts,
/// the first of equal ones first. Those that are not entirely within the stretch are skipped (an
/// insertion may be at its ends), and so are those that touch the site or an earlier applied
/// change.
pub fn around(start: u64, bases: &[u8], edit: &Edit<'_>, others: &[Change]) -> Haplotype {
    let end = start + bases.len() as u64;
    let site = Change::from(edit);
    let mut ordered: Vec<&Change> = others.iter().collect();
    ordered.sort_by_key(|change| change.place());
    let mut made = Haplotype {
        bases: Vec::with_capacity(bases.len()),
        site: 0,
        applied: Vec::new(),
        left_out: 0,
        outside: 0,
    };
    let index = |position: u64| (position.clamp(start, end) - start) as usize;
    let mut last: Option<&Change> = None;
    // bases of the stretch that are copied or removed so far
    let mut done = 0;
    let mut passed = false;
    for change in ordered {
        if change.start < start || change.end() > end {
            made.outside += 1;
            continue;
        }
        // earlier changes end at or before the start of the last one, so only that can touch
        if change.touches(&site) || last.is_some_and(|last| change.touches(last)) {
            made.left_out += 1;
            continue;
        }
        if !passed && change.place() > site.place() {
            passed = true;
            made.site = made.bases.len() + index(site.start) - done;
        }
        made.bases.extend_from_slice(&bases[done..index(change.start)]);
        let place = made.bases.len();
        made.bases.extend_from_slice(&change.added);
        made.applied.push(place..made.bases.len());
        done = index(change.end());
        last = Some(change);
    }
    if !passed {
        made.site = made.bases.len() + index(site.start) - done;
    }
    made.bases.extend_from_slice(&bases[done..]);
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn change(start: u64, removed: u64, added: &str) -> Change {
        Change { start, removed, added: added.as_bytes().to_vec() }
    }

    fn made(edit: (u64, &str, &str), others: &[Change]) -> (String, usize, [usize; 3]) {
        let (start, removed, added) = edit;
        let edit = Edit { start, removed: removed.as_bytes(), added: added.as_bytes() };
        let found = around(100, b"ACGTACGT", &edit, others);
        let counts = [found.applied.len(), found.left_out, found.outside];
        (String::from_utf8(found.bases).unwrap(), found.site, counts)
    }

    #[test]
    fn changes_on_either_side_of_the_site() {
        let others = [change(101, 1, "T"), change(102, 0, "GG"), change(107, 1, "")];
        assert_eq!(made((104, "A", "C"), &others), ("ATGGGTACG".into(), 6, [3, 0, 0]));
        assert_eq!(made((104, "A", "C"), &[]), ("ACGTACGT".into(), 4, [0, 0, 0]));
    }

    #[test]
    fn changes_are_counted_where_they_are_visible() {
        let others = [change(101, 1, "T"), change(102, 0, "GG"), change(106, 1, "")];
        let edit = Edit { start: 104, removed: b"A", added: b"C" };
        // A·T·GG·GTAC·T, where a G is missing before the last base
        let found = around(100, b"ACGTACGT", &edit, &others);
        assert_eq!(found.bases, b"ATGGGTACT");
        assert_eq!(found.applied, [1..2, 2..4, 8..8]);
        let counts = [0..9, 2..9, 3..9, 4..9, 4..8, 8..9, 0..2, 0..1];
        assert_eq!(counts.map(|part| found.applied_in(&part)), [3, 2, 2, 1, 0, 0, 1, 0]);
    }

    #[test]
    fn neighbours_that_abut_the_site() {
        // an insertion before the site's base, one after it, and a change right after an insertion
        assert_eq!(made((104, "A", "C"), &[change(104, 0, "TT")]).1, 6);
        let after = ("ACGTATTCGT".into(), 4, [1, 0, 0]);
        assert_eq!(made((104, "A", "C"), &[change(105, 0, "TT")]), after);
        let replaced = ("ACGTGCGT".into(), 4, [1, 0, 0]);
        assert_eq!(made((104, "", "C"), &[change(104, 1, "G")]), replaced);
        assert_eq!(made((104, "", "C"), &[change(102, 2, "")]), ("ACACGT".into(), 2, [1, 0, 0]));
    }

    #[test]
    fn touching_and_outside_changes_are_counted() {
        let others = [
            change(99, 2, ""),
            change(100, 0, "T"),
            change(101, 3, ""),
            change(102, 1, "A"),
            change(103, 0, "A"),
            change(104, 0, "G"),
            change(104, 0, "T"),
            change(105, 0, "A"),
            change(107, 2, ""),
            change(108, 0, "C"),
            change(109, 0, "C"),
        ];
        // REF AC at 104: 105 is strictly within
        let found = made((104, "AC", ""), &others);
        assert_eq!(found, ("TAGACGTC".into(), 3, [4, 4, 3]));
    }

    /// Applies changes one by one, the last on the contig first.
    fn from_right_to_left(start: u64, bases: &[u8], mut changes: Vec<Change>) -> Vec<u8> {
        changes.sort_by_key(|change| (change.start, change.removed > 0));
        let mut bases = bases.to_vec();
        for change in changes.into_iter().rev() {
            let range = (change.start - start) as usize..(change.end() - start) as usize;
            bases.splice(range, change.added);
        }
        bases
    }

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let one = (40u64..90, 0u64..4, "[ACGT]{0,3}");
        prop::collection::vec(one, 0..25).prop_map(|mut all| {
            all.sort_by_key(|change| change.0);
            all.into_iter().map(|(start, removed, added)| change(start, removed, &added)).collect()
        })
    }

    proptest! {
        #[test]
        fn the_site_can_be_changed_afterwards(
            bases in "[ACGT]{30}", at in 0usize..28, removed in 0usize..3, added in "[ACGT]{0,3}",
            others in changes(),
        ) {
            let (start, bases) = (50, bases.as_bytes());
            let edit = Edit {
                start: start + at as u64,
                removed: &bases[at..at + removed],
                added: added.as_bytes(),
            };
            let found = around(start, bases, &edit, &others);
            let own = Change::from(&edit);
            let mut kept: Vec<Change> = Vec::new();
            let mut outside = 0;
            for other in &others {
                if other.start < start || other.end() > start + bases.len() as u64 {
                    outside += 1;
                } else if !other.touches(&own) && kept.iter().all(|change| !other.touches(change)) {
                    kept.push(other.clone());
                }
            }
            prop_assert_eq!((found.applied.len(), found.outside), (kept.len(), outside));
            prop_assert_eq!(found.left_out, others.len() - kept.len() - outside);
            prop_assert_eq!(&found.bases, &from_right_to_left(start, bases, kept.clone()));
            let place = found.site..found.site + removed;
            prop_assert_eq!(&found.bases[place.clone()], edit.removed);
            let mut changed = found.bases;
            changed.splice(place, edit.added.iter().copied());
            kept.push(own);
            prop_assert_eq!(changed, from_right_to_left(start, bases, kept));
        }

        #[test]
        fn without_other_changes_the_stretch_is_the_reference(bases in "[ACGT]{1,30}", at in 0.0f64..1.0) {
            let at = (bases.len() as f64 * at) as usize;
            let edit = Edit { start: 7 + at as u64, removed: &bases.as_bytes()[at..], added: b"" };
            let found = around(7, bases.as_bytes(), &edit, &[]);
            prop_assert_eq!((found.bases, found.site), (bases.into_bytes(), at));
        }

        #[test]
        fn touching_is_symmetric(a in (0u64..6, 0u64..4), b in (0u64..6, 0u64..4)) {
            let [a, b] = [a, b].map(|(start, removed)| change(start, removed, "A"));
            prop_assert_eq!(a.touches(&b), b.touches(&a));
            // both remove the same base, or one inserts between two removed bases
            let shared = (0..12).any(|base| {
                let removes = |change: &Change| (change.start..change.end()).contains(&base);
                removes(&a) && removes(&b)
            });
            let within = |a: &Change, b: &Change| {
                a.removed == 0 && b.start < a.start && a.start < b.end()
            };
            let same = a.removed == 0 && b.removed == 0 && a.start == b.start;
            prop_assert_eq!(a.touches(&b), shared || within(&a, &b) || within(&b, &a) || same);
        }
    }
}
