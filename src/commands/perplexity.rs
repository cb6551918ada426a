//! `hyenadna perplexity`: how well a model predicts the bases of a genome.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use super::output::{name_output, paths::apart, provenance};
use crate::{
    cli::{Global, io::OutputArgs, model::ModelArgs},
    formats::{number::push_six_digits, output::Sink, reference::Cache},
    process::{exit, logging::Display, provenance::Provenance},
    training::{
        data::{Genome, GenomeFile, Interval, Split, SplitBy, Splits},
        evaluation::Evaluation,
        validation::{self, ValidationWindows},
    },
};

/// Measure how well a model predicts a genome, in bits per base
///
/// Covers the intervals with windows that do not overlap, predicts each base but the first of a
/// window from those before it, and reports the mean loss by the number of bases before: one row a
/// range, and one for all. N is neither predicted nor counted.
#[derive(Debug, Args)]
pub struct PerplexityArgs {
    /// Genomes (FASTA); `-` is stdin
    #[arg(required = true, value_name = "FASTA")]
    reference: Vec<PathBuf>,
    /// Intervals (BED) with train, valid or test in the fourth column; may be given several times
    /// [default: everything]
    #[arg(long, value_name = "BED")]
    intervals: Vec<PathBuf>,
    /// Which of the intervals
    #[arg(long, value_name = "SPLIT", default_value = "valid", requires = "intervals")]
    split: Split,
    /// Bases of a window [default: the context of the model]
    #[arg(long, value_name = "L")]
    window: Option<u64>,
    /// Most windows, spread evenly [default: all]
    #[arg(long, value_name = "N")]
    most_windows: Option<u64>,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
///
/// # Errors
/// The model or a genome cannot be read, or the output cannot be written.
pub fn run(args: &PerplexityArgs, global: &Global, display: &Display) -> Result<i32> {
    let inputs: Vec<&Path> =
        args.reference.iter().chain(&args.intervals).map(PathBuf::as_path).collect();
    apart(&[("-o", &args.output.output)], &inputs)?;
    let mut sink = Sink::create(&args.output.output)?;
    let named = args.model.load(display)?;
    let context = named.weights.config.context().max(1) as u64;
    let length = args.window.unwrap_or(context);
    if length < 2 || length > context {
        return Err(exit::Usage(format!(
            "--window is {length}, expected 2 to {context}, the context of {}",
            named.name
        ))
        .into());
    }
    let (mut genomes, intervals) = open(args)?;
    let mut engine = args.model.engine(&named, global)?;
    let windows = ValidationWindows { intervals: &intervals, length, most: args.most_windows };
    let evaluation = validation::evaluate(&mut engine, &mut genomes, &windows, || false)?
        .context("the evaluation was not stopped")?;
    let ambiguous: u64 = genomes.iter().map(|genome| genome.reference.ambiguous()).sum();
    if ambiguous > 0 {
        log::warn!("{ambiguous} IUPAC letters other than A, C, G, T and N count as N");
    }
    if evaluation.targets() == 0 {
        anyhow::bail!("there is nothing to predict: the windows hold no known base but the first");
    }
    let provenance = provenance(&named, None).with("window", length.to_string());
    write(&mut sink, &evaluation, (!args.output.no_header).then_some(&provenance))
        .and_then(|()| sink.finish().map_err(Into::into))
        .map_err(|error| name_output(error, &args.output.output))?;
    Ok(exit::SUCCESS)
}

/// The genomes, and what of them is evaluated.
fn open(args: &PerplexityArgs) -> Result<(Vec<Genome>, Vec<Interval>)> {
    let file = |path: &PathBuf| GenomeFile { path: path.clone(), weight: None };
    let files: Vec<GenomeFile> = args.reference.iter().map(file).collect();
    let mut genomes = Genome::open_once(&files, false, Cache::default())?;
    let (by, split) = if args.intervals.is_empty() {
        (SplitBy::Nothing, Split::Train)
    } else {
        (SplitBy::Bed(args.intervals.clone()), args.split)
    };
    let intervals = Splits::new(&mut genomes, &by)?.of(split).to_vec();
    if intervals.is_empty() {
        let name = args.split.to_possible_value().map(|v| v.get_name().to_owned());
        let name = name.unwrap_or_default();
        anyhow::bail!(match args.intervals.is_empty() {
            true => "the genomes hold no bases".to_owned(),
            false => format!("the BED file has no {name} line; give another --split"),
        });
    }
    Ok((genomes, intervals))
}

fn write(
    out: &mut impl Write,
    evaluation: &Evaluation,
    provenance: Option<&Provenance>,
) -> Result<()> {
    if let Some(provenance) = provenance {
        for line in provenance.lines() {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "#context\tbases\tnats_per_base\tbits_per_base\tperplexity")?;
    }
    let all = evaluation.bin(1, evaluation.losses.len());
    let bins = evaluation.bins();
    let named = bins.iter().map(|bin| (format!("{}-{}", bin.from, bin.to), bin));
    for (name, bin) in named.chain([("all".to_owned(), &all)]) {
        let mut line = format!("{name}\t{}", bin.targets);
        for value in [bin.loss, bin.loss / std::f64::consts::LN_2, bin.loss.exp()] {
            line.push('\t');
            match bin.targets {
                0 => line.push('.'),
                _ => push_six_digits(&mut line, value),
            }
        }
        writeln!(out, "{line}").context("writing the table")?;
    }
    Ok(())
}
