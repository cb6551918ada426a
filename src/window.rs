//! The stretch of a contig that is read around a variant, and what an edit makes of it.

use std::ops::Range;

use crate::variant::Edit;

/// The window of `context` bases centred on `position`: clamped to the contig, shorter only where
/// the contig is. 0-based and half-open.
pub fn centered(position: u64, contig_length: u64, context: u64) -> Range<u64> {
    let last_start = contig_length.saturating_sub(context);
    let start = position.saturating_sub(context / 2).min(last_start);
    start..(start + context).min(contig_length)
}

/// Whether both alleles of an edit lie within the window.
pub fn fits(edit: &Edit<'_>, window: &Range<u64>) -> bool {
    edit.end() <= window.end
        && edit.start - window.start + edit.added.len() as u64 <= window.end - window.start
}

/// The stretch of the contig that the alternative window needs: it starts where `window` starts
/// and goes on beyond its end by as many bases as a deletion takes away, if the contig has them.
pub fn span(edit: &Edit<'_>, window: &Range<u64>, contig_length: u64) -> Range<u64> {
    let missing = edit.removed.len().saturating_sub(edit.added.len()) as u64;
    window.start..(window.end + missing).min(contig_length)
}

/// The alternative window, as many bases as the reference window has (fewer only at the contig's
/// end). `bases` are those of [`span`], which starts where `window` starts.
pub fn apply(edit: &Edit<'_>, window: &Range<u64>, bases: &[u8]) -> Vec<u8> {
    let length = (window.end - window.start) as usize;
    let before = (edit.start - window.start) as usize;
    let after = (edit.end() - window.start) as usize;
    let mut alternative = Vec::with_capacity(length);
    alternative.extend_from_slice(&bases[..before]);
    alternative.extend_from_slice(edit.added);
    let rest = length - alternative.len();
    alternative.extend(bases[after..].iter().take(rest));
    alternative
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
    fn an_insertion_pushes_bases_out_and_may_be_too_long() {
        let genome = b"AACCGGTT";
        let edit = Edit { start: 4, removed: b"", added: b"TTT" };
        assert_eq!(apply(&edit, &(2..8), &genome[2..8]), b"CCTTTG");
        let long = Edit { start: 4, removed: b"", added: b"TTTTT" };
        assert!(fits(&edit, &(2..8)) && !fits(&long, &(2..8)));
    }

    proptest! {
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
