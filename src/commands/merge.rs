//! `hyenadna merge`: the outputs of shards as one file.

mod part;

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use clap::Args;

use self::part::Part;
use super::output::{
    format::{Format, OfferedFormats, suffix},
    index::{Index, publish_indexed},
    paths::apart,
};
use crate::{
    cli::io::IndexArgs,
    formats::{
        input::is_dash,
        output::{OutputError, Sink},
        tabix::Positions,
    },
    process::{
        exit::{self, Usage},
        logging::Display,
        progress::Progress,
    },
};

/// Formats of the output, which is that of the parts.
static FORMATS: OfferedFormats = OfferedFormats {
    formats: &[
        (Format::Tsv, "A table"),
        (Format::Vcf, "Records"),
        (Format::Bed, "Regions"),
        (Format::Bedgraph, "A track"),
    ],
    aliases: &[],
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Three shards of a VCF, as one:
    for i in 1 2 3; do
    hyenadna score-variants --shard $i/3 variants.vcf genome.fa -o part.$i.vcf.gz
    done
    hyenadna merge part.*.vcf.gz -o scored.vcf.gz --write-index
  Two shards of a table, computed side by side:
    hyenadna embed --shard 1/2 regions.bed genome.fa -o one.tsv &
    hyenadna embed --shard 2/2 regions.bed genome.fa -o two.tsv
    wait
    hyenadna merge one.tsv two.tsv > embeddings.tsv";

/// Join the outputs of shards, in the order of their input
///
/// Parts may be named in any order. Each says in its header which shard of which input it is, and how it was made;
/// all shards have to be there, once each, and from the same version, model, reference and settings.
/// The rows are those of a run without --shard, byte for byte.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct MergeArgs {
    /// Outputs of the same command with --shard: TSV, BED, bedGraph or VCF with its header, compressed or not
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    /// Output file, which appears only when complete; the suffix .gz compresses it with bgzip
    /// [default: stdout]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    #[command(flatten)]
    index: IndexArgs,
}

/// Runs the command.
///
/// # Errors
/// A part cannot be read or is not one, a shard is missing or there twice, parts were made in different
/// ways, or the output cannot be written.
pub fn run(args: &MergeArgs, display: &Display) -> Result<i32> {
    let is_stream = |path: &&PathBuf| {
        is_dash(path) || fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir())
    };
    if let Some(stream) = args.parts.iter().find(is_stream) {
        bail!(Usage(format!(
            "merge reads parts twice, so {} cannot be stdin or a pipe; name files",
            stream.display()
        )));
    }
    let format = FORMATS.choose(None, &args.output)?;
    let paths: Vec<&Path> = args.parts.iter().map(PathBuf::as_path).collect();
    let index = Index::of(&args.index, &args.output)?;
    let outputs = index.as_ref().map(Index::named);
    let outputs: Vec<_> = [("-o", &*args.output)].into_iter().chain(outputs).collect();
    apart(&outputs, &paths)?;
    let mut parts = paths.into_iter().map(Part::open).collect::<Result<Vec<_>>>()?;
    parts.sort_by_key(|part| part.head.number);
    check_same_run(&parts)?;
    check_complete(&parts)?;
    // a shard without rows may not know the columns that follow from the first record
    let Part { head, .. } = parts.iter().find(|part| part.has_rows).unwrap_or(&parts[0]);
    let positions = Positions::of(head.lines());
    let has_format = suffix(&args.output).is_some_and(|suffix| suffix != "txt");
    if has_format && (format == Format::Vcf) != head.is_vcf() {
        bail!(Usage(format!(
            "-o {} has the suffix of another format than its parts, which are {}; merge does not convert",
            args.output.display(),
            if head.is_vcf() { "VCF" } else { "tables or BED" }
        )));
    }
    if index.is_some() && positions.is_none() {
        bail!(
            "{} cannot be indexed: its rows have no columns of positions; leave out --write-index",
            args.output.display()
        );
    }
    let mut sink = Sink::create(&args.output)?;
    let failed = |source| OutputError::write(&args.output, source);
    sink.write_all(&head.merged(parts.len())).map_err(failed)?;
    let mut progress = Progress::of_units(display, "part", parts.len() as u64);
    for part in &parts {
        part.copy_rows(&mut |bytes| sink.write_all(bytes).map_err(failed))?;
        progress.add(1);
    }
    let complete = sink.complete().map_err(failed)?.complete()?;
    publish_indexed(vec![complete], index.zip(positions), [])?;
    progress.finish();
    Ok(exit::SUCCESS)
}

/// Refuses parts that were made in different ways.
fn check_same_run(parts: &[Part]) -> Result<()> {
    let first = &parts[0];
    let of = first.head.of;
    for part in parts {
        let place = || part.path.display().to_string();
        if part.head.of != of {
            bail!(
                "{} is a shard of {}, but {} is one of {of}; merge the shards of one run",
                place(),
                part.head.of,
                first.path.display()
            );
        }
        if let Some((this, other)) = first.head.difference(&part.head) {
            bail!(
                "{} was made in another way than {}: found {other}, expected {this}; run its shard again",
                place(),
                first.path.display()
            );
        }
    }
    let mut with_rows = parts.iter().filter(|part| part.has_rows);
    if let Some(first) = with_rows.next()
        && let Some(other) = with_rows.find(|part| part.head.columns() != first.head.columns())
    {
        bail!(
            "{} has other columns than {}; run its shard again with the same options",
            other.path.display(),
            first.path.display()
        );
    }
    Ok(())
}

/// Refuses parts, in the order of their numbers, of which one is missing or there twice, or that do not follow each
/// other.
fn check_complete(parts: &[Part]) -> Result<()> {
    let of = parts[0].head.of;
    for pair in parts.windows(2) {
        let [one, next] = pair else { continue };
        if one.head.number == next.head.number {
            bail!(
                "{} and {} are both shard {}/{of}; name one of them",
                one.path.display(),
                next.path.display(),
                one.head.number
            );
        }
    }
    let numbers: BTreeSet<u32> = parts.iter().map(|part| part.head.number).collect();
    let missing: Vec<String> = (1..=of)
        .filter(|number| !numbers.contains(number))
        .map(|number| format!("{number}/{of}"))
        .collect();
    if !missing.is_empty() {
        const SHOWN: usize = 10;
        let more = match missing.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let shown = missing[..missing.len().min(SHOWN)].join(", ");
        bail!("shards are missing: {shown}{more}; name the outputs of all {of}");
    }
    for pair in parts.windows(2) {
        let [one, next] = pair else { continue };
        if one.head.places.1 != next.head.places.0 {
            bail!(
                "{} ends at {} of its input, but {} starts at {}; run both shards again on the same input",
                one.path.display(),
                one.head.places.1,
                next.path.display(),
                next.head.places.0
            );
        }
    }
    Ok(())
}
