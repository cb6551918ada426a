//! `hyenadna score-variants`: what the model thinks of every ALT allele of a VCF.

mod alleles;
mod columns;
mod compute;
mod phase;
mod policy;
mod records;
mod tally;
mod write;

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use clap::Args;

use self::{
    alleles::{Allele, Alleles},
    columns::Columns,
    policy::{ContigPolicy, MismatchPolicy, Policies},
    records::{Records, Snvs},
    tally::Tally,
    write::{Format, Writer},
};
use super::{name_output, windows::cutter};
use crate::{
    cli::{
        Global,
        io::{OutputArgs, ReferenceArgs, StrictArgs, suffix},
        model::ModelArgs,
        reading::ReadingArgs,
    },
    exit::{Outcome, Usage},
    formats::{
        bed,
        input::{self, Meter},
        lines::Lines,
        output::is_compressed_name,
        reference::Reference,
        vcf,
    },
    inference::{
        compare::Asked,
        pipeline::{self, Feeder},
    },
    logging::Display,
    model::source::Named,
    progress::Progress,
    provenance::Provenance,
    reading::{Reading, WindowChoice},
    scoring::{self, Group},
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
    #[command(flatten)]
    reading: ReadingArgs,
    /// Which scores to write [default: llr, embedding_l2 and embedding_cosine]
    #[arg(long, value_name = "SCORE,…", value_delimiter = ',')]
    scores: Vec<Group>,
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
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    strict: StrictArgs,
    /// Output format [default: by the suffix of the output file, else tsv]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
}

/// Scores the variants that `args` names.
///
/// # Errors
/// Inputs that cannot be read, an output that cannot be written, and what policies call errors.
pub fn run(args: &ScoreArgs, global: &Global, display: &Display) -> Result<i32> {
    let (variants_path, reference_path) = inputs(args)?;
    let format = format(args)?;
    let named = args.model.load(display)?;
    let reading = args.reading.reading(&named)?;
    if args.phase && reading.window != WindowChoice::Centered {
        bail!(Usage("--phase needs --window centered: a haplotype has no grid".into()));
    }
    let (records, meter) = open(variants_path, args, reading.context)?;
    let variants_name = records.name().to_owned();
    let reference = Reference::open(reference_path, args.reference.save_index)?;
    let cutter = cutter(&args.reading, reading, &reference)?;
    let provenance = provenance(args, &reading, &named, &reference);
    let scores = scoring::chosen(&args.scores);
    let asked = Asked {
        branch_only: reading.downstream.is_some(),
        shift: scoring::wanted(&scores, Group::Jsd),
        certainty: scoring::wanted(&scores, Group::Entropy),
    };
    let mut runner = args.model.runner(&named, global)?;
    let writer = Writer::create(
        format,
        &args.output.output,
        write::Header {
            provenance: &provenance,
            lines: &records.header(&reference),
            carriage_return: records.carriage_return(),
            shown: !args.output.no_header,
            info_prefix: &args.info_prefix,
        },
        Columns::new(scores, args.phase),
    )?;
    let progress = Progress::new(display, "alleles", meter);
    let policies = Policies { mismatch: args.on_ref_mismatch, contig: args.on_missing_contig };
    let alleles = Alleles::new(reference, cutter, policies);
    // long windows are worth waiting for: variants that share one are to meet in a chunk
    let shared = (SHARING * reading.context as usize).min(MOST_AHEAD);
    let budget = args.model.chunk_tokens(&named, global).max(shared);
    let mut sink = Sink { writer, tally: Tally::default(), progress };
    let alleles = pipeline::run(
        move |feeder| read(records, alleles, budget, &feeder),
        |alleles| Ok(compute::score(alleles, &mut runner, asked)?),
        |scored| sink.take(scored),
    )
    .map_err(|error| name_output(error, &args.output.output))?;
    let Sink { writer, tally, progress } = sink;
    alleles.check_contigs(&variants_name)?;
    writer.finish().map_err(|e| name_output(e.into(), &args.output.output))?;
    progress.finish();
    alleles.report();
    tally.report();
    Ok(if tally.is_complete() { Outcome::Done } else { Outcome::Incomplete }
        .code(args.strict.strict))
}

/// The paths of the variants (or their regions) and of the reference.
fn inputs(args: &ScoreArgs) -> Result<(&Path, &Path)> {
    let given = args.reference.reference.as_deref();
    // without a VCF the reference is the first argument
    let (variants, reference) = match (&args.all_snvs, &args.vcf) {
        (None, vcf) => (vcf.as_deref(), given),
        (Some(regions), None) => (Some(regions.as_path()), given),
        (Some(regions), Some(first)) => (Some(regions.as_path()), Some(first.as_path())),
    };
    let (Some(variants), Some(reference)) = (variants, reference) else {
        bail!(Usage(
            "variants need a reference genome: name it after the VCF, or set HYENADNA_REFERENCE"
                .into()
        ));
    };
    if input::is_dash(variants) && input::is_dash(reference) {
        bail!(Usage("both inputs cannot be stdin; give the reference as a file".into()));
    }
    Ok((variants, reference))
}

/// Opens the variants, or the regions whose SNVs they are.
fn open(path: &Path, args: &ScoreArgs, context: u64) -> Result<(Records, Meter)> {
    let input = input::open(path)?;
    let meter = input.meter.clone();
    let records = if args.all_snvs.is_some() {
        Records::Snvs(Snvs::new(bed::Reader::new(Lines::new(input))))
    } else {
        let reader = vcf::Reader::new(input)?;
        match args.phase {
            true => Records::phased(reader, args.sample.as_deref(), context)?,
            false => Records::Vcf(reader),
        }
    };
    Ok((records, meter))
}

/// Windows that variants may share whose length is read ahead, as long as it is at most the second
/// number, in bases.
const SHARING: usize = 256;
const MOST_AHEAD: usize = 1 << 21;

/// Reads records and hands their alleles on in chunks of about `budget` bases.
fn read(
    mut records: Records,
    mut alleles: Alleles,
    budget: usize,
    feeder: &Feeder<Vec<Allele>>,
) -> Result<Alleles> {
    let name = records.name().to_owned();
    let mut chunk = Vec::new();
    let mut size = 0;
    while let Some((record, backgrounds)) = records.next(alleles.reference())? {
        // lines are long where there are many samples, and count too
        size += record.line.len() / 16;
        let flow = alleles.cut(&name, (&record, backgrounds.as_deref()), |allele| {
            size += allele.size();
            chunk.push(allele);
            if size < budget {
                return ControlFlow::Continue(());
            }
            size = 0;
            if feeder.feed(std::mem::take(&mut chunk)) {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        if flow.is_break() {
            return Ok(alleles);
        }
    }
    records.report();
    // the last chunk; if nobody wants it, the stage that failed says why
    let _ = feeder.feed(chunk);
    Ok(alleles)
}

/// The end of the pipeline: writes and counts.
struct Sink {
    writer: Writer,
    tally: Tally,
    progress: Progress,
}

impl Sink {
    fn take(&mut self, scored: Vec<compute::Scored>) -> Result<()> {
        self.progress.add(scored.len() as u64);
        for allele in scored {
            self.tally.count(allele.status);
            self.writer.write(&allele)?;
        }
        Ok(())
    }
}

fn format(args: &ScoreArgs) -> Result<Format> {
    let path = &args.output.output;
    let format = match (args.format, suffix(path).as_deref()) {
        (Some(format), _) => format,
        (None, None | Some("tsv" | "txt")) => Format::Tsv,
        (None, Some("vcf")) => Format::Vcf,
        (None, Some("bcf")) => Format::Bcf,
        (None, Some("bed")) => Format::Bed,
        (None, Some(other)) => bail!(Usage(format!(
            "the suffix .{other} of {} says no format; use .tsv, .vcf, .bcf or .bed, or --format",
            path.display()
        ))),
    };
    if format == Format::Bcf && is_compressed_name(path) {
        bail!(Usage(format!(
            "{}: BCF is compressed by itself; leave out the suffix",
            path.display()
        )));
    }
    Ok(format)
}

fn provenance(
    args: &ScoreArgs,
    reading: &Reading,
    named: &Named,
    reference: &Reference,
) -> Provenance {
    let provenance = Provenance::of_this_run()
        .with("model", format!("{} sha256:{}", named.name, named.sha256))
        .with("reference", reference.name());
    let provenance = args.reading.describe(reading, provenance);
    match args.phase {
        true => provenance.with("phase", args.sample.as_deref().unwrap_or("the only sample")),
        false => provenance,
    }
}
