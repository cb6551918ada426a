//! `hyenadna score-variants`: what the model thinks of every ALT allele of a VCF.

mod alleles;
mod compute;
mod tally;
mod write;

use std::{ops::ControlFlow, path::PathBuf, sync::Arc};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use self::{
    alleles::{Allele, Cutter, Policy, Reading, StrandChoice, WindowChoice},
    tally::Tally,
    write::{Format, Writer},
};
use super::name_output;
use crate::{
    cli::{
        Global,
        io::{OutputArgs, ReferenceArgs, StrictArgs, suffix},
        model::ModelArgs,
    },
    exit::{Outcome, Usage},
    formats::{input, output::is_compressed_name, reference::Reference, vcf},
    inference::{
        pipeline::{self, Feeder},
        runner::Scope,
    },
    logging::Display,
    model::source::Named,
    progress::Progress,
    provenance::Provenance,
};

/// Score every ALT allele of a VCF: log-likelihood ratio and embedding distance
///
/// For each ALT allele, in input order, the model reads a window of the reference around the
/// variant and the same window with the allele, on both strands. llr is log P(alt) − log P(ref)
/// in nats: positive where the model prefers the allele. Nothing is dropped: an allele that cannot
/// be scored has a status that says why.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Variants: VCF or BCF, compressed or not; `-` is stdin
    vcf: PathBuf,
    #[command(flatten)]
    reference: ReferenceArgs,
    /// Bases in a window [default: the model's context]
    #[arg(short, long, value_name = "N")]
    context: Option<std::num::NonZero<u64>>,
    /// Where the window of a variant lies; scores of the two are not the same
    #[arg(short, long, value_name = "WINDOW", default_value = "centered")]
    window: WindowChoice,
    /// Read and count only the N bases behind the variant on each strand: with a long context much
    /// faster, and another score [default: all that the window has]
    #[arg(short, long, value_name = "N")]
    downstream: Option<u64>,
    /// Strands to read
    #[arg(short, long, value_name = "STRAND", default_value = "both")]
    strand: StrandChoice,
    /// What to do with a record whose REF differs from the reference
    #[arg(long, value_name = "POLICY", default_value = "report")]
    on_ref_mismatch: Policy,
    /// What to do with a record whose contig is not in the reference
    #[arg(long, value_name = "POLICY", default_value = "report")]
    on_missing_contig: Policy,
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
    let Some(reference_path) = &args.reference.reference else {
        bail!(Usage(
            "variants need a reference genome: name it after the VCF, or set HYENADNA_REFERENCE"
                .into()
        ));
    };
    if input::is_dash(&args.vcf) && input::is_dash(reference_path) {
        bail!(Usage("both inputs cannot be stdin; give the reference as a file".into()));
    }
    let format = format(args)?;
    let named = args.model.load(display)?;
    let limit = named.weights.config.context() as u64;
    let context = args.context.map_or(limit, std::num::NonZero::get);
    if context < 2 {
        bail!(Usage("--context must be 2 or more: the first base has no prediction".into()));
    }
    if context > limit {
        bail!(
            "--context {context} is more than the {limit} bases that {} reads; use a smaller context, or a model with a longer one (`hyenadna models list`)",
            named.name
        );
    }
    let variants = input::open(&args.vcf)?;
    let meter = variants.meter.clone();
    let variants = vcf::Reader::new(variants)?;
    let variants_name = variants.name().to_owned();
    let reference = Reference::open(reference_path, args.reference.save_index)?;
    let reading =
        Reading { context, window: args.window, downstream: args.downstream, strand: args.strand };
    let provenance = provenance(&reading, &named, &reference);
    let mut runner = args.model.runner(&named, global)?;
    let writer = Writer::create(
        format,
        &args.output.output,
        write::Header {
            provenance: &provenance,
            lines: &variants.header,
            carriage_return: variants.carriage_return,
            shown: !args.output.no_header,
            info_prefix: &args.info_prefix,
        },
    )?;
    let progress = Progress::new(display, "alleles", meter);
    let cutter = Cutter::new(reference, reading, args.on_ref_mismatch, args.on_missing_contig);
    // long windows are worth waiting for: variants that share one are to meet in a chunk
    let shared = (SHARING * context as usize).min(MOST_AHEAD);
    let budget = args.model.chunk_tokens(&named, global).max(shared);
    let scope = if args.downstream.is_some() { Scope::Branch } else { Scope::Whole };
    let mut sink = Sink { writer, tally: Tally::default(), progress };
    let cutter = pipeline::run(
        move |feeder| read(variants, cutter, budget, &feeder),
        |alleles| Ok(compute::score(alleles, &mut runner, scope)?),
        |scored| sink.take(scored),
    )
    .map_err(|error| name_output(error, &args.output.output))?;
    let Sink { writer, tally, progress } = sink;
    cutter.check_contigs(&variants_name)?;
    writer.finish().map_err(|e| name_output(e.into(), &args.output.output))?;
    progress.finish();
    cutter.report();
    tally.report();
    Ok(if tally.is_complete() { Outcome::Done } else { Outcome::Incomplete }
        .code(args.strict.strict))
}

/// Windows that variants may share whose length is read ahead, as long as it is at most the second
/// number, in bases.
const SHARING: usize = 256;
const MOST_AHEAD: usize = 1 << 21;

/// Reads records and hands their alleles on in chunks of about `budget` bases.
fn read(
    mut variants: vcf::Reader,
    mut cutter: Cutter,
    budget: usize,
    feeder: &Feeder<Vec<Allele>>,
) -> Result<Cutter> {
    let name = variants.name().to_owned();
    let mut chunk = Vec::new();
    let mut size = 0;
    while let Some(record) = variants.read()? {
        // lines are long where there are many samples, and count too
        size += record.line.len() / 16;
        let flow = cutter.cut(&name, &Arc::new(record), |allele| {
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
            return Ok(cutter);
        }
    }
    // the last chunk; if nobody wants it, the stage that failed says why
    let _ = feeder.feed(chunk);
    Ok(cutter)
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

fn provenance(reading: &Reading, named: &Named, reference: &Reference) -> Provenance {
    let name = |value: Option<clap::builder::PossibleValue>| {
        value.expect("no value is skipped").get_name().to_owned()
    };
    let provenance = Provenance::of_this_run()
        .with("model", format!("{} sha256:{}", named.name, named.sha256))
        .with("reference", reference.name())
        .with("context", reading.context.to_string())
        .with("window", name(reading.window.to_possible_value()))
        .with("strand", name(reading.strand.to_possible_value()));
    match reading.downstream {
        Some(bases) => provenance.with("downstream", bases.to_string()),
        None => provenance,
    }
}
