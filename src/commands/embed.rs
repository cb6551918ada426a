//! `hyenadna embed`: hidden states of regions or sequences.

mod items;
mod write;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use self::{
    items::{EmbedEntry, EmbedOptions, EntryStrand, Items},
    write::{Format, Row, Writer},
};
use super::{
    input::entries::{self, Entries},
    output::{self, name_output, paths::apart},
};
use crate::{
    cli::{
        Global,
        io::{OutputArgs, ReferenceArgs, StrictArgs, suffix},
        model::ModelArgs,
        windows::name,
    },
    formats::output::is_compressed_name,
    inference::{
        pipeline::{self, Feeder},
        pool::{self, Pool},
        runner::{EmbeddingJob, Runner},
    },
    model::weights::source::Named,
    process::{
        exit::{Outcome, Usage},
        logging::Display,
        progress::Progress,
        provenance::Provenance,
    },
    windows::pieces::Long,
};

/// Embed regions of a genome, or sequences: one row of numbers for each
///
/// INPUT is BED (3 to 12 columns; needs REFERENCE), FASTA or FASTQ, told by content. A row is the
/// pooled hidden state of the region's bases.
#[derive(Debug, Args)]
pub struct EmbedArgs {
    /// Regions (BED) or sequences (FASTA, FASTQ), compressed or not; `-` is stdin
    input: PathBuf,
    #[command(flatten)]
    reference: ReferenceArgs,
    /// How the vectors of a region's bases become one
    #[arg(short, long, value_name = "HOW", default_value = "mean")]
    pool: Pool,
    /// Layer: after block N (0: the token embedding), or last (after the final norm)
    #[arg(short, long, value_name = "N|last", default_value = "last")]
    layer: Layer,
    /// Strand to read; auto: the one that the BED line names, else forward
    #[arg(short, long, value_name = "STRAND", default_value = "auto")]
    strand: EntryStrand,
    /// Bases on either side of a region that are read but not pooled
    #[arg(long, value_name = "N", default_value_t = 0)]
    flank: u64,
    /// What to do with a region or sequence that is longer than the model's context
    #[arg(long, value_name = "HOW", default_value = "error")]
    long: Long,
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

/// What `--layer` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Number(usize),
    Last,
}

impl std::str::FromStr for Layer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "last" => Ok(Self::Last),
            number => {
                number.parse().map(Self::Number).map_err(|_| "expected a number or last".into())
            }
        }
    }
}

/// Embeds what `args` names.
///
/// # Errors
/// Inputs that cannot be read, regions that do not fit, an output that cannot be written.
pub fn run(args: &EmbedArgs, global: &Global, display: &Display) -> Result<i32> {
    let format = format(args)?;
    let inputs = entries::inputs(&args.input, &args.reference)?;
    apart(&[("-o", &args.output.output)], &inputs)?;
    let named = args.model.load(display)?;
    let layer = match args.layer {
        Layer::Last => None,
        Layer::Number(n) if n as i64 <= named.weights.config.n_layer => Some(n),
        Layer::Number(n) => {
            bail!("--layer {n}: {} has {} layers", named.name, named.weights.config.n_layer)
        }
    };
    let (entries, meter) = Entries::open(&args.input, &args.reference)?;
    if args.flank > 0 && entries.are_sequences() {
        bail!("--flank needs regions and a reference; {} holds sequences", entries.name());
    }
    let options = EmbedOptions {
        context: named.weights.config.context() as usize,
        strand: args.strand,
        flank: args.flank,
        long: args.long,
        row_bytes: match args.pool {
            Pool::None => 4 * named.weights.config.d_model as usize,
            _ => 0,
        },
    };
    let mut items = Items::new(entries, options);
    // the first item tells how many columns there are
    let first = items.next()?;
    let columns = items.columns(first.as_ref());
    let provenance = provenance(args, &named, items.reference_name());
    let mut runner = args.model.runner(&named, global)?;
    let mut sink = EmbeddingSink {
        writer: Writer::create(
            format,
            &args.output.output,
            &columns,
            args.pool == Pool::None,
            runner.width(),
            (!args.output.no_header).then_some(&provenance),
            &inputs,
        )?,
        width: runner.width(),
        pool: args.pool,
        empty: 0,
        progress: Progress::new(display, "regions", meter),
    };
    let budget = match args.pool {
        Pool::None => args.model.chunk_tokens(&named, global),
        _ => LOOK_AHEAD.max(args.model.chunk_tokens(&named, global)),
    };
    let items = pipeline::run(
        move |feeder| read(first, items, budget, &feeder),
        |chunk| embed(chunk, &mut runner, args.pool, layer),
        |rows| sink.take(rows),
    )
    .map_err(|error| name_output(error, &args.output.output))?;
    let EmbeddingSink { writer, empty, progress, .. } = sink;
    writer.finish().map_err(|error| name_output(error, &args.output.output))?;
    progress.finish();
    items.report();
    if empty > 0 {
        log::warn!("regions or sequences without a base, whose values are NaN or absent: {empty}");
    }
    let outcome = if empty > 0 { Outcome::Incomplete } else { Outcome::Done };
    Ok(outcome.code(args.strict.strict))
}

/// Bases that are read ahead, so that regions of similar length can share batches.
const LOOK_AHEAD: usize = 1 << 20;

/// Reads items and hands them on in chunks of about `budget` bases.
fn read(
    first: Option<EmbedEntry>,
    mut items: Items,
    budget: usize,
    feeder: &Feeder<Vec<EmbedEntry>>,
) -> Result<Items> {
    const OVERHEAD: usize = 64; // of a region, however short
    let mut next = first;
    let mut chunk = Vec::new();
    let mut size = 0;
    while let Some(item) = next {
        size += OVERHEAD + item.jobs().map(|job| job.bases.len()).sum::<usize>();
        chunk.push(item);
        if size >= budget {
            size = 0;
            if !feeder.feed(std::mem::take(&mut chunk)) {
                return Ok(items);
            }
        }
        next = items.next()?;
    }
    // the last chunk; if nobody wants it, the stage that failed says why
    let _ = feeder.feed(chunk);
    Ok(items)
}

/// Computes the rows of a chunk.
fn embed(
    chunk: Vec<EmbedEntry>,
    runner: &mut Runner,
    pool: Pool,
    layer: Option<usize>,
) -> Result<Vec<Row>> {
    let width = runner.width();
    let jobs: Vec<EmbeddingJob> = chunk.iter().flat_map(EmbedEntry::jobs).cloned().collect();
    let mut pooled = runner.embed(&jobs, pool, layer)?.into_iter();
    let mut strand = |jobs: &Option<Vec<EmbeddingJob>>| {
        let pieces = jobs.as_ref().map(|jobs| pooled.by_ref().take(jobs.len()).collect::<Vec<_>>());
        pieces.map(|pieces| pool.join(&pieces, width))
    };
    let rows = chunk.into_iter().map(|item| {
        let forward = strand(&item.forward);
        let reverse = strand(&item.reverse).map(|values| match pool {
            Pool::None => pool::reverse_rows(&values, width),
            _ => values,
        });
        let values = match (forward, reverse) {
            (Some(forward), Some(reverse)) => pool::mean_of_strands(&forward, &reverse),
            (Some(values), None) | (None, Some(values)) => values,
            (None, None) => Vec::new(),
        };
        Row { fields: item.fields, start: item.start, values }
    });
    Ok(rows.collect())
}

/// The end of the pipeline: writes and counts.
struct EmbeddingSink {
    writer: Writer,
    width: usize,
    pool: Pool,
    empty: u64,
    progress: Progress,
}

impl EmbeddingSink {
    fn take(&mut self, rows: Vec<Row>) -> Result<()> {
        self.progress.add(rows.len() as u64);
        for row in rows {
            let nothing = match self.pool {
                Pool::None => row.values.is_empty(),
                _ => row.values.iter().all(|x| x.is_nan()),
            };
            self.empty += u64::from(nothing);
            debug_assert_eq!(row.values.len() % self.width, 0);
            self.writer.write(&row)?;
        }
        Ok(())
    }
}

fn format(args: &EmbedArgs) -> Result<Format> {
    let path = &args.output.output;
    let format = match (args.format, suffix(path).as_deref()) {
        (Some(format), _) => format,
        (None, None | Some("tsv" | "txt" | "bed")) => Format::Tsv,
        (None, Some("npy")) => Format::Npy,
        (None, Some("parquet")) => Format::Parquet,
        (None, Some(other)) => bail!(Usage(format!(
            "the suffix .{other} of {} says no format; use .tsv, .npy or .parquet, or --format",
            path.display()
        ))),
    };
    if format != Format::Tsv && is_compressed_name(path) {
        bail!(Usage(format!(
            "{}: only tables are compressed with bgzip; leave out the suffix",
            path.display()
        )));
    }
    Ok(format)
}

fn provenance(args: &EmbedArgs, named: &Named, reference: Option<&str>) -> Provenance {
    let layer = match args.layer {
        Layer::Last => "last".to_owned(),
        Layer::Number(n) => n.to_string(),
    };
    output::provenance(named, reference)
        .with("context", named.weights.config.context().to_string())
        .with("strand", name(args.strand))
        .with("pool", name(args.pool))
        .with("layer", layer)
}
