//! What `score-variants` reads.

use std::path::Path;

use anyhow::{Result, bail};

use super::{
    ScoreArgs,
    records::{Records, Snvs},
};
use crate::{
    exit::Usage,
    formats::{
        bed,
        input::{self, Meter},
        lines::Lines,
        vcf,
    },
};

/// The paths of the variants (or their regions) and of the reference.
///
/// # Errors
/// There is no reference, or both are stdin.
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
            "variants need a reference genome: name it after the VCF, or set HYENADNA_REFERENCE"
                .into()
        ));
    };
    if input::is_dash(variants) && input::is_dash(reference) {
        bail!(Usage("both inputs cannot be stdin; give the reference as a file".into()));
    }
    Ok((variants, reference))
}

/// Opens the variants, or the regions whose SNVs they are. `context`: bases of a window.
///
/// # Errors
/// They cannot be read.
pub fn open(path: &Path, args: &ScoreArgs, context: u64) -> Result<(Records, Meter)> {
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
