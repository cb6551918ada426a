//! Windows of a variant on the strands to read: those of the reference and of the alternative.

use std::{ops::Range, sync::Arc};

use crate::{
    genome::variant::Edit,
    windows::placement::{self, Alternative, Anchor},
};

/// Placement of the window of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum WindowChoice {
    /// Centred on the variant
    #[default]
    Centered,
    /// On a grid, so that nearby variants share windows: each has at least a quarter of the context
    /// on either side
    Tiled,
}

/// The strands of a window to read; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strands {
    /// The strand of the reference.
    pub forward: bool,
    /// Its reverse complement.
    pub reverse: bool,
}

impl Strands {
    /// Number of strands to read.
    pub fn count(self) -> usize {
        usize::from(self.forward) + usize::from(self.reverse)
    }
}

/// Length and shape of a contig.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topology {
    /// Length in bases.
    pub length: u64,
    /// True if the first base follows the last.
    pub circular: bool,
}

/// Size, placement and extent of the windows of a variant.
#[derive(Debug, Clone, Copy)]
pub struct WindowOptions {
    /// Length of a window, in bases.
    pub context: u64,
    /// Placement of the window.
    pub window: WindowChoice,
    /// Bases downstream of the variant that are read and count; `None` for all of the window.
    pub downstream: Option<u64>,
    /// Reads nothing downstream of the alleles, which is enough for site scores.
    pub site_only: bool,
}

/// Reference window of an allele, and the alternative on the strands that are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// Bases of the reference window, on the forward strand; shared by alleles with the same
    /// window.
    pub reference: Arc<[u8]>,
    /// True if the previous edit had the same window.
    pub is_shared: bool,
    /// The alternative on the forward strand.
    pub forward: Option<Alternative>,
    /// The alternative on the reverse strand, relative to the reverse complement of `reference`.
    pub reverse: Option<Alternative>,
}

impl Windows {
    /// Number of bases to compute; those of a shared window do not count.
    pub fn size(&self) -> usize {
        let reference = if self.is_shared { 0 } else { self.reference.len() };
        let alternatives = [&self.forward, &self.reverse].into_iter().flatten();
        alternatives.map(|alternative| reference + alternative.bases.len()).sum()
    }
}

/// Coordinates of the windows of an edit: 0-based and half-open on the contig. On a circular contig
/// of length n they wrap around the origin: its first base is at 0, n and 2n.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowPlan<'a> {
    edit: Edit<'a>,
    /// The reference window.
    pub window: Range<u64>,
    /// The stretch whose bases [`WindowPlan::windows`] needs.
    pub span: Range<u64>,
    fill: FillOptions,
}

/// The options that decide which bases fill the windows of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FillOptions {
    anchor: Anchor,
    downstream: Option<u64>,
    site_only: bool,
}

impl WindowOptions {
    fn anchor(&self) -> Anchor {
        match (self.window, self.downstream) {
            (WindowChoice::Centered, None) => Anchor::WindowStart,
            (WindowChoice::Centered | WindowChoice::Tiled, _) => Anchor::ReadingStart,
        }
    }

    /// Plans the windows of an edit; `None` if an allele is too long for a window.
    ///
    /// The reference window and the alternative window have the same number of bases to compare.
    /// Anchored at the window's start, both are as long as the shorter of the two haplotypes allows;
    /// anchored where reading starts, the comparison ends with the shorter one.
    pub fn plan<'a>(&self, edit: Edit<'a>, topology: Topology) -> Option<WindowPlan<'a>> {
        let Topology { length, circular } = topology;
        let anchor = self.anchor();
        let edited = (length + edit.added.len() as u64).checked_sub(edit.removed.len() as u64)?;
        let shorter = length.min(edited);
        if shorter == 0 {
            return None;
        }
        // a circle is read once: no base of the shorter haplotype twice
        let available = match (anchor, circular) {
            (Anchor::ReadingStart, false) => length,
            (Anchor::WindowStart, _) | (_, true) => shorter,
        };
        let context = self.context.min(available);
        // of three copies of the contig, the middle one has neighbours on both sides
        let (edit, end, last) = match circular {
            true => (Edit { start: edit.start + length, ..edit }, 3 * length, 3 * length),
            false => (edit, available, length),
        };
        let window = match self.window {
            WindowChoice::Centered => placement::centered(edit.start, end, context),
            WindowChoice::Tiled => placement::tiled(edit.start, end, context),
        };
        let window = placement::holding(&edit, window, end, anchor)?;
        let span = match anchor {
            Anchor::WindowStart => placement::span(&edit, &window, last),
            Anchor::ReadingStart => placement::wide_span(&edit, &window, last),
        };
        let Self { downstream, site_only, .. } = *self;
        let fill = FillOptions { anchor, downstream, site_only };
        Some(WindowPlan { edit, window, span, fill })
    }
}

impl WindowPlan<'_> {
    /// Number of bases of the window before the edit.
    pub fn before(&self) -> usize {
        (self.edit.start - self.window.start) as usize
    }

    /// Fills the windows with the bases of the span. `shared` is the reference window if the
    /// previous edit had the same one.
    pub fn windows(&self, bases: &[u8], shared: Option<Arc<[u8]>>, strands: Strands) -> Windows {
        let Self { edit, window, span, fill } = self;
        let own = (window.start - span.start) as usize..(window.end - span.start) as usize;
        let is_shared = shared.is_some();
        let reference = shared.unwrap_or_else(|| Arc::from(&bases[own]));
        let FillOptions { anchor, .. } = fill;
        let mut alternatives = match anchor {
            Anchor::WindowStart => placement::anchored_alternatives(edit, window, bases),
            Anchor::ReadingStart => placement::alternatives(edit, window, span, bases),
        };
        let longest = edit.removed.len().max(edit.added.len());
        if fill.site_only {
            for alternative in &mut alternatives {
                let end = alternative.site.alternative + longest;
                alternative.bases.truncate(end.saturating_sub(alternative.from));
            }
        }
        if let Some(bases) = fill.downstream {
            let longest = longest as u64;
            let longest = longest.saturating_add(bases);
            for alternative in &mut alternatives {
                // no more than the reference window has there
                let left = (reference.len() - alternative.from) as u64;
                alternative.bases.truncate(longest.min(left) as usize);
            }
        }
        // read up to the end of the contig, a strand may have no base to compare: then the other counts
        let [can_forward, can_reverse] = alternatives.each_ref().map(|a| !a.bases.is_empty());
        let both = strands.forward && strands.reverse && *anchor == Anchor::ReadingStart;
        let [forward, reverse] = alternatives;
        Windows {
            reference,
            is_shared,
            forward: (strands.forward && (can_forward || !both || !can_reverse)).then_some(forward),
            reverse: (strands.reverse && (can_reverse || !both || !can_forward)).then_some(reverse),
        }
    }
}

/// Splits a span that wraps around the origin of a circular contig of `length` bases into stretches
/// of the contig, in order. All are 0-based and half-open.
pub fn wrap(span: Range<u64>, length: u64) -> impl Iterator<Item = Range<u64>> {
    let mut at = span.start;
    std::iter::from_fn(move || {
        if at >= span.end || length == 0 {
            return None;
        }
        let start = at % length;
        let end = length.min(start + (span.end - at));
        at += end - start;
        Some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::dna;
    use proptest::prelude::*;

    const BOTH: Strands = Strands { forward: true, reverse: true };

    fn options(window: WindowChoice, downstream: Option<u64>) -> WindowOptions {
        WindowOptions { context: 12, window, downstream, site_only: false }
    }

    fn windows(
        options: WindowOptions,
        genome: &[u8],
        circular: bool,
        edit: Edit<'_>,
    ) -> Option<Windows> {
        let length = genome.len() as u64;
        let plan = options.plan(edit, Topology { length, circular })?;
        let bases: Vec<u8> = match circular {
            true => wrap(plan.span.clone(), length)
                .flat_map(|part| genome[part.start as usize..part.end as usize].to_vec())
                .collect(),
            false => genome[plan.span.start as usize..plan.span.end as usize].to_vec(),
        };
        Some(plan.windows(&bases, None, BOTH))
    }

    fn whole(reference: &[u8], alternative: &Alternative) -> Vec<u8> {
        [&reference[..alternative.from], &alternative.bases].concat()
    }

    #[test]
    fn spans_wrap_around_the_origin() {
        let parts: Vec<_> = wrap(8..23, 10).collect();
        assert_eq!(parts, [8..10, 0..10, 0..3]);
        assert_eq!(wrap(5..5, 10).count(), 0);
    }

    #[test]
    fn windows_of_a_circular_contig_are_never_clamped() {
        let genome = b"ACCGTTAGGCTA";
        let options = WindowOptions { context: 6, ..options(WindowChoice::Centered, None) };
        let edit = Edit { start: 0, removed: b"A", added: b"G" };
        let found = windows(options, genome, true, edit).unwrap();
        assert_eq!(&found.reference[..], b"CTAACC");
        assert_eq!(whole(&found.reference, &found.forward.unwrap()), b"CTAGCC");
        let complement = dna::reverse_complement(&found.reference);
        assert_eq!(whole(&complement, &found.reverse.unwrap()), dna::reverse_complement(b"CTAGCC"));
        let linear = windows(options, genome, false, edit).unwrap();
        assert_eq!(&linear.reference[..], b"ACCGTT");
        // a contig that is shorter than the context is read once, without repeats
        let long = WindowOptions { context: 100, ..options };
        let found = windows(long, genome, true, edit).unwrap();
        assert_eq!(&found.reference[..], b"AGGCTAACCGTT");
    }

    proptest! {
        /// The alleles lie at the positions of the site, on both strands and in every kind of
        /// window, and the bases after the alleles are the same in both sequences.
        #[test]
        fn the_site_is_where_the_alleles_are(
            genome in prop::collection::vec(prop::sample::select(b"ACGT".to_vec()), 30..60),
            start in 0usize..25, removed in 0usize..4, added in 0usize..4,
            tiled in any::<bool>(), circular in any::<bool>(), downstream in prop::option::of(0u64..9),
        ) {
            let removed_bases = &genome[start..start + removed];
            let edit = Edit { start: start as u64, removed: removed_bases, added: &b"GATC"[..added] };
            let choice = if tiled { WindowChoice::Tiled } else { WindowChoice::Centered };
            let options = options(choice, downstream);
            let Some(found) = windows(options, &genome, circular, edit) else {
                return Ok(());
            };
            let complement = dna::reverse_complement(&found.reference);
            // a strand on which the contig ends with the alleles is left to the other
            prop_assert!(found.forward.is_some() || found.reverse.is_some());
            let strands = [
                (found.reference.to_vec(), found.forward, false),
                (complement, found.reverse, true),
            ];
            for (reference, alternative, reverse) in strands {
                let Some(alternative) = alternative else { continue };
                let oriented = |bases: &[u8]| match reverse {
                    true => dna::reverse_complement(bases),
                    false => bases.to_vec(),
                };
                let sequence = whole(&reference, &alternative);
                let site = alternative.site;
                // what the window's end cuts off is missing from the end of the forward strand, or,
                // read from its start, of the strand that is read
                let held = |allele: &[u8], count: usize| match options.anchor() {
                    Anchor::WindowStart => oriented(&allele[..count]),
                    Anchor::ReadingStart => oriented(allele)[..count].to_vec(),
                };
                prop_assert!(site.removed <= removed && site.added <= added);
                prop_assert_eq!(
                    &reference[site.reference..][..site.removed], &held(edit.removed, site.removed)[..]
                );
                prop_assert_eq!(
                    &sequence[site.alternative..][..site.added], &held(edit.added, site.added)[..]
                );
                let downstream = reference[site.reference + site.removed..].iter();
                let same = downstream.zip(&sequence[site.alternative + site.added..]);
                prop_assert!(same.clone().all(|(a, b)| a == b), "{:?}", alternative);
            }
        }

        /// Centred windows by the definition: cut out of both haplotypes at the same place, of equal
        /// lengths, wherever the edit is and however short the contig.
        #[test]
        fn centred_windows_are_equal_cuts_of_both_haplotypes(
            genome in prop::collection::vec(prop::sample::select(b"ACGT".to_vec()), 1..40),
            at in 0.0f64..=1.0, removed in 0usize..14, added in "[ACGT]{0,14}", circular in any::<bool>(),
        ) {
            let start = (genome.len() as f64 * at) as usize;
            let removed = &genome[start..genome.len().min(start + removed)];
            let edit = Edit { start: start as u64, removed, added: added.as_bytes() };
            let options = options(WindowChoice::Centered, None);
            let found = windows(options, &genome, circular, edit);
            let edited = [&genome[..start], added.as_bytes(), &genome[start + removed.len()..]].concat();
            let length = 12.min(genome.len()).min(edited.len());
            let longest = removed.len().max(added.len());
            prop_assert_eq!(found.is_none(), longest + 1 > length);
            let Some(found) = found else { return Ok(()) };
            prop_assert_eq!(found.reference.len(), length);
            let alternative = whole(&found.reference, &found.forward.unwrap());
            let complement = dna::reverse_complement(&found.reference);
            let reverse = whole(&complement, &found.reverse.unwrap());
            prop_assert_eq!(&reverse, &dna::reverse_complement(&alternative));
            prop_assert_eq!(alternative.len(), length);
            if !circular {
                let last = genome.len().min(edited.len()) - length;
                let first = start.saturating_sub(length / 2).max((start + longest).saturating_sub(length));
                let first = first.min(last);
                prop_assert_eq!(&found.reference[..], &genome[first..first + length]);
                prop_assert_eq!(&alternative, &edited[first..first + length]);
            }
        }

        /// Of a tile, and of windows with a limit downstream, every allele is held in full on both
        /// strands, except beyond the ends of the contig.
        #[test]
        fn an_alternative_is_short_only_at_the_ends_of_the_contig(
            genome in prop::collection::vec(prop::sample::select(b"ACGT".to_vec()), 1..60),
            at in 0.0f64..=1.0, removed in 0usize..14, added in "[ACGT]{0,14}",
        ) {
            let start = (genome.len() as f64 * at) as usize;
            let removed = &genome[start..genome.len().min(start + removed)];
            let edit = Edit { start: start as u64, removed, added: added.as_bytes() };
            let Some(found) = windows(options(WindowChoice::Tiled, None), &genome, false, edit) else {
                return Ok(());
            };
            let far = start >= 26 && start + 26 <= genome.len();
            prop_assert!(!far || (found.forward.is_some() && found.reverse.is_some()));
            for alternative in [found.forward, found.reverse].into_iter().flatten() {
                let end = alternative.from + alternative.bases.len();
                prop_assert!(end <= found.reference.len());
                prop_assert!(!far || end == found.reference.len());
                prop_assert!(!far || alternative.site.added == added.len());
            }
        }
    }
}
