//! The inputs, outputs and the model of a run, all open before the first record is read.

use anyhow::Result;

use super::{
    alleles::AlleleCutter,
    assembly,
    calibrate::{Calibration, Saving},
    columns::OutputColumns,
    inputs::{self, OpenRecords},
    known::Known,
    null::NullSource,
    plan::Plan,
    policy::Policies,
    records::Records,
    write::{InputHeader, Writer},
};
use crate::{
    cli::Global,
    commands::{
        cutter::cutter,
        output::{of_shard, resume::Resume, summary::Summary},
    },
    formats::reference::{Cache, Reference},
    inference::runner::Runner,
    process::{logging::Display, progress::Progress, provenance::Provenance},
};

/// A run with everything open.
pub struct Opened<'a> {
    pub records: Records,
    pub alleles: AlleleCutter,
    /// Models, each on its device; one at least.
    pub runners: Vec<Runner>,
    pub calibration: Option<Calibration>,
    pub writer: Writer,
    pub resume: Resume,
    pub columns: OutputColumns,
    pub saving: Option<Saving<'a>>,
    pub summary: Summary,
    pub progress: Progress,
    pub provenance: Provenance,
    /// Bases of a chunk.
    pub budget: usize,
}

impl<'a> Opened<'a> {
    /// Opens the inputs, puts the model on its device, and creates the outputs.
    ///
    /// # Errors
    /// An input cannot be read, an output cannot be created, or the model does not fit the device.
    pub fn open(plan: &Plan<'a>, global: &Global, display: &Display) -> Result<Self> {
        let args = plan.args;
        let summary = Summary::create(&args.summary, "score-variants")?;
        let OpenRecords { records, section, size } = inputs::open(args, plan.windows.context)?;
        let is_ranked = args.null.is_requested();
        let cache = if is_ranked { Cache::ANYWHERE } else { Cache::default() };
        let mut reference = Reference::open_with(plan.reference, args.reference.save_index, cache)?;
        let header = records.header(&reference);
        assembly::check_lengths(records.name(), &header, &reference);
        let cutter = cutter(&args.windows, plan.windows, reference.name(), reference.contigs())?;
        let cutter = cutter.with_normalization(args.normalize);
        let provenance = plan.provenance(reference.name(), records.sample());
        let provenance = of_shard(provenance, section.as_ref());
        let calibration = calibration(plan)?;
        let added = calibration.as_ref().map(Calibration::columns).unwrap_or_default();
        let columns = OutputColumns::new(plan.scores.clone(), added, args.phase);
        let known = args.known.as_deref().map(|path| {
            let columns = (&columns.all[..], args.info_prefix.as_str());
            Known::load(path, &provenance, columns, &mut reference)
        });
        let known = known.transpose()?;
        let nulls = NullSource::of(&args.null, &mut reference, &cutter, plan.spectrum())?;
        let runners = args.model.runners(&plan.model, global)?;
        let output = (plan.format, &*args.output.output);
        let (mut resume, output) = Resume::open(&args.resume, output, &plan.inputs, &provenance)?;
        let mut writer = Writer::create(
            output.indexed(plan.index.clone()),
            InputHeader {
                provenance: &provenance,
                lines: &header,
                carriage_return: records.carriage_return(),
                header: args.output.header(),
                input: records.name(),
                info_prefix: &args.info_prefix,
            },
            columns.all.clone(),
        )?;
        resume.begin(&mut *writer.rows)?;
        let saving = args.null.save_null.as_deref().map(Saving::create).transpose()?;
        let policies = Policies { mismatch: args.on_ref_mismatch, contig: args.on_missing_contig };
        let alleles = AlleleCutter::new(reference, cutter, policies).with_known(known);
        Ok(Self {
            records,
            alleles: match is_ranked {
                true => alleles.ranked(plan.spectrum(), nulls),
                false => alleles,
            },
            runners,
            calibration,
            writer,
            resume,
            columns,
            saving,
            summary,
            progress: Progress::new(display, "allele", size),
            provenance,
            budget: budget(plan, global),
        })
    }
}

/// Null variants that scores are ranked among, if they are.
fn calibration(plan: &Plan<'_>) -> Result<Option<Calibration>> {
    let null = &plan.args.null;
    if !null.is_requested() {
        return Ok(None);
    }
    let calibration = Calibration::new(&plan.scores, null.length_correct)?;
    Ok(Some(match &null.use_null {
        Some(path) => calibration.load(path, &plan.settings())?,
        None => calibration,
    }))
}

/// Windows that variants may share, whose length is read ahead.
const SHARED_WINDOWS: usize = 256;

/// Most bases that are read ahead for the sake of shared windows.
const MOST_AHEAD: usize = 1 << 21;

/// Bases of a chunk. Long windows are worth waiting for: variants that share one should meet in a chunk.
fn budget(plan: &Plan<'_>, global: &Global) -> usize {
    let shared = (SHARED_WINDOWS * plan.windows.context as usize).min(MOST_AHEAD);
    plan.args.model.chunk_tokens(&plan.model, global).max(shared)
}
