//! `hyenadna score-variants`: scores of every ALT allele of a VCF.

mod alleles;
mod calibrate;
mod columns;
mod compute;
mod inputs;
mod item;
mod null;
mod open;
mod phase;
mod plan;
mod policy;
mod records;
mod stages;
mod tally;
mod write;

use crate::commands::score_variants::open::Opened;
use crate::commands::score_variants::plan::Plan;
use std::{ops::ControlFlow, path::PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use self::{
    alleles::AlleleCutter,
    item::WorkItem,
    null::NullArgs,
    policy::{ContigPolicy, MismatchPolicy},
    records::Records,
    write::Format,
};
use crate::{
    cli::{
        Global,
        io::{OutputArgs, ReferenceArgs, StrictArgs, suffix},
        model::ModelArgs,
        windows::WindowArgs,
    },
    formats::output::is_compressed_name,
    inference::pipeline::Feeder,
    process::{exit::Usage, logging::Display},
    scoring::ScoreSet,
};

/// Score every ALT allele of a VCF: log-likelihood ratio and embedding distance
///
/// For each ALT allele, in input order, the model reads a window of the reference around the
/// variant and the same window with the allele, on both strands. llr is log P(alt) − log P(ref)
/// in nats: positive where the model prefers the allele. No record is dropped: an allele that cannot
/// be scored has a status with the reason.
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
    /// Scores to write [default: llr, embedding_l2 and embedding_cosine]
    #[arg(long, value_name = "SCORE,…", value_delimiter = ',')]
    scores: Vec<ScoreSet>,
    /// Policy for records whose REF differs from the reference
    #[arg(long, value_name = "POLICY", default_value = "report")]
    on_ref_mismatch: MismatchPolicy,
    /// Policy for records whose contig is not in the reference
    #[arg(long, value_name = "POLICY", default_value = "report")]
    on_missing_contig: ContigPolicy,
    /// Score each allele together with the other alleles of its haplotype, from the phased genotypes
    /// of a sample; the VCF must be sorted
    #[arg(long, conflicts_with_all = ["all_snvs", "circular"])]
    phase: bool,
    /// Sample of --phase [default: the only one]
    #[arg(long, value_name = "NAME", requires = "phase")]
    sample: Option<String>,
    /// Prefix of the INFO fields in VCF and BCF output
    #[arg(long, value_name = "NAME", default_value = "HYENADNA")]
    info_prefix: String,
    #[command(flatten)]
    windows: WindowArgs,
    #[command(flatten)]
    null: NullArgs,
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
/// Inputs that cannot be read, an output that cannot be written, and records that policies call errors.
pub fn run(args: &ScoreArgs, global: &Global, display: &Display) -> Result<i32> {
    let plan = Plan::new(args, display)?;
    let outcome = Opened::open(&plan, global, display)?.run(&plan)?;
    Ok(outcome.code(args.strict.strict))
}

/// The first chunk is this part of the others, which double up to their size: somebody may be waiting
/// for the first rows only.
const FIRST: usize = 32;

/// Reads records and hands their alleles on in chunks of about `budget` bases.
fn read(
    mut records: Records,
    mut alleles: AlleleCutter,
    budget: usize,
    feeder: &Feeder<Vec<WorkItem>>,
) -> Result<AlleleCutter> {
    let name = records.name().to_owned();
    let mut chunk = Vec::new();
    let mut size = 0;
    let mut limit = budget / FIRST;
    let mut take = |item: WorkItem| {
        size += item.size();
        chunk.push(item);
        if size < limit {
            return ControlFlow::Continue(());
        }
        size = 0;
        limit = (2 * limit).clamp(1, budget.max(1));
        match feeder.feed(std::mem::take(&mut chunk)) {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    };
    while let Some((record, backgrounds)) = records.next(alleles.reference())? {
        if alleles.cut(&name, (&record, backgrounds.as_deref()), &mut take)?.is_break() {
            return Ok(alleles);
        }
    }
    records.report();
    // all classes, if no allele came before which they were drawn
    if alleles.draw(None, &mut take)?.is_continue() {
        // the last chunk; if nobody wants it, the stage that failed says why
        let _ = feeder.feed(chunk);
    }
    Ok(alleles)
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
