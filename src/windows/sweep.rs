//! Overlapping windows over a stretch of any length, in which each base is predicted once from the
//! bases before it.

use std::ops::Range;

use crate::genome::region::Strand;

/// Length and overlap of the windows of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepOptions {
    /// Most bases of a window.
    pub context: u64,
    /// Bases that are read before the first counted base, if there are as many: at least 1, and
    /// fewer than `context`.
    pub before: u64,
}

/// A window, 0-based and half-open on the forward strand. Its counted bases are predicted, except
/// the first base that it reads on its strand, which has no bases before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The strand that is read.
    pub strand: Strand,
    /// Bases to read.
    pub read: Range<u64>,
    /// Bases to count; they end at the last base that is read on this strand.
    pub counted: Range<u64>,
}

/// The windows of one strand over a stretch, in ascending order of their positions.
#[derive(Debug, Clone)]
pub struct Sweep {
    options: SweepOptions,
    strand: Strand,
    // on the reverse strand both are mirrored at the middle of `available`
    available: Range<u64>,
    wanted: Range<u64>,
    next: u64,
    count: u64,
}

impl Sweep {
    /// Covers `wanted` with windows that count each of its bases once and read only bases of
    /// `available`. Both are 0-based and half-open, and `wanted` lies within `available`.
    pub fn new(
        options: SweepOptions,
        strand: Strand,
        available: Range<u64>,
        wanted: Range<u64>,
    ) -> Self {
        let wanted = mirrored(strand, &available, wanted);
        let mut sweep = Self { options, strand, available, wanted, next: 0, count: 0 };
        let first = sweep.first();
        if !sweep.wanted.is_empty() {
            sweep.count = 1 + (sweep.wanted.end - first.end).div_ceil(sweep.step());
        }
        sweep
    }

    fn step(&self) -> u64 {
        self.options.context - self.options.before
    }

    /// Bases read by the first window, in coordinates of its strand.
    fn first(&self) -> Range<u64> {
        let start = self.wanted.start.saturating_sub(self.options.before).max(self.available.start);
        start..self.wanted.end.min(start + self.options.context)
    }

    /// The window of an index in reading direction.
    fn window(&self, number: u64) -> Window {
        let first = self.first();
        let (read, counted) = match number.checked_sub(1) {
            None => (first.clone(), self.wanted.start..first.end),
            Some(steps) => {
                let start = first.end + steps * self.step();
                let end = self.wanted.end.min(start + self.step());
                (start - self.options.before..end, start..end)
            }
        };
        let forward = |range| mirrored(self.strand, &self.available, range);
        Window { strand: self.strand, read: forward(read), counted: forward(counted) }
    }

    /// The next window.
    fn peek(&self) -> Option<Window> {
        let left = self.count.checked_sub(self.next + 1)?;
        Some(self.window(match self.strand {
            Strand::Forward => self.next,
            Strand::Reverse => left,
        }))
    }
}

impl Iterator for Sweep {
    type Item = Window;

    fn next(&mut self) -> Option<Window> {
        let window = self.peek()?;
        self.next += 1;
        Some(window)
    }
}

/// Converts a range between the coordinates of the forward strand and those of `strand`, which
/// start at the end of `within` on the reverse strand.
fn mirrored(strand: Strand, within: &Range<u64>, range: Range<u64>) -> Range<u64> {
    let mirror = |position| within.start + (within.end - position);
    match strand {
        Strand::Forward => range,
        Strand::Reverse => mirror(range.end)..mirror(range.start),
    }
}

/// Merges the windows of several sweeps: the next window is always that of the sweep whose next
/// counted base comes first. Results kept until all sweeps have passed a base are at most about one
/// window of each.
pub fn together(sweeps: impl IntoIterator<Item = Sweep>) -> impl Iterator<Item = Window> {
    let mut sweeps: Vec<Sweep> = sweeps.into_iter().collect();
    std::iter::from_fn(move || {
        let reached = |sweep: &Sweep| sweep.peek().map_or(u64::MAX, |window| window.counted.start);
        sweeps.iter_mut().min_by_key(|sweep| reached(sweep))?.next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn windows(strand: Strand, available: Range<u64>, wanted: Range<u64>) -> Vec<Window> {
        Sweep::new(SweepOptions { context: 10, before: 4 }, strand, available, wanted).collect()
    }

    fn pairs(windows: &[Window]) -> Vec<(Range<u64>, Range<u64>)> {
        windows.iter().map(|window| (window.read.clone(), window.counted.clone())).collect()
    }

    #[test]
    fn windows_overlap_by_the_bases_read_before() {
        // the first window counts all the bases that it reads
        let whole = windows(Strand::Forward, 0..23, 0..23);
        assert_eq!(
            pairs(&whole),
            [(0..10, 0..10), (6..16, 10..16), (12..22, 16..22), (18..23, 22..23)]
        );
        let whole = windows(Strand::Reverse, 0..23, 0..23);
        assert_eq!(pairs(&whole), [(0..5, 0..1), (1..11, 1..7), (7..17, 7..13), (13..23, 13..23)]);
        // flanks of a region end at the ends of the contig
        assert_eq!(pairs(&windows(Strand::Forward, 0..99, 50..52)), [(46..52, 50..52)]);
        assert_eq!(pairs(&windows(Strand::Reverse, 0..99, 50..52)), [(50..56, 50..52)]);
        assert_eq!(pairs(&windows(Strand::Forward, 0..99, 3..5)), [(0..5, 3..5)]);
        assert_eq!(pairs(&windows(Strand::Reverse, 0..99, 97..98)), [(97..99, 97..98)]);
        assert_eq!(windows(Strand::Forward, 0..99, 7..7), []);
    }

    prop_compose! {
        fn settings()(
            context in 2u64..40, available in 0u64..50, length in 0u64..300,
            reverse in any::<bool>(),
        )(
            before in 1..context, a in 0..=length, b in 0..=length,
            context in Just(context), available in Just(available..available + length),
            reverse in Just(reverse),
        ) -> (SweepOptions, Strand, Range<u64>, Range<u64>) {
            let wanted = available.start + a.min(b)..available.start + a.max(b);
            let strand = if reverse { Strand::Reverse } else { Strand::Forward };
            (SweepOptions { context, before }, strand, available, wanted)
        }
    }

    proptest! {
        #[test]
        fn every_base_counts_once_and_has_its_context(
            (options, strand, available, wanted) in settings(),
        ) {
            let windows: Vec<Window> =
                Sweep::new(options, strand, available.clone(), wanted.clone()).collect();
            let counted: Vec<u64> = windows.iter().flat_map(|w| w.counted.clone()).collect();
            prop_assert_eq!(counted, wanted.collect::<Vec<_>>());
            for Window { read, counted, .. } in windows {
                prop_assert!(read.end - read.start <= options.context);
                prop_assert!(read.start >= available.start && read.end <= available.end);
                prop_assert!(!counted.is_empty());
                let (before, there, after) = match strand {
                    Strand::Forward => (
                        counted.start - read.start,
                        counted.start - available.start,
                        read.end - counted.end,
                    ),
                    Strand::Reverse => (
                        read.end - counted.end,
                        available.end - counted.end,
                        counted.start - read.start,
                    ),
                };
                prop_assert!(before >= options.before.min(there));
                prop_assert_eq!(after, 0);
            }
        }

        #[test]
        fn strands_mirror_each_other((options, _, available, wanted) in settings()) {
            let sweep = |strand, wanted| Sweep::new(options, strand, available.clone(), wanted);
            let opposite = mirrored(Strand::Reverse, &available, wanted.clone());
            let forward: Vec<Window> = sweep(Strand::Forward, opposite).collect();
            let mut reverse: Vec<Window> = sweep(Strand::Reverse, wanted).collect();
            reverse.reverse();
            prop_assert_eq!(forward.len(), reverse.len());
            for (forward, reverse) in forward.iter().zip(reverse) {
                let mirror = |range| mirrored(Strand::Reverse, &available, range);
                prop_assert_eq!(&forward.read, &mirror(reverse.read));
                prop_assert_eq!(&forward.counted, &mirror(reverse.counted));
            }
        }

        #[test]
        fn strands_advance_together((options, _, available, wanted) in settings()) {
            let sweeps = [Strand::Forward, Strand::Reverse]
                .map(|strand| Sweep::new(options, strand, available.clone(), wanted.clone()));
            let count: usize = sweeps.iter().map(|sweep| sweep.clone().count()).sum();
            let windows: Vec<Window> = together(sweeps).collect();
            prop_assert_eq!(windows.len(), count);
            let mut reached = [wanted.start; 2];
            for window in windows {
                let i = usize::from(window.strand == Strand::Reverse);
                prop_assert_eq!(window.counted.start, reached[i]);
                reached[i] = window.counted.end;
                prop_assert!(reached[i].saturating_sub(reached[1 - i]) <= options.context);
            }
        }
    }
}
