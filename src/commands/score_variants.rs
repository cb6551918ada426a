//! `hyenadna score-variants`: what the model thinks of every ALT allele of a VCF.

mod alleles;
mod calibrate;
mod columns;
mod compute;
mod inputs;
mod item;
mod null;
mod phase;
mod policy;
mod records;
mod tally;
mod write;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use self::{
    alleles::AlleleCutter,
    calibrate::{Calibration, Saving},
    columns::OutputColumns,
    compute::Answer,
    item::WorkItem,
    null::{NullArgs, NullSource},
    policy::{ContigPolicy, MismatchPolicy, Policies},
    records::Records,
    tally::StatusCounts,
    write::Writer,
};
use super::{
    cutter::cutter,
    output::{
        self,
        format::{Format, OfferedFormats},
    },
};
use crate::{
    cli::{
        Global,
        io::{OutputArgs, ReferenceArgs, StrictArgs},
        model::ModelArgs,
        windows::{ReadingArgs, StrandChoice, name},
    },
    formats::{
        null_table::Settings,
        output::Complete,
        reference::{Cache, Reference},
    },
    genome::contig,
    inference::{
        compare::Asked,
        pipeline::{self, Chunks},
    },
    model::weights::source::Named,
    process::{exit::Outcome, logging::Display, progress::Progress, provenance::Provenance},
    scoring::{self, Score, ScoreSet},
    windows::strands::WindowOptions,
};

/// Formats of the output.
static FORMATS: OfferedFormats = OfferedFormats {
    formats: &[
        (Format::Tsv, "A row for each ALT allele; tabix can index it"),
        (Format::Vcf, "The input with INFO fields added"),
        (Format::Bcf, "Like vcf, but in binary form"),
        (Format::Bed, "A region for each ALT allele, with its scores as columns"),
    ],
    aliases: &[],
};

/// Score every ALT allele of a VCF: log-likelihood ratio and embedding distance
///
/// For each ALT allele, in input order, the model reads a window of the reference around the
/// variant and the same window with the allele, on both strands. llr is log P(alt) − log P(ref)
/// in nats: positive where the model prefers the allele. Nothing is dropped: an allele that cannot
/// be scored has a status that says why.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Variants: VCF or BCF, compressed or not; `-` is stdin. Left out with --all-snvs
    #[arg(required_unless_present = "all_snvs")]
    vcf: Option<PathBuf>,
    #[command(flatten)]
    reference: ReferenceArgs,
    /// Score every SNV of the regions in this BED instead of a VCF, to make a table of scores
    #[arg(long, value_name = "BED")]
    all_snvs: Option<PathBuf>,
    /// Which scores to write [default: llr, embedding_l2 and embedding_cosine]
    #[arg(long, value_name = "SCORE,…", value_delimiter = ',')]
    scores: Vec<ScoreSet>,
    /// What to do with a record whose REF differs from the reference
    #[arg(long, value_name = "POLICY", default_value = "report")]
    on_ref_mismatch: MismatchPolicy,
    /// What to do with a record whose contig is not in the reference
    #[arg(long, value_name = "POLICY", default_value = "report")]
    on_missing_contig: ContigPolicy,
    /// Score each allele among the other alleles of its haplotype in the window, as the phased
    /// genotypes of a sample say; the VCF must be sorted
    #[arg(long, conflicts_with_all = ["all_snvs", "circular"])]
    phase: bool,
    /// The sample of --phase [default: the only one]
    #[arg(long, value_name = "NAME", requires = "phase")]
    sample: Option<String>,
    /// Start of the names of the INFO fields in VCF and BCF output
    #[arg(long, value_name = "NAME", default_value = "HYENADNA")]
    info_prefix: String,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    null: NullArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    strict: StrictArgs,
    /// Output format [default: that of the output file's suffix, else tsv]
    #[arg(long, value_name = "FORMAT", value_parser = FORMATS.parser())]
    format: Option<Format>,
}

/// Scores the variants that `args` names.
///
/// # Errors
/// Inputs that cannot be read, an output that cannot be written, and what policies call errors.
pub fn run(args: &ScoreArgs, global: &Global, display: &Display) -> Result<i32> {
    inputs::check(args)?;
    let (variants_path, reference_path) = inputs::paths(args)?;
    let format = FORMATS.choose(args.format, &args.output.output)?;
    let named = args.model.load(display)?;
    let scores = scoring::chosen(&args.scores);
    let reading = args.reading.reading(&named, &scores)?;
    let (records, meter) = inputs::open(variants_path, args, reading.context)?;
    let variants_name = records.name().to_owned();
    let is_ranked = args.null.is_asked();
    let cache = if is_ranked { Cache::ANYWHERE } else { Cache::default() };
    let mut reference = Reference::open_with(reference_path, args.reference.save_index, cache)?;
    let cutter = cutter(&args.reading, reading, (reference.name(), reference.contigs()))?;
    let provenance = provenance(args, &reading, &named, (&reference, records.sample()));
    let asked = Asked::of(&scores, reading.downstream);
    let settings = settings(args, &reading, &named);
    let calibration = calibration(args, &scores, &settings)?;
    let ranked = calibration.as_ref().map(|c| c.scores().to_vec()).unwrap_or_default();
    let added = calibration.as_ref().map(Calibration::columns).unwrap_or_default();
    let columns = OutputColumns::new(scores, added, args.phase);
    // with both strands read, a variant and its reverse complement have the same scores
    let folded = args.reading.strand == StrandChoice::Both;
    let source = NullSource::of(&args.null, &mut reference, &cutter, folded)?;
    let mut runner = args.model.runner(&named, global)?;
    let writer = Writer::create(
        format,
        &args.output.output,
        write::InputHeader {
            provenance: &provenance,
            lines: &records.header(&reference),
            carriage_return: records.carriage_return(),
            shown: !args.output.no_header,
            info_prefix: &args.info_prefix,
        },
        columns,
    )?;
    let saving = args.null.save_null.as_deref().map(Saving::create).transpose()?;
    let progress = Progress::new(display, "alleles", meter);
    let policies = Policies { mismatch: args.on_ref_mismatch, contig: args.on_missing_contig };
    let mut alleles = AlleleCutter::new(reference, cutter, policies);
    if is_ranked {
        alleles = alleles.ranked(folded, source);
    }
    // long windows are worth waiting for: variants that share one are to meet in a chunk
    let shared = (SHARING * reading.context as usize).min(MOST_AHEAD);
    let budget = args.model.chunk_tokens(&named, global).max(shared);
    let mut end = End { writer, calibration, tally: StatusCounts::default(), progress };
    let alleles = pipeline::run(
        move |feeder| read(records, alleles, Chunks::new(feeder, budget).with_first(FIRST)),
        |items| Ok(compute::score(items, &mut runner, asked, &ranked)?),
        |answers| end.take(answers),
    )?;
    let End { writer, calibration, tally, progress } = end;
    alleles.check_contigs(&variants_name)?;
    // both are complete before either gets its name
    let saved = match (saving, &calibration) {
        (Some(saving), Some(calibration)) => {
            Some(saving.complete(calibration, settings, &provenance.lines())?)
        }
        _ => None,
    };
    writer.finish()?;
    saved.map_or(Ok(()), Complete::publish)?;
    progress.finish();
    alleles.report();
    if let Some(calibration) = &calibration {
        calibration.report();
    }
    tally.report();
    Ok(if tally.is_complete() { Outcome::Done } else { Outcome::Incomplete }
        .code(args.strict.strict))
}

/// What scores are ranked among, if they are.
fn calibration(
    args: &ScoreArgs,
    scores: &[&'static Score],
    settings: &Settings,
) -> Result<Option<Calibration>> {
    if !args.null.is_asked() {
        return Ok(None);
    }
    let calibration = Calibration::new(scores, args.null.length_correct)?;
    Ok(Some(match &args.null.use_null {
        Some(path) => calibration.load(path, settings)?,
        None => calibration,
    }))
}

/// What the scores of null variants depend on.
fn settings(args: &ScoreArgs, reading: &WindowOptions, named: &Named) -> Settings {
    let downstream = reading.downstream.map_or("all".to_owned(), |bases| bases.to_string());
    let mut circles: Vec<&str> =
        args.reading.circular.iter().map(|name| contig::canonical(name)).collect();
    circles.sort_unstable();
    Settings::default()
        .with("model", &named.sha256)
        .with("context", reading.context.to_string())
        .with("window", name(reading.window))
        .with("downstream", downstream)
        .with("strand", name(args.reading.strand))
        .with("circular", if circles.is_empty() { "none".to_owned() } else { circles.join(",") })
        .with("n_token", name(args.model.n_token))
        .with("dtype", name(args.model.dtype))
}

/// Windows that variants may share whose length is read ahead, as long as it is at most the second
/// number, in bases.
const SHARING: usize = 256;
const MOST_AHEAD: usize = 1 << 21;

/// The first chunk is this part of the others, which double up to their size: somebody may be waiting
/// for the first rows only.
const FIRST: usize = 32;

/// Reads records and hands their alleles on in chunks.
fn read(
    mut records: Records,
    mut alleles: AlleleCutter,
    mut chunks: Chunks<WorkItem>,
) -> Result<AlleleCutter> {
    let name = records.name().to_owned();
    let mut take = |item: WorkItem| {
        let size = item.size();
        chunks.push(item, size)
    };
    while let Some((record, backgrounds)) = records.next(alleles.reference())? {
        if alleles.cut(&name, (&record, backgrounds.as_deref()), &mut take)?.is_break() {
            return Ok(alleles);
        }
    }
    records.report();
    // all classes, if no allele came before which they were drawn
    if alleles.draw(None, &mut take)?.is_continue() {
        chunks.finish();
    }
    Ok(alleles)
}

/// The end of the pipeline: writes and counts.
struct End {
    writer: Writer,
    calibration: Option<Calibration>,
    tally: StatusCounts,
    progress: Progress,
}

impl End {
    fn take(&mut self, answers: Vec<Answer>) -> Result<()> {
        for answer in answers {
            match (answer, &mut self.calibration) {
                (Answer::Null(class, entry), Some(calibration)) => calibration.push(class, entry),
                (Answer::Null(..), None) => {}
                (Answer::Allele(mut allele), calibration) => {
                    if let Some(calibration) = calibration {
                        allele.calibrated = calibration.values(&allele);
                    }
                    self.progress.add(1);
                    self.tally.count(allele.status);
                    self.writer.write(&allele)?;
                }
            }
        }
        self.writer.show()?;
        Ok(())
    }
}

fn provenance(
    args: &ScoreArgs,
    reading: &WindowOptions,
    named: &Named,
    (reference, sample): (&Reference, Option<&str>),
) -> Provenance {
    let provenance = output::provenance(named, Some(reference.name()));
    let provenance = args.reading.describe(reading, provenance);
    match sample {
        Some(sample) => provenance.with("phase", sample),
        None => provenance,
    }
}
