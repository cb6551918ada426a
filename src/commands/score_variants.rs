//! `hyenadna score-variants`: scores of every ALT allele of a VCF.

pub(super) mod alleles;
mod args;
pub(super) mod assembly;
mod calibrate;
pub(super) mod columns;
mod compute;
mod inputs;
pub(super) mod item;
mod known;
mod named;
mod null;
mod open;
mod phase;
mod plan;
pub(super) mod policy;
mod records;
mod stages;
pub(super) mod tally;
pub(super) mod write;

use anyhow::Result;

use self::{open::Opened, plan::Plan};
use crate::{cli::Global, process::logging::Display};

pub use args::ScoreArgs;

/// Scores the variants that `args` names.
///
/// # Errors
/// Inputs that cannot be read, an output that cannot be written, and records that policies call errors.
pub fn run(args: &ScoreArgs, global: &Global, display: &Display) -> Result<i32> {
    let plan = Plan::new(args, display)?;
    let outcome = Opened::open(&plan, global, display)?.run(&plan)?;
    Ok(outcome.code(args.strict.strict))
}
