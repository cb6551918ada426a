//! From records to the windows of their alleles.

use std::{collections::BTreeSet, ops::ControlFlow, sync::Arc};

use anyhow::{Context, Result, bail};

use super::{
    assembly::AssemblyCheck,
    item::{NullKey, Phase, QueuedAllele, WorkItem},
    known::Known,
    null::NullSource,
    phase::{Background, Neighbour},
    policy::{ContigPolicy, MismatchPolicy, Policies},
};
use crate::{
    commands::cutter::{ContigRef, WindowCutter, fetch_wrapped},
    formats::{error::InputError, reference::Reference, variants::vcf::Record},
    genome::{
        contig, haplotype,
        variant::{Edit, Status, classify},
    },
    scoring::{
        known::AlleleKey,
        null::{Class, Spectrum},
    },
    windows::strands::Windows,
};

/// An allele that can be scored.
struct ScorableAllele {
    found: Found,
    phase: Phase,
    key: NullKey,
}

/// What is found of an allele that can be scored.
enum Found {
    /// Its windows.
    Windows(Windows),
    /// Its values, from an earlier run.
    Values(Box<[u8]>),
}

/// Turns records into alleles with their windows.
pub struct AlleleCutter {
    reference: Reference,
    cutter: WindowCutter,
    policies: Policies,
    assembly: AssemblyCheck,
    any_contig_found: bool,
    missing: BTreeSet<String>,
    skipped: Skipped,
    /// Source of null variants, if any are drawn.
    null: Option<NullSource>,
    /// Spectrum of the classes, if scores are ranked.
    spectrum: Option<Spectrum>,
    /// Scores of an earlier run, if there are any.
    known: Option<Known>,
    /// Alleles scored on a haplotype, and those with other alleles in the window.
    carried: u64,
    accompanied: u64,
    /// Alleles of haplotypes that were not applied.
    left_out: u64,
}

/// Names of missing contigs that are kept for messages.
const NAMES: usize = 50;

/// Records that a policy leaves out.
#[derive(Debug, Default, Clone, Copy)]
pub struct Skipped {
    /// Those whose contig is not in the reference.
    pub contig: u64,
    /// Those whose REF differs from it.
    pub mismatch: u64,
}

impl Skipped {
    /// Number of all of them.
    pub fn all(self) -> u64 {
        self.contig + self.mismatch
    }
}

/// Decision of the policies on a record.
enum Verdict {
    Go,
    Skip,
    Fail(&'static str),
}

impl AlleleCutter {
    /// Alleles on contigs of `reference`.
    pub fn new(reference: Reference, cutter: WindowCutter, policies: Policies) -> Self {
        Self {
            reference,
            cutter,
            policies,
            assembly: AssemblyCheck::default(),
            any_contig_found: false,
            missing: BTreeSet::new(),
            skipped: Skipped::default(),
            null: None,
            spectrum: None,
            known: None,
            carried: 0,
            accompanied: 0,
            left_out: 0,
        }
    }

    /// Determines the classes of alleles, and draws null variants of them if there is a source.
    #[must_use]
    pub fn ranked(mut self, spectrum: Spectrum, null: Option<NullSource>) -> Self {
        self.spectrum = Some(spectrum);
        self.null = null;
        self
    }

    /// Carries over scores of an earlier run, if there are any.
    #[must_use]
    pub fn with_known(mut self, known: Option<Known>) -> Self {
        self.known = known;
        self
    }

    /// Number of alleles whose scores were carried over; none without an earlier run.
    pub fn known(&self) -> Option<u64> {
        self.known.as_ref().map(Known::used)
    }

    /// The records left out so far.
    pub fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// The reference.
    pub fn reference(&mut self) -> &mut Reference {
        &mut self.reference
    }

    /// Hands every allele of a record to `take`, in order, and null variants before it, until `take`
    /// breaks. `backgrounds`: one for each allele, if haplotypes are followed.
    ///
    /// # Errors
    /// The reference cannot be read, or a policy calls the record an error.
    pub fn cut(
        &mut self,
        input: &str,
        (record, backgrounds): (&Arc<Record>, Option<&[Background]>),
        mut take: impl FnMut(WorkItem) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let contig =
            self.contig(record).with_context(|| format!("{input}, line {}", record.number))?;
        let fit = self.fit(record, contig)?;
        self.check_assembly(input, record, fit)?;
        match self.verdict(record, fit) {
            Verdict::Go => {}
            Verdict::Skip => {
                match fit {
                    Status::MissingContig => self.skipped.contig += 1,
                    _ => self.skipped.mismatch += 1,
                }
                return Ok(ControlFlow::Continue(()));
            }
            Verdict::Fail(problem) => bail!(InputError::Line {
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
            let background = backgrounds.map(|backgrounds| &backgrounds[number]);
            let (status, found) = self.allele(record, alternative, (contig, fit), background)?;
            let last = alternatives.peek().is_none();
            let (found, phase, key) = match found {
                Some(ScorableAllele { found, phase, key }) => {
                    (Some(found), background.map(|_| phase), key)
                }
                None => (None, None, NullKey::default()),
            };
            let (windows, known) = match found {
                Some(Found::Windows(windows)) => (Some(windows), None),
                Some(Found::Values(values)) => (None, Some(values)),
                None => (None, None),
            };
            self.carried += u64::from(phase.is_some_and(|phase| phase.haplotype.is_some()));
            self.accompanied += u64::from(phase.is_some_and(|phase| phase.applied > 0));
            let flow = self.draw(key.class, &mut take)?;
            let record = record.clone();
            let allele = QueuedAllele { record, number, last, status, windows, known, phase, key };
            if flow.is_break() || take(WorkItem::Allele(Box::new(allele))).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Hands the null variants of a class to `take`, and those that wait, unless that was done before.
    ///
    /// # Errors
    /// The reference cannot be read.
    pub fn draw(
        &mut self,
        class: Option<Class>,
        take: &mut impl FnMut(WorkItem) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let Some(source) = &mut self.null else { return Ok(ControlFlow::Continue(())) };
        for variant in source.draw(class, &mut self.reference)? {
            if let Some(null) = source.cut(variant, &mut self.reference)?
                && take(WorkItem::Null(Box::new(null))).is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Counts a record that can be checked against the reference.
    ///
    /// # Errors
    /// Most of the first records differ from it.
    fn check_assembly(&mut self, input: &str, record: &Record, fit: Status) -> Result<()> {
        if self.policies.mismatch != MismatchPolicy::Check
            || fit == Status::MissingContig
            || !has_sequence(record)
        {
            return Ok(());
        }
        let place = || format!("{}:{}", record.contig(), record.position);
        if self.assembly.see(fit == Status::RefMismatch, place) {
            self.assembly.verdict(input, self.reference.name())?;
        }
        Ok(())
    }

    /// Decision of the policies on a record. `fit`: whether contig and REF match the reference.
    fn verdict(&self, record: &Record, fit: Status) -> Verdict {
        // policies apply to sequences only; other alleles have a status of their own
        if !has_sequence(record) {
            return Verdict::Go;
        }
        let Policies { mismatch, contig } = self.policies;
        match (fit, contig, mismatch) {
            (Status::MissingContig, ContigPolicy::Skip, _)
            | (Status::RefMismatch, _, MismatchPolicy::Skip) => Verdict::Skip,
            (Status::MissingContig, ContigPolicy::Fail, _) => {
                Verdict::Fail("its contig is not in the reference")
            }
            (Status::RefMismatch, _, MismatchPolicy::Fail) => {
                Verdict::Fail("its REF differs from the reference")
            }
            _ => Verdict::Go,
        }
    }

    /// The status of an allele, and its windows if it can be scored.
    fn allele(
        &mut self,
        record: &Record,
        alternative: &[u8],
        (contig, fit): (Option<usize>, Status),
        background: Option<&Background>,
    ) -> Result<(Status, Option<ScorableAllele>)> {
        let [reference, alternative] =
            [record.reference(), alternative].map(<[u8]>::to_ascii_uppercase);
        let status = classify(&reference, &alternative);
        let (Status::Ok, Some(contig)) = (status, contig) else {
            return Ok((if status == Status::Ok { fit } else { status }, None));
        };
        let (status, from, to) = match fit {
            Status::Ok => (Status::Ok, &reference, &alternative),
            Status::RefMismatch if self.is_swapped(record, contig, &alternative)? => {
                (Status::Swapped, &alternative, &reference)
            }
            fit => return Ok((fit, None)),
        };
        let position = record.position;
        let sought =
            AlleleKey { contig, position, reference: &reference, alternative: &alternative };
        if let Some(values) = self.known.as_mut().and_then(|known| known.values(sought, status)) {
            let found = Found::Values(values);
            let (phase, key) = Default::default();
            return Ok((status, Some(ScorableAllele { found, phase, key })));
        }
        // POS 0 does not fit the reference
        let edit = self.placed(contig, Edit::trimmed(record.position - 1, from, to));
        let found = match background {
            Some(background) if !background.neighbours.is_empty() => {
                self.on_haplotype(contig, edit, background)?
            }
            background => {
                let found = &self.reference.contigs()[contig];
                let (name, length) = (found.name.clone(), found.length);
                let on = ContigRef { number: contig, name: &name, length };
                let fetch = |range| self.reference.fetch(contig, range);
                let haplotype = background.and_then(|background| background.haplotype);
                let phase = Phase { haplotype, applied: 0 };
                self.cutter.windows(on, edit, fetch)?.map(|windows| (windows, phase))
            }
        };
        Ok(match found {
            Some((windows, phase)) => {
                // a swapped allele is not ranked
                let key = match status {
                    Status::Ok => self.key(contig, &edit)?,
                    _ => NullKey::default(),
                };
                (status, Some(ScorableAllele { found: Found::Windows(windows), phase, key }))
            }
            None => (Status::TooLong, None),
        })
    }

    /// The edit with a start on the contig: positions wrap around the origin of a circular one.
    fn placed<'e>(&self, contig: usize, edit: Edit<'e>) -> Edit<'e> {
        let contig = &self.reference.contigs()[contig];
        match self.cutter.is_circular(&contig.name) {
            true => Edit { start: edit.start % contig.length.max(1), ..edit },
            false => edit,
        }
    }

    /// Class and place that an edit is ranked by.
    fn key(&mut self, contig: usize, edit: &Edit<'_>) -> Result<NullKey> {
        let Some(spectrum) = self.spectrum else { return Ok(NullKey::default()) };
        let found = &self.reference.contigs()[contig];
        let (name, length) = (found.name.clone(), found.length);
        let circular = self.cutter.is_circular(&name);
        let mut at = |position: u64| match position < length {
            true => {
                self.reference.fetch(contig, position..position + 1).map(|b| b.first().copied())
            }
            false => Ok(None),
        };
        let beside = |position: u64| if circular { position % length } else { position };
        let before = match edit.start {
            0 if circular => at(length - 1)?,
            0 => None,
            start => at(start - 1)?,
        };
        let after = at(beside(edit.end()))?;
        Ok(NullKey {
            class: Class::of(edit, before, after, spectrum),
            contig: name,
            position: edit.start + 1,
            length: edit.added.len() as i64 - edit.removed.len() as i64,
        })
    }

    /// The windows of an edit on the haplotype that carries it.
    fn on_haplotype(
        &mut self,
        contig: usize,
        edit: Edit<'_>,
        background: &Background,
    ) -> Result<Option<(Windows, Phase)>> {
        let found = &self.reference.contigs()[contig];
        let (name, length) = (found.name.clone(), found.length);
        let mut changes = Vec::new();
        for Neighbour { change, removed } in &background.neighbours {
            if change.end() <= length
                && self.reference.fetch(contig, change.start..change.end())? == *removed
            {
                changes.push(change.clone());
            }
        }
        // long enough for the longest window on either side, whatever is deleted
        let removed: u64 = changes.iter().map(|change| change.removed).sum();
        let reach = self.cutter.context() + removed + edit.removed.len() as u64;
        let stretch = edit.start.saturating_sub(reach)..(edit.end() + reach).min(length);
        let bases = self.reference.fetch(contig, stretch.clone())?;
        let made = haplotype::around(stretch.start, &bases, &edit, &changes);
        self.left_out += (background.neighbours.len() - changes.len() + made.left_out) as u64;
        let on = ContigRef { number: contig, name: &name, length };
        let found = self.cutter.windows_of_haplotype(on, edit, (&made.bases, made.site));
        Ok(found.map(|(windows, part)| {
            let applied = made.applied_in(&part);
            (windows, Phase { haplotype: background.haplotype, applied })
        }))
    }

    /// True if REF and ALT are to be exchanged. Only alleles of equal length: the shorter allele of an
    /// anchored indel would match the reference at every copy of its first base.
    fn is_swapped(&mut self, record: &Record, contig: usize, alternative: &[u8]) -> Result<bool> {
        Ok(self.policies.mismatch == MismatchPolicy::Swap
            && alternative.len() == record.reference().len()
            && self.is_there(contig, record.position, alternative)?)
    }

    fn contig(&mut self, record: &Record) -> Result<Option<usize>> {
        let name = record.contig();
        let contig = self.reference.find(&name)?;
        self.any_contig_found |= contig.is_some();
        if contig.is_none() && self.missing.len() < NAMES {
            self.missing.insert(name);
        }
        Ok(contig)
    }

    /// Status of a record: whether its contig and REF are in the reference.
    fn fit(&mut self, record: &Record, contig: Option<usize>) -> Result<Status> {
        let Some(contig) = contig else {
            return Ok(Status::MissingContig);
        };
        let same = self.is_there(contig, record.position, record.reference())?;
        Ok(if same { Status::Ok } else { Status::RefMismatch })
    }

    /// True if the reference has these bases from this position (1-based) on.
    fn is_there(&mut self, contig: usize, position: u64, bases: &[u8]) -> Result<bool> {
        let found = &self.reference.contigs()[contig];
        let (length, circular) = (found.length, self.cutter.is_circular(&found.name));
        let Some(start) = position.checked_sub(1).filter(|start| *start < length) else {
            return Ok(false);
        };
        let count = bases.len() as u64;
        if count > if circular { length } else { length - start } {
            return Ok(false);
        }
        let mut fetch = |range| self.reference.fetch(contig, range);
        let found = match circular {
            true => fetch_wrapped(start..start + count, length, fetch)?,
            false => fetch(start..start + count)?,
        };
        Ok(found.eq_ignore_ascii_case(bases))
    }

    /// # Errors
    /// There were records, but no contig of any is in the reference, or REF differs from it in most.
    pub fn check(&self, input: &str) -> Result<()> {
        self.assembly.verdict(input, self.reference.name())?;
        if self.any_contig_found || self.missing.is_empty() {
            return Ok(());
        }
        bail!(
            "no contig of {input} is in the reference: {input} has {}; {} has {}; check that both are of the same assembly and use the same names",
            contig::summary(self.missing.iter()),
            self.reference.name(),
            contig::summary(self.reference.contigs().iter().map(|c| &c.name))
        )
    }

    /// Logs records that were skipped and bases that were read as N.
    pub fn report(&self) {
        if self.skipped.all() > 0 {
            log::warn!(
                "records skipped by --on-missing-contig or --on-ref-mismatch: {}",
                self.skipped.all()
            );
        }
        if let Some(known) = self.known() {
            log::info!("alleles whose scores were carried over (--known): {known}");
        }
        if self.carried > 0 {
            let Self { carried, accompanied, .. } = self;
            log::info!(
                "alleles scored on a haplotype: {carried}, with other alleles in the window: {accompanied}"
            );
        }
        if self.left_out > 0 {
            log::warn!(
                "alleles of a haplotype that were skipped because they overlap another allele or their REF is not in the reference (counted for each scored allele): {}",
                self.left_out
            );
        }
        self.cutter.report();
        if let Some(null) = &self.null {
            null.report();
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

/// True if an ALT allele of the record is a sequence.
fn has_sequence(record: &Record) -> bool {
    record.alternatives().any(|other| classify(record.reference(), other) == Status::Ok)
}
