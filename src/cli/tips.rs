//! Tips for options that other programs have.

use clap::error::{ContextKind, ContextValue, Error};

/// Adds a tip to the error of an unknown option.
pub fn with_tip(mut error: Error) -> Error {
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.clone(),
        _ => return error,
    };
    if !matches!(argument.as_str(), "-O" | "--output-type") {
        return error;
    }
    let tip = "the suffix of -o names the format, as in -o out.vcf.gz; or use --format";
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}
