//! Windows around a variant: their place on the contig, and the bases of the alternative.

use std::ops::Range;

use crate::genome::{dna, variant::Edit};

/// The window of `context` bases centred on the 0-based `position`, clamped to the contig; shorter
/// only if the contig is. 0-based and half-open.
pub fn centered(position: u64, contig_length: u64, context: u64) -> Range<u64> {
    let last_start = contig_length.saturating_sub(context);
    let start = position.saturating_sub(context / 2).min(last_start);
    start..(start + context).min(contig_length)
}

/// Moves a window, as far as needed and no further, so that it holds both alleles of an edit and
/// does not end after `end`. Where `end` forbids that, the alleles are cut off at the window's end.
/// `None` if no window of that length holds them. 0-based and half-open.
pub fn holding(
    edit: &Edit<'_>,
    window: Range<u64>,
    end: u64,
    anchor: Anchor,
) -> Option<Range<u64>> {
    let length = window.end - window.start;
    let removed = edit.removed.len() as u64;
    let longest = removed.max(edit.added.len() as u64);
    let first = (edit.start + longest).saturating_sub(length);
    let (last, fits) = match anchor {
        Anchor::WindowStart => (edit.start, longest < length),
        // backwards, the window ends at its start
        Anchor::ReadingStart => {
            let last = (edit.start + removed).saturating_sub(longest);
            (last, longest < length && 2 * longest <= length + removed)
        }
    };
    let start = window.start.max(first).min(last).min(end.saturating_sub(length));
    fits.then_some(start..start + length)
}

/// The stretch of the contig that the alternative window needs: `window`, extended at its end by as
/// many bases as a deletion removes, up to the end of the contig. 0-based and half-open.
pub fn span(edit: &Edit<'_>, window: &Range<u64>, contig_length: u64) -> Range<u64> {
    let missing = edit.removed.len().saturating_sub(edit.added.len()) as u64;
    window.start..(window.end + missing).min(contig_length)
}

/// The bases of the alternative window, as many as the reference window has. `bases` are those of
/// [`span`], which starts where `window` starts.
fn apply(edit: &Edit<'_>, window: &Range<u64>, bases: &[u8]) -> Vec<u8> {
    let before = (edit.start - window.start) as usize;
    let after = (edit.end() - window.start) as usize;
    let edited = bases[..before].iter().chain(edit.added).chain(&bases[after..]);
    edited.take((window.end - window.start) as usize).copied().collect()
}

/// The window of a grid in which the 0-based `position` is read. Windows begin at every half
/// context, and a position belongs to the window whose middle half holds it: it has at least a
/// quarter of the context on either side, except near the ends of the contig. 0-based and
/// half-open.
pub fn tiled(position: u64, contig_length: u64, context: u64) -> Range<u64> {
    let half = (context / 2).max(1);
    let last_start = contig_length.saturating_sub(context);
    let start = (position.saturating_sub(context / 4) / half * half).min(last_start);
    start..(start + context).min(contig_length)
}

/// The base that the alternative window has in common with the reference window on both strands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The first base on the forward strand: the reverse strand reads the same window.
    WindowStart,
    /// The first base in reading direction of each strand.
    ReadingStart,
}

/// Positions of the alleles of an edit in the reference window and in the alternative, 0-based in
/// reading direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Site {
    /// Start of the removed bases in the reference window.
    pub reference: usize,
    /// Number of removed bases in the window.
    pub removed: usize,
    /// Start of the added bases in the alternative.
    pub alternative: usize,
    /// Number of added bases in the window.
    pub added: usize,
}

/// An alternative that begins like the reference window: its bases from the first that may differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Alternative {
    /// First position that may differ, 0-based in reading direction; those before it are equal.
    pub from: usize,
    /// Bases of the alternative from `from` on.
    pub bases: Vec<u8>,
    /// Positions of the alleles.
    pub site: Site,
}

impl Alternative {
    /// The alternative without the bases at its start that it shares with the reference window.
    fn of(alternative: &[u8], reference: &[u8], site: Site) -> Self {
        let from = alternative.iter().zip(reference).take_while(|(a, b)| a == b).count();
        Self { from, bases: alternative[from..].to_vec(), site }
    }
}

/// The alternative window on the forward strand and on the reverse strand, the second relative to
/// the reverse complement of the reference window. Both windows have the same number of bases.
/// `bases` are those of [`span`].
pub fn anchored_alternatives(
    edit: &Edit<'_>,
    window: &Range<u64>,
    bases: &[u8],
) -> [Alternative; 2] {
    let length = (window.end - window.start) as usize;
    let reference = &bases[..length];
    let alternative = apply(edit, window, bases);
    let before = (edit.start - window.start) as usize;
    let [removed, added] =
        [edit.removed, edit.added].map(|allele| allele.len().min(length - before));
    let forward = Site { reference: before, removed, alternative: before, added };
    let reverse = Site {
        reference: length - before - removed,
        alternative: length - before - added,
        ..forward
    };
    let complements = [&alternative[..], reference].map(dna::reverse_complement);
    [
        Alternative::of(&alternative, reference, forward),
        Alternative::of(&complements[0], &complements[1], reverse),
    ]
}

/// The alternative on the forward strand and on the reverse strand; on each it begins where the
/// reference window begins in reading direction, so that all bases before the variant are equal.
/// The second is relative to the reverse complement of the window. Each is as long as the reference
/// window, or ends at the contig's end.
///
/// `bases` are those of `span`, which holds the window: see [`wide_span`].
pub fn alternatives(
    edit: &Edit<'_>,
    window: &Range<u64>,
    span: &Range<u64>,
    bases: &[u8],
) -> [Alternative; 2] {
    let length = (window.end - window.start) as usize;
    let at = |position: u64| (position - span.start) as usize;
    let before = (edit.start - window.start) as usize;
    let after = (window.end - edit.end()) as usize;
    let (upstream, downstream) = (&bases[..at(edit.start)], &bases[at(edit.end())..]);
    let forward = edit.added.iter().chain(downstream).take(length - before).copied();
    let mut reverse = dna::reverse_complement(&[upstream, edit.added].concat());
    reverse.truncate(length - after);
    let removed = edit.removed.len();
    let alternative = |from: usize, bases: Vec<u8>| {
        let added = edit.added.len().min(length - from);
        let site = Site { reference: from, removed, alternative: from, added };
        Alternative { from, bases, site }
    };
    [alternative(before, forward.collect()), alternative(after, reverse)]
}

/// The stretch that [`alternatives`] needs: `window`, extended at both ends by as many bases as a
/// deletion removes, up to the ends of the contig. 0-based and half-open.
pub fn wide_span(edit: &Edit<'_>, window: &Range<u64>, contig_length: u64) -> Range<u64> {
    let missing = edit.removed.len().saturating_sub(edit.added.len()) as u64;
    window.start.saturating_sub(missing)..(window.end + missing).min(contig_length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn windows_are_clamped_to_the_contig() {
        assert_eq!(centered(500, 1000, 100), 450..550);
        assert_eq!(centered(10, 1000, 100), 0..100);
        assert_eq!(centered(999, 1000, 100), 900..1000);
        assert_eq!(centered(5, 30, 100), 0..30);
        assert_eq!(centered(50, 100, 7), 47..54);
    }

    #[test]
    fn a_deletion_takes_bases_from_beyond_the_window() {
        let genome = b"AACCGGTTACGT";
        let edit = Edit { start: 4, removed: b"GG", added: b"" };
        let window = 2..8;
        let span = span(&edit, &window, genome.len() as u64);
        assert_eq!(span, 2..10);
        assert_eq!(apply(&edit, &window, &genome[2..10]), b"CCTTAC");
    }

    #[test]
    fn an_insertion_pushes_bases_out() {
        let genome = b"AACCGGTT";
        let edit = Edit { start: 4, removed: b"", added: b"TTT" };
        assert_eq!(apply(&edit, &(2..8), &genome[2..8]), b"CCTTTG");
        let long = Edit { start: 4, removed: b"", added: b"TTTTT" };
        assert_eq!(apply(&long, &(2..8), &genome[2..8]), b"CCTTTT");
    }

    #[test]
    fn windows_move_until_they_hold_both_alleles() {
        let insertion = |length| Edit { start: 50, removed: b"", added: &b"TTTTTTTT"[..length] };
        let held = |edit, window, anchor| holding(&edit, window, 60, anchor);
        for anchor in [Anchor::WindowStart, Anchor::ReadingStart] {
            assert_eq!(held(insertion(4), 46..54, anchor), Some(46..54));
            assert_eq!(held(insertion(4), 43..51, anchor), Some(46..54));
            assert_eq!(held(insertion(8), 46..54, anchor), None);
        }
        assert_eq!(held(insertion(7), 46..54, Anchor::WindowStart), Some(49..57));
        assert_eq!(held(insertion(7), 46..54, Anchor::ReadingStart), None);
        // the contig ends at 52: the insertion is cut off
        assert_eq!(holding(&insertion(4), 42..50, 52, Anchor::WindowStart), Some(44..52));
        // backwards, the window ends at its start
        assert_eq!(held(insertion(4), 49..57, Anchor::ReadingStart), Some(46..54));
    }

    #[test]
    fn alternatives_on_both_strands() {
        let genome = b"AACCGGTTACGTTTGCA";
        let alternatives = |edit: Edit<'_>, window: Range<u64>| {
            let span = wide_span(&edit, &window, genome.len() as u64);
            let bases = &genome[span.start as usize..span.end as usize];
            super::alternatives(&edit, &window, &span, bases)
        };
        let found = |edit, window| {
            let parts = |Alternative { from, bases, .. }| (from, bases);
            alternatives(edit, window).map(parts)
        };
        let part = |from: usize, bases: &[u8]| (from, bases.to_vec());
        // window CCGGTTAC; GG>A: CC·A·TTAC·G forwards, and AAC C·A·TTAC backwards from the right
        let deletion = Edit { start: 4, removed: b"GG", added: b"A" };
        assert_eq!(found(deletion, 2..10), [part(2, b"ATTACG"), part(4, b"TGGT")]);
        let insertion = Edit { start: 4, removed: b"", added: b"TT" };
        assert_eq!(found(insertion, 2..10), [part(2, b"TTGGTT"), part(6, b"AA")]);
        let too_long = Edit { start: 4, removed: b"", added: b"TTT" };
        // three added bases, of which the reverse strand has room for two
        assert_eq!(found(too_long, 2..10), [part(2, b"TTTGGT"), part(6, b"AA")]);
        let snv = Edit { start: 2, removed: b"C", added: b"T" };
        assert_eq!(found(snv, 2..10), [part(0, b"TCGGTTAC"), part(7, b"A")]);
        // at the contig's ends there is nothing beyond
        let first = Edit { start: 1, removed: b"AC", added: b"" };
        assert_eq!(found(first, 0..5), [part(1, b"CGGT"), part(2, b"T")]);
    }

    proptest! {
        #[test]
        fn a_tile_leaves_a_quarter_on_either_side(
            length in 1u64..5000, context in 4u64..3000, at in 0.0f64..1.0,
        ) {
            let position = ((length - 1) as f64 * at) as u64;
            let window = tiled(position, length, context);
            prop_assert!(window.contains(&position) && window.end <= length);
            prop_assert_eq!(window.end - window.start, context.min(length));
            let quarter = context / 4;
            prop_assert!(window.start == 0 || position - window.start >= quarter);
            prop_assert!(window.end == length || window.end - position > quarter.saturating_sub(2));
        }

        #[test]
        fn alternatives_hold_the_edited_sequence(
            genome in prop::collection::vec(prop::sample::select(b"ACGT".to_vec()), 30..80),
            start in 5u64..20, removed in 0usize..4, added in 0usize..4,
        ) {
            let edit = Edit {
                start,
                removed: &genome[start as usize..start as usize + removed],
                added: &b"GATC"[..added],
            };
            let window = 2..26;
            let span = wide_span(&edit, &window, genome.len() as u64);
            let held = &genome[span.start as usize..span.end as usize];
            let [forward, reverse] = alternatives(&edit, &window, &span, held);
            let reference = &genome[2..26];
            let whole = [&reference[..forward.from], &forward.bases].concat();
            prop_assert_eq!(&whole, &apply(&edit, &window, &genome[2..]));
            let complement = dna::reverse_complement(reference);
            let whole = [&complement[..reverse.from], &reverse.bases].concat();
            // the reverse complement of the edited contig, cut at the window's end
            let edited = [&genome[..start as usize], edit.added, &genome[edit.end() as usize..26]].concat();
            let want = dna::reverse_complement(&edited);
            prop_assert_eq!(&whole[..], &want[..want.len().min(24)]);
        }

        #[test]
        fn windows_hold_the_position_and_never_leave_the_contig(
            length in 1u64..5000, context in 1u64..3000, at in 0.0f64..1.0,
        ) {
            let position = ((length - 1) as f64 * at) as u64;
            let window = centered(position, length, context);
            prop_assert!(window.contains(&position) && window.end <= length);
            prop_assert_eq!(window.end - window.start, context.min(length));
        }
    }
}
