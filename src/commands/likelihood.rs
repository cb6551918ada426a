//! `hyenadna likelihood`: how likely the bases of regions or sequences are to the model.

mod bigwig;
mod read;
mod sink;
mod track;
mod write;

use std::{
    num::NonZero,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use clap::Args;

use self::{
    read::{LikelihoodOptions, Part, TrackStrand},
    sink::{EntrySink, Letter},
    track::Track,
    write::{Format, Layout, Writer},
};
use super::{
    input::{
        entries::{self, Entries},
        order::EntryOrder,
    },
    output::{self, name_output, paths::apart},
};
use crate::{
    cli::{
        Global,
        io::{OutputArgs, ReferenceArgs, StrictArgs, suffix},
        model::ModelArgs,
        windows,
    },
    formats::{
        input::is_dash,
        output::{is_compressed_name, is_special_path},
    },
    genome::{dna, region::Strand},
    inference::{
        engine::Engine,
        pipeline,
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

/// Score regions or sequences, or each of their bases, by how well the model predicts them
///
/// INPUT is BED (3 to 12 columns; needs REFERENCE), FASTA or FASTQ, told by content. Each A, C, G
/// and T is predicted from the bases before it, and a row is their sum; --per-base gives a row a
/// base. Longer stretches than the model's context are read in windows that overlap.
#[derive(Debug, Args)]
pub struct LikelihoodArgs {
    /// Regions (BED) or sequences (FASTA, FASTQ), compressed or not; `-` is stdin
    input: PathBuf,
    #[command(flatten)]
    reference: ReferenceArgs,
    /// Strand to read; both: the mean of the two for each base
    #[arg(short, long, value_name = "STRAND", default_value = "forward")]
    strand: TrackStrand,
    /// Write a row for each base: its log-probability, the entropy, and P of A, C, G and T
    #[arg(long)]
    per_base: bool,
    /// What a bedGraph or bigWig shows [default: log_probability]
    #[arg(long, value_name = "TRACK")]
    track: Option<Track>,
    /// Bases in a window [default: the model's context]
    #[arg(short, long, value_name = "N")]
    context: Option<NonZero<u64>>,
    /// Fewest bases before a predicted one, as far as there are any [default: half the context]
    #[arg(long, value_name = "N")]
    min_context: Option<NonZero<u64>>,
    /// Read regions alone, without the bases of the contig before them
    #[arg(long)]
    no_flank: bool,
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

/// Runs the command.
///
/// # Errors
/// Inputs that cannot be read, regions that do not fit, an output that cannot be written.
pub fn run(args: &LikelihoodArgs, global: &Global, display: &Display) -> Result<i32> {
    let layout = layout(args)?;
    let inputs = entries::inputs(&args.input, &args.reference)?;
    apart(&[("-o", &args.output.output)], &inputs)?;
    let named = args.model.load(display)?;
    let reading = reading(args, &named)?;
    let (mut entries, meter) = Entries::open(&args.input, &args.reference)?;
    let options = LikelihoodOptions { reading, strand: args.strand, flank: !args.no_flank };
    let order = match layout {
        Layout::Bigwig(_) => Some(EntryOrder::of_bigwig(entries.contigs())?),
        Layout::Bedgraph(_) => Some(EntryOrder::of_bedgraph()),
        Layout::Sums | Layout::Bases => None,
    };
    // the first entry tells how many columns there are
    let first = entries.next()?;
    let columns = entries.columns(first.as_ref().map(|entry| entry.fields.len()));
    let provenance = provenance(args, &named, reading, entries.reference_name());
    let mut engine = args.model.engine(&named, global)?;
    let writer = Writer::create(
        layout,
        &args.output.output,
        columns,
        entries.contigs(),
        (!args.output.no_header).then_some(&provenance),
    )?;
    let progress = Progress::new(display, "bases", meter);
    let mut sink = EntrySink::new(writer, args.strand.strands(), progress);
    let budget = args.model.chunk_tokens(&named, global);
    let entries = pipeline::run(
        move |feeder| read::read(first, entries, options, order, budget, &feeder),
        |chunk| compute(chunk, &mut engine),
        |parts| sink.take(parts),
    )
    .and_then(|entries| sink.finish().map(|unpredicted| (entries, unpredicted)))
    .map_err(|error| name_output(error, &args.output.output));
    let (entries, unpredicted) = entries?;
    entries.report();
    if unpredicted > 0 {
        log::warn!("regions or sequences without a base that can be predicted: {unpredicted}");
    }
    let outcome = if unpredicted > 0 { Outcome::Incomplete } else { Outcome::Done };
    Ok(outcome.code(args.strict.strict))
}

/// Predicts the windows of a chunk. What comes back is of the forward strand's bases, in their
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
                    let turned = predictions.map(|found| found.map(|p| p.complemented()));
                    dna::reverse_complement(counted).into_iter().zip(turned).collect()
                }
            };
            Part::Window(strand, letters)
        }
    });
    Ok(parts.collect())
}

fn layout(args: &LikelihoodArgs) -> Result<Layout> {
    let path = &args.output.output;
    let format = match (args.format, suffix(path).as_deref()) {
        (Some(format), _) => format,
        (None, None | Some("tsv" | "txt" | "bed")) => Format::Tsv,
        (None, Some("bedgraph" | "bdg" | "bg")) => Format::Bedgraph,
        (None, Some("bigwig" | "bw")) => Format::Bigwig,
        (None, Some(other)) => bail!(Usage(format!(
            "the suffix .{other} of {} says no format; use .tsv, .bedgraph or .bw, or --format",
            path.display()
        ))),
    };
    match (format, args.track) {
        (Format::Bedgraph, track) => Ok(Layout::Bedgraph(track.unwrap_or_default())),
        (Format::Bigwig, track) => {
            seekable(path)?;
            Ok(Layout::Bigwig(track.unwrap_or_default()))
        }
        (Format::Tsv, Some(_)) => bail!(Usage(
            "--track is for --format bedgraph or bigwig; the columns of a table hold all of them"
                .into()
        )),
        (Format::Tsv, None) if args.per_base => Ok(Layout::Bases),
        (Format::Tsv, None) => Ok(Layout::Sums),
    }
}

/// Whether a bigWig can be written to this path.
fn seekable(path: &Path) -> Result<()> {
    if is_dash(path) {
        bail!(Usage(
            "a bigWig cannot go to stdout, as its start is written last; name a file: -o FILE.bw"
                .into()
        ));
    }
    if is_compressed_name(path) {
        bail!(Usage(format!(
            "{}: a bigWig is compressed in itself; leave out the suffix",
            path.display()
        )));
    }
    if is_special_path(path) {
        bail!(Usage(format!(
            "{} is a pipe or a device, and a bigWig cannot go there, as its start is written last; name a file: -o FILE.bw",
            path.display()
        )));
    }
    Ok(())
}

fn reading(args: &LikelihoodArgs, named: &Named) -> Result<SweepOptions> {
    let context = windows::context(args.context, named)?;
    let before = args.min_context.map_or(context / 2, NonZero::get);
    if before >= context {
        bail!(Usage(format!(
            "--min-context {before} leaves no base to predict in a window of {context}; it must be smaller than the context"
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
    output::provenance(named, reference)
        .with("context", reading.context.to_string())
        .with("min_context", reading.before.to_string())
        .with("strand", windows::name(args.strand))
}
