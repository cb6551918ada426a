//! From records to the windows of their alleles.

use std::{collections::BTreeSet, ops::ControlFlow, sync::Arc};

use anyhow::{Result, bail};

use crate::{
    contig,
    formats::{error::InputError, reference::Reference, vcf::Record},
    variant::{Edit, Status, classify},
    window,
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

/// Reference and alternative window of an allele.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// Bases of the reference; shared between alleles that have the same window.
    pub reference: Arc<[u8]>,
    /// The same with the allele in it.
    pub alternative: Vec<u8>,
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
        OVERHEAD + self.windows.as_ref().map_or(0, |w| w.alternative.len())
    }
}

/// Cuts windows out of the reference.
pub struct Cutter {
    reference: Reference,
    context: u64,
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
    /// Windows of `context` bases.
    pub fn new(
        reference: Reference,
        context: u64,
        on_ref_mismatch: Policy,
        on_missing_contig: Policy,
    ) -> Self {
        Self {
            reference,
            context,
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
        let window = window::centered(edit.start, length, self.context);
        if !window::fits(edit, &window) {
            return Ok(None);
        }
        let span = window::span(edit, &window, length);
        let bases = self.reference.fetch(contig, span)?;
        let reference = match &self.last_window {
            Some((c, w, bases)) if *c == contig && *w == window => bases.clone(),
            _ => Arc::from(&bases[..(window.end - window.start) as usize]),
        };
        self.last_window = Some((contig, window.clone(), reference.clone()));
        Ok(Some(Windows { alternative: window::apply(edit, &window, &bases), reference }))
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
