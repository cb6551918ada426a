//! Tips for options that other programs have.

use clap::error::{ContextKind, ContextValue, Error};

/// Adds a tip to the error of an unknown option.
pub fn with_tip(mut error: Error) -> Error {
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.clone(),
        _ => return error,
    };
    let tip = match argument.as_str() {
        "-O" | "--output-type" => {
            "the suffix of -o names the format, as in -o out.vcf.gz; or use --format"
        }
        "-W" | "--write-index" => {
            "`tabix -p vcf out.vcf.gz` or `bcftools index out.bcf` writes an index"
        }
        _ => return error,
    };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}
