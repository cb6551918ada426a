//! Entries, cut into windows.

use anyhow::{Context, Result};

use crate::{
    commands::input::{
        entries::{self, Entries, Entry},
        order::EntryOrder,
    },
    genome::{dna, region::Strand},
    inference::{pipeline::Feeder, predict::PredictionJob},
    windows::sweep::{self, Sweep, SweepOptions, Window},
};

/// Which strands are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TrackStrand {
    /// As the reference or the file has it
    Forward,
    /// The reverse complement
    Reverse,
    /// The mean of both for each base; of one, where only that has a prediction
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

/// How entries are read.
#[derive(Debug, Clone, Copy)]
pub struct LikelihoodOptions {
    /// Windows.
    pub reading: SweepOptions,
    /// Which strands.
    pub strand: TrackStrand,
    /// Whether the contig's bases before a region are read.
    pub flank: bool,
}

/// What goes through the stages: the start of an entry, its windows, its end.
#[derive(Debug)]
pub enum Part<T> {
    /// An entry follows.
    Start(EntryHead),
    /// A window of it, or what came of that.
    Window(Strand, T),
    /// It is complete.
    End,
}

/// What is written of an entry besides results.
#[derive(Debug, Clone)]
pub struct EntryHead {
    /// The columns before the results.
    pub fields: Vec<Vec<u8>>,
    /// Name of the contig or the sequence.
    pub name: Vec<u8>,
    /// Position of its first base, 0-based.
    pub start: u64,
    /// Number of the region's contig in the reference; none for a sequence.
    pub contig: Option<usize>,
    /// Bases of the contig or the sequence.
    pub length: u64,
}

/// Reads entries and hands their windows on in chunks of about `budget` bases.
///
/// # Errors
/// See [`Entries::next`]; a region without a base, and one out of `order`, if there must be any.
pub fn read(
    first: Option<Entry>,
    mut entries: Entries,
    options: LikelihoodOptions,
    mut order: Option<EntryOrder>,
    budget: usize,
    feeder: &Feeder<Vec<Part<PredictionJob>>>,
) -> Result<Entries> {
    const OVERHEAD: usize = 64; // of a part, however short
    let mut next = first;
    let mut chunk = Vec::new();
    let mut size = 0;
    while let Some(entry) = next {
        if entry.region.is_empty() && !entries.are_sequences() {
            return Err(entries::empty(&entry.region)).context(entry.place);
        }
        if let Some(order) = &mut order {
            order.check(&entry).with_context(|| entry.place.clone())?;
        }
        let head = EntryHead {
            fields: entry.fields.clone(),
            name: entry.name().to_vec(),
            start: entry.region.start,
            contig: entry.contig(),
            length: entry.length,
        };
        chunk.push(Part::Start(head));
        for window in windows(&entry, options) {
            let job = job(&entry, &window, &mut entries).with_context(|| entry.place.clone())?;
            size += OVERHEAD + job.bases.len();
            chunk.push(Part::Window(window.strand, job));
            if size >= budget {
                size = 0;
                if !feeder.feed(std::mem::take(&mut chunk)) {
                    return Ok(entries);
                }
            }
        }
        chunk.push(Part::End);
        size += OVERHEAD;
        next = entries.next()?;
    }
    // the last chunk; if nobody wants it, the stage that failed says why
    let _ = feeder.feed(chunk);
    Ok(entries)
}

fn windows(entry: &Entry, options: LikelihoodOptions) -> impl Iterator<Item = Window> {
    let wanted = entry.region.start..entry.region.end;
    let available = if options.flank { 0..entry.length } else { wanted.clone() };
    let strands = options.strand.strands().iter();
    let sweep =
        move |&strand| Sweep::new(options.reading, strand, available.clone(), wanted.clone());
    sweep::together(strands.map(sweep))
}

/// The bases of a window in reading direction.
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
