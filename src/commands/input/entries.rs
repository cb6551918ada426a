//! Regions of a reference, or sequences, read one after the other.

use std::{borrow::Cow, ops::Range, path::Path};

use anyhow::{Result, bail};

use super::named::{REGION, named_region};
use crate::{
    cli::io::{EntryArgs, EntryInput, ShardArgs},
    commands::output::paths::one_stdin,
    formats::{
        bed,
        error::InputError,
        input::{self, Input},
        kind::TextKind,
        lines::Lines,
        meter,
        reference::{Contig, Reference},
        sequences::{self, Content, Sequence},
        shard::{self, Section},
    },
    genome::{
        contig, name,
        region::{Region, Strand},
    },
    process::exit::Usage,
};

/// A region or a sequence.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The columns before its results.
    pub fields: Vec<Vec<u8>>,
    /// The bases of the contig, or all bases of a sequence.
    pub region: Region,
    /// Length of the contig or sequence, in bases.
    pub length: u64,
    /// The strand in its line.
    pub strand: Option<Strand>,
    /// Its file and line, for messages.
    pub place: String,
    /// Bytes of the input that it takes.
    span: Range<u64>,
    on: Location,
}

#[derive(Debug, Clone)]
enum Location {
    Contig(usize),
    Sequence(Vec<u8>),
}

impl Entry {
    /// Name of the contig or sequence in the input.
    pub fn name(&self) -> Cow<'_, [u8]> {
        let own = || name::encode(&self.region.contig);
        self.fields.first().map_or_else(own, |name| name.into())
    }

    /// Position in the input, in bytes, that corresponds to a base of the region.
    pub fn position(&self, base: u64) -> u64 {
        meter::within(&self.span, base.saturating_sub(self.region.start), self.region.len())
    }

    /// Index of the region's contig in [`Entries::contigs`]; `None` for a sequence.
    pub fn contig(&self) -> Option<usize> {
        match self.on {
            Location::Contig(number) => Some(number),
            Location::Sequence(_) => None,
        }
    }
}

/// Reads entries one after the other.
pub struct Entries {
    source: EntrySource,
    /// The part of the input that is read, if it is not the whole.
    section: Option<Section>,
    /// Entries read so far.
    count: u64,
}

enum EntrySource {
    Regions(bed::Reader, Box<Reference>),
    Sequences(String, sequences::Reader),
}

/// Opens a file, or the part of it that is to be read.
///
/// # Errors
/// It cannot be read, or not in parts.
pub fn open_file(path: &Path, args: &ShardArgs) -> Result<(Input, Option<Section>), InputError> {
    match args.shard {
        None => Ok((input::open(path)?, None)),
        Some(shard) => shard::open(path, shard).map(|(input, section)| (input, Some(section))),
    }
}

/// The inputs that these arguments name.
///
/// # Errors
/// Both are stdin, or the reference is named twice.
pub fn inputs(args: &EntryArgs) -> Result<Vec<&Path>> {
    let input = match args.input() {
        EntryInput::File(path) => Some(path),
        EntryInput::Regions(_) => None,
    };
    let inputs: Vec<&Path> = [input, args.reference()?].into_iter().flatten().collect();
    one_stdin(&inputs)?;
    Ok(inputs)
}

impl Entries {
    /// Opens an input, whose format is detected from its content. Also returns its size in bytes, if it
    /// is a file.
    ///
    /// # Errors
    /// It cannot be read, it has regions and there is no reference, or it has sequences and a
    /// reference was named on the command line.
    pub fn open(args: &EntryArgs) -> Result<(Self, Option<u64>)> {
        match args.input() {
            EntryInput::File(path) => Self::of_input(open_file(path, &args.shard)?, args),
            EntryInput::Regions(regions) => Self::of_regions(regions, args),
        }
    }

    /// Reads an input that is open, as [`open`](Self::open) does.
    ///
    /// # Errors
    /// See [`open`](Self::open).
    pub fn of_input(
        (input, section): (Input, Option<Section>),
        args: &EntryArgs,
    ) -> Result<(Self, Option<u64>)> {
        let size = input.meter.total;
        let mut lines = Lines::new(input);
        // a shard of sequences may have none
        let of_file = section.as_ref().map(|section| section.content);
        let empty = of_file.filter(|&content| content != Content::Bed);
        let source = match sequences::content(&mut lines)?.or(empty) {
            None if args.reference()?.is_none() => {
                bail!(InputError::Empty { path: lines.name, expected: sequences::EXPECTED })
            }
            Some(Content::Bed) | None => {
                let reference = open_reference(args, &mut lines)?;
                EntrySource::Regions(bed::Reader::new(lines), Box::new(reference))
            }
            Some(content @ (Content::Fasta | Content::Fastq)) => {
                let name = lines.name.clone();
                if let Some(other) = args.named_reference() {
                    bail!(Usage(format!(
                        "{name} has sequences, which are read without a reference, but {} is there too; did you swap them? Regions (BED) come first, then the reference",
                        other.display()
                    )));
                }
                EntrySource::Sequences(name, sequences::Reader::new(lines, content))
            }
        };
        Ok((Self { source, section, count: 0 }, size))
    }

    /// The part of the input that is read, if it is not the whole.
    pub fn section(&self) -> Option<&Section> {
        self.section.as_ref()
    }

    /// Position in the input after the last entry, in bytes.
    pub fn position(&self) -> u64 {
        match &self.source {
            EntrySource::Regions(reader, _) => reader.position(),
            EntrySource::Sequences(_, reader) => reader.position(),
        }
    }

    /// Opens regions that were named one by one.
    fn of_regions(regions: &[String], args: &EntryArgs) -> Result<(Self, Option<u64>)> {
        if args.shard.shard.is_some() {
            bail!(Usage(
                "--shard needs an input file, and cannot be combined with --region".into()
            ));
        }
        let Some(path) = args.reference()? else {
            bail!(Usage(
                "--region needs a reference genome: name it as the only argument, or set HYENADNA_REFERENCE"
                    .into()
            ));
        };
        let mut reference = Reference::open(path, args.save_index())?;
        let regions = regions.iter().map(|text| named_region(text, &mut reference));
        let regions = regions.collect::<Result<_>>()?;
        let reader = bed::Reader::of_regions(REGION, regions)?;
        let source = EntrySource::Regions(reader, Box::new(reference));
        Ok((Self { source, section: None, count: 0 }, None))
    }

    /// The next entry, or `None` after the last.
    ///
    /// # Errors
    /// The input is malformed, or a region is outside the reference.
    pub fn next(&mut self) -> Result<Option<Entry>> {
        let before = self.position();
        let entry = self.read()?;
        self.count += u64::from(entry.is_some());
        Ok(entry.map(|entry| Entry { span: before..self.position(), ..entry }))
    }

    fn read(&mut self) -> Result<Option<Entry>> {
        match &mut self.source {
            EntrySource::Regions(reader, reference) => {
                let Some(record) = reader.read()? else { return Ok(None) };
                let place = match reader.name() {
                    REGION => format!("{REGION} {}", record.region),
                    name => format!("{name}, line {}", record.line),
                };
                match region(record, reference, place.clone()) {
                    Ok(entry) => Ok(Some(entry)),
                    Err(error) => Err(error.context(place)),
                }
            }
            EntrySource::Sequences(name, reader) => {
                let mut record = Sequence::default();
                if !reader.read(&mut record)? {
                    return Ok(None);
                }
                let place = format!("{name}, record {} (line {})", record.name, record.line);
                let length = record.bases.len() as u64;
                let fields = [name::encode(&record.name).into(), length.to_string().into_bytes()];
                Ok(Some(Entry {
                    fields: fields.into(),
                    region: Region { contig: record.name, start: 0, end: length },
                    length,
                    strand: None,
                    place,
                    span: 0..0,
                    on: Location::Sequence(record.bases),
                }))
            }
        }
    }

    /// Normalised bases of the contig or sequence of an entry; `range` has the coordinates of its
    /// region.
    ///
    /// # Errors
    /// The reference cannot be read.
    pub fn bases<'a>(
        &mut self,
        entry: &'a Entry,
        range: Range<u64>,
    ) -> Result<Cow<'a, [u8]>, InputError> {
        match (&entry.on, &mut self.source) {
            (Location::Sequence(bases), _) => {
                Ok(Cow::Borrowed(&bases[range.start as usize..range.end as usize]))
            }
            (Location::Contig(number), EntrySource::Regions(_, reference)) => {
                reference.fetch(*number, range).map(Cow::Owned)
            }
            (Location::Contig(_), EntrySource::Sequences(..)) => {
                unreachable!("sequences lie on no contig")
            }
        }
    }

    /// True if these are sequences, which have no flanks.
    pub fn are_sequences(&self) -> bool {
        matches!(self.source, EntrySource::Sequences(..))
    }

    /// Noun for an entry in messages.
    pub fn noun(&self) -> &'static str {
        if self.are_sequences() { "sequence" } else { "region" }
    }

    /// Length of the contig that a name means, in bases; `None` if the reference lacks it, and for
    /// sequences.
    pub fn contig_length(&self, name: &str) -> Option<u64> {
        match &self.source {
            EntrySource::Regions(_, reference) => {
                reference.contig(name).map(|contig| contig.length)
            }
            EntrySource::Sequences(..) => None,
        }
    }

    /// Names and lengths of the reference's contigs; empty for sequences.
    pub fn contigs(&self) -> &[Contig] {
        match &self.source {
            EntrySource::Regions(_, reference) => reference.contigs(),
            EntrySource::Sequences(..) => &[],
        }
    }

    /// Name of the input, for messages.
    pub fn name(&self) -> &str {
        match &self.source {
            EntrySource::Regions(reader, _) => reader.name(),
            EntrySource::Sequences(name, _) => name,
        }
    }

    /// Names of the columns before the results. `of_first` is the number of columns of the first
    /// entry, if there is one.
    pub fn columns(&self, of_first: Option<usize>) -> Vec<String> {
        match &self.source {
            EntrySource::Regions(reader, _) => {
                bed::column_names(reader.name(), of_first.unwrap_or(3))
            }
            EntrySource::Sequences(..) => ["id", "length"].map(str::to_owned).into(),
        }
    }

    /// The reference's path, if there is one.
    pub fn reference_name(&self) -> Option<&str> {
        match &self.source {
            EntrySource::Regions(_, reference) => Some(reference.name()),
            EntrySource::Sequences(..) => None,
        }
    }

    /// Logs the letters that were read as N, or that there was no entry.
    pub fn report(&self) {
        if self.count == 0 {
            log::warn!("{} has no {}", self.name(), self.noun());
        }
        let ambiguous = match &self.source {
            EntrySource::Regions(_, reference) => reference.ambiguous(),
            EntrySource::Sequences(_, reader) => reader.ambiguous,
        };
        if ambiguous > 0 {
            log::warn!("IUPAC letters read as N: {ambiguous}");
        }
    }
}

fn open_reference(args: &EntryArgs, lines: &mut Lines) -> Result<Reference> {
    let Some(path) = args.reference()? else {
        let problem = format!(
            "{}, line {}: starts neither with '>' (FASTA) nor with '@' (FASTQ), and as regions (BED) it needs a reference genome: name that after it, or set HYENADNA_REFERENCE",
            lines.name,
            lines.number + 1
        );
        // a BED file lacks an argument; anything else may not be one
        return Err(match TextKind::of(lines.ahead()?) {
            Some(TextKind::Bed) => Usage(problem).into(),
            _ => anyhow::Error::msg(problem),
        });
    };
    Ok(Reference::open(path, args.save_index())?)
}

/// The index of the contig that a region lies on.
///
/// # Errors
/// The reference has no such contig, or the region ends beyond it.
pub fn locate(record: &bed::Record, reference: &mut Reference) -> Result<usize> {
    let region = &record.region;
    let Some(number) = reference.find(&region.contig)? else {
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
    Ok(number)
}

/// The error of an empty region.
pub fn empty(region: &Region) -> anyhow::Error {
    let Region { contig, start, end } = region;
    anyhow::anyhow!(
        "the region {contig} {start} {end} is empty; remove it, or widen it (`bedtools slop`)"
    )
}

fn region(record: bed::Record, reference: &mut Reference, place: String) -> Result<Entry> {
    let number = locate(&record, reference)?;
    Ok(Entry {
        length: reference.contigs()[number].length,
        region: record.region,
        strand: record.strand,
        place,
        span: 0..0,
        on: Location::Contig(number),
        fields: record.columns,
    })
}
