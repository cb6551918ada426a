//! Inputs of `score-variants`.

use std::path::Path;

use anyhow::{Result, bail};

use super::{
    args::{ScoreArgs, Source},
    null::NullArgs,
    policy::MismatchPolicy,
    records::{Records, Snvs},
};
use crate::{
    cli::windows::StrandChoice,
    commands::{
        input::entries::open_file,
        output::{
            index::Index,
            paths::{apart, apart_from, one_stdin},
            resume, summary,
        },
    },
    formats::{
        bed, input,
        lines::Lines,
        shard::{self, Section},
        variants::vcf,
    },
    process::exit::Usage,
    windows::strands::WindowChoice,
};

/// Refuses options that do not go together.
///
/// # Errors
/// Two options exclude each other.
pub fn check(args: &ScoreArgs) -> Result<(), Usage> {
    let ScoreArgs { phase, null, windows, known, .. } = args;
    let problem = if *phase && windows.window != WindowChoice::Centered {
        "--phase needs --window centered: a haplotype has no grid"
    } else if *phase && args.on_ref_mismatch == MismatchPolicy::Swap {
        "--phase with --on-ref-mismatch swap: genotypes refer to REF and ALT of the file, not to the reference; correct the file first (`bcftools norm -c s`)"
    } else if windows.strand == StrandChoice::Gene && null.is_requested() {
        "--strand gene cannot be combined with null variants, most of which lie outside genes; read one strand or both"
    } else if args.shard.shard.is_some() && !args.variant.is_empty() {
        "--shard needs an input file, and cannot be combined with --variant"
    } else if args.shard.shard.is_some() && *phase {
        "--shard cannot be combined with --phase: haplotypes go over the borders of shards; run contig by contig instead"
    } else if args.shard.shard.is_some() && null.null.is_some() {
        "--shard cannot be combined with --null: null variants are those of a whole run; draw them once (--save-null) and name them with --use-null"
    } else if args.resume.resume.is_some() && null.null.is_some() {
        "--resume cannot be combined with --null: null variants are those of a whole run; draw them once (--save-null) and name them with --use-null"
    } else if args.resume.resume.is_some() && !args.variant.is_empty() {
        "--resume needs an input file, and cannot be combined with --variant"
    } else if known.is_some() && null.is_requested() {
        "--known cannot be combined with null variants: a percentile depends on those of its run; rank all alleles in one run, or leave out --null and --use-null"
    } else if known.is_some() && *phase {
        "--known cannot be combined with --phase: the score of an allele then depends on the other alleles of its haplotype"
    } else if null.length_correct && !null.is_requested() {
        "--length-correct is fitted to null variants; add --null N, or name saved ones with --use-null"
    } else {
        return Ok(());
    };
    Err(Usage(problem.to_owned()))
}

/// The path of the reference, and those of all inputs.
///
/// # Errors
/// No reference was given, or two inputs are stdin.
pub fn paths<'a>(args: &'a ScoreArgs, index: Option<&Index>) -> Result<(&'a Path, Vec<&'a Path>)> {
    let first = args.vcf.as_deref();
    // without a VCF the reference is the first argument
    let of_option = |option| Ok::<_, Usage>(first.or(args.reference.path_after(option, first)?));
    let (variants, reference) = match args.source() {
        Source::Vcf(path) => (Some(path), args.reference.path()?),
        Source::Snvs(regions) => (Some(regions), of_option("--all-snvs")?),
        Source::Named(_) => (None, of_option("--variant")?),
    };
    let Some(reference) = reference else {
        bail!(Usage(
            "variants need a reference genome: name it after the VCF (with --all-snvs or --variant: as the only argument), or set HYENADNA_REFERENCE"
                .into()
        ));
    };
    let inputs = all(args, variants, reference);
    one_stdin(&inputs)?;
    let output: &Path = &args.output.output;
    let null = args.null.save_null.as_deref().map(|path| ("--save-null", path));
    let outputs = summary::outputs(output, &args.summary).into_iter();
    let outputs: Vec<_> = outputs.chain(null).chain(index.map(Index::named)).collect();
    apart(&outputs, &inputs)?;
    apart_from(&args.model, &outputs)?;
    resume::apart(&args.resume, output, &outputs, &inputs)?;
    Ok((reference, inputs))
}

/// All input files.
fn all<'a>(args: &'a ScoreArgs, variants: Option<&'a Path>, reference: &'a Path) -> Vec<&'a Path> {
    let NullArgs { null_regions, use_null, .. } = &args.null;
    let others = [&args.windows.genes, null_regions, use_null, &args.known];
    let others = others.into_iter().filter_map(|path| path.as_deref());
    variants.into_iter().chain([reference]).chain(others).collect()
}

/// Variants that are open.
pub struct OpenRecords {
    pub records: Records,
    /// The part of the input that is read, if it is not the whole.
    pub section: Option<Section>,
    /// Size of the input in bytes, if it is a file.
    pub size: Option<u64>,
}

/// Opens the variants, or the regions whose SNVs are scored. `context`: length of a window, in bases.
///
/// # Errors
/// The input cannot be read, or is not of its format.
pub fn open(args: &ScoreArgs, context: u64) -> Result<OpenRecords> {
    let mut section = None;
    let (records, size) = match args.source() {
        Source::Named(variants) => (Records::Named(variants.to_vec().into()), None),
        Source::Snvs(path) => {
            if let Some(shard) = args.shard.shard {
                section = Some(shard::of_units(path, shard, bases(path)?)?);
            }
            let input = input::open(path)?;
            let size = input.meter.total;
            let mut snvs = Snvs::new(bed::Reader::new(Lines::new(input)));
            if let Some(Section { shard, places: (start, end), .. }) = section {
                // the last one also checks what comes after its bases
                let end = if shard.number == shard.of { u64::MAX } else { end };
                snvs = snvs.within((start, end));
            }
            (Records::Snvs(Box::new(snvs)), size)
        }
        Source::Vcf(path) => {
            let (input, part) = open_file(path, &args.shard)?;
            section = part;
            let size = input.meter.total;
            let reader = vcf::Reader::new(input)?;
            let records = match args.phase {
                // deletions on the haplotype draw in bases from farther away
                true => Records::phased(reader, args.sample.as_deref(), 2 * context)?,
                false => Records::Vcf(reader),
            };
            (records, size)
        }
    };
    Ok(OpenRecords { records, section, size })
}

/// Bases of the regions in a BED.
fn bases(path: &Path) -> Result<u64> {
    shard::regular_file(path)?; // which can be read twice
    let mut reader = bed::Reader::new(Lines::new(input::open(path)?));
    let mut bases = 0_u64;
    while let Some(record) = reader.read()? {
        bases = bases.saturating_add(record.region.len());
    }
    Ok(bases)
}
