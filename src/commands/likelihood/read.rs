//! Regions and sequences, cut into windows.

use anyhow::{Context, Result};

use crate::{
    commands::input::{
        entries::{self, Entries, Entry},
        order::EntryOrder,
    },
    formats::reference::Contig,
    genome::{dna, name, region::Strand},
    inference::{
        pipeline::{Chunks, OVERHEAD},
        predict::PredictionJob,
    },
    windows::sweep::{self, Sweep, SweepOptions, Window},
};

/// Strands to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TrackStrand {
    /// The strand of the reference or the file
    Forward,
    /// The reverse complement
    Reverse,
    /// The mean of both for each base; one of them where only that one has a prediction
    Both,
}

impl TrackStrand {
    /// The strands.
    pub fn strands(self) -> &'static [Strand] {
        match self {
            Self::Forward => &[Strand::Forward],
            Self::Reverse => &[Strand::Reverse],
            Self::Both => &[Strand::Forward, Strand::Reverse],
        }
    }
}

/// Options of reading regions and sequences.
#[derive(Debug, Clone, Copy)]
pub struct LikelihoodOptions {
    /// Options of the windows.
    pub reading: SweepOptions,
    /// Strands to read.
    pub strand: TrackStrand,
    /// Treatment of the bases before a region.
    pub before: Flank,
}

/// Treatment of the contig's bases before a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flank {
    /// They are read, and the region's bases are predicted from them.
    Read,
    /// They are not read.
    Skipped,
}

/// Parts that pass through the pipeline: the start of an entry, its windows, its end.
#[derive(Debug)]
pub enum Part<T> {
    /// An entry follows.
    Start(EntryHead),
    /// A window of the entry, or its results.
    Window(Strand, T),
    /// The entry is complete.
    End,
}

/// Facts about an entry that are written besides its results.
#[derive(Debug, Clone)]
pub struct EntryHead {
    /// The columns before the results.
    pub fields: Vec<Vec<u8>>,
    /// Name of the contig or sequence in the input.
    pub name: Vec<u8>,
    /// Position of its first base, 0-based.
    pub start: u64,
    /// The contig of the reference, or the sequence.
    pub contig: Contig,
}

/// Reads entries and hands their windows on in chunks; the first `done` ones are left out.
///
/// # Errors
/// See [`Entries::next`]; a region is empty, or violates `order`.
pub fn read(
    first: Option<Entry>,
    mut entries: Entries,
    options: LikelihoodOptions,
    mut order: Option<EntryOrder>,
    mut chunks: Chunks<Part<PredictionJob>>,
    mut done: u64,
) -> Result<Entries> {
    let mut next = first;
    while let Some(entry) = next {
        if entry.region.is_empty() && !entries.are_sequences() {
            return Err(entries::empty(&entry.region)).context(entry.place);
        }
        if let Some(order) = &mut order {
            order.check(&entry).with_context(|| entry.place.clone())?;
        }
        if done > 0 {
            done -= 1;
            next = entries.next()?;
            continue;
        }
        let head = EntryHead {
            fields: entry.fields.clone(),
            name: entry.name().to_vec(),
            start: entry.region.start,
            contig: contig(&entry, &entries),
        };
        chunks.add(Part::Start(head), 0);
        for window in windows(&entry, options) {
            let job = job(&entry, &window, &mut entries).with_context(|| entry.place.clone())?;
            let size = OVERHEAD + job.bases.len();
            chunks.reach(entry.position(window.counted.end));
            if chunks.push(Part::Window(window.strand, job), size).is_break() {
                return Ok(entries);
            }
        }
        chunks.reach(entry.position(entry.region.end));
        chunks.add(Part::End, OVERHEAD);
        next = entries.next()?;
    }
    chunks.finish();
    Ok(entries)
}

/// The contig that a region lies on, or the sequence.
fn contig(entry: &Entry, entries: &Entries) -> Contig {
    match entry.contig() {
        Some(number) => entries.contigs()[number].clone(),
        None => {
            let name = name::decode(&entry.name());
            Contig { name, length: entry.length }
        }
    }
}

fn windows(entry: &Entry, options: LikelihoodOptions) -> impl Iterator<Item = Window> {
    let wanted = entry.region.start..entry.region.end;
    let available = match options.before {
        Flank::Read => 0..entry.length,
        Flank::Skipped => wanted.clone(),
    };
    let strands = options.strand.strands().iter();
    let sweep =
        move |&strand| Sweep::new(options.reading, strand, available.clone(), wanted.clone());
    sweep::together(strands.map(sweep))
}

/// The bases of a window, in reading direction.
fn job(entry: &Entry, window: &Window, entries: &mut Entries) -> Result<PredictionJob> {
    let Window { strand, read, counted } = window;
    let bases = entries.bases(entry, read.clone())?;
    let (before, count) = match strand {
        Strand::Forward => (counted.start - read.start, counted.end - counted.start),
        Strand::Reverse => (read.end - counted.end, counted.end - counted.start),
    };
    let bases = match strand {
        Strand::Forward => bases.into_owned(),
        Strand::Reverse => dna::reverse_complement(&bases),
    };
    let counted = before as usize..(before + count) as usize;
    Ok(PredictionJob { bases, counted })
}
