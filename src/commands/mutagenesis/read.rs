//! Entries, cut into what is to be computed of their bases.

use std::ops::Range;

use anyhow::{Context, Result};

use crate::{
    commands::{
        entries::{self, Entries, Entry},
        windows::{Cutter, On},
    },
    dna,
    inference::{pipeline::Feeder, predict::Job},
    reading::{Strands, Windows},
    variant::Edit,
};

/// What may stand in the place of a base, in the order of columns: A, C, G, T, nothing.
pub const CHANGES: usize = 5;
/// The letters among them.
pub const LETTERS: [u8; 4] = *b"ACGT";

/// What goes through the stages: the start of an entry, some of its bases, its end.
#[derive(Debug)]
pub enum Part<T> {
    /// An entry follows.
    Start(Head),
    /// Bases of it, or what came of them.
    Bases(T),
    /// It is complete.
    End,
}

/// What is written of an entry besides results.
#[derive(Debug, Clone)]
pub struct Head {
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
    Fast(Tile),
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
pub struct Tile {
    /// The bases of the forward strand, and the strands whose predictions count for each.
    pub bases: Vec<(u8, Strands)>,
    /// What is read of each strand; the reverse one backwards.
    pub forward: Option<Job>,
    pub reverse: Option<Job>,
}

/// How entries are read.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether one pass for each strand is to do.
    pub fast: bool,
    /// Whether bases are taken out too.
    pub deletions: bool,
}

/// Reads entries and hands their parts on in chunks of about `budget` bases.
pub struct Reader {
    pub entries: Entries,
    pub cutter: Cutter,
    pub options: Options,
    pub budget: usize,
}

impl Reader {
    /// Gives back what was read from and what cut the windows, for what they have to report.
    ///
    /// # Errors
    /// See [`Entries::next`]; a region without a base.
    pub fn read(
        mut self,
        first: Option<Entry>,
        feeder: &Feeder<Vec<Part<Task>>>,
    ) -> Result<(Entries, Cutter)> {
        let mut chunk = Chunk { parts: Vec::new(), size: 0, budget: self.budget, feeder };
        let mut next = first;
        let mut number = 0;
        while let Some(entry) = next {
            if entry.region.is_empty() && !self.entries.are_sequences() {
                return Err(entries::empty(&entry.region)).context(entry.place);
            }
            let name = (!self.entries.are_sequences())
                .then(|| entry.fields.get(3).cloned().unwrap_or_else(|| b".".to_vec()));
            let contig = entry.name().to_vec();
            chunk.parts.push(Part::Start(Head { contig, name, start: entry.region.start }));
            let go_on = match self.options.fast {
                true => self.tiles(&entry, &mut chunk),
                false => self.bases(&entry, number, &mut chunk),
            };
            if !go_on.with_context(|| entry.place.clone())? {
                return Ok((self.entries, self.cutter));
            }
            chunk.parts.push(Part::End);
            number += 1;
            next = self.entries.next()?;
        }
        // the last chunk; if nobody wants it, the stage that failed says why
        let _ = chunk.feed();
        Ok((self.entries, self.cutter))
    }

    /// Every base with the windows of its changes.
    fn bases(&mut self, entry: &Entry, number: usize, chunk: &mut Chunk<'_>) -> Result<bool> {
        const TOGETHER: u64 = 64;
        let mut start = entry.region.start;
        while start < entry.region.end {
            let part = start..entry.region.end.min(start + TOGETHER);
            start = part.end;
            let letters = self.entries.bases(entry, part.clone())?.into_owned();
            let mut size = 0;
            let mut bases = Vec::with_capacity(letters.len());
            for (position, base) in part.zip(letters) {
                let base = self.base(entry, number, position, base)?;
                size += base.windows.iter().flatten().map(Windows::size).sum::<usize>();
                bases.push(base);
            }
            if !chunk.push(Task::Exact(bases), size)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn base(&mut self, entry: &Entry, number: usize, position: u64, base: u8) -> Result<Base> {
        let on = On { number, name: &entry.region.contig, length: entry.length };
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

    /// The windows of the grid that hold the bases.
    fn tiles(&mut self, entry: &Entry, chunk: &mut Chunk<'_>) -> Result<bool> {
        let on = On { number: 0, name: &entry.region.contig, length: entry.length };
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
            if !chunk.push(Task::Fast(tile), size)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn tile(window: Vec<u8>, counted: Range<usize>, strands: Vec<Strands>) -> Tile {
    let length = window.len();
    let [forward, reverse] = [
        strands.iter().any(|strands| strands.forward),
        strands.iter().any(|strands| strands.reverse),
    ];
    let reverse = reverse.then(|| Job {
        bases: dna::reverse_complement(&window),
        counted: length - counted.end..length - counted.start,
    });
    let bases = window[counted.clone()].iter().copied().zip(strands).collect();
    let forward = forward.then_some(Job { bases: window, counted });
    Tile { bases, forward, reverse }
}

/// Parts that are handed on together.
struct Chunk<'a> {
    parts: Vec<Part<Task>>,
    size: usize,
    budget: usize,
    feeder: &'a Feeder<Vec<Part<Task>>>,
}

impl Chunk<'_> {
    /// Adds a part that takes `size` bases; false if nobody wants more.
    fn push(&mut self, task: Task, size: usize) -> Result<bool> {
        const OVERHEAD: usize = 64;
        self.parts.push(Part::Bases(task));
        self.size += OVERHEAD + size;
        Ok(self.size < self.budget || self.feed())
    }

    fn feed(&mut self) -> bool {
        self.size = 0;
        self.feeder.feed(std::mem::take(&mut self.parts))
    }
}
