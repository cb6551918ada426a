//! `hyenadna likelihood`: likelihood of the bases of regions or sequences.

mod read;
mod sink;
mod track;
mod write;

use std::num::NonZero;

use anyhow::{Result, bail};
use clap::Args;

use self::{
    read::{Flank, LikelihoodOptions, Part, TrackStrand},
    sink::{EntrySink, Letter},
    track::Track,
    write::{Layout, Writer},
};
use super::{
    input::{
        entries::{self, Entries},
        order::EntryOrder,
    },
    output::{
        self,
        format::{Format, OfferedFormats},
        index::Index,
        paths::{apart, apart_from},
        resume::{self, Resume},
        rows::Head,
        summary::{self, Summary},
    },
};
use crate::{
    cli::{
        Global,
        io::{EntryArgs, IndexArgs, OutputArgs, ResumeArgs, StrictArgs, SummaryArgs},
        model::ModelArgs,
        windows,
    },
    genome::{dna, region::Strand},
    inference::{
        engine::Engine,
        pipeline::{self, Chunks},
        predict::{PredictionJob, predict},
    },
    model::weights::source::Named,
    process::{
        exit::{Outcome, Usage},
        logging::Display,
        progress::Progress,
        provenance::Provenance,
    },
    windows::sweep::SweepOptions,
};

/// Formats of the output.
static FORMATS: OfferedFormats = OfferedFormats {
    formats: &[
        (Format::Tsv, "A table"),
        (Format::Bedgraph, "One number for each base, for genome browsers; see --track"),
        (Format::Bigwig, "Like bedgraph, but compressed and indexed; to a file only"),
    ],
    aliases: &[("bed", Format::Tsv)],
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Log-likelihood of each region:
    hyenadna likelihood regions.bed genome.fa > likelihoods.tsv
  Entropy of each prediction, as a track for a genome browser:
    hyenadna likelihood genome.fa --track entropy -o entropy.bw";

/// Score regions or sequences, or each of their bases, by how well the model predicts them
///
/// INPUT is BED (3 to 12 columns; needs REFERENCE), FASTA or FASTQ, detected from its content. Each
/// A, C, G and T is predicted from the bases before it. A row has the sum over a region or
/// sequence; --per-base writes a row for each base. Regions and sequences that are longer than the
/// model's context are read in overlapping windows.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct LikelihoodArgs {
    #[command(flatten)]
    entries: EntryArgs,
    /// Strand to read; both: the mean of the two for each base
    #[arg(short, long, value_name = "STRAND", default_value = "forward")]
    strand: TrackStrand,
    /// Write a row for each base: its log-probability, the entropy, and P of A, C, G and T
    #[arg(long)]
    per_base: bool,
    /// Number that a bedGraph or bigWig shows [default: log_probability]
    #[arg(long, value_name = "TRACK")]
    track: Option<Track>,
    /// Length of a window, in bases [default: the model's context]
    #[arg(short, long, value_name = "N")]
    context: Option<NonZero<u64>>,
    /// Fewest bases before each predicted base, where available [default: half the context]
    #[arg(long, value_name = "N")]
    min_context: Option<NonZero<u64>>,
    /// Read regions without the bases of the contig before them
    #[arg(long)]
    no_flank: bool,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    index: IndexArgs,
    #[command(flatten)]
    resume: ResumeArgs,
    #[command(flatten)]
    summary: SummaryArgs,
    #[command(flatten)]
    strict: StrictArgs,
    /// Output format [default: that of the output file's suffix, else tsv]
    #[arg(long, value_name = "FORMAT", value_parser = FORMATS.parser())]
    format: Option<Format>,
}

/// Runs the command.
///
/// # Errors
/// An input cannot be read, a region does not fit, or the output cannot be written.
pub fn run(args: &LikelihoodArgs, global: &Global, display: &Display) -> Result<i32> {
    let format = FORMATS.choose(args.format, &args.output.output)?;
    let layout = layout(args, format)?;
    let inputs = entries::inputs(&args.entries)?;
    let index = Index::of(&args.index, &args.output.output)?;
    let mut outputs = summary::outputs(&args.output.output, &args.summary);
    outputs.extend(index.as_ref().map(Index::named));
    apart(&outputs, &inputs)?;
    apart_from(&args.model, &outputs)?;
    resume::apart(&args.resume, &args.output.output, &outputs, &inputs)?;
    resume::check(&args.resume, (format, &args.output.output), &inputs)?;
    let summary = Summary::create(&args.summary, "likelihood")?;
    let named = args.model.load(display)?;
    let reading = reading(args, &named)?;
    let (mut entries, size) = Entries::open(&args.entries)?;
    let before = if args.no_flank { Flank::Skipped } else { Flank::Read };
    let options = LikelihoodOptions { reading, strand: args.strand, before };
    let order = match format {
        Format::Bigwig => Some(EntryOrder::of_bigwig(entries.contigs())?),
        Format::Bedgraph => Some(EntryOrder::of_bedgraph()),
        _ => None,
    };
    // the number of columns follows from the first entry
    let first = entries.next()?;
    let columns = entries.columns(first.as_ref().map(|entry| entry.fields.len()));
    let provenance = provenance(args, &named, reading, entries.reference_name());
    let provenance = output::of_shard(provenance, entries.section());
    let mut runners = args.model.runners(&named, global)?;
    let head = Head {
        columns: &write::columns(layout, &columns),
        provenance: Some(&provenance),
        header: args.output.header(),
        contigs: entries.contigs(),
        ..Head::default()
    };
    let output = (format, &*args.output.output);
    let (mut resume, output) = Resume::open(&args.resume, output, &inputs, &provenance)?;
    let mut rows = output.indexed(index).begin(head)?;
    resume.begin(&mut *rows)?;
    let done = resume.items();
    let progress = Progress::new(display, "base", size);
    let writer = Writer { layout, rows };
    let mut sink = EntrySink::new(writer, args.strand.strands(), progress);
    sink.take_over(&resume);
    let budget = args.model.chunk_tokens(&named, global);
    let entries = pipeline::run(
        move |feeder| read::read(first, entries, options, order, Chunks::new(feeder, budget), done),
        &mut runners,
        |runner, chunk| compute(chunk, runner.engine()),
        |parts, position| Ok(sink.take(parts, position, &mut resume)?),
    )?;
    let summary = summary.complete(&provenance, sink.counts())?;
    let unpredicted = sink.finish(summary)?;
    resume.finish();
    entries.report();
    if unpredicted > 0 {
        log::warn!("regions or sequences without a base that can be predicted: {unpredicted}");
    }
    let outcome = if unpredicted > 0 { Outcome::Incomplete } else { Outcome::Done };
    Ok(outcome.code(args.strict.strict))
}

/// Predicts the windows of a chunk. The results have the bases of the forward strand, in their
/// order.
fn compute(chunk: Vec<Part<PredictionJob>>, engine: &mut Engine) -> Result<Vec<Part<Vec<Letter>>>> {
    let jobs: Vec<PredictionJob> = chunk
        .iter()
        .filter_map(|part| match part {
            Part::Window(_, job) => Some(job.clone()),
            Part::Start(_) | Part::End => None,
        })
        .collect();
    let mut predicted = predict(engine, &jobs)?.into_iter();
    let parts = chunk.into_iter().map(|part| match part {
        Part::Start(entry) => Part::Start(entry),
        Part::End => Part::End,
        Part::Window(strand, job) => {
            let predictions = predicted.next().unwrap_or_default();
            let counted = &job.bases[job.counted.clone()];
            let letters = match strand {
                Strand::Forward => counted.iter().copied().zip(predictions).collect(),
                Strand::Reverse => {
                    let predictions = predictions.into_iter().rev();
                    let complemented = predictions.map(|found| found.map(|p| p.complemented()));
                    dna::reverse_complement(counted).into_iter().zip(complemented).collect()
                }
            };
            Part::Window(strand, letters)
        }
    });
    Ok(parts.collect())
}

/// The rows that a format has with these arguments.
fn layout(args: &LikelihoodArgs, format: Format) -> Result<Layout, Usage> {
    match (format, args.track) {
        (Format::Bedgraph | Format::Bigwig, track) => Ok(Layout::Track(track.unwrap_or_default())),
        (_, Some(_)) => Err(Usage(
            "--track is for --format bedgraph or bigwig; a table with --per-base has a column for each track"
                .into(),
        )),
        (_, None) if args.per_base => Ok(Layout::Bases),
        (_, None) => Ok(Layout::Sums),
    }
}

fn reading(args: &LikelihoodArgs, named: &Named) -> Result<SweepOptions> {
    let context = windows::context(args.context, named)?;
    let before = args.min_context.map_or(context / 2, NonZero::get);
    if before >= context {
        bail!(Usage(format!(
            "--min-context {before} leaves no base to predict in a window of {context} bases; it must be smaller than the context"
        )));
    }
    Ok(SweepOptions { context, before })
}

fn provenance(
    args: &LikelihoodArgs,
    named: &Named,
    reading: SweepOptions,
    reference: Option<&str>,
) -> Provenance {
    output::provenance(&args.model, named, reference)
        .with("context", reading.context.to_string())
        .with("min_context", reading.before.to_string())
        .with("strand", windows::name(args.strand))
}
