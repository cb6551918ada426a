//! Positions that a comparison covers: pure arithmetic.

use std::ops::Range;

use super::group::CompareOptions;
use crate::windows::placement::Alternative;

/// Positions of a comparison, 0-based and half-open, in the window that each field names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Bases of the alternative window that may differ.
    pub own: Range<usize>,
    /// Bases of the reference window that are compared with these.
    pub whole: Range<usize>,
    /// Alleles in the alternative window: as many bases as in the reference window.
    pub site_alternative: Range<usize>,
    /// Alleles in the reference window.
    pub site_reference: Range<usize>,
    /// First base after the alleles, in the reference and in the alternative window.
    pub after: [usize; 2],
    /// Bases after the alleles that both windows predict, counted from `after`.
    pub downstream: Range<usize>,
}

impl Places {
    /// Those of an alternative of a reference window with `length` bases.
    pub fn of(length: usize, alternative: &Alternative, options: CompareOptions) -> Self {
        let Alternative { from, site, .. } = *alternative;
        let end = from + alternative.bases.len();
        let longest = site.removed.max(site.added);
        // as many bases of both
        let left = [(end, site.alternative), (length, site.reference)]
            .map(|(end, start)| end.saturating_sub(start));
        let count = longest.min(left[0]).min(left[1]);
        let after = [site.reference + site.removed, site.alternative + site.added];
        let both = after[0].min(after[1]);
        let room =
            [length, end].into_iter().zip(after).map(|(end, start)| end.saturating_sub(start));
        let most = options.downstream.map_or(usize::MAX, |bases| bases as usize);
        let steps = room.min().unwrap_or(0).min(most);
        // the first base of a window has no prediction
        let first = usize::from(both == 0).min(steps);
        Self {
            own: from..end,
            // an alternative that the contig's end cuts off is compared with as many bases
            whole: from..end.min(length),
            site_alternative: site.alternative..site.alternative + count,
            site_reference: site.reference..site.reference + count,
            after,
            downstream: first..steps,
        }
    }
}
