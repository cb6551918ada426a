//! Entries, cut into what is to be computed of their bases.

use std::ops::Range;

use anyhow::{Context, Result};

use super::circles::Circles;
use crate::{
    commands::{
        cutter::{ContigRef, WindowCutter},
        input::entries::{self, Entries, Entry},
    },
    genome::{dna, variant::Edit},
    inference::{
        pipeline::Feeder,
        predict::{LETTERS, PredictionJob},
    },
    windows::strands::{Strands, Windows},
};

/// What may stand in the place of a base, in the order of columns: A, C, G, T, nothing.
pub const CHANGES: usize = 5;

/// What goes through the stages: the start of an entry, some of its bases, its end.
#[derive(Debug)]
pub enum Part<T> {
    /// An entry follows.
    Start(EntryHead),
    /// Bases of it, or what came of them.
    Bases(T),
    /// It is complete.
    End,
}

/// What is written of an entry besides results.
#[derive(Debug, Clone)]
pub struct EntryHead {
    /// Name of the contig or the sequence.
    pub contig: Vec<u8>,
    /// Name of the region; none of a sequence.
    pub name: Option<Vec<u8>>,
    /// Position of its first base, 0-based.
    pub start: u64,
}

/// What is to be computed of some bases.
#[derive(Debug)]
pub enum Task {
    /// Windows of every change.
    Exact(Vec<Base>),
    /// One window for each strand.
    Fast(ReadWindow),
}

/// A base, and the windows of its changes; none for itself and for what is not asked.
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
    /// What is read of each strand; the reverse one backwards.
    pub forward: Option<PredictionJob>,
    pub reverse: Option<PredictionJob>,
}

/// How entries are read.
#[derive(Debug, Clone, Copy)]
pub struct MutagenesisOptions {
    /// Whether one pass for each strand is to do.
    pub fast: bool,
    /// Whether bases are taken out too.
    pub deletions: bool,
}

/// Reads entries and hands their parts on in chunks of about `budget` bases.
pub struct Reader {
    pub entries: Entries,
    pub cutter: WindowCutter,
    pub circles: Circles,
    pub options: MutagenesisOptions,
    pub budget: usize,
}

impl Reader {
    /// Reads all entries. Gives itself back, for what it has to report.
    ///
    /// # Errors
    /// See [`Entries::next`]; a region without a base.
    pub fn read(mut self, first: Option<Entry>, feeder: &Feeder<Vec<Part<Task>>>) -> Result<Self> {
        let mut chunk = Chunk { parts: Vec::new(), size: 0, budget: self.budget, feeder };
        let mut next = first;
        let mut number = 0;
        while let Some(entry) = next {
            if entry.region.is_empty() && !self.entries.are_sequences() {
                return Err(entries::empty(&entry.region)).context(entry.place);
            }
            self.circles.see(&entry.region.contig);
            let name = (!self.entries.are_sequences())
                .then(|| entry.fields.get(3).cloned().unwrap_or_else(|| b".".to_vec()));
            let contig = entry.name().to_vec();
            let head = EntryHead { contig, name, start: entry.region.start };
            let go_on = chunk.push(Part::Start(head), 0)
                && match self.options.fast {
                    true => self.tiles(&entry, &mut chunk),
                    false => self.bases(&entry, number, &mut chunk),
                }
                .with_context(|| entry.place.clone())?
                && chunk.push(Part::End, 0);
            if !go_on {
                return Ok(self);
            }
            number += 1;
            next = self.entries.next()?;
        }
        // the last chunk; if nobody wants it, the stage that failed says why
        let _ = chunk.feed();
        Ok(self)
    }

    /// Logs what there is to say of what was read.
    pub fn report(&self) {
        self.cutter.report();
        self.entries.report();
        self.circles.report();
    }

    /// Every base with the windows of its changes, as many together as a chunk has room for; false
    /// if nobody wants more.
    fn bases(&mut self, entry: &Entry, number: usize, chunk: &mut Chunk<'_>) -> Result<bool> {
        const TOGETHER: u64 = 64;
        let Range { mut start, end } = entry.region.start..entry.region.end;
        while start < end {
            let part = start..end.min(start + TOGETHER);
            start = part.end;
            let letters = self.entries.bases(entry, part.clone())?.into_owned();
            let (mut bases, mut size) = (Vec::new(), 0);
            for (position, base) in part.zip(letters) {
                let base = self.base(entry, number, position, base)?;
                let windows = base.windows.iter().flatten();
                size += windows.map(Windows::size).sum::<usize>().max(OVERHEAD);
                bases.push(base);
                if chunk.is_filled_by(size) {
                    let task = Task::Exact(std::mem::take(&mut bases));
                    if !chunk.push(Part::Bases(task), std::mem::take(&mut size)) {
                        return Ok(false);
                    }
                }
            }
            if !bases.is_empty() && !chunk.push(Part::Bases(Task::Exact(bases)), size) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn base(&mut self, entry: &Entry, number: usize, position: u64, base: u8) -> Result<Base> {
        let on = ContigRef { number, name: &entry.region.contig, length: entry.length };
        let mut windows: [Option<Windows>; CHANGES] = Default::default();
        for (change, windows) in windows.iter_mut().enumerate() {
            let added = LETTERS.get(change..=change).unwrap_or_default();
            let is_asked = !added.is_empty() || self.options.deletions;
            if base == b'N' || added == [base] || !is_asked {
                continue;
            }
            let edit = Edit { start: position, removed: &[base], added };
            let fetch = |range| self.entries.bases(entry, range).map(std::borrow::Cow::into_owned);
            *windows = self.cutter.windows(on, edit, fetch)?;
        }
        Ok(Base { base, windows })
    }

    /// The windows of the grid that hold the bases; false if nobody wants more.
    fn tiles(&mut self, entry: &Entry, chunk: &mut Chunk<'_>) -> Result<bool> {
        let on = ContigRef { number: 0, name: &entry.region.contig, length: entry.length };
        let Range { mut start, end } = entry.region.start..entry.region.end;
        while start < end {
            let Some((window, first)) = self.cutter.place(on, start) else { break };
            // bases that follow, as far as they belong to the same window
            let mut count = 1;
            while start + count < end {
                let next = self.cutter.place(on, start + count);
                if next.is_none_or(|(other, at)| other != window || at != first + count as usize) {
                    break;
                }
                count += 1;
            }
            start += count;
            let fetch = |range| self.entries.bases(entry, range).map(std::borrow::Cow::into_owned);
            let bases = self.cutter.bases(on, window, fetch)?;
            let counted = first..first + count as usize;
            let strands = (start - count..start).map(|start| {
                let snv = Edit { start, removed: b"N", added: b"N" };
                self.cutter.strands(on, &snv)
            });
            let tile = tile(bases, counted, strands.collect());
            let size = [&tile.forward, &tile.reverse].into_iter().flatten();
            let size = size.map(|job| job.bases.len()).sum();
            if !chunk.push(Part::Bases(Task::Fast(tile)), size) {
                return Ok(false);
            }
        }
        Ok(true)
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

/// What a part, and a base of it, takes at least, however little is computed of it.
const OVERHEAD: usize = 64;

/// Parts that are handed on together.
struct Chunk<'a> {
    parts: Vec<Part<Task>>,
    size: usize,
    budget: usize,
    feeder: &'a Feeder<Vec<Part<Task>>>,
}

impl Chunk<'_> {
    /// Adds a part that takes `size` bases; false if nobody wants more.
    fn push(&mut self, part: Part<Task>, size: usize) -> bool {
        let is_full = self.is_filled_by(size);
        self.parts.push(part);
        self.size += OVERHEAD + size;
        !is_full || self.feed()
    }

    /// Whether a part that takes `size` bases is the last one that there is room for.
    fn is_filled_by(&self, size: usize) -> bool {
        self.size + OVERHEAD + size >= self.budget
    }

    fn feed(&mut self) -> bool {
        self.size = 0;
        self.feeder.feed(std::mem::take(&mut self.parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::{
            io::ReferenceArgs,
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
        let reference = ReferenceArgs { reference: None, save_index: false };
        let (mut entries, _) = Entries::open(&path, &reference).unwrap();
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
            options: MutagenesisOptions { fast: false, deletions: true },
            budget,
            entries,
        };
        let mut chunks: Vec<Vec<usize>> = Vec::new();
        let count = |part: &Part<Task>| match part {
            Part::Bases(Task::Exact(bases)) => bases.len(),
            _ => 0,
        };
        let read = pipeline::run(
            move |feeder| reader.read(first, &feeder).map(drop),
            |chunk: Vec<Part<Task>>| Ok(chunk.iter().map(count).collect()),
            |chunk| {
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
