//! Regions and sequences, cut into the windows that the head reads.

use std::{ops::Range, sync::Arc};

use anyhow::{Context, Result};

use crate::{
    commands::input::{
        entries::{self, Entries, Entry},
        order::EntryOrder,
    },
    formats::reference::Contig,
    genome::{name, region::Strand},
    inference::pipeline::{Chunks, OVERHEAD},
    windows::{
        pieces::{self, KeptEnd, Long},
        placement,
        strands::Strands,
        tiles::{Place, Tile, TileOptions},
    },
};

/// Strand to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum PredictStrand {
    /// The strand in the BED line, else forward
    #[default]
    Auto,
    /// The strand of the reference or the file
    Forward,
    /// The reverse complement
    Reverse,
    /// The mean of the values of both
    Both,
}

impl PredictStrand {
    /// The strands to read, for a region whose line has the strand `named`, if any.
    pub fn strands(self, named: Option<Strand>) -> Strands {
        let (forward, reverse) = match (self, named) {
            (Self::Both, _) => (true, true),
            (Self::Reverse, _) | (Self::Auto, Some(Strand::Reverse)) => (false, true),
            (Self::Forward | Self::Auto, _) => (true, false),
        };
        Strands { forward, reverse }
    }
}

/// Stretches that have values of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Each region or sequence; longer ones than the context are treated by the option.
    Entry(Long),
    /// Each region, computed from the window of so many bases around its centre.
    Centre(u64),
    /// Each tile of a region or sequence.
    Tile(TileOptions),
    /// Each base, computed in these tiles.
    Base(TileOptions),
}

/// Options of reading regions and sequences.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    pub unit: Unit,
    pub strand: PredictStrand,
    /// The model's context, in bases.
    pub context: usize,
    /// Fewest bases of a window that has values.
    pub fewest: usize,
}

/// Facts about a region or sequence that are written beside its values.
#[derive(Debug)]
pub struct EntryHead {
    /// The columns before the values.
    pub fields: Vec<Vec<u8>>,
    /// Name of the contig or sequence in the input.
    pub name: Vec<u8>,
    /// The strand in its line.
    pub strand: Option<Strand>,
    /// The contig of the reference, or the sequence.
    pub contig: Contig,
}

/// A window, and the bases that its values are about.
#[derive(Debug, Clone)]
pub struct Item {
    pub entry: Arc<EntryHead>,
    /// Bases that the values are about, 0-based and half-open on the contig or in the sequence.
    pub span: Range<u64>,
    /// The window's bases, on the forward strand; empty if there is nothing to compute.
    pub bases: Vec<u8>,
    /// The bases of `span` in the window.
    pub counted: Range<usize>,
    pub strands: Strands,
    pub status: ItemStatus,
    /// True for the last item of its region or sequence.
    pub last: bool,
}

/// Status of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemStatus {
    /// It has values.
    Ok,
    /// It has fewer bases than the head has parts.
    Short,
    /// It has no base.
    Empty,
}

impl ItemStatus {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Short => "short",
            Self::Empty => "empty",
        }
    }
}

/// The input after its last item, and counts for log lines.
pub struct Read {
    pub entries: Entries,
    /// Regions and sequences that were cut to the context.
    pub truncated: u64,
}

/// Reads entries and hands their windows on in chunks; the first `done` ones are left out.
///
/// # Errors
/// See [`Entries::next`]; a region is empty though each base has values, is too long, or violates `order`.
pub fn read(
    first: Option<Entry>,
    mut entries: Entries,
    options: ReadOptions,
    mut order: Option<EntryOrder>,
    mut chunks: Chunks<Item>,
    mut done: u64,
) -> Result<Read> {
    let mut truncated = 0;
    let mut next = first;
    while let Some(entry) = next {
        let place = || entry.place.clone();
        let is_stretch = matches!(options.unit, Unit::Tile(_) | Unit::Base(_)) || order.is_some();
        if is_stretch && entry.region.is_empty() && !entries.are_sequences() {
            return Err(entries::empty(&entry.region)).with_context(place);
        }
        if let Some(order) = &mut order {
            order.check(&entry).with_context(place)?;
        }
        if done > 0 {
            done -= 1;
            next = entries.next()?;
            continue;
        }
        let head = Arc::new(head(&entry, &entries));
        let strands = options.strand.strands(entry.strand);
        let mut tiles = tiles(&entry, options, strands).with_context(place)?.peekable();
        while let Some(Tile { bases: span, window }) = tiles.next() {
            let bases = entries.bases(&entry, window.clone()).with_context(place)?.into_owned();
            let status = match bases.len() {
                0 => ItemStatus::Empty,
                n if n < options.fewest => ItemStatus::Short,
                _ => ItemStatus::Ok,
            };
            if span.end - span.start > window.end - window.start
                && matches!(options.unit, Unit::Entry(_))
            {
                truncated += 1;
            }
            let within = |at: u64| (at.clamp(window.start, window.end) - window.start) as usize;
            let item = Item {
                counted: within(span.start)..within(span.end),
                bases: if status == ItemStatus::Ok { bases } else { Vec::new() },
                entry: head.clone(),
                strands,
                status,
                last: tiles.peek().is_none(),
                span,
            };
            chunks.reach(entry.position(item.span.end));
            let size = OVERHEAD + item.bases.len() * item.strands.count();
            if chunks.push(item, size).is_break() {
                return Ok(Read { entries, truncated });
            }
        }
        next = entries.next()?;
    }
    chunks.finish();
    Ok(Read { entries, truncated })
}

/// The windows of an entry: at least one.
fn tiles(
    entry: &Entry,
    options: ReadOptions,
    strands: Strands,
) -> Result<Box<dyn Iterator<Item = Tile>>> {
    let region = entry.region.start..entry.region.end;
    if region.is_empty() {
        return Ok(Box::new(std::iter::once(Tile { bases: region.clone(), window: region })));
    }
    Ok(match options.unit {
        Unit::Entry(long) => {
            let end = if strands.forward { KeptEnd::First } else { KeptEnd::Last };
            let kept = pieces::kept(entry.region.len() as usize, options.context, long, end)?;
            let window = region.start + kept.start as u64..region.start + kept.end as u64;
            Box::new(std::iter::once(Tile { bases: region, window }))
        }
        Unit::Centre(window) => {
            let centre = region.start + entry.region.len() / 2;
            let window = placement::centered(centre, entry.length, window);
            Box::new(std::iter::once(Tile { bases: region, window }))
        }
        Unit::Tile(tiles) => Box::new(tiles.tiles(region, entry.length)),
        Unit::Base(tiles) => {
            // the reverse strand is computed from the bases after the tile
            let place = if strands.reverse { Place::Middle } else { tiles.place };
            Box::new(TileOptions { place, ..tiles }.few_tiles(region, entry.length))
        }
    })
}

fn head(entry: &Entry, entries: &Entries) -> EntryHead {
    let name = entry.name().to_vec();
    let contig = match entry.contig() {
        Some(number) => entries.contigs()[number].clone(),
        None => Contig { name: name::decode(&name), length: entry.length },
    };
    EntryHead { fields: entry.fields.clone(), name, strand: entry.strand, contig }
}
