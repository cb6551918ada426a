//! Options about predictions, and the columns that they name.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::task::Task;
use crate::{commands::evaluate::labels::ValueList, process::exit::Usage};

/// Options about predictions.
#[derive(Debug, Args)]
#[command(next_help_heading = "Predictions of classes, labels or numbers")]
pub struct PredictionArgs {
    /// Evaluate predictions: SCORES is a table (TSV or CSV), and this its column with the true class or
    /// number, or a column of 0 and 1 for each label. With LABELS, a table too, these are its columns
    #[arg(
        long,
        value_name = "COLUMN,…",
        conflicts_with_all = ["label", "positive", "negative", "scores", "sign", "curves"]
    )]
    pub truth: Vec<ValueList>,
    /// Column with the predicted class or number
    #[arg(long, value_name = "COLUMN", requires = "truth")]
    pub predicted: Option<String>,
    /// Column with the probability, or another score, of each class or label: its name, or CLASS=COLUMN.
    /// Without --predicted, the class with the highest one is predicted
    #[arg(long, value_name = "COLUMN,…", requires = "truth")]
    pub probabilities: Vec<ValueList>,
    /// Kind of predictions [default: multi-label with several columns of --truth; regression if a value
    /// has a fraction and there are no probabilities; else classes]
    #[arg(long, value_name = "TASK", requires = "truth")]
    pub task: Option<Task>,
    /// Column of both tables by which rows of LABELS match predictions
    #[arg(long, value_name = "COLUMN", requires = "truth", requires = "labels")]
    pub id: Option<String>,
    /// Table with the columns label and group: also the averages over each group of labels
    #[arg(long, value_name = "FILE", requires = "truth")]
    pub label_groups: Option<PathBuf>,
    /// Also write the confusion matrix: rows are true classes, columns predicted ones
    #[arg(long, value_name = "FILE.tsv", requires = "truth")]
    pub confusion: Option<PathBuf>,
    /// Also write a report into this folder: figures, a confusion matrix, and ROC, precision-recall and
    /// reliability curves; of numbers, a scatter plot
    #[arg(long, value_name = "DIR", requires = "truth")]
    pub report: Option<PathBuf>,
}

/// Columns with the scores of classes or labels.
#[derive(Debug)]
pub struct Scored<'a> {
    /// Names of the classes or labels.
    pub names: Vec<&'a str>,
    /// Column of each.
    pub columns: Vec<&'a str>,
}

pub fn usage(problem: impl Into<String>) -> anyhow::Error {
    Usage(problem.into()).into()
}

impl PredictionArgs {
    /// The columns with true values; none if scores of alleles are evaluated.
    pub fn truth(&self) -> Vec<&str> {
        self.truth.iter().flat_map(ValueList::values).collect()
    }

    /// The columns of `--probabilities`, after a check of the options.
    ///
    /// # Errors
    /// Options do not fit each other.
    pub fn scored(&self) -> Result<Scored<'_>> {
        let truth = self.truth();
        if truth.len() > 1 && self.task.unwrap_or(Task::MultiLabel) != Task::MultiLabel {
            return Err(usage("several columns of --truth are labels; --task has another value"));
        }
        let values = self.probabilities.iter().flat_map(ValueList::values);
        let (names, columns): (Vec<&str>, Vec<&str>) =
            values.map(|value| value.split_once('=').unwrap_or((value, value))).unzip();
        for (place, (&class, &column)) in names.iter().zip(&columns).enumerate() {
            if class.is_empty() || column.is_empty() {
                return Err(usage(format!(
                    "--probabilities {class}={column}: expected CLASS=COLUMN, or the name of both"
                )));
            }
            if names[..place].contains(&class) {
                return Err(usage(format!("--probabilities names the class {class} twice")));
            }
        }
        let scored = Scored { names, columns };
        if truth.len() > 1 || self.task == Some(Task::MultiLabel) {
            return self.of_labels(&truth, &scored);
        }
        if self.label_groups.is_some() {
            return Err(usage("--label-groups is of labels; give a column of --truth for each"));
        }
        match scored.names.len() {
            0 if self.predicted.is_none() => {
                Err(usage("--truth needs --predicted COLUMN, --probabilities COLUMN,… or both"))
            }
            1 => Err(usage(
                "--probabilities has one class, expected a column for each of two or more",
            )),
            2.. if self.task == Some(Task::Regression) => {
                Err(usage("--probabilities are of classes; --task regression has none"))
            }
            _ => Ok(scored),
        }
    }

    /// The columns of labels, in the order of `--truth`.
    fn of_labels<'a>(&'a self, truth: &[&'a str], scored: &Scored<'a>) -> Result<Scored<'a>> {
        if self.predicted.is_some() {
            return Err(usage(
                "--predicted is of one class or number; labels need --probabilities",
            ));
        }
        self.refuse_confusion("labels have none")?;
        if let Some(unknown) = scored.names.iter().find(|name| !truth.contains(name)) {
            return Err(usage(format!(
                "--probabilities {unknown}: --truth has no such label; name the column of a label as LABEL=COLUMN"
            )));
        }
        let mut columns = Vec::with_capacity(truth.len());
        for (place, label) in truth.iter().enumerate() {
            if truth[..place].contains(label) {
                return Err(usage(format!("--truth names the label {label} twice")));
            }
            let Some(found) = scored.names.iter().position(|name| name == label) else {
                return Err(usage(format!("--probabilities has no column for the label {label}")));
            };
            let column = scored.columns[found];
            if self.id.is_none() && truth.contains(&column) {
                return Err(usage(format!(
                    "--probabilities {column} is a column of --truth; name that of the probability as {label}=COLUMN"
                )));
            }
            columns.push(column);
        }
        Ok(Scored { names: truth.to_vec(), columns })
    }

    /// Refuses `--confusion` of a task without a confusion matrix.
    ///
    /// # Errors
    /// It is given.
    pub fn refuse_confusion(&self, reason: &str) -> Result<()> {
        match self.confusion {
            Some(_) => Err(usage(format!("--confusion is of classes; {reason}"))),
            None => Ok(()),
        }
    }
}
