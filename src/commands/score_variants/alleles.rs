//! From records to the windows of their alleles.

use std::{collections::BTreeSet, ops::ControlFlow, sync::Arc};

use anyhow::{Result, bail};

use crate::{
    contig, dna,
    formats::{error::InputError, reference::Reference, vcf::Record},
    variant::{Edit, Status, classify},
    window::{self, Ending},
};

/// What to do with a record that does not fit the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Policy {
    /// Keep it without scores and count it
    #[default]
    Report,
    /// Leave it out and count it
    Skip,
    /// Stop with an error
    Fail,
}

/// Which strands of a window are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum StrandChoice {
    /// Both, and the mean of their scores
    #[default]
    Both,
    /// As the reference has it
    Forward,
    /// The reverse complement
    Reverse,
}

/// Where the window of a variant lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum WindowChoice {
    /// Around the variant, which stands in its middle
    #[default]
    Centered,
    /// On a grid, so that neighbours share it: each variant has at least a quarter of the context
    /// on either side
    Tiled,
}

/// What is read around a variant.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Bases of a window.
    pub context: u64,
    /// Where it lies.
    pub window: WindowChoice,
    /// How many bases behind the variant are read and count; none: all of the window.
    pub downstream: Option<u64>,
    /// Which strands are read.
    pub strand: StrandChoice,
}

/// Reference window of an allele, and how the alternative ends on the strands that are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// Bases of the reference; shared between alleles that have the same window.
    pub reference: Arc<[u8]>,
    /// The alternative read forwards.
    pub forward: Option<Ending>,
    /// That of the other strand; it is about the reverse complement of `reference`.
    pub reverse: Option<Ending>,
}

impl Windows {
    /// Bases that are computed for the alternative.
    fn size(&self) -> usize {
        [&self.forward, &self.reverse].into_iter().flatten().map(|ending| ending.bases.len()).sum()
    }
}

/// One ALT allele of a record.
#[derive(Debug, Clone)]
pub struct Allele {
    /// The record that it belongs to.
    pub record: Arc<Record>,
    /// Its number among the record's ALT alleles, from 0.
    pub number: usize,
    /// Whether it is the record's last.
    pub last: bool,
    /// Whether it can be scored.
    pub status: Status,
    /// What is to be computed, if it can.
    pub windows: Option<Windows>,
}

impl Allele {
    /// What it counts for when chunks are cut, in bases.
    pub fn size(&self) -> usize {
        const OVERHEAD: usize = 16;
        OVERHEAD + self.windows.as_ref().map_or(0, Windows::size)
    }
}

/// Cuts windows out of the reference.
pub struct Cutter {
    reference: Reference,
    reading: Reading,
    on_ref_mismatch: Policy,
    on_missing_contig: Policy,
    last_window: Option<(usize, std::ops::Range<u64>, Arc<[u8]>)>,
    any_contig_found: bool,
    missing: BTreeSet<String>,
    skipped: u64,
}

/// Names of missing contigs that are kept for messages.
const NAMES: usize = 50;

impl Cutter {
    /// Cuts what `reading` asks for.
    pub fn new(
        reference: Reference,
        reading: Reading,
        on_ref_mismatch: Policy,
        on_missing_contig: Policy,
    ) -> Self {
        Self {
            reference,
            reading,
            on_ref_mismatch,
            on_missing_contig,
            last_window: None,
            any_contig_found: false,
            missing: BTreeSet::new(),
            skipped: 0,
        }
    }

    /// Hands every allele of a record to `take`, in order, until that breaks.
    ///
    /// # Errors
    /// The reference cannot be read, or a policy calls the record an error.
    pub fn cut(
        &mut self,
        input: &str,
        record: &Arc<Record>,
        mut take: impl FnMut(Allele) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let contig = self.contig(record);
        let fit = self.fit(record, contig)?;
        let reference = record.reference().to_ascii_uppercase();
        // what is no sequence has a status of its own, which no policy is about
        let is_sequence = |alternative| classify(&reference, alternative) == Status::Ok;
        let concerned = record.alternatives().any(is_sequence);
        let (policy, problem) = match fit {
            _ if !concerned => (Policy::Report, ""),
            Status::MissingContig => (self.on_missing_contig, "its contig is not in the reference"),
            Status::RefMismatch => (self.on_ref_mismatch, "its REF differs from the reference"),
            _ => (Policy::Report, ""),
        };
        match policy {
            Policy::Report => {}
            Policy::Skip => {
                self.skipped += 1;
                return Ok(ControlFlow::Continue(()));
            }
            Policy::Fail => bail!(InputError::Line {
                path: input.to_owned(),
                line: record.number,
                problem: format!(
                    "{}:{} cannot be scored: {problem} {}; check that the reference is the right assembly (--on-missing-contig and --on-ref-mismatch decide what happens)",
                    record.contig(),
                    record.position,
                    self.reference.name()
                ),
            }),
        }
        let mut alternatives = record.alternatives().enumerate().peekable();
        while let Some((number, alternative)) = alternatives.next() {
            let (status, windows) = match (classify(&reference, alternative), fit, contig) {
                (Status::Ok, Status::Ok, Some(contig)) => {
                    let alternative = alternative.to_ascii_uppercase();
                    // POS 0 does not fit the reference
                    let edit = Edit::trimmed(record.position - 1, &reference, &alternative);
                    match self.windows(contig, &edit)? {
                        Some(windows) => (Status::Ok, Some(windows)),
                        None => (Status::TooLong, None),
                    }
                }
                (Status::Ok, fit, _) => (fit, None),
                (status, ..) => (status, None),
            };
            let last = alternatives.peek().is_none();
            let allele = Allele { record: record.clone(), number, last, status, windows };
            if take(allele).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn contig(&mut self, record: &Record) -> Option<usize> {
        let name = record.contig();
        let contig = self.reference.find(&name);
        self.any_contig_found |= contig.is_some();
        if contig.is_none() && self.missing.len() < NAMES {
            self.missing.insert(name);
        }
        contig
    }

    /// Whether the record fits the reference.
    fn fit(&mut self, record: &Record, contig: Option<usize>) -> Result<Status> {
        let Some(contig) = contig else {
            return Ok(Status::MissingContig);
        };
        let length = self.reference.contigs()[contig].length;
        let bases = record.reference().len() as u64;
        let Some(start) = record.position.checked_sub(1) else {
            return Ok(Status::RefMismatch);
        };
        if start.checked_add(bases).is_none_or(|end| end > length) {
            return Ok(Status::RefMismatch);
        }
        let found = self.reference.fetch(contig, start..start + bases)?;
        let same = found.eq_ignore_ascii_case(record.reference());
        Ok(if same { Status::Ok } else { Status::RefMismatch })
    }

    /// The windows of an edit; `None` if it does not fit one.
    fn windows(&mut self, contig: usize, edit: &Edit<'_>) -> Result<Option<Windows>> {
        let length = self.reference.contigs()[contig].length;
        let Reading { context, window, downstream, strand } = self.reading;
        let exact = window == WindowChoice::Centered && downstream.is_none();
        let window = match window {
            WindowChoice::Centered => window::centered(edit.start, length, context),
            WindowChoice::Tiled => window::tiled(edit.start, length, context),
        };
        if !window::fits(edit, &window) {
            return Ok(None);
        }
        let span = match exact {
            true => window::span(edit, &window, length),
            false => window::wide_span(edit, &window, length),
        };
        let bases = self.reference.fetch(contig, span.clone())?;
        let own = (window.start - span.start) as usize..(window.end - span.start) as usize;
        let reference = match &self.last_window {
            Some((c, w, bases)) if *c == contig && *w == window => bases.clone(),
            _ => Arc::from(&bases[own]),
        };
        let endings = if exact {
            let alternative = window::apply(edit, &window, &bases);
            let turned = dna::reverse_complement(&alternative);
            let reverse = Ending::of(&turned, &dna::reverse_complement(&reference));
            Some([Ending::of(&alternative, &reference), reverse])
        } else {
            window::endings(edit, &window, &span, &bases)
        };
        self.last_window = Some((contig, window, reference.clone()));
        let Some(mut endings) = endings else { return Ok(None) };
        if let Some(bases) = downstream {
            let longest = edit.removed.len().max(edit.added.len()) as u64 + bases;
            for ending in &mut endings {
                // no more than the reference window has there
                let left = (reference.len() - ending.from) as u64;
                ending.bases.truncate(longest.min(left) as usize);
            }
        }
        let [forward, reverse] = endings;
        Ok(Some(Windows {
            reference,
            forward: (strand != StrandChoice::Reverse).then_some(forward),
            reverse: (strand != StrandChoice::Forward).then_some(reverse),
        }))
    }

    /// # Errors
    /// There were records, but no contig of any is in the reference.
    pub fn check_contigs(&self, input: &str) -> Result<()> {
        if self.any_contig_found || self.missing.is_empty() {
            return Ok(());
        }
        bail!(
            "no record's contig is in the reference: {input} has {}; {} has {}. Are they of the same assembly, with the same names?",
            contig::summary(self.missing.iter()),
            self.reference.name(),
            contig::summary(self.reference.contigs().iter().map(|c| &c.name))
        )
    }

    /// Logs what was left out and what was read as N.
    pub fn report(&self) {
        if self.skipped > 0 {
            log::warn!("{} records were left out, as the options ask", self.skipped);
        }
        if !self.missing.is_empty() {
            let more = if self.missing.len() == NAMES { ", perhaps more" } else { "" };
            let names = contig::summary(self.missing.iter());
            log::warn!("contigs not in the reference: {names}{more}");
        }
        if self.reference.ambiguous() > 0 {
            log::warn!("IUPAC letters read as N: {}", self.reference.ambiguous());
        }
    }
}
