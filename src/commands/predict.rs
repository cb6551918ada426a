//! `hyenadna predict`: values of the head of a fine-tuned model.

mod args;
mod columns;
mod plan;
mod read;
mod report;
mod sequences;
mod sink;
mod values;
mod variants;
mod write;

use anyhow::Result;

use self::plan::Plan;
use super::{
    input::entries::{self, Entries},
    output::{
        index::Index,
        paths::{apart, apart_from},
        resume,
        summary::{self, Summary},
    },
};
use crate::{
    cli::{Global, io::EntryInput},
    formats::variants::vcf,
    process::logging::Display,
};

pub use args::PredictArgs;

/// Runs the command.
///
/// # Errors
/// An input cannot be read, the model has no head or does not fit the options, or the output cannot be
/// written.
pub fn run(args: &PredictArgs, global: &Global, display: &Display) -> Result<i32> {
    let inputs = entries::inputs(&args.entries)?;
    let index = Index::of(&args.index, &args.output.output)?;
    let mut outputs = summary::outputs(&args.output.output, &args.summary);
    outputs.extend(index.as_ref().map(Index::named));
    apart(&outputs, &inputs)?;
    apart_from(&args.model, &outputs)?;
    resume::apart(&args.resume, &args.output.output, &outputs, &inputs)?;
    let summary = Summary::create(&args.summary, "predict")?;
    let plan = Plan::new(args, index, display)?;
    resume::check(&args.resume, (plan.format, &args.output.output), &inputs)?;
    let entries = match args.entries.input() {
        EntryInput::Regions(_) => Entries::open(&args.entries)?,
        EntryInput::File(path) => {
            let (mut input, section) = entries::open_file(path, &args.entries.shard)?;
            if vcf::is_variants(&mut input)? {
                let outcome =
                    variants::run(&plan, (input, section), &inputs, summary, (global, display))?;
                return Ok(outcome.code(args.strict.strict));
            }
            Entries::of_input((input, section), &args.entries)?
        }
    };
    let outcome = sequences::run(&plan, entries, &inputs, summary, (global, display))?;
    Ok(outcome.code(args.strict.strict))
}
