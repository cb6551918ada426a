//! Sources of records: a VCF, or every SNV of regions.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::Range,
    sync::Arc,
};

use anyhow::{Context, Result};

use super::{
    named::NamedVariant,
    phase::{Background, Phased},
};
use crate::{
    commands::input::{entries, order::EntryOrder},
    formats::{
        bed, meter,
        reference::Reference,
        variants::vcf::{self, Record},
    },
    genome::name,
};

/// A source of records.
pub enum Records {
    /// Records of a file.
    Vcf(vcf::Reader),
    /// Records of a file with the backgrounds of a sample, and the header of the file.
    Phased(Box<Phased>, Preamble),
    /// Three for each base of regions.
    Snvs(Box<Snvs>),
    /// Variants that were named one by one.
    Named(NamedVariants),
}

/// Header lines of a VCF.
pub struct Preamble {
    /// Name of the file, for messages.
    pub name: String,
    /// Its lines, without line ends.
    pub lines: Vec<Vec<u8>>,
    /// True if they end with `\r\n`.
    pub carriage_return: bool,
}

/// A record, with a background for each of its ALT alleles if haplotypes are followed.
pub type RecordItem = (Arc<Record>, Option<Vec<Background>>);

impl Records {
    /// Records with the other alleles of a sample's haplotypes within `reach` bases. The sample need not
    /// be named if the file has only one.
    ///
    /// # Errors
    /// The file has no such sample.
    pub fn phased(reader: vcf::Reader, sample: Option<&str>, reach: u64) -> Result<Self> {
        let preamble = Preamble {
            name: reader.name().to_owned(),
            lines: reader.header.clone(),
            carriage_return: reader.carriage_return,
        };
        let phased = Phased::new(reader, sample, reach)?;
        log::info!("haplotypes are those of sample {}", phased.sample());
        Ok(Self::Phased(Box::new(phased), preamble))
    }

    /// Name of the sample whose haplotypes are followed.
    pub fn sample(&self) -> Option<&str> {
        match self {
            Self::Phased(phased, _) => Some(phased.sample()),
            Self::Vcf(_) | Self::Snvs(_) | Self::Named(_) => None,
        }
    }

    /// Name of the input, for messages.
    pub fn name(&self) -> &str {
        match self {
            Self::Vcf(reader) => reader.name(),
            Self::Phased(_, preamble) => &preamble.name,
            Self::Snvs(snvs) => snvs.regions.name(),
            Self::Named(_) => "--variant",
        }
    }

    /// Position in the file, in bytes, that corresponds to the records so far.
    pub fn position(&self) -> u64 {
        match self {
            Self::Vcf(reader) => reader.position(),
            Self::Phased(phased, _) => phased.position(),
            Self::Snvs(snvs) => snvs.position(),
            Self::Named(variants) => variants.count,
        }
    }

    /// The lines before the records, `#CHROM` last, without line ends.
    pub fn header(&self, reference: &Reference) -> Vec<Vec<u8>> {
        match self {
            Self::Vcf(reader) => reader.header.clone(),
            Self::Phased(_, preamble) => preamble.lines.clone(),
            Self::Snvs(_) => header(reference, &[]),
            Self::Named(variants) => header(reference, &variants.missing(reference)),
        }
    }

    /// True if the header's lines end with `\r\n`.
    pub fn carriage_return(&self) -> bool {
        match self {
            Self::Vcf(reader) => reader.carriage_return,
            Self::Phased(_, preamble) => preamble.carriage_return,
            Self::Snvs(_) | Self::Named(_) => false,
        }
    }

    /// The next record, or `None` after the last.
    ///
    /// # Errors
    /// Malformed input, or regions that do not fit the reference.
    pub fn next(&mut self, reference: &mut Reference) -> Result<Option<RecordItem>> {
        let alone = |record| (Arc::new(record), None);
        Ok(match self {
            Self::Vcf(reader) => reader.read()?.map(alone),
            Self::Snvs(snvs) => snvs.next(reference)?.map(alone),
            Self::Named(variants) => variants.next(reference)?.map(alone),
            Self::Phased(phased, _) => {
                phased.read()?.map(|(record, backgrounds)| (record, Some(backgrounds)))
            }
        })
    }

    /// Logs bases and genotypes that were skipped.
    pub fn report(&self) {
        match self {
            Self::Snvs(snvs) if snvs.length == 0 => {
                log::warn!("{} has no region", snvs.regions.name());
            }
            Self::Snvs(snvs) if snvs.unknown > 0 => {
                log::warn!("bases of the regions that are N and have no SNV: {}", snvs.unknown);
            }
            Self::Phased(phased, _) if phased.unphased() > 0 => log::warn!(
                "records with an unphased ALT allele (/) of {}, scored on the reference: {}",
                phased.sample(),
                phased.unphased()
            ),
            _ => {}
        }
    }
}

/// Variants that were named one by one.
pub struct NamedVariants {
    variants: std::vec::IntoIter<NamedVariant>,
    /// Records so far.
    count: u64,
}

impl From<Vec<NamedVariant>> for NamedVariants {
    fn from(variants: Vec<NamedVariant>) -> Self {
        Self { variants: variants.into_iter(), count: 0 }
    }
}

impl NamedVariants {
    /// The next record, with the reference's own name of its contig.
    fn next(&mut self, genome: &mut Reference) -> Result<Option<Record>> {
        let Some(variant) = self.variants.next() else { return Ok(None) };
        let NamedVariant { contig, position, reference, alternative } = variant;
        self.count += 1;
        let number = genome.find(&contig).context("--variant")?;
        let contig = number.map_or(contig, |number| genome.contigs()[number].name.clone());
        let alleles = [reference.as_bytes(), alternative.as_bytes()];
        Ok(Some(Record::bare(&contig, position, alleles, self.count)))
    }

    /// Names of contigs that the reference lacks.
    fn missing(&self, reference: &Reference) -> Vec<String> {
        let names = self.variants.as_slice().iter().map(|variant| &variant.contig);
        let names: BTreeSet<&String> =
            names.filter(|name| reference.contig(name).is_none()).collect();
        names.into_iter().cloned().collect()
    }
}

/// Every SNV of regions, in ascending order, one to a record so that any tool can match it.
pub struct Snvs {
    regions: bed::Reader,
    order: EntryOrder,
    /// Number of the contig of the current region, and the bases of it that are left.
    contig: usize,
    rest: Range<u64>,
    /// Bytes of the file that the current region takes, and its length in bases.
    span: Range<u64>,
    length: u64,
    ready: VecDeque<Record>,
    /// Bases of the regions before those that are scored, and those that are scored, which are left.
    skipped: u64,
    wanted: u64,
    /// Records so far.
    count: u64,
    unknown: u64,
}

impl Snvs {
    /// SNVs of these regions, which must be sorted and must not overlap.
    pub fn new(regions: bed::Reader) -> Self {
        Self {
            regions,
            order: EntryOrder::of("--all-snvs"),
            contig: 0,
            rest: 0..0,
            span: 0..0,
            length: 0,
            ready: VecDeque::new(),
            skipped: 0,
            wanted: u64::MAX,
            count: 0,
            unknown: 0,
        }
    }

    /// SNVs of these bases alone, counted over all regions: 0-based, half-open.
    #[must_use]
    pub fn within(self, (start, end): (u64, u64)) -> Self {
        Self { skipped: start, wanted: end - start, ..self }
    }

    fn position(&self) -> u64 {
        // the positions of records are 1-based
        let waiting = self.ready.front().map(|record| record.position - 1);
        let left = self.rest.end - waiting.unwrap_or(self.rest.start);
        meter::within(&self.span, self.length - left, self.length)
    }

    fn next(&mut self, reference: &mut Reference) -> Result<Option<Record>> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                return Ok(Some(record));
            }
            if self.rest.is_empty() && !self.region(reference)? {
                return Ok(None);
            }
            self.fill(reference)?;
        }
    }

    /// Moves to the next region; false after the last.
    fn region(&mut self, reference: &mut Reference) -> Result<bool> {
        if self.wanted == 0 {
            return Ok(false);
        }
        let Some(record) = self.regions.read()? else { return Ok(false) };
        let place = || format!("{}, line {}", self.regions.name(), record.line);
        let contig = entries::locate(&record, reference).with_context(place)?;
        if record.region.is_empty() {
            return Err(entries::empty(&record.region)).with_context(place);
        }
        let region = &record.region;
        self.order.region(contig, region).with_context(place)?;
        self.span = self.span.end..self.regions.position();
        self.length = region.len();
        self.contig = contig;
        let start = region.start + self.skipped.min(self.length);
        self.skipped -= start - region.start;
        self.rest = start..region.end.min(start.saturating_add(self.wanted));
        self.wanted -= self.rest.end - self.rest.start;
        Ok(true)
    }

    /// Makes records of the next bases.
    fn fill(&mut self, reference: &mut Reference) -> Result<()> {
        const AHEAD: u64 = 1 << 10;
        let contig = self.contig;
        let part = self.rest.start..self.rest.end.min(self.rest.start + AHEAD);
        self.rest.start = part.end;
        let bases = reference.fetch(contig, part.clone())?;
        let name = &reference.contigs()[contig].name;
        for (position, base) in part.zip(bases) {
            if base == b'N' {
                self.unknown += 1;
                continue;
            }
            for alternative in b"ACGT".iter().filter(|&&other| other != base) {
                self.count += 1;
                let alleles = [&[base][..], &[*alternative]];
                self.ready.push_back(Record::bare(name, position + 1, alleles, self.count));
            }
        }
        Ok(())
    }
}

/// Header of a VCF whose records come from no VCF. `missing`: contigs of records that the reference
/// lacks.
fn header(reference: &Reference, missing: &[String]) -> Vec<Vec<u8>> {
    let contigs = reference
        .contigs()
        .iter()
        .map(|contig| format!("##contig=<ID={},length={}>", contig.name, contig.length));
    let missing = missing.iter().map(|name| format!("##contig=<ID={name}>"));
    // a reference from a pipe has no place
    let place = Some(reference.name()).filter(|name| !name.starts_with('<'));
    std::iter::once("##fileformat=VCFv4.3".to_owned())
        .chain(place.map(|name| format!("##reference=file://{name}")))
        .chain(contigs)
        .chain(missing)
        .chain(["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO".to_owned()])
        .map(|line| name::encode(&line).into_owned())
        .collect()
}
