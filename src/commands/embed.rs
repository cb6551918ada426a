//! `hyenadna embed`: hidden states of regions or sequences.

mod items;
mod write;

use anyhow::{Result, bail};
use clap::Args;

use self::{
    items::{EmbedEntry, EmbedOptions, EntryStrand, Items},
    write::{Embedding, RowsPer, Writer},
};
use super::{
    input::{
        entries::{self, Entries},
        lengths,
    },
    output::{
        self,
        format::{Format, OfferedFormats},
        index::Index,
        paths::{apart, apart_from},
        resume::{self, Resume, named_counts},
        rows::{self, Beside, Head},
        summary::{self, Counts, Summary},
    },
};
use crate::{
    cli::{
        Global,
        io::{EntryArgs, EntryInput, IndexArgs, OutputArgs, ResumeArgs, StrictArgs, SummaryArgs},
        model::ModelArgs,
        vectors::{Layers, PoolParser},
        windows::name,
    },
    formats::output::OutputError,
    inference::{
        embedding::EmbeddingJob,
        pipeline::{self, Chunks, OVERHEAD},
        runner::Runner,
    },
    model::{
        pool::{self, Pool},
        weights::source::Named,
    },
    process::{exit::Outcome, logging::Display, progress::Progress, provenance::Provenance},
    windows::pieces::Long,
};

/// Formats of the output.
static FORMATS: OfferedFormats = OfferedFormats {
    formats: &[
        (Format::Tsv, "The input's columns, then e0, e1, …"),
        (Format::Npy, "A float32 matrix, with the input's columns in a .tsv beside it"),
        (Format::Parquet, "The input's columns, then e0, e1, … as float32"),
    ],
    aliases: &[("bed", Format::Tsv)],
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Mean vector of each region, as a matrix for numpy:
    hyenadna embed regions.bed genome.fa -o embeddings.npy
  Vectors for a classifier: both layers of both strands, in 8 parts:
    cat reads.fq | hyenadna embed - --strand concat --layer 1,last --pool bins:8 > reads.tsv";

/// Embed regions of a genome, or sequences: one row of numbers for each
///
/// INPUT is BED (3 to 12 columns; needs REFERENCE), FASTA or FASTQ, detected from its content. A
/// row is the pooled hidden state of the region's bases.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct EmbedArgs {
    #[command(flatten)]
    entries: EntryArgs,
    /// Pooling of the vectors of a region's bases into one; bins:K: the means of K equal parts, in
    /// reading direction, side by side
    #[arg(short, long, value_name = "HOW", default_value = "mean", value_parser = PoolParser)]
    pool: Pool,
    /// Layer: after block N (0: the token embedding), or last (after the final norm); with commas,
    /// as in 1,last: several side by side
    #[arg(short, long, value_name = "N|last,…", default_value = "last")]
    layer: Layers,
    /// Strand to read; auto: the strand in the BED line, else forward
    #[arg(short, long, value_name = "STRAND", default_value = "auto")]
    strand: EntryStrand,
    /// Bases on either side of a region that are read but not pooled
    #[arg(long, value_name = "N", default_value_t = 0)]
    flank: u64,
    /// Treatment of regions and sequences that are longer than the model's context
    #[arg(long, value_name = "HOW", default_value = "error")]
    long: Long,
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
pub fn run(args: &EmbedArgs, global: &Global, display: &Display) -> Result<i32> {
    let format = FORMATS.choose(args.format, &args.output.output)?;
    let inputs = entries::inputs(&args.entries)?;
    let index = Index::of(&args.index, &args.output.output)?;
    let mut outputs = summary::outputs(&args.output.output, &args.summary);
    outputs.extend(index.as_ref().map(Index::named));
    apart(&outputs, &inputs)?;
    apart_from(&args.model, &outputs)?;
    resume::apart(&args.resume, &args.output.output, &outputs, &inputs)?;
    resume::check(&args.resume, (format, &args.output.output), &inputs)?;
    let summary = Summary::create(&args.summary, "embed")?;
    let named = args.model.load(display)?;
    let layers = args.layer.of(&named)?;
    let vectors = layers.len() * args.strand.vectors();
    let (entries, size) = Entries::open(&args.entries)?;
    if args.flank > 0 && entries.are_sequences() {
        bail!("--flank needs regions and a reference; {} holds sequences", entries.name());
    }
    let options = EmbedOptions {
        context: named.weights.config.context() as usize,
        strand: args.strand,
        flank: args.flank,
        long: args.long,
        row_bytes: match args.pool {
            Pool::None => 4 * vectors * named.weights.config.d_model as usize,
            _ => 0,
        },
    };
    if let (EntryInput::File(path), Long::Error) = (args.entries.input(), args.long) {
        lengths::check(path, &entries, options.context, options.flank)?;
    }
    let mut items = Items::new(entries, options);
    // the number of columns follows from the first item
    let first = items.next()?;
    let each = match args.pool {
        Pool::None => RowsPer::Base,
        _ => RowsPer::Entry,
    };
    let columns = write::columns(&items.columns(first.as_ref()), each);
    let provenance = provenance(args, &named, items.reference_name());
    let provenance = output::of_shard(provenance, items.section());
    let mut runners = args.model.runners(&named, global)?;
    let width = vectors * args.pool.parts() * named.weights.config.d_model as usize;
    let head = Head {
        columns: &columns,
        values: width,
        provenance: Some(&provenance),
        header: args.output.header(),
        beside: Beside { suffix: "tsv", taken: &inputs },
        ..Head::default()
    };
    let output = (format, &*args.output.output);
    let (mut resume, output) = Resume::open(&args.resume, output, &inputs, &provenance)?;
    let mut rows = output.indexed(index).begin(head)?;
    resume.begin(&mut *rows)?;
    let [entries, rows_so_far, empty, short] = resume.counts_of(COUNTS);
    let mut sink = EmbeddingSink {
        writer: Writer { rows, each, width },
        pool: args.pool,
        entries,
        rows: rows_so_far,
        empty,
        short,
        progress: Progress::new(display, "region", size),
    };
    let done = resume.items();
    let budget = match args.pool {
        Pool::None => args.model.chunk_tokens(&named, global),
        _ => LOOK_AHEAD.max(args.model.chunk_tokens(&named, global)),
    };
    let items = pipeline::run(
        move |feeder| read(first, items, Chunks::new(feeder, budget).after(done)),
        &mut runners,
        |runner, chunk| embed(chunk, runner, args.pool, &layers),
        |embeddings, position| {
            resume.add(embeddings.len());
            sink.take(embeddings, position)?;
            let counts = [sink.entries, sink.rows, sink.empty, sink.short];
            Ok(resume.save(&mut *sink.writer.rows, || named_counts(COUNTS, counts))?)
        },
    )?;
    let EmbeddingSink { writer, entries, rows, empty, short, progress, .. } = sink;
    let counts = Counts::default()
        .total("records", entries)
        .total("rows", rows)
        .status("ok", entries - empty - short)
        .status("short", short)
        .status("empty", empty);
    let summary = summary.complete(&provenance, counts)?;
    rows::finish(writer.rows, summary)?;
    resume.finish();
    progress.finish();
    items.report();
    if empty > 0 {
        log::warn!("regions or sequences without a base, whose values are NaN or missing: {empty}");
    }
    if short > 0 {
        log::warn!(
            "regions or sequences with fewer bases than the parts of --pool {}, whose last parts are NaN or missing: {short}",
            args.pool
        );
    }
    let outcome = if empty + short > 0 { Outcome::Incomplete } else { Outcome::Done };
    Ok(outcome.code(args.strict.strict))
}

/// Names of the counts of a run that goes on.
const COUNTS: [&str; 4] = ["entries", "rows", "empty", "short"];

/// Bases to read ahead, so that regions of similar length share batches.
const LOOK_AHEAD: usize = 1 << 20;

/// Reads items and hands them on in chunks.
fn read(
    first: Option<EmbedEntry>,
    mut items: Items,
    mut chunks: Chunks<EmbedEntry>,
) -> Result<Items> {
    let mut next = first;
    while let Some(item) = next {
        let size = OVERHEAD + item.jobs().map(|job| job.bases.len()).sum::<usize>();
        chunks.reach(items.position());
        if chunks.push(item, size).is_break() {
            return Ok(items);
        }
        next = items.next()?;
    }
    chunks.finish();
    Ok(items)
}

/// Computes the embeddings of a chunk. The values of a row are ordered by layer, strand, part and
/// channel.
fn embed(
    chunk: Vec<EmbedEntry>,
    runner: &mut Runner,
    pool: Pool,
    layers: &[Option<usize>],
) -> Result<Vec<Embedding>> {
    let channels = runner.width();
    let width = channels * pool.parts();
    let jobs: Vec<EmbeddingJob> = chunk.iter().flat_map(EmbedEntry::jobs).cloned().collect();
    // for each layer, the pieces of all strands of all items
    let mut pooled: Vec<_> = layers.iter().map(|_| Vec::with_capacity(jobs.len())).collect();
    for piece in runner.embed(&jobs, pool, layers)? {
        pooled.iter_mut().zip(piece).for_each(|(layer, piece)| layer.push(piece));
    }
    let mut pooled: Vec<_> = pooled.into_iter().map(Vec::into_iter).collect();
    let rows = chunk.into_iter().map(|item| {
        let layers = pooled.iter_mut().map(|pooled| {
            let mut strand = |jobs: &Option<Vec<EmbeddingJob>>| {
                let pieces = jobs.as_ref()?.iter().map_while(|_| pooled.next());
                Some(pool.join(&pieces.collect::<Vec<_>>(), channels))
            };
            let forward = strand(&item.forward);
            let reverse = strand(&item.reverse).map(|values| match pool {
                Pool::None => pool::reverse_rows(&values, width),
                _ => values,
            });
            match (forward, reverse) {
                (Some(forward), Some(reverse)) if item.side_by_side => {
                    pool::side_by_side(vec![forward, reverse], width)
                }
                (Some(forward), Some(reverse)) => pool::mean_of_strands(&forward, &reverse),
                (Some(values), None) | (None, Some(values)) => values,
                (None, None) => Vec::new(),
            }
        });
        let strands = if item.side_by_side { 2 } else { 1 };
        let values = pool::side_by_side(layers.collect(), strands * width);
        Embedding { fields: item.fields, start: item.start, values }
    });
    Ok(rows.collect())
}

/// The end of the pipeline: writes and counts.
struct EmbeddingSink {
    writer: Writer,
    pool: Pool,
    /// Regions and sequences.
    entries: u64,
    rows: u64,
    /// Regions and sequences without a base.
    empty: u64,
    /// Regions and sequences with fewer bases than parts.
    short: u64,
    progress: Progress,
}

impl EmbeddingSink {
    fn take(&mut self, embeddings: Vec<Embedding>, position: u64) -> Result<(), OutputError> {
        self.progress.add(embeddings.len() as u64);
        for embedding in embeddings {
            let is_empty = match self.pool {
                Pool::None => embedding.values.is_empty(),
                _ => embedding.values.iter().all(|x| x.is_nan()),
            };
            self.entries += 1;
            self.rows += (embedding.values.len() / self.writer.width) as u64;
            self.empty += u64::from(is_empty);
            let is_short = || match self.pool {
                Pool::Bins(_) => embedding.values.iter().any(|x| x.is_nan()),
                _ => false,
            };
            self.short += u64::from(!is_empty && is_short());
            self.writer.write(&embedding)?;
        }
        self.progress.reach(position);
        Ok(())
    }
}

fn provenance(args: &EmbedArgs, named: &Named, reference: Option<&str>) -> Provenance {
    output::provenance(&args.model, named, reference)
        .with("context", named.weights.config.context().to_string())
        .with("strand", name(args.strand))
        .with("pool", args.pool.to_string())
        .with("layer", args.layer.to_string())
}
