//! Other alleles on the haplotypes that carry the alleles of a record.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use anyhow::{Result, bail};

use crate::{
    formats::{
        error::{InputError, excerpt},
        variants::{
            genotypes::{self, Call, Sample},
            vcf::{self, Record},
        },
    },
    genome::{
        haplotype::Change,
        variant::{Edit, Status, classify},
    },
};

/// Haplotype of an ALT allele in the sample, and the other alleles on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Background {
    /// Number of the first haplotype that carries the allele, from 1; none if no haplotype does, or
    /// the call is not phased.
    pub haplotype: Option<u8>,
    /// The other alleles on that haplotype, ascending by start. They may touch each other or the
    /// allele itself, as the file has them.
    pub neighbours: Vec<Neighbour>,
}

/// Another allele on a haplotype.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Change of the reference.
    pub change: Change,
    /// The bases that it removes, as its record has them.
    pub removed: Vec<u8>,
}

/// Reads records together with the alleles near them on the same haplotype. Records must be sorted by
/// position; only those within reach are held.
///
/// Two calls share haplotypes if both are phased and in the same phase set (PS; calls without one form
/// a set of their own). A homozygous or haploid call belongs to every phase set; without a phase set it
/// takes the background of the nearest heterozygous call. A haploid call beside diploid ones is on both
/// haplotypes.
pub struct Phased {
    reader: vcf::Reader,
    sample: Sample,
    reach: u64,
    /// Records that were returned and have a change on a haplotype.
    returned: Vec<SampleSite>,
    /// Records that were read and not yet returned, each with the position in the file after it.
    ahead: VecDeque<(Arc<Record>, SampleSite, u64)>,
    /// Position in the file after the last record returned, in bytes.
    position: u64,
    order: RecordOrder,
    complete: bool,
    /// Records with an ALT allele whose haplotype is not known.
    unphased: u64,
}

impl Phased {
    /// Reads `reader` with the genotypes of a sample; it need not be named if there is only one.
    /// `reach` says how far from the last base of a record's REF the next one's POS may be.
    ///
    /// # Errors
    /// The file has no such sample.
    pub fn new(reader: vcf::Reader, sample: Option<&str>, reach: u64) -> Result<Self> {
        let sample = Sample::find(reader.name(), &reader.header, sample)?;
        Ok(Self {
            reader,
            sample,
            reach,
            returned: Vec::new(),
            ahead: VecDeque::new(),
            position: 0,
            order: RecordOrder::default(),
            complete: false,
            unphased: 0,
        })
    }

    /// Position in the file after the last record returned, in bytes.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Number of records so far with an unphased ALT allele in the sample.
    pub fn unphased(&self) -> u64 {
        self.unphased
    }

    /// Name of the sample.
    pub fn sample(&self) -> &str {
        &self.sample.name
    }

    /// The next record in the order of the file, and the background of each of its ALT alleles, as
    /// many as [`Record::alternatives`] has. None after the last.
    ///
    /// # Errors
    /// A line or a genotype that cannot be understood, records that are not sorted, or reading
    /// fails.
    pub fn read(&mut self) -> Result<Option<(Arc<Record>, Vec<Background>)>> {
        while !self.complete && self.wants_more() {
            match self.reader.read()? {
                None => self.complete = true,
                Some(record) => {
                    let site = self.site(&record)?;
                    self.ahead.push_back((Arc::new(record), site, self.reader.position()));
                }
            }
        }
        let Some((record, site, position)) = self.ahead.pop_front() else { return Ok(None) };
        self.position = position;
        // what follows is as far away or farther
        let reach = self.reach;
        self.returned.retain(|other| other.is_near(&site, reach));
        let backgrounds = self.backgrounds(&site, record.alternatives().count());
        if !site.changes.is_empty() {
            self.returned.push(site);
        }
        Ok(Some((record, backgrounds)))
    }

    /// True if the next records of the file may be near the record that is returned next.
    fn wants_more(&self) -> bool {
        match (self.ahead.front(), self.ahead.back()) {
            (Some((_, first, _)), Some((_, last, _))) => last.is_near(first, self.reach),
            _ => true,
        }
    }

    fn site(&mut self, record: &Record) -> Result<SampleSite> {
        let problem = match self.order.check(record) {
            Ok(()) => match genotypes::call(record, self.sample.column) {
                Ok(call) => {
                    let carries = |call: &Call| call.alleles.iter().flatten().any(|&a| a > 0);
                    let is_lost = call.as_ref().is_some_and(|call| !call.phased && carries(call));
                    self.unphased += u64::from(is_lost);
                    return Ok(SampleSite::new(record, call, self.order.run));
                }
                Err(problem) => problem,
            },
            Err(problem) => problem,
        };
        bail!(InputError::Line {
            path: self.reader.name().to_owned(),
            line: record.number,
            problem
        })
    }

    /// The backgrounds of the ALT alleles of a record that is in neither queue.
    fn backgrounds(&self, site: &SampleSite, alleles: usize) -> Vec<Background> {
        let mut backgrounds = vec![Background::default(); alleles];
        let carries = |call: &&Call| call.alleles.iter().flatten().any(|&allele| allele > 0);
        let Some(call) = site.call.as_ref().filter(carries) else { return backgrounds };
        let ahead = self.ahead.iter().map(|(_, site, _)| site);
        let near: Vec<&SampleSite> = self
            .returned
            .iter()
            .chain(ahead.take_while(|other| other.is_near(site, self.reach)))
            .filter(|other| !other.changes.is_empty())
            .collect();
        let own = call.phase_set.as_deref();
        let phase_set = if call.is_uniform() && own.is_none() {
            let differ = near.iter().filter_map(|other| Some((other, other.order()?)));
            differ.min_by_key(|(other, _)| other.position.abs_diff(site.position)).map(|two| two.1)
        } else {
            Some(own)
        };
        let goes_along = |other: &&&SampleSite| match other.order() {
            Some(order) => Some(order) == phase_set,
            None => true,
        };
        for (number, background) in (1..).zip(&mut backgrounds) {
            let carrier = call.alleles.iter().position(|&allele| allele == Some(number));
            let Some(carrier) = carrier else { continue };
            background.haplotype = u8::try_from(carrier + 1).ok();
            let on = near.iter().filter(goes_along).filter_map(|other| other.on(carrier));
            background.neighbours = on.cloned().collect();
            background.neighbours.sort_by_key(|neighbour| neighbour.change.start);
        }
        backgrounds
    }
}

/// Genotype of the sample at a record.
#[derive(Debug)]
struct SampleSite {
    /// Number of the run of records of one contig.
    run: u64,
    /// POS, 1-based, and one past the last base of REF.
    position: u64,
    end: u64,
    /// Its call, if that is phased.
    call: Option<Call>,
    /// Changes of the called alleles, by their number among the ALT alleles, from 1.
    changes: Vec<(usize, Neighbour)>,
}

impl SampleSite {
    fn new(record: &Record, call: Option<Call>, run: u64) -> Self {
        let call = call.filter(|call| call.phased);
        let mut changes = Vec::new();
        let called = call.as_ref().map_or(&[][..], |call| &call.alleles);
        for (number, alternative) in (1..).zip(record.alternatives()) {
            if called.contains(&Some(number))
                && let Some(change) = change(record, alternative)
            {
                changes.push((number, change));
            }
        }
        let end = record.position.saturating_add(record.reference().len() as u64);
        Self { run, position: record.position, end, call, changes }
    }

    fn is_near(&self, other: &Self, reach: u64) -> bool {
        let [first, second] = match self.position <= other.position {
            true => [self, other],
            false => [other, self],
        };
        self.run == other.run && second.position < first.end.saturating_add(reach)
    }

    /// The phase set, if the order of the alleles matters.
    fn order(&self) -> Option<Option<&str>> {
        let call = self.call.as_ref().filter(|call| !call.is_uniform())?;
        Some(call.phase_set.as_deref())
    }

    /// Change by the allele on a haplotype (from 0). A call with fewer alleles than the other one, such
    /// as a haploid one, is on all haplotypes if its alleles are the same.
    fn on(&self, haplotype: usize) -> Option<&Neighbour> {
        let call = self.call.as_ref()?;
        let of_all = || call.alleles.first().filter(|_| call.is_uniform());
        let carried = (*call.alleles.get(haplotype).or_else(of_all)?)?;
        self.changes.iter().find(|(number, _)| *number == carried).map(|(_, change)| change)
    }
}

/// Change by an ALT allele, if it is a sequence other than REF.
fn change(record: &Record, alternative: &[u8]) -> Option<Neighbour> {
    if classify(record.reference(), alternative) != Status::Ok {
        return None;
    }
    let reference = record.reference().to_ascii_uppercase();
    let alternative = alternative.to_ascii_uppercase();
    // POS 0 lies before the first base
    let edit = Edit::trimmed(record.position.checked_sub(1)?, &reference, &alternative);
    let same = edit.removed.is_empty() && edit.added.is_empty();
    let removed = edit.removed.to_vec();
    (!same).then(|| Neighbour { change: Change::from(&edit), removed })
}

/// Checks that records are sorted.
#[derive(Debug, Default)]
struct RecordOrder {
    /// The contigs that had records.
    seen: HashSet<Vec<u8>>,
    contig: Vec<u8>,
    position: u64,
    /// Number of runs of records of one contig so far.
    run: u64,
}

impl RecordOrder {
    fn check(&mut self, record: &Record) -> Result<(), String> {
        let (contig, position) = (record.field(0), record.position);
        const SORT: &str =
            "a haplotype can be followed only in sorted records; sort them (`bcftools sort`)";
        if self.run > 0 && self.contig == contig {
            if position < self.position {
                return Err(format!(
                    "POS {position} comes after POS {} of the record before; {SORT}",
                    self.position
                ));
            }
        } else {
            if !self.seen.insert(contig.to_vec()) {
                return Err(format!(
                    "POS {position} of {} comes after POS {} of {}, but there were records of {0} before; {SORT}",
                    excerpt(contig),
                    self.position,
                    excerpt(&self.contig)
                ));
            }
            self.contig = contig.to_vec();
            self.run += 1;
        }
        self.position = position;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
