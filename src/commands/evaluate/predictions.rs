//! Predicted classes or numbers of a table, compared with the true ones.

mod classes;
mod columns;
mod numbers;
mod pairs;
mod task;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use self::{
    classes::Classes,
    numbers::Numbers,
    pairs::{LabelFile, Pairs},
    task::Task,
};
use super::labels::ValueList;
use crate::{
    cli::io::{OutputArgs, SummaryArgs},
    commands::{
        output::{
            format::Format,
            paths::{apart, one_stdin},
            rows::{self, Cell, Head, OpenOutput},
            summary::{self, Counts, Summary},
        },
        report::{self, Bootstrap, Predictions, confusion},
    },
    formats::output::{Complete, NewFolder},
    process::{
        exit::{self, Usage},
        provenance::Provenance,
    },
};

/// Options about predictions.
#[derive(Debug, Args)]
#[command(next_help_heading = "Predictions of classes or numbers")]
pub struct PredictionArgs {
    /// Evaluate predictions: SCORES is a table (TSV or CSV), and this its column with the true class or
    /// number. With LABELS, a table too, it is a column of that one
    #[arg(
        long,
        value_name = "COLUMN",
        conflicts_with_all = ["label", "positive", "negative", "scores", "sign", "by", "plot", "curves"]
    )]
    pub truth: Option<String>,
    /// Column with the predicted class or number
    #[arg(long, value_name = "COLUMN", requires = "truth")]
    predicted: Option<String>,
    /// Column with the probability, or another score, of each class: the name of the class, or
    /// CLASS=COLUMN. Without --predicted, the class with the highest one is predicted
    #[arg(long, value_name = "COLUMN,…", requires = "truth")]
    probabilities: Vec<ValueList>,
    /// Kind of predictions [default: regression if a value has a fraction and there are no
    /// probabilities, else classes]
    #[arg(long, value_name = "TASK", requires = "truth")]
    task: Option<Task>,
    /// Column of both tables by which rows of LABELS match predictions
    #[arg(long, value_name = "COLUMN", requires = "truth", requires = "labels")]
    id: Option<String>,
    /// Also write the confusion matrix: rows are true classes, columns predicted ones
    #[arg(long, value_name = "FILE.tsv", requires = "truth")]
    confusion: Option<PathBuf>,
    /// Also write a report into this folder: figures, a confusion matrix, and ROC, precision-recall and
    /// reliability curves; of numbers, a scatter plot
    #[arg(long, value_name = "DIR", requires = "truth")]
    report: Option<PathBuf>,
}

/// Files and settings that other inputs of the command have too.
#[derive(Debug, Clone, Copy)]
pub struct Shared<'a> {
    pub input: &'a Path,
    pub labels: Option<&'a Path>,
    pub bootstrap: Bootstrap,
    pub output: &'a OutputArgs,
    pub summary: &'a SummaryArgs,
}

/// A table to write.
struct Table<'a> {
    output: OpenOutput,
    columns: Vec<String>,
    rows: Vec<Vec<Cell<'a>>>,
}

impl Table<'_> {
    fn write(self, provenance: &Provenance, output: &OutputArgs) -> Result<Vec<Complete>> {
        let columns = rows::columns(&self.columns);
        let (provenance, header) = (Some(provenance), output.header());
        let head = Head { columns: &columns, provenance, header, ..Head::default() };
        let mut table = self.output.begin(head)?;
        self.rows.iter().try_for_each(|row| table.row(row[..].into()))?;
        Ok(table.complete()?)
    }
}

/// Evaluates predictions whose true values are in the column `truth`.
///
/// # Errors
/// Options do not fit each other or the values, an input cannot be read or is malformed, or an output
/// cannot be written.
pub fn run(args: &PredictionArgs, truth: &str, shared: Shared<'_>) -> Result<i32> {
    let scored = scored_classes(args)?;
    let (names, columns): (Vec<&str>, Vec<&str>) = scored.into_iter().unzip();
    let labels = match (shared.labels, &args.id) {
        (Some(path), Some(id)) => Some(LabelFile { path, id }),
        (Some(_), None) => return Err(usage("LABELS are matched by a column; name it with --id")),
        (None, _) => None,
    };
    check_files(args, shared)?;
    let summary = Summary::create(shared.summary, "evaluate")?;
    let output = OpenOutput::create(Format::Tsv, &shared.output.output)?;
    let create = |path: &PathBuf| OpenOutput::create(Format::Tsv, path);
    let matrix = args.confusion.as_ref().map(create).transpose()?;
    args.report.as_deref().map_or(Ok(()), report::check)?;
    let pairs = Pairs::read(shared.input, truth, args.predicted.as_deref(), &columns, labels)?;
    let task = args.task.unwrap_or_else(|| Task::of(&pairs));
    let bootstrap = shared.bootstrap;
    let provenance = Provenance::of_this_run()
        .with("task", task.name())
        .with("bootstrap", bootstrap.replicates.to_string())
        .with("seed", bootstrap.seed.to_string());
    let mut complete = Vec::new();
    let report = |predictions: Predictions<'_>| -> Result<Option<NewFolder>> {
        let write =
            |folder: &PathBuf| report::write(folder, &predictions, None, bootstrap, &provenance);
        args.report.as_ref().map(write).transpose()
    };
    let (rows, report) = match (task, &pairs.predicted) {
        (Task::Regression, Some(predicted)) => {
            refuse_confusion(args)?;
            let numbers = Numbers::new(&pairs.truth, predicted)?;
            let rows = vec![numbers.row(bootstrap)];
            let table = Table { output, columns: numbers::columns(), rows };
            complete.extend(table.write(&provenance, shared.output)?);
            (1, report(Predictions::Numbers(numbers.reported()))?)
        }
        (Task::Regression, None) => return Err(usage("--task regression needs --predicted")),
        (Task::Classes, _) => {
            let classes = Classes::new(&pairs, &names)?;
            let table =
                Table { output, columns: Classes::columns(), rows: classes.rows(bootstrap) };
            let rows = table.rows.len() as u64;
            complete.extend(table.write(&provenance, shared.output)?);
            if let Some(output) = matrix {
                let columns = confusion::columns(classes.names());
                let rows = confusion::rows(classes.names(), classes.confusion());
                let table = Table { output, columns, rows };
                complete.extend(table.write(&provenance, shared.output)?);
            }
            (rows, report(Predictions::Classes(classes.reported(&pairs.scores)))?)
        }
    };
    let counts =
        Counts::default().total("predictions", pairs.truth.values.len() as u64).total("rows", rows);
    complete.extend(summary.complete(&provenance, counts)?);
    report.map_or(Ok(()), NewFolder::publish)?;
    complete.into_iter().try_for_each(Complete::publish)?;
    Ok(exit::SUCCESS)
}

fn usage(problem: &str) -> anyhow::Error {
    Usage(problem.to_owned()).into()
}

/// Classes of `--probabilities`, each with its column, after a check of the options.
fn scored_classes(args: &PredictionArgs) -> Result<Vec<(&str, &str)>> {
    let values = args.probabilities.iter().flat_map(ValueList::values);
    let scored: Vec<(&str, &str)> =
        values.map(|value| value.split_once('=').unwrap_or((value, value))).collect();
    match scored.len() {
        0 if args.predicted.is_none() => {
            let problem = "--truth needs --predicted COLUMN, --probabilities COLUMN,… or both";
            return Err(usage(problem));
        }
        1 => {
            let problem =
                "--probabilities has one class, expected a column for each of two or more";
            return Err(usage(problem));
        }
        2.. if args.task == Some(Task::Regression) => {
            return Err(usage("--probabilities are of classes; --task regression has none"));
        }
        _ => {}
    }
    if args.task == Some(Task::Regression) {
        refuse_confusion(args)?;
    }
    for (place, (class, column)) in scored.iter().enumerate() {
        if class.is_empty() || column.is_empty() {
            return Err(usage(&format!(
                "--probabilities {class}={column}: expected CLASS=COLUMN, or the name of both"
            )));
        }
        if scored[..place].iter().any(|(other, _)| other == class) {
            return Err(usage(&format!("--probabilities names the class {class} twice")));
        }
    }
    Ok(scored)
}

fn refuse_confusion(args: &PredictionArgs) -> Result<()> {
    match args.confusion {
        Some(_) => Err(usage("--confusion is of classes; numbers (--task regression) have none")),
        None => Ok(()),
    }
}

/// Refuses two inputs from stdin, and outputs that are the same file as another one or as an input.
fn check_files(args: &PredictionArgs, shared: Shared<'_>) -> Result<()> {
    let inputs: Vec<&Path> = [shared.input].into_iter().chain(shared.labels).collect();
    one_stdin(&inputs)?;
    let mut outputs = summary::outputs(&shared.output.output, shared.summary);
    outputs.extend(args.confusion.as_deref().map(|path| ("--confusion", path)));
    outputs.extend(args.report.as_deref().map(|path| ("--report", path)));
    apart(&outputs, &inputs)
}
