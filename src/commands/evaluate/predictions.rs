//! Predicted classes or numbers of a table, compared with the true ones.

mod args;
mod classes;
mod columns;
mod groups;
mod multi_label;
mod numbers;
mod pairs;
mod task;

use std::path::{Path, PathBuf};

use anyhow::Result;

pub use self::args::PredictionArgs;
use self::{
    args::{Scored, usage},
    classes::Classes,
    groups::Group,
    multi_label::Labels,
    numbers::Numbers,
    pairs::{LabelFile, Pairs, Wanted},
    task::Task,
};
use crate::{
    cli::io::{OutputArgs, SummaryArgs},
    commands::{
        output::{
            format::Format,
            paths::{apart, one_stdin},
            pictures::Prefix,
            rows::{self, Cell, Head, OpenOutput},
            summary::{self, Counts, Summary},
        },
        report::{self, Bootstrap, Predictions, confusion},
    },
    formats::output::{Complete, publish},
    process::{exit, provenance::Provenance},
};

/// Files and settings that other inputs of the command have too.
#[derive(Debug, Clone, Copy)]
pub struct Shared<'a> {
    pub input: &'a Path,
    pub labels: Option<&'a Path>,
    pub by: &'a [String],
    pub plot: Option<&'a Path>,
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

/// Predictions of a kind.
enum Subject<'a> {
    Classes(Classes),
    Labels(Labels),
    Numbers(Numbers<'a>),
}

impl Subject<'_> {
    /// The table of the figures: columns and rows.
    fn table<'b>(
        &'b self,
        groups: &'b [Group],
        bootstrap: Bootstrap,
    ) -> (Vec<String>, Vec<Vec<Cell<'b>>>) {
        match self {
            Self::Classes(classes) => (Classes::columns(), classes.rows(groups, bootstrap)),
            Self::Labels(labels) => (Labels::columns(), labels.rows(groups, bootstrap)),
            Self::Numbers(numbers) => (numbers::columns(), numbers.rows(groups, bootstrap)),
        }
    }

    /// The predictions as a report takes them.
    fn reported(&self) -> Predictions<'_> {
        match self {
            Self::Classes(classes) => Predictions::Classes(classes.reported()),
            Self::Labels(labels) => Predictions::Labels(labels.reported()),
            Self::Numbers(numbers) => Predictions::Numbers(numbers.reported()),
        }
    }
}

/// Evaluates predictions whose true values are in the columns of `--truth`.
///
/// # Errors
/// Options do not fit each other or the values, an input cannot be read or is malformed, or an output
/// cannot be written.
pub fn run(args: &PredictionArgs, shared: Shared<'_>) -> Result<i32> {
    let Scored { names, columns } = args.scored()?;
    let labels = match (shared.labels, &args.id) {
        (Some(path), Some(id)) => Some(LabelFile { path, id }),
        (Some(_), None) => return Err(usage("LABELS are matched by a column; name it with --id")),
        (None, _) => None,
    };
    if args.task == Some(Task::Regression) {
        args.refuse_confusion(WITHOUT_CONFUSION)?;
    }
    let plot = check_files(args, shared)?;
    let summary = Summary::create(shared.summary, "evaluate")?;
    let output = OpenOutput::create(Format::Tsv, &shared.output.output)?;
    let create = |path: &PathBuf| OpenOutput::create(Format::Tsv, path);
    let matrix = args.confusion.as_ref().map(create).transpose()?;
    args.report.as_deref().map_or(Ok(()), report::check)?;
    let by: Vec<&str> = shared.by.iter().map(String::as_str).collect();
    let predicted = args.predicted.as_deref();
    let wanted = Wanted { truth: &args.truth(), by: &by, predicted, scores: &columns };
    let pairs = Pairs::read(shared.input, wanted, labels)?;
    let task = args.task.unwrap_or_else(|| Task::of(&pairs));
    let bootstrap = shared.bootstrap;
    let provenance = Provenance::of_this_run()
        .with("task", task.name())
        .with("bootstrap", bootstrap.replicates.to_string())
        .with("seed", bootstrap.seed.to_string());
    let subject = match (task, &pairs.predicted) {
        (Task::Regression, Some(predicted)) => {
            args.refuse_confusion(WITHOUT_CONFUSION)?;
            Subject::Numbers(Numbers::new(&pairs.truth[0], predicted)?)
        }
        (Task::Regression, None) => return Err(usage("--task regression needs --predicted")),
        (Task::Classes, _) => Subject::Classes(Classes::new(&pairs, &names)?),
        (Task::MultiLabel, _) => {
            let groups = args.label_groups.as_deref();
            let groups = groups.map(|path| Group::of_labels(path, &names)).transpose()?;
            Subject::Labels(Labels::new(&pairs, groups.unwrap_or_default())?)
        }
    };
    // all files are complete before any gets its name
    let mut complete = Vec::new();
    let groups = Group::of_columns(&pairs.by);
    let (columns, rows) = subject.table(&groups, bootstrap);
    let count = rows.len() as u64;
    complete.extend(Table { output, columns, rows }.write(&provenance, shared.output)?);
    if let (Some(output), Subject::Classes(classes)) = (matrix, &subject) {
        let columns = confusion::columns(classes.names());
        let rows = confusion::rows(classes.names(), classes.confusion());
        complete.extend(Table { output, columns, rows }.write(&provenance, shared.output)?);
    }
    let reported = subject.reported();
    if let Some(prefix) = plot {
        for (name, chart) in report::charts(&reported, bootstrap) {
            complete.extend(prefix.draw(name, &chart)?);
        }
    }
    let write = |path: &PathBuf| report::write(path, &reported, None, bootstrap, &provenance);
    let report = args.report.as_ref().map(write).transpose()?;
    let counts = Counts::default().total("predictions", pairs.rows() as u64).total("rows", count);
    complete.extend(summary.complete(&provenance, counts)?);
    match report {
        Some(folder) => folder.publish_with(complete)?,
        None => publish(complete)?,
    }
    Ok(exit::SUCCESS)
}

/// Reason for the refusal of a confusion matrix.
const WITHOUT_CONFUSION: &str = "numbers (--task regression) have none";

/// Refuses two inputs from stdin, outputs that are the same file as another one or as an input, and
/// pictures that cannot be written. Returns the start of the names of the pictures.
fn check_files(args: &PredictionArgs, shared: Shared<'_>) -> Result<Option<Prefix>> {
    let inputs: Vec<&Path> = [shared.input]
        .into_iter()
        .chain(shared.labels)
        .chain(args.label_groups.as_deref())
        .collect();
    one_stdin(&inputs)?;
    let plot = shared.plot.map(|path| Prefix::new(path, "roc")).transpose()?;
    let picture = |name: &&str| plot.as_ref().map(|prefix| prefix.paths(name));
    let pictures: Vec<PathBuf> = report::CHARTS.iter().filter_map(picture).flatten().collect();
    let mut outputs = summary::outputs(&shared.output.output, shared.summary);
    outputs.extend(args.confusion.as_deref().map(|path| ("--confusion", path)));
    outputs.extend(args.report.as_deref().map(|path| ("--report", path)));
    outputs.extend(pictures.iter().map(|path| ("--plot", path.as_path())));
    apart(&outputs, &inputs)?;
    Ok(plot)
}
