//! `hyenadna perplexity`: loss of a model on a genome.

use anyhow::{Context, Result};
use clap::Args;

use super::output::{
    format::Format,
    paths::{apart, apart_from},
    provenance,
    rows::{self, Cell, Head, OpenOutput, RowWriter},
    summary::{self, Counts, Summary},
};
use crate::{
    cli::{
        Global,
        genomes::{GenomeArgs, log_ambiguous},
        io::{OutputArgs, SummaryArgs},
        model::ModelArgs,
    },
    formats::output::OutputError,
    process::{exit, logging::Display},
    sampling::Rest,
    training::{
        evaluation::Evaluation,
        loader::Share,
        validation::{self, ValidationWindows},
    },
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Bits per base of a genome under the built-in model:
    hyenadna perplexity genome.fa
  A quick estimate from 10 windows of 512 bases:
    hyenadna perplexity genome.fa --window 512 --most-windows 10";

/// Measure how well a model predicts a genome, in bits per base
///
/// Covers the intervals with windows that do not overlap (the last of an interval may be shorter), and
/// predicts each base but the first of a window from those before it. Writes the mean loss by the number of bases before: one row for each
/// range, and one for all. N is neither predicted nor counted.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct PerplexityArgs {
    #[command(flatten)]
    genomes: GenomeArgs,
    /// Length of a window, in bases [default: the model's context]
    #[arg(long, value_name = "L")]
    window: Option<u64>,
    /// Largest number of windows, spread evenly [default: all]
    #[arg(long, value_name = "N")]
    most_windows: Option<u64>,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    summary: SummaryArgs,
}

/// Runs the command.
///
/// # Errors
/// The model or a genome cannot be read, or the output cannot be written.
pub fn run(args: &PerplexityArgs, global: &Global, display: &Display) -> Result<i32> {
    let inputs = args.genomes.inputs();
    let outputs = summary::outputs(&args.output.output, &args.summary);
    apart(&outputs, &inputs)?;
    apart_from(&args.model, &outputs)?;
    let summary = Summary::create(&args.summary, "perplexity")?;
    let output = OpenOutput::create(Format::Tsv, &args.output.output)?;
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
    let (mut genomes, intervals) = args.genomes.open()?;
    let mut engine = args.model.engine(&named, global)?;
    let windows = ValidationWindows {
        intervals: &intervals,
        length,
        most: args.most_windows,
        rest: Rest::Read,
        share: Share::WHOLE,
    };
    let evaluation = validation::evaluate(&mut engine, &mut genomes, &windows, || false)?
        .context("the evaluation was not stopped")?;
    log_ambiguous(&genomes);
    if evaluation.targets() == 0 {
        anyhow::bail!("the windows have no base to predict: all but the first are N");
    }
    let provenance = provenance(&args.model, &named, None).with("window", length.to_string());
    let header = args.output.header();
    let columns =
        rows::columns(&["context", "bases", "nats_per_base", "bits_per_base", "perplexity"]);
    let mut table = output.begin(Head {
        columns: &columns,
        provenance: Some(&provenance),
        header,
        ..Head::default()
    })?;
    write(&mut *table, &evaluation)?;
    let counts = Counts::default()
        .total("records", intervals.len() as u64)
        .total("bases", evaluation.targets())
        .status("ok", intervals.len() as u64);
    let summary = summary.complete(&provenance, counts)?;
    rows::finish(table, summary)?;
    Ok(exit::SUCCESS)
}

fn write(rows: &mut dyn RowWriter, evaluation: &Evaluation) -> Result<(), OutputError> {
    let all = evaluation.bin(1, evaluation.losses.len());
    let bins = evaluation.bins();
    let named = bins.iter().map(|bin| (format!("{}-{}", bin.from, bin.to), bin));
    for (name, bin) in named.chain([("all".to_owned(), &all)]) {
        let values = [bin.loss, bin.loss / std::f64::consts::LN_2, bin.loss.exp()];
        let [nats, bits, perplexity] = values.map(|value| (bin.targets > 0).then_some(value));
        let cells: [Cell<'_>; 5] =
            [name.into(), bin.targets.into(), nats.into(), bits.into(), perplexity.into()];
        rows.row(cells[..].into())?;
    }
    Ok(())
}
