//! Regions and sequences, cut into the tasks of their bases.

use std::{
    borrow::Cow,
    ops::{ControlFlow, Range},
};

use anyhow::{Context, Result};

use super::circles::Circles;
use crate::{
    commands::{
        cutter::{ContigRef, WindowCutter},
        input::entries::{self, Entries, Entry},
    },
    genome::{dna, variant::Edit},
    inference::{
        pipeline::{Chunks, OVERHEAD},
        predict::{LETTERS, PredictionJob},
    },
    windows::strands::{Strands, Windows},
};

/// Number of replacements of a base, in the order of columns: A, C, G, T, deletion.
pub const CHANGES: usize = 5;

/// Parts that pass through the pipeline: the start of an entry, some of its bases, its end.
#[derive(Debug)]
pub enum Part<T> {
    /// An entry follows.
    Start(EntryHead),
    /// Bases of the entry, or their results.
    Bases(T),
    /// The entry is complete.
    End,
}

/// Facts about an entry that are written besides its results.
#[derive(Debug, Clone)]
pub struct EntryHead {
    /// Name of the contig or sequence.
    pub contig: Vec<u8>,
    /// Name of the region; `None` for a sequence.
    pub name: Option<Vec<u8>>,
    /// Position of its first base, 0-based.
    pub start: u64,
}

/// Bases whose changes are to be scored.
#[derive(Debug)]
pub enum Task {
    /// Windows of every change.
    Exact(Vec<Base>),
    /// One window for each strand.
    Fast(ReadWindow),
}

/// A base, and the windows of its changes. Replacement by itself and unrequested changes have none.
#[derive(Debug)]
pub struct Base {
    /// The base of the forward strand.
    pub base: u8,
    /// In the order of columns.
    pub windows: [Option<Windows>; CHANGES],
}

/// Bases that are read in one window.
#[derive(Debug)]
pub struct ReadWindow {
    /// The bases of the forward strand, and the strands whose predictions count for each.
    pub bases: Vec<(u8, Strands)>,
    /// The bases to read on each strand, in its direction.
    pub forward: Option<PredictionJob>,
    pub reverse: Option<PredictionJob>,
}

/// Options of reading regions and sequences.
#[derive(Debug, Clone, Copy)]
pub struct MutagenesisOptions {
    pub passes: Passes,
    pub deletions: Deletions,
}

/// Passes over the windows of a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passes {
    /// One for each change and strand.
    Exact,
    /// One for all changes of many bases on each strand.
    Fast,
}

/// Treatment of deletions of a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletions {
    Scored,
    Skipped,
}

/// Reads entries and hands their parts on in chunks.
pub struct Reader {
    pub entries: Entries,
    pub cutter: WindowCutter,
    pub circles: Circles,
    pub options: MutagenesisOptions,
}

impl Reader {
    /// Reads all entries, of which the first `done` are left out. Returns itself, for [`report`](Self::report).
    ///
    /// # Errors
    /// See [`Entries::next`]; a region is empty.
    pub fn read(
        mut self,
        first: Option<Entry>,
        mut chunks: Chunks<Part<Task>>,
        done: u64,
    ) -> Result<Self> {
        let mut next = first;
        let mut number = 0;
        while let Some(entry) = next {
            if entry.region.is_empty() && !self.entries.are_sequences() {
                return Err(entries::empty(&entry.region)).context(entry.place);
            }
            self.circles.see(&entry.region.contig);
            if self.entries.are_sequences() {
                self.cutter.check_genes(&entry.region.contig, entry.length);
            }
            if (number as u64) < done {
                number += 1;
                next = self.entries.next()?;
                continue;
            }
            let name = (!self.entries.are_sequences())
                .then(|| entry.fields.get(3).cloned().unwrap_or_else(|| b".".to_vec()));
            let contig = entry.name().to_vec();
            let head = EntryHead { contig, name, start: entry.region.start };
            let flow = self.entry(&entry, number, head, &mut chunks);
            if flow.with_context(|| entry.place.clone())?.is_break() {
                return Ok(self);
            }
            number += 1;
            next = self.entries.next()?;
        }
        chunks.finish();
        Ok(self)
    }

    /// Hands on the parts of an entry. Breaks if a later stage takes no more.
    fn entry(
        &mut self,
        entry: &Entry,
        number: usize,
        head: EntryHead,
        chunks: &mut Chunks<Part<Task>>,
    ) -> Result<ControlFlow<()>> {
        if chunks.push(Part::Start(head), OVERHEAD).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let flow = match self.options.passes {
            Passes::Fast => self.tiles(entry, chunks)?,
            Passes::Exact => self.bases(entry, number, chunks)?,
        };
        Ok(match flow {
            ControlFlow::Continue(()) => chunks.push(Part::End, OVERHEAD),
            ControlFlow::Break(()) => flow,
        })
    }

    /// Logs counts of the genes, the letters read as N and the missing circular sequences.
    pub fn report(&self) {
        self.cutter.report();
        self.entries.report();
        self.circles.report();
    }

    /// Hands on every base with the windows of its changes, as many together as fit into a chunk.
    /// Breaks if a later stage takes no more.
    fn bases(
        &mut self,
        entry: &Entry,
        number: usize,
        chunks: &mut Chunks<Part<Task>>,
    ) -> Result<ControlFlow<()>> {
        const TOGETHER: u64 = 64;
        let Range { mut start, end } = entry.region.start..entry.region.end;
        while start < end {
            let part = start..end.min(start + TOGETHER);
            start = part.end;
            let letters = self.entries.bases(entry, part.clone())?.into_owned();
            let (mut bases, mut size) = (Vec::new(), 0);
            for (position, base) in part.clone().zip(letters) {
                chunks.reach(entry.position(position + 1));
                let base = self.base(entry, number, position, base)?;
                let windows = base.windows.iter().flatten();
                size += windows.map(Windows::size).sum::<usize>().max(OVERHEAD);
                bases.push(base);
                if chunks.is_filled_by(OVERHEAD + size) {
                    let part = Part::Bases(Task::Exact(std::mem::take(&mut bases)));
                    if chunks.push(part, OVERHEAD + std::mem::take(&mut size)).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            let part = (!bases.is_empty()).then_some(Part::Bases(Task::Exact(bases)));
            if part.is_some_and(|part| chunks.push(part, OVERHEAD + size).is_break()) {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn base(&mut self, entry: &Entry, number: usize, position: u64, base: u8) -> Result<Base> {
        let on = ContigRef { number, name: &entry.region.contig, length: entry.length };
        let mut windows: [Option<Windows>; CHANGES] = Default::default();
        for (change, windows) in windows.iter_mut().enumerate() {
            let added = LETTERS.get(change..=change).unwrap_or_default();
            let is_skipped = added.is_empty() && self.options.deletions == Deletions::Skipped;
            if base == b'N' || added == [base] || is_skipped {
                continue;
            }
            let edit = Edit { start: position, removed: &[base], added };
            let fetch = |range| self.entries.bases(entry, range).map(Cow::into_owned);
            *windows = self.cutter.windows(on, edit, fetch)?;
        }
        Ok(Base { base, windows })
    }

    /// Hands on the windows of the grid that contain the bases. Breaks if a later stage takes no
    /// more.
    fn tiles(&mut self, entry: &Entry, chunks: &mut Chunks<Part<Task>>) -> Result<ControlFlow<()>> {
        let on = ContigRef { number: 0, name: &entry.region.contig, length: entry.length };
        let Range { mut start, end } = entry.region.start..entry.region.end;
        while start < end {
            let Some((window, first)) = self.cutter.place(on, start) else {
                let bases = self.entries.bases(entry, start..end)?.into_owned();
                let unread = |base| Base { base, windows: Default::default() };
                let size = OVERHEAD * bases.len();
                let bases = Task::Exact(bases.into_iter().map(unread).collect());
                return Ok(chunks.push(Part::Bases(bases), size));
            };
            // the bases that follow and belong to the same window
            let mut count = 1;
            while start + count < end {
                let next = self.cutter.place(on, start + count);
                if next.is_none_or(|(other, at)| other != window || at != first + count as usize) {
                    break;
                }
                count += 1;
            }
            start += count;
            chunks.reach(entry.position(start));
            let fetch = |range| self.entries.bases(entry, range).map(Cow::into_owned);
            let bases = self.cutter.bases(on, window, fetch)?;
            let counted = first..first + count as usize;
            let strands = (start - count..start).map(|start| {
                let snv = Edit { start, removed: b"N", added: b"N" };
                self.cutter.strands(on, &snv)
            });
            let tile = tile(bases, counted, strands.collect());
            let size = [&tile.forward, &tile.reverse].into_iter().flatten();
            let size = size.map(|job| job.bases.len()).sum::<usize>();
            if chunks.push(Part::Bases(Task::Fast(tile)), OVERHEAD + size).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn tile(window: Vec<u8>, counted: Range<usize>, strands: Vec<Strands>) -> ReadWindow {
    let length = window.len();
    let [forward, reverse] = [
        strands.iter().any(|strands| strands.forward),
        strands.iter().any(|strands| strands.reverse),
    ];
    let reverse = reverse.then(|| PredictionJob {
        bases: dna::reverse_complement(&window),
        counted: length - counted.end..length - counted.start,
    });
    let bases = window[counted.clone()].iter().copied().zip(strands).collect();
    let forward = forward.then_some(PredictionJob { bases: window, counted });
    ReadWindow { bases, forward, reverse }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::{
            io::EntryArgs,
            windows::{StrandChoice, WindowArgs},
        },
        inference::pipeline,
        windows::strands::{WindowChoice, WindowOptions},
    };

    /// The number of bases of each part of the chunks.
    fn chunks(fasta: &str, context: u64, budget: usize) -> Vec<Vec<usize>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.fa");
        std::fs::write(&path, fasta).unwrap();
        let (mut entries, _) = Entries::open(&EntryArgs::from(path)).unwrap();
        let args = WindowArgs {
            context: None,
            window: WindowChoice::Centered,
            downstream: None,
            strand: StrandChoice::Both,
            genes: None,
            circular: Vec::new(),
        };
        let reading =
            WindowOptions { context, window: args.window, downstream: None, site_only: false };
        let first = entries.next().unwrap();
        let reader = Reader {
            cutter: WindowCutter::new(reading, &args).unwrap(),
            circles: Circles::new(&[]),
            options: MutagenesisOptions { passes: Passes::Exact, deletions: Deletions::Scored },
            entries,
        };
        let mut chunks: Vec<Vec<usize>> = Vec::new();
        let count = |part: &Part<Task>| match part {
            Part::Bases(Task::Exact(bases)) => bases.len(),
            _ => 0,
        };
        let read = pipeline::run(
            move |feeder| reader.read(first, Chunks::new(feeder, budget), 0).map(drop),
            &mut [()],
            |(), chunk: Vec<Part<Task>>| Ok(chunk.iter().map(count).collect()),
            |chunk, _| {
                chunks.push(chunk);
                Ok(())
            },
        );
        read.unwrap();
        chunks.retain(|chunk| !chunk.is_empty());
        chunks
    }

    #[test]
    fn long_windows_make_short_parts() {
        let sequence = format!(">s\n{}\n", "ACGT".repeat(50));
        let most = |context, budget| {
            let chunks = chunks(&sequence, context, budget);
            assert_eq!(chunks.iter().flatten().sum::<usize>(), 200);
            chunks.into_iter().flatten().max().unwrap()
        };
        assert_eq!(most(8, 1 << 20), 64);
        assert_eq!(most(100, 1), 1, "a base at least");
        // a base has windows of 4 changes on 2 strands: about 600 bases
        assert!((2..=16).contains(&most(100, 5_000)));
    }

    #[test]
    fn empty_sequences_and_n_fill_chunks_too() {
        let empty: String = (0..1000).map(|number| format!(">{number}\n")).collect();
        for text in [empty, format!(">n\n{}\n", "N".repeat(2000))] {
            let chunks = chunks(&text, 8, 50 * OVERHEAD);
            assert!(chunks.len() >= 40, "{}", chunks.len());
            assert!(chunks.iter().all(|chunk| chunk.len() + chunk.iter().sum::<usize>() <= 51));
        }
    }
}
