//! What is embedded: regions of a reference or sequences, cut to what the model reads.

use std::ops::Range;

use anyhow::{Context, Result, bail};

use crate::{
    contig, dna,
    formats::{
        bed,
        lines::Lines,
        reference::Reference,
        sequences::{self, Content, Sequence},
    },
    inference::{
        pieces::{self, Long},
        runner::Job,
    },
    region::Strand,
};

/// Which strand is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum StrandChoice {
    /// The strand that the BED line names, else forward
    #[default]
    Auto,
    /// As the reference or the file has it
    Forward,
    /// The reverse complement
    Reverse,
    /// The mean of both
    Both,
}

/// How items are read.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Longest sequence of the model, in bases.
    pub context: usize,
    /// Which strands.
    pub strand: StrandChoice,
    /// Bases on either side that are read but not pooled.
    pub flank: u64,
    /// What becomes of longer ones.
    pub long: Long,
}

/// One region or sequence.
#[derive(Debug, Clone)]
pub struct Item {
    /// The columns that are written before its values.
    pub fields: Vec<Vec<u8>>,
    /// Position of its first base, 0-based: on the contig, or 0 in a sequence.
    pub start: u64,
    /// What is computed of the forward strand, in reading order; `None` if it is not read.
    pub forward: Option<Vec<Job>>,
    /// The same of the reverse strand.
    pub reverse: Option<Vec<Job>>,
}

impl Item {
    /// All that is computed, the forward strand first.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.forward.iter().chain(&self.reverse).flatten()
    }
}

/// Reads items one after the other.
pub struct Items {
    source: Source,
    options: Options,
}

enum Source {
    Regions(bed::Reader, Box<Reference>),
    Sequences(String, sequences::Reader),
}

impl Items {
    /// Regions of a reference.
    pub fn regions(lines: Lines, reference: Reference, options: Options) -> Self {
        Self { source: Source::Regions(bed::Reader::new(lines), Box::new(reference)), options }
    }

    /// Sequences as they are.
    pub fn sequences(lines: Lines, content: Content, options: Options) -> Self {
        let name = lines.name.clone();
        Self { source: Source::Sequences(name, sequences::Reader::new(lines, content)), options }
    }

    /// The next item, or `None` after the last.
    ///
    /// # Errors
    /// Malformed input, a region outside of the reference, or one that is too long.
    pub fn next(&mut self) -> Result<Option<Item>> {
        match &mut self.source {
            Source::Regions(reader, reference) => match reader.read()? {
                Some(record) => {
                    let item = region(&record, reference, self.options);
                    item.with_context(|| format!("{}, line {}", reader.name(), record.line))
                        .map(Some)
                }
                None => Ok(None),
            },
            Source::Sequences(name, reader) => {
                let mut record = Sequence::default();
                if !reader.read(&mut record)? {
                    return Ok(None);
                }
                sequence(&record, self.options)
                    .with_context(|| {
                        format!("{name}, record {} (line {})", record.name, record.line)
                    })
                    .map(Some)
            }
        }
    }

    /// Names of the columns before the values.
    pub fn columns(&self, first: Option<&Item>) -> Vec<String> {
        match &self.source {
            Source::Regions(..) => {
                let count = first.map_or(3, |item| item.fields.len());
                (0..count).map(bed::column_name).collect()
            }
            Source::Sequences(..) => ["id", "length"].map(str::to_owned).into(),
        }
    }

    /// The reference's path, if there is one.
    pub fn reference_name(&self) -> Option<&str> {
        match &self.source {
            Source::Regions(_, reference) => Some(reference.name()),
            Source::Sequences(..) => None,
        }
    }

    /// Logs what was read as N.
    pub fn report(&self) {
        let ambiguous = match &self.source {
            Source::Regions(_, reference) => reference.ambiguous(),
            Source::Sequences(_, reader) => reader.ambiguous,
        };
        if ambiguous > 0 {
            log::warn!("IUPAC letters read as N: {ambiguous}");
        }
    }
}

fn region(record: &bed::Record, reference: &mut Reference, options: Options) -> Result<Item> {
    let region = &record.region;
    let Some(number) = reference.find(&region.contig) else {
        bail!(
            "contig {} is not in {}, which has {}; are they of the same assembly?",
            region.contig,
            reference.name(),
            contig::summary(reference.contigs().iter().map(|c| &c.name))
        );
    };
    let length = reference.contigs()[number].length;
    if region.end > length {
        bail!(
            "region {region} ends beyond {}, which has {length} bases; are region and reference of the same assembly?",
            region.contig
        );
    }
    let wide = region.widened(options.flank, length);
    let bases = reference.fetch(number, wide.start..wide.end)?;
    let core = (region.start - wide.start) as usize..(region.end - wide.start) as usize;
    let cut = strands(&bases, core, record.strand, options)?;
    let start = wide.start + cut.first as u64;
    Ok(Item { fields: record.columns.clone(), start, forward: cut.forward, reverse: cut.reverse })
}

fn sequence(record: &Sequence, options: Options) -> Result<Item> {
    let bases = &record.bases;
    let cut = strands(bases, 0..bases.len(), None, options)?;
    let fields = vec![record.name.clone().into_bytes(), bases.len().to_string().into_bytes()];
    Ok(Item { fields, start: cut.first as u64, forward: cut.forward, reverse: cut.reverse })
}

/// The jobs of each strand that is read.
struct Cut {
    /// First base that is pooled, counted in the bases that were given.
    first: usize,
    forward: Option<Vec<Job>>,
    reverse: Option<Vec<Job>>,
}

fn strands(
    bases: &[u8],
    core: Range<usize>,
    named: Option<Strand>,
    options: Options,
) -> Result<Cut> {
    let (forward, reverse) = match (options.strand, named) {
        (StrandChoice::Both, _) => (true, true),
        (StrandChoice::Reverse, _) | (StrandChoice::Auto, Some(Strand::Reverse)) => (false, true),
        (StrandChoice::Forward | StrandChoice::Auto, _) => (true, false),
    };
    // truncation comes first, so that both strands are of the same bases
    let context = options.context;
    let kept = pieces::kept(bases.len(), context, options.long, !forward)?;
    let clip = |i: usize| i.clamp(kept.start, kept.end) - kept.start;
    let (start, end) = (clip(core.start), clip(core.end));
    if start == end && !core.is_empty() {
        bail!(pieces::TooLong { length: bases.len(), limit: context });
    }
    let bases = &bases[kept.clone()];
    let jobs = |bases: &[u8], core| -> Vec<Job> {
        let pieces = pieces::cut(bases.len(), core, context).into_iter();
        pieces.map(|p| Job { bases: bases[p.read].to_vec(), pooled: p.pooled }).collect()
    };
    let turned = || jobs(&dna::reverse_complement(bases), bases.len() - end..bases.len() - start);
    Ok(Cut {
        first: kept.start + start,
        forward: forward.then(|| jobs(bases, start..end)),
        reverse: reverse.then(turned),
    })
}
