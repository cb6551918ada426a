//! The commands: one file each, with its arguments, its `run` and its core.

pub mod bench;
pub mod embed;
mod entries;
pub mod evaluate;
pub mod generate;
pub mod likelihood;
mod matrix;
pub mod models;
pub mod mutagenesis;
mod order;
mod paths;
pub mod perplexity;
mod pictures;
pub mod score_variants;
pub mod train;
mod windows;

use std::{io, path::Path};

use anyhow::Result;
use clap::Subcommand;

use crate::{
    cli::Global,
    formats::{
        output::{OutputError, Sink},
        table::Table,
    },
    logging::Display,
    model::source::Named,
    provenance::Provenance,
};

/// What to do.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "clap would show a comment here in place of that of the arguments")]
pub enum Command {
    Embed(embed::EmbedArgs),
    ScoreVariants(score_variants::ScoreArgs),
    Likelihood(likelihood::LikelihoodArgs),
    Mutagenesis(mutagenesis::MutagenesisArgs),
    Train(Box<train::TrainArgs>),
    Perplexity(perplexity::PerplexityArgs),
    Evaluate(Box<evaluate::EvaluateArgs>),
    Bench(bench::BenchArgs),
    Models(models::ModelsArgs),
    Completions(generate::CompletionsArgs),
    Man(generate::ManArgs),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever stopped it, with what the user can do about it.
    pub fn run(self, global: &Global, display: &Display) -> Result<i32> {
        match self {
            Self::Embed(args) => embed::run(&args, global, display),
            Self::ScoreVariants(args) => score_variants::run(&args, global, display),
            Self::Likelihood(args) => likelihood::run(&args, global, display),
            Self::Mutagenesis(args) => mutagenesis::run(&args, global, display),
            Self::Perplexity(args) => perplexity::run(&args, global, display),
            Self::Train(args) => train::run(&args, global, display),
            Self::Evaluate(args) => evaluate::run(&args),
            Self::Bench(args) => bench::run(&args, global),
            Self::Models(args) => models::run(args, display),
            Self::Completions(args) => generate::completions(&args),
            Self::Man(args) => generate::man(&args),
        }
    }
}

/// Names the output in an error of the system that came from writing it; others stay as they are.
fn name_output(error: anyhow::Error, path: &Path) -> anyhow::Error {
    match error.downcast::<io::Error>() {
        Ok(source) => OutputError::write(path, source).into(),
        Err(error) => error,
    }
}

/// What an output says of its making, to begin with: this run, its model, and the reference's path if
/// there is one.
fn provenance(named: &Named, reference: Option<&str>) -> Provenance {
    let provenance =
        Provenance::of_this_run().with("model", format!("{} sha256:{}", named.name, named.sha256));
    match reference {
        Some(reference) => provenance.with("reference", reference),
        None => provenance,
    }
}

/// A table at `path`; without `provenance` there is no header.
fn table(path: &Path, columns: &[String], provenance: Option<&Provenance>) -> Result<Table<Sink>> {
    let preamble = provenance.map(Provenance::lines).unwrap_or_default();
    let mut table = Table::new(Sink::create(path)?, &preamble)?;
    if provenance.is_some() {
        let marked = columns.iter().enumerate().map(|(i, name)| match i {
            0 => format!("#{name}"),
            _ => name.clone(),
        });
        table.row(marked)?;
    }
    Ok(table)
}
