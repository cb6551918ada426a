//! Inputs of `score-variants`.

use std::path::Path;

use anyhow::{Result, bail};

use super::{
    args::ScoreArgs,
    null::NullArgs,
    policy::MismatchPolicy,
    records::{Records, Snvs},
};
use crate::{
    cli::windows::StrandChoice,
    commands::output::{
        paths::{apart, one_stdin},
        summary,
    },
    formats::{
        bed,
        input::{self, Meter},
        lines::Lines,
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
    let ScoreArgs { phase, null, windows, .. } = args;
    let problem = if *phase && windows.window != WindowChoice::Centered {
        "--phase needs --window centered: a haplotype has no grid"
    } else if *phase && args.on_ref_mismatch == MismatchPolicy::Swap {
        "--phase with --on-ref-mismatch swap: genotypes refer to REF and ALT of the file, not to the reference; correct the file first (`bcftools norm -c s`)"
    } else if windows.strand == StrandChoice::Gene && null.is_requested() {
        "--strand gene cannot be combined with null variants, most of which lie outside genes; read one strand or both"
    } else if null.length_correct && !null.is_requested() {
        "--length-correct is fitted to null variants; add --null N, or name saved ones with --use-null"
    } else {
        return Ok(());
    };
    Err(Usage(problem.to_owned()))
}

/// The paths of the variants (or their regions) and of the reference.
///
/// # Errors
/// No reference was given, or two inputs are stdin.
pub fn paths(args: &ScoreArgs) -> Result<(&Path, &Path)> {
    let given = args.reference.reference.as_deref();
    // without a VCF the reference is the first argument
    let (variants, reference) = match (&args.all_snvs, &args.vcf) {
        (None, vcf) => (vcf.as_deref(), given),
        (Some(regions), None) => (Some(regions.as_path()), given),
        (Some(regions), Some(first)) => {
            let variable = std::env::var_os("HYENADNA_REFERENCE");
            if let Some(second) = given.filter(|path| Some(path.as_os_str()) != variable.as_deref())
            {
                bail!(Usage(format!(
                    "with --all-snvs the reference is the only argument, but there are {} and {}",
                    first.display(),
                    second.display()
                )));
            }
            (Some(regions.as_path()), Some(first.as_path()))
        }
    };
    let (Some(variants), Some(reference)) = (variants, reference) else {
        bail!(Usage(
            "variants need a reference genome: name it after the VCF (with --all-snvs: as the only argument), or set HYENADNA_REFERENCE"
                .into()
        ));
    };
    let inputs = all(args, variants, reference);
    one_stdin(&inputs)?;
    let output: &Path = &args.output.output;
    let null = args.null.save_null.as_deref().map(|path| ("--save-null", path));
    let outputs: Vec<_> = summary::outputs(output, &args.summary).into_iter().chain(null).collect();
    apart(&outputs, &inputs)?;
    Ok((variants, reference))
}

/// All input files.
fn all<'a>(args: &'a ScoreArgs, variants: &'a Path, reference: &'a Path) -> Vec<&'a Path> {
    let NullArgs { null_regions, use_null, .. } = &args.null;
    let others = [&args.windows.genes, null_regions, use_null];
    let others = others.into_iter().filter_map(|path| path.as_deref());
    [variants, reference].into_iter().chain(others).collect()
}

/// Opens the variants, or the regions whose SNVs are scored. `context`: length of a window, in bases.
///
/// # Errors
/// The input cannot be read, or is not of its format.
pub fn open(path: &Path, args: &ScoreArgs, context: u64) -> Result<(Records, Meter)> {
    let input = input::open(path)?;
    let meter = input.meter.clone();
    let records = if args.all_snvs.is_some() {
        Records::Snvs(Snvs::new(bed::Reader::new(Lines::new(input))))
    } else {
        let reader = vcf::Reader::new(input)?;
        match args.phase {
            // deletions on the haplotype draw in bases from farther away
            true => Records::phased(reader, args.sample.as_deref(), 2 * context)?,
            false => Records::Vcf(reader),
        }
    };
    Ok((records, meter))
}
