//! `hyenadna probe`: what the frozen embeddings of a model know about a task.

mod classifier;
mod features;
mod write;

use anyhow::{Result, bail};
use clap::Args;

use self::{
    classifier::Classifier,
    features::{EmbeddingOptions, ProbeStrand},
    write::Row,
};
use super::output::{
    format::Format,
    paths::apart,
    provenance,
    rows::{self, Head, OpenOutput},
    summary::{self, Counts, Summary},
};
use crate::{
    cli::{
        Global,
        io::{OutputArgs, SummaryArgs},
        model::ModelArgs,
        tasks::{TaskArgs, TaskData},
        vectors::{Layers, PoolParser},
        windows::name,
    },
    formats::{number::counted, output::Complete},
    model::pool::Pool,
    process::{exit, logging::Display, progress::Progress},
    tasks::{
        example::{Example, Part},
        labels::Task,
        summary::over,
    },
    windows::pieces::Long,
};

/// Longest words of the baseline: 4⁸ columns.
const LONGEST_WORD: u8 = 8;

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Figures on the test part of a folder with train.csv, dev.csv and test.csv:
    hyenadna probe motif
  A table without parts; both layers of both strands side by side:
    hyenadna probe motif/train.csv --test-fraction 0.25 --layer 1,last --strand concat -o probe.tsv";

/// Measure what the frozen embeddings of a model know about a task
///
/// Embeds every sequence, standardises the features, and fits a logistic regression (classes) or a ridge
/// regression (numbers) to the train part. Its strength is chosen on the validation part, or by
/// cross-validation of the train part if there is none. Writes figures on the test part: one row for the
/// embeddings, and one for counts of k-mers with the same classifier.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ProbeArgs {
    #[command(flatten)]
    task: TaskArgs,
    /// Pooling of the vectors of a sequence's bases into one; bins:K: the means of K equal parts, in
    /// reading direction, side by side
    #[arg(short, long, value_name = "HOW", default_value = "mean", value_parser = PoolParser)]
    pool: Pool,
    /// Layer: after block N (0: the token embedding), or last (after the final norm); with commas,
    /// as in 1,last: several side by side
    #[arg(short, long, value_name = "N|last,…", default_value = "last")]
    layer: Layers,
    /// Strand to read
    #[arg(short, long, value_name = "STRAND", default_value = "forward")]
    strand: ProbeStrand,
    /// Treatment of sequences that are longer than the model's context
    #[arg(long, value_name = "HOW", default_value = "error")]
    long: Long,
    /// Length of the words that the baseline counts; 0 for no baseline
    #[arg(long, value_name = "K", default_value_t = 6)]
    #[arg(value_parser = clap::value_parser!(u8).range(..=i64::from(LONGEST_WORD)))]
    kmer: u8,
    /// Folds of the cross-validation if there is no validation part
    #[arg(long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u8).range(2..=50))]
    folds: u8,
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
/// The data or the model cannot be read or do not fit, or the output cannot be written.
pub fn run(args: &ProbeArgs, global: &Global, display: &Display) -> Result<i32> {
    apart(&summary::outputs(&args.output.output, &args.summary), &args.task.inputs())?;
    if args.pool == Pool::None {
        let problem = "--pool none gives a row for each base, and a probe needs one for each sequence; choose another";
        return Err(exit::Usage(problem.to_owned()).into());
    }
    let summary = Summary::create(&args.summary, "probe")?;
    let output = OpenOutput::create(Format::Tsv, &args.output.output)?;
    let data = args.task.read()?;
    check_task(&data.dataset.task)?;
    if data.dataset.test.is_empty() {
        bail!(
            "the test part has no members; give --test-fraction 0.2 to draw it from train, --split-column NAME, or --train FILE --test FILE"
        );
    }
    let named = args.model.load(display)?;
    let context = named.weights.config.context().max(1) as usize;
    let options = EmbeddingOptions {
        pool: args.pool,
        layers: args.layer.of(&named)?,
        strand: args.strand,
        long: args.long,
        context,
    };
    check_lengths(&data, &options)?;
    let classifier = Classifier::new(&data, args.folds.into(), args.task.seed);
    let mut runner = args.model.runner(&named, global)?;
    let all = || Part::ALL.into_iter().flat_map(|part| data.dataset.part(part));
    let (count, bases) = (all().count(), all().map(|example| example.bases.len() as u64).sum());
    let mut progress = Progress::new(display, "sequence", Some(bases));
    let mut position = 0;
    let mut done = |chunk: &[Example]| {
        position += chunk.iter().map(|example| example.bases.len() as u64).sum::<u64>();
        progress.add(chunk.len() as u64);
        progress.reach(position);
    };
    let features =
        |examples: &[_]| features::embeddings(examples, &options, &mut runner, &mut done);
    let embedded = classifier.parts(features)?;
    progress.finish();
    let text = format!("{} {} {}", args.layer, args.pool, name(args.strand));
    let mut measured = classifier.evaluate(&named.name, &text, embedded);
    if args.kmer > 0 {
        let words = usize::from(args.kmer);
        let counts = classifier.parts(|examples| Ok(features::words(examples, words)))?;
        measured.extend(classifier.evaluate(".", &format!("{words}-mers"), counts));
    }
    let provenance = provenance(&args.model, &named, None)
        .with("context", context.to_string())
        .with("selection", classifier.selection())
        .with("seed", args.task.seed.to_string());
    let columns = rows::columns(&write::COLUMNS);
    let mut table = output.begin(Head {
        columns: &columns,
        provenance: Some(&provenance),
        header: args.output.header(),
        ..Head::default()
    })?;
    measured.iter().try_for_each(|row: &Row| table.row(write::cells(row)[..].into()))?;
    let counts = Counts::default()
        .total("records", count as u64)
        .total("rows", measured.len() as u64)
        .status("train", data.dataset.train.len() as u64)
        .status("valid", data.dataset.valid.len() as u64)
        .status("test", data.dataset.test.len() as u64);
    let summary = summary.complete(&provenance, counts)?;
    rows::finish(table)?;
    summary.map_or(Ok(()), Complete::publish)?;
    Ok(exit::SUCCESS)
}

/// # Errors
/// The classifiers cannot learn the task.
fn check_task(task: &Task) -> Result<()> {
    match task {
        Task::Classes(_) => Ok(()),
        Task::Regression(targets) if targets.len() == 1 => Ok(()),
        Task::Regression(targets) => Err(exit::Usage(format!(
            "probe fits one target, but the data have {}; name one: --label-column NAME",
            targets.len()
        ))
        .into()),
        other => Err(exit::Usage(format!(
            "probe fits classes of sequences or one number, not a {} task",
            other.kind().name()
        ))
        .into()),
    }
}

/// Logs the share of the sequences that are longer than the context.
///
/// # Errors
/// There are some, and `long` is [`Long::Error`]; the message names the first.
fn check_lengths(data: &TaskData, options: &EmbeddingOptions) -> Result<()> {
    let context = options.context;
    for part in Part::ALL {
        let examples = data.dataset.part(part);
        let count = over(examples, context);
        let Some(first) = examples.iter().find(|example| example.bases.len() > context) else {
            continue;
        };
        let share = 100.0 * count as f64 / examples.len() as f64;
        let found = format!(
            "{}: {} longer than the model's context of {context} bases ({share:.1} %)",
            part.name(),
            counted(count, "sequence")
        );
        if options.long == Long::Error {
            bail!(
                "{found}, the first at {} with {} bases; use --long chunk or --long truncate, or a model with a longer context (`hyenadna models list`)",
                first.place,
                first.bases.len()
            );
        }
        log::warn!("{found}; --long {}", name(options.long));
    }
    Ok(())
}
