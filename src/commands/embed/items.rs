//! Regions and sequences to embed, cut to the model's context.

use std::ops::Range;

use anyhow::{Context, Result, bail};

use crate::{
    commands::input::entries::{Entries, Entry},
    formats::shard::Section,
    genome::{dna, region::Strand},
    inference::{embedding::EmbeddingJob, memory},
    windows::pieces::{self, KeptEnd, Long},
};

/// Strand of a region or sequence to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum EntryStrand {
    /// The strand in the BED line, else forward
    #[default]
    Auto,
    /// The strand of the reference or the file
    Forward,
    /// The reverse complement
    Reverse,
    /// The mean of both
    Both,
    /// Both side by side: forward, then reverse
    Concat,
}

impl EntryStrand {
    /// Number of vectors side by side.
    pub fn vectors(self) -> usize {
        if self == Self::Concat { 2 } else { 1 }
    }
}

/// Options of reading regions and sequences.
#[derive(Debug, Clone, Copy)]
pub struct EmbedOptions {
    /// Longest sequence of the model, in bases.
    pub context: usize,
    /// Strands to read.
    pub strand: EntryStrand,
    /// Bases on either side that are read but not pooled.
    pub flank: u64,
    /// Treatment of longer sequences.
    pub long: Long,
    /// Bytes of a row if there is one for each base, else 0.
    pub row_bytes: usize,
}

/// One region or sequence.
#[derive(Debug, Clone)]
pub struct EmbedEntry {
    /// The columns before its values.
    pub fields: Vec<Vec<u8>>,
    /// Position of its first base, 0-based: on the contig, or 0 in a sequence.
    pub start: u64,
    /// Jobs of the forward strand, in reading order; `None` if it is not read.
    pub forward: Option<Vec<EmbeddingJob>>,
    /// Jobs of the reverse strand.
    pub reverse: Option<Vec<EmbeddingJob>>,
    /// True if the strands are put side by side, false if their mean is wanted.
    pub side_by_side: bool,
    /// True if it was longer than the context and was cut.
    pub truncated: bool,
}

impl EmbedEntry {
    /// All jobs, those of the forward strand first.
    pub fn jobs(&self) -> impl Iterator<Item = &EmbeddingJob> {
        self.forward.iter().chain(&self.reverse).flatten()
    }
}

/// Reads items one after the other.
pub struct Items {
    entries: Entries,
    options: EmbedOptions,
    /// Regions and sequences that were cut to the context.
    truncated: u64,
}

impl Items {
    /// Items of these entries.
    pub fn new(entries: Entries, options: EmbedOptions) -> Self {
        Self { entries, options, truncated: 0 }
    }

    /// The next item, or `None` after the last.
    ///
    /// # Errors
    /// The input is malformed, or a region is outside the reference or too long.
    pub fn next(&mut self) -> Result<Option<EmbedEntry>> {
        let Some(entry) = self.entries.next()? else { return Ok(None) };
        let item = read(&entry, &mut self.entries, self.options).context(entry.place)?;
        self.truncated += u64::from(item.truncated);
        Ok(Some(item))
    }

    /// Position in the input after the last item, in bytes.
    pub fn position(&self) -> u64 {
        self.entries.position()
    }

    /// Names of the columns before the values.
    pub fn columns(&self, first: Option<&EmbedEntry>) -> Vec<String> {
        self.entries.columns(first.map(|item| item.fields.len()))
    }

    /// The part of the input that is read, if it is not the whole.
    pub fn section(&self) -> Option<&Section> {
        self.entries.section()
    }

    /// The reference's path, if there is one.
    pub fn reference_name(&self) -> Option<&str> {
        self.entries.reference_name()
    }

    /// Logs the letters that were read as N, and the number of items that were cut.
    pub fn report(&self) {
        self.entries.report();
        if self.truncated > 0 {
            let (noun, context) = (self.entries.noun(), self.options.context);
            log::warn!(
                "{noun}s cut to the {context} bases of the model's context, flanks included (--long truncate): {}",
                self.truncated
            );
        }
    }
}

fn read(entry: &Entry, entries: &mut Entries, options: EmbedOptions) -> Result<EmbedEntry> {
    let region = &entry.region;
    let wide = region.widened(options.flank, entry.length);
    let core = (region.start - wide.start) as usize..(region.end - wide.start) as usize;
    let strands = StrandsRead::of(options.strand, entry.strand);
    let kept = kept(wide.len() as usize, &core, strands, options)?;
    let (start, end) = (wide.start + kept.start as u64, wide.start + kept.end as u64);
    let bases = entries.bases(entry, start..end)?;
    let truncated = !core.is_empty() && kept.len() < wide.len() as usize;
    let item = item(entry.fields.clone(), start, &bases, clip(&core, &kept), strands, options);
    Ok(EmbedEntry { truncated, ..item })
}

/// Strands to read.
#[derive(Debug, Clone, Copy)]
struct StrandsRead {
    forward: bool,
    reverse: bool,
}

impl StrandsRead {
    /// The strands that `choice` means for a region whose BED line has the strand `named`, if any.
    fn of(choice: EntryStrand, named: Option<Strand>) -> Self {
        let (forward, reverse) = match (choice, named) {
            (EntryStrand::Both | EntryStrand::Concat, _) => (true, true),
            (EntryStrand::Reverse, _) | (EntryStrand::Auto, Some(Strand::Reverse)) => (false, true),
            (EntryStrand::Forward | EntryStrand::Auto, _) => (true, false),
        };
        Self { forward, reverse }
    }
}

/// The part of `length` bases to read. Truncation comes before strands, so that both strands have
/// the same bases.
fn kept(
    length: usize,
    core: &Range<usize>,
    strands: StrandsRead,
    options: EmbedOptions,
) -> Result<Range<usize>> {
    if core.is_empty() {
        return Ok(core.clone()); // nothing is computed, however long the flanks are
    }
    let end = if strands.forward { KeptEnd::First } else { KeptEnd::Last };
    let kept = pieces::kept(length, options.context, options.long, end)?;
    if clip(core, &kept).is_empty() {
        bail!(
            "the flanks alone fill the {} bases that the model reads at once; use shorter flanks",
            options.context
        );
    }
    let needed = kept.len().saturating_mul(options.row_bytes).saturating_mul(3);
    if let Some(free) = memory::free().filter(|free| needed > *free) {
        bail!(
            "one row for each of {} bases needs about {} GB, but {} GB are free; cut it into shorter regions (`bedtools makewindows`)",
            kept.len(),
            needed.div_ceil(1 << 30),
            free >> 30
        );
    }
    Ok(kept)
}

/// `core` within `kept`, counted from its start.
fn clip(core: &Range<usize>, kept: &Range<usize>) -> Range<usize> {
    let clip = |i: usize| i.clamp(kept.start, kept.end) - kept.start;
    clip(core.start)..clip(core.end)
}

/// The item that reads `bases`, the first of which is at `start`, and pools those of `core`.
fn item(
    fields: Vec<Vec<u8>>,
    start: u64,
    bases: &[u8],
    core: Range<usize>,
    strands: StrandsRead,
    options: EmbedOptions,
) -> EmbedEntry {
    let jobs = |bases: &[u8], core| EmbeddingJob::pieces(bases, core, options.context);
    let reverse_core = bases.len() - core.end..bases.len() - core.start;
    EmbedEntry {
        fields,
        start: start + core.start as u64,
        forward: strands.forward.then(|| jobs(bases, core)),
        side_by_side: options.strand == EntryStrand::Concat,
        truncated: false,
        reverse: strands.reverse.then(|| jobs(&dna::reverse_complement(bases), reverse_core)),
    }
}
