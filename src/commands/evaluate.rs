//! `hyenadna evaluate`: how well scores separate labelled alleles, and how good predictions are.

mod curves;
mod labels;
mod predictions;
mod scores;
mod subject;
mod write;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::Result;
use clap::Args;

use self::{
    labels::{Classes, Labels, ValueList},
    predictions::{PredictionArgs, Shared},
    scores::{LabelledScores, ScoreTable},
    subject::{RankedScore, Sign, Stratum},
    write::Row,
};
use super::{
    output::{
        format::Format,
        paths::apart,
        pictures::Prefix,
        rows::{self, Head, OpenOutput},
        summary::{self, Counts, Summary},
    },
    report::Bootstrap,
};
use crate::{
    cli::io::{OutputArgs, SummaryArgs},
    formats::{input::is_dash, output::publish},
    process::{
        exit::{self, Usage},
        provenance::Provenance,
    },
    statistics,
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Every score, straight from the variants:
    hyenadna score-variants variants.vcf genome.fa | hyenadna evaluate - labels.tsv
  One score, also for each value of a column, with curves:
    hyenadna evaluate scores.tsv labels.tsv --scores llr --by region --plot curves
  Predicted classes, with the confusion matrix:
    hyenadna evaluate predictions.tsv --truth label --predicted predicted --confusion counts.tsv";

/// Measure how well scores separate labelled variants, or how good predictions are
///
/// Matches alleles by contig (chr1 is 1, chrM is MT), POS, REF and ALT, and writes a row for each
/// score and class of alleles: AUROC, average precision, Spearman's correlation with the label, and
/// the best Matthews correlation with its threshold, each with a 95 % bootstrap interval. Scores
/// with values below 0 are also evaluated by absolute value, as `|NAME|`. The column `sign` is `+`
/// if the score itself was ranked, and `-` if its negative was.
///
/// With --truth, the input is a table of predicted classes or numbers, such as that of a classifier of
/// sequences. Of classes, a row for all and one for each: accuracy, balanced accuracy, Matthews
/// correlation, precision, recall, F1, AUROC and average precision. Of numbers: R², Pearson's and
/// Spearman's correlation, mean squared and mean absolute error.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct EvaluateArgs {
    /// Scores: the table of `score-variants`, or VCF or BCF with scores in INFO; `-` is stdin
    #[arg(value_name = "SCORES")]
    input: PathBuf,
    /// Labels: a table with the columns CHROM, POS, REF, ALT and a label, or VCF or BCF with the
    /// label in INFO; `-` is stdin
    #[arg(required_unless_present = "truth")]
    labels: Option<PathBuf>,
    /// Column or INFO field with the label
    #[arg(long, value_name = "NAME", default_value = "label")]
    label: String,
    /// Labels of positives; alleles with other labels are skipped; `\,` is a comma of a label; may be
    /// given several times [default: 1, true, positive]
    #[arg(long, value_name = "VALUE,…", requires = "negative")]
    positive: Vec<ValueList>,
    /// Labels of negatives, as those of positives [default: 0, false, negative]
    #[arg(long, value_name = "VALUE,…", requires = "positive")]
    negative: Vec<ValueList>,
    /// Scores to evaluate [default: every column of numbers; of a VCF, those that
    /// `score-variants` added]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    scores: Vec<String>,
    /// End of a score at which positives are expected
    #[arg(long, value_name = "SIGN", default_value = "expected")]
    sign: Sign,
    /// Also evaluate each value of this column or INFO field of the labels separately, or, with --truth, of
    /// this column of the same table; may be given several times
    #[arg(long, value_name = "NAME")]
    by: Vec<String>,
    /// Replicates of the bootstrap, stratified by label or class; 0 for no intervals
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    bootstrap: u32,
    /// Seed of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Draw ROC and precision-recall curves of all alleles: PREFIX.roc.svg, PREFIX.roc.png,
    /// PREFIX.pr.svg and PREFIX.pr.png; with --truth, also the other charts of --report
    #[arg(long, value_name = "PREFIX")]
    plot: Option<PathBuf>,
    /// Scores to draw, by the names in the column score [default: the first four]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "plot")]
    curves: Vec<String>,
    #[command(flatten)]
    predictions: PredictionArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    summary: SummaryArgs,
}

/// Runs the command.
///
/// # Errors
/// An input cannot be read or is malformed, no allele is in both, or an output cannot be written.
pub fn run(args: &EvaluateArgs) -> Result<i32> {
    let labels = args.labels.as_deref();
    match (args.predictions.truth().is_empty(), labels) {
        (false, labels) => {
            let shared = Shared {
                input: &args.input,
                labels,
                by: &args.by,
                plot: args.plot.as_deref(),
                bootstrap: Bootstrap { replicates: args.bootstrap, seed: args.seed },
                output: &args.output,
                summary: &args.summary,
            };
            predictions::run(&args.predictions, shared)
        }
        (true, Some(labels)) => evaluate_scores(args, labels),
        (true, None) => Err(Usage("LABELS are missing".to_owned()).into()),
    }
}

/// Evaluates scores of labelled alleles.
fn evaluate_scores(args: &EvaluateArgs, labels: &Path) -> Result<i32> {
    if is_dash(&args.input) && is_dash(labels) {
        let problem = "SCORES and LABELS cannot both be stdin; give one of them as a file";
        return Err(Usage(problem.to_owned()).into());
    }
    if args.curves.len() > curves::MOST {
        let most = curves::MOST;
        let problem = format!("--curves takes {most} scores at most, as there are {most} colours");
        return Err(Usage(problem).into());
    }
    let plot = check_outputs(args, labels)?;
    let summary = Summary::create(&args.summary, "evaluate")?;
    let classes = Classes::new(&args.positive, &args.negative)?;
    let output = OpenOutput::create(Format::Tsv, &args.output.output)?;
    let labels = Labels::read(labels, &args.label, &classes, &args.by)?;
    let scores = ScoreTable::read(&args.input, &args.scores, &labels)?;
    let subjects = subject::subjects(&scores, &labels, args.sign);
    let groups = subject::groups(&scores, &labels, &args.by);
    let rows = rows(&scores, &labels, &subjects, &groups, args);
    // all files are complete before any gets its name
    let mut complete = match &plot {
        Some(prefix) => curves::write(prefix, &rows, &args.curves)?,
        None => Vec::new(),
    };
    let provenance = Provenance::of_this_run()
        .with("bootstrap", args.bootstrap.to_string())
        .with("seed", args.seed.to_string());
    let header = args.output.header();
    let columns = rows::columns(&write::COLUMNS);
    let mut table = output.begin(Head {
        columns: &columns,
        provenance: Some(&provenance),
        header,
        ..Head::default()
    })?;
    rows.iter().try_for_each(|row| table.row(write::cells(row)[..].into()))?;
    complete.extend(table.complete()?);
    complete.extend(summary.complete(&provenance, counts(&scores, &labels, rows.len() as u64))?);
    publish(complete)?;
    Ok(exit::SUCCESS)
}

/// Counts of the labelled alleles that have scores, by class.
fn counts(scores: &ScoreTable, labels: &Labels, rows: u64) -> Counts {
    let is_positive = |allele: &&LabelledScores| labels.labels[allele.label].positive;
    let positives = scores.alleles.iter().filter(is_positive).count() as u64;
    let alleles = scores.alleles.len() as u64;
    Counts::default()
        .total("alleles", alleles)
        .total("rows", rows)
        .status("positive", positives)
        .status("negative", alleles - positives)
}

/// Refuses outputs that are the same file as another one or as an input, and pictures that cannot be
/// written. Returns the start of the names of the pictures.
fn check_outputs(args: &EvaluateArgs, labels: &Path) -> Result<Option<Prefix>> {
    let plot = args.plot.as_deref().map(|path| Prefix::new(path, "roc")).transpose()?;
    let pictures = plot.as_ref().map(curves::paths).unwrap_or_default();
    let mut outputs = summary::outputs(&args.output.output, &args.summary);
    outputs.extend(pictures.iter().map(|path| ("--plot", path.as_path())));
    apart(&outputs, &[&args.input, labels])?;
    Ok(plot)
}

/// A row for each group and score.
fn rows<'a>(
    scores: &ScoreTable,
    labels: &Labels,
    subjects: &'a [RankedScore],
    groups: &'a [Stratum],
    args: &EvaluateArgs,
) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    let mut remarks = BTreeSet::new();
    for group in groups {
        for subject in subjects {
            let ranking = subject.ranking(scores, labels, group.members.iter().copied());
            let figures = ranking.figures();
            let intervals = statistics::intervals(&ranking, args.bootstrap, args.seed);
            let without = match (&figures, &intervals) {
                (None, _) => Some("no figures, which need both classes"),
                (_, None) if args.bootstrap > 0 => {
                    Some("no intervals, which need two of each class")
                }
                _ => None,
            };
            if let Some(without) = without {
                remarks.insert(format!(
                    "{} {}: {} positive, {} negative: {without}",
                    group.by, group.class, ranking.positives, ranking.negatives
                ));
            }
            rows.push(Row { group, subject, ranking, figures, intervals });
        }
    }
    const SHOWN: usize = 20;
    remarks.iter().take(SHOWN).for_each(|remark| log::warn!("{remark}"));
    if remarks.len() > SHOWN {
        log::warn!("and {} more classes", remarks.len() - SHOWN);
    }
    rows
}
