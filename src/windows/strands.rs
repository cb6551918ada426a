//! What is read around a variant on which strands: windows of the reference and of the alternative.

use std::{ops::Range, sync::Arc};

use crate::{
    genome::variant::Edit,
    windows::placement::{self, Ending},
};

/// Where the window of a variant lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum WindowChoice {
    /// Around the variant, which stands in its middle
    #[default]
    Centered,
    /// On a grid, so that neighbours share it: each variant has at least a quarter of the context
    /// on either side
    Tiled,
}

/// Which strands of a window are read; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strands {
    /// As the reference has it.
    pub forward: bool,
    /// The reverse complement.
    pub reverse: bool,
}

/// A contig as windows see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topology {
    /// Bases.
    pub length: u64,
    /// Whether the first base follows the last.
    pub circular: bool,
}

/// What is read around a variant.
#[derive(Debug, Clone, Copy)]
pub struct WindowOptions {
    /// Bases of a window.
    pub context: u64,
    /// Where it lies.
    pub window: WindowChoice,
    /// How many bases behind the variant are read and count; none: all of the window.
    pub downstream: Option<u64>,
    /// Whether only site scores are wanted, for which nothing behind the alleles is read.
    pub site_only: bool,
}

/// Reference window of an allele, and how the alternative ends on the strands that are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// Bases of the reference; shared between alleles that have the same window.
    pub reference: Arc<[u8]>,
    /// Whether the edit before had the same one.
    pub is_shared: bool,
    /// The alternative read forwards.
    pub forward: Option<Ending>,
    /// That of the other strand; it is about the reverse complement of `reference`.
    pub reverse: Option<Ending>,
}

impl Windows {
    /// Bases that are computed for it, those of a shared window excepted.
    pub fn size(&self) -> usize {
        let reference = if self.is_shared { 0 } else { self.reference.len() };
        let endings = [&self.forward, &self.reverse].into_iter().flatten();
        endings.map(|ending| reference + ending.bases.len()).sum()
    }
}

/// Where the windows of an edit lie. Positions are 0-based on the contig; on a circular one they go
/// on beyond its end, and the first base is at 0, at its length and at twice that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut<'a> {
    edit: Edit<'a>,
    /// The reference window.
    pub window: Range<u64>,
    /// The stretch whose bases are needed.
    pub span: Range<u64>,
    reading: CutReading,
}

/// The part of [`WindowOptions`] that says how windows are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CutReading {
    exact: bool,
    downstream: Option<u64>,
    site_only: bool,
}

impl WindowOptions {
    /// Where the windows of an edit lie; `None` if it does not fit one.
    pub fn cut<'a>(&self, edit: Edit<'a>, course: Topology) -> Option<Cut<'a>> {
        let Topology { length, circular } = course;
        let context = self.context.min(length);
        // the middle one of three turns has neighbours on both sides
        let (edit, end) = match circular {
            true => (Edit { start: edit.start + length, ..edit }, 3 * length),
            false => (edit, length),
        };
        let window = match self.window {
            WindowChoice::Centered => placement::centered(edit.start, end, context),
            WindowChoice::Tiled => placement::tiled(edit.start, end, context),
        };
        if !placement::fits(&edit, &window) {
            return None;
        }
        let exact = self.window == WindowChoice::Centered && self.downstream.is_none();
        let span = match exact {
            true => placement::span(&edit, &window, end),
            false => placement::wide_span(&edit, &window, end),
        };
        let Self { downstream, site_only, .. } = *self;
        let reading = CutReading { exact, downstream, site_only };
        Some(Cut { edit, window, span, reading })
    }
}

impl Cut<'_> {
    /// Bases of the window before the edit.
    pub fn before(&self) -> usize {
        (self.edit.start - self.window.start) as usize
    }

    /// The windows, from the bases of the span; `shared` is the reference window if the edit before
    /// had the same one. `None` if an allele does not fit.
    pub fn windows(
        &self,
        bases: &[u8],
        shared: Option<Arc<[u8]>>,
        strands: Strands,
    ) -> Option<Windows> {
        let Self { edit, window, span, reading } = self;
        let own = (window.start - span.start) as usize..(window.end - span.start) as usize;
        let is_shared = shared.is_some();
        let reference = shared.unwrap_or_else(|| Arc::from(&bases[own]));
        let mut endings = match reading.exact {
            true => placement::exact_endings(edit, window, bases),
            false => placement::endings(edit, window, span, bases)?,
        };
        let longest = edit.removed.len().max(edit.added.len());
        if reading.site_only {
            for ending in &mut endings {
                let end = ending.site.alternative + longest;
                ending.bases.truncate(end.saturating_sub(ending.from));
            }
        }
        if let Some(bases) = reading.downstream {
            let longest = longest as u64;
            let longest = longest.saturating_add(bases);
            for ending in &mut endings {
                // no more than the reference window has there
                let left = (reference.len() - ending.from) as u64;
                ending.bases.truncate(longest.min(left) as usize);
            }
        }
        let [forward, reverse] = endings;
        Some(Windows {
            reference,
            is_shared,
            forward: strands.forward.then_some(forward),
            reverse: strands.reverse.then_some(reverse),
        })
    }
}

/// The stretches of a circular contig of `length` bases that `span` goes over, in order.
pub fn turns(span: Range<u64>, length: u64) -> impl Iterator<Item = Range<u64>> {
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

    fn reading(window: WindowChoice, downstream: Option<u64>) -> WindowOptions {
        WindowOptions { context: 12, window, downstream, site_only: false }
    }

    fn windows(
        reading: WindowOptions,
        genome: &[u8],
        circular: bool,
        edit: Edit<'_>,
    ) -> Option<Windows> {
        let length = genome.len() as u64;
        let cut = reading.cut(edit, Topology { length, circular })?;
        let bases: Vec<u8> = match circular {
            true => turns(cut.span.clone(), length)
                .flat_map(|part| genome[part.start as usize..part.end as usize].to_vec())
                .collect(),
            false => genome[cut.span.start as usize..cut.span.end as usize].to_vec(),
        };
        cut.windows(&bases, None, BOTH)
    }

    fn whole(reference: &[u8], ending: &Ending) -> Vec<u8> {
        [&reference[..ending.from], &ending.bases].concat()
    }

    #[test]
    fn turns_go_round() {
        let parts: Vec<_> = turns(8..23, 10).collect();
        assert_eq!(parts, [8..10, 0..10, 0..3]);
        assert_eq!(turns(5..5, 10).count(), 0);
    }

    #[test]
    fn a_circle_has_no_ends() {
        let genome = b"ACCGTTAGGCTA";
        let reading = WindowOptions { context: 6, ..reading(WindowChoice::Centered, None) };
        let edit = Edit { start: 0, removed: b"A", added: b"G" };
        let found = windows(reading, genome, true, edit).unwrap();
        assert_eq!(&found.reference[..], b"CTAACC");
        assert_eq!(whole(&found.reference, &found.forward.unwrap()), b"CTAGCC");
        let turned = dna::reverse_complement(&found.reference);
        assert_eq!(whole(&turned, &found.reverse.unwrap()), dna::reverse_complement(b"CTAGCC"));
        let line = windows(reading, genome, false, edit).unwrap();
        assert_eq!(&line.reference[..], b"ACCGTT");
        // a contig that is shorter than the context is read once round
        let long = WindowOptions { context: 100, ..reading };
        let found = windows(long, genome, true, edit).unwrap();
        assert_eq!(&found.reference[..], b"AGGCTAACCGTT");
    }

    proptest! {
        /// The alternative lies where the site says, on both strands and in every kind of window,
        /// and what follows the alleles is the same sequence.
        #[test]
        fn the_site_is_where_the_alleles_are(
            genome in prop::collection::vec(prop::sample::select(b"ACGT".to_vec()), 30..60),
            start in 0usize..25, removed in 0usize..4, added in 0usize..4,
            tiled in any::<bool>(), circular in any::<bool>(), downstream in prop::option::of(0u64..9),
        ) {
            let removed_bases = &genome[start..start + removed];
            let edit = Edit { start: start as u64, removed: removed_bases, added: &b"GATC"[..added] };
            let choice = if tiled { WindowChoice::Tiled } else { WindowChoice::Centered };
            let Some(found) = windows(reading(choice, downstream), &genome, circular, edit) else {
                return Ok(());
            };
            let turned = dna::reverse_complement(&found.reference);
            let strands = [
                (found.reference.to_vec(), found.forward.unwrap(), false),
                (turned, found.reverse.unwrap(), true),
            ];
            for (reference, ending, reverse) in strands {
                let turn = |bases: &[u8]| match reverse {
                    true => dna::reverse_complement(bases),
                    false => bases.to_vec(),
                };
                let alternative = whole(&reference, &ending);
                let site = ending.site;
                prop_assert_eq!(
                    &reference[site.reference..site.reference + removed], &turn(edit.removed)[..]
                );
                prop_assert_eq!(
                    &alternative[site.alternative..site.alternative + added], &turn(edit.added)[..]
                );
                let behind = reference[site.reference + removed..].iter();
                let same = behind.zip(&alternative[site.alternative + added..]);
                prop_assert!(same.clone().all(|(a, b)| a == b), "{:?}", ending);
            }
        }
    }
}
