//! Figures of predicted classes.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, bail};

use super::{
    columns::{TextColumn, finite},
    groups::Group,
    pairs::Pairs,
};
use crate::{
    commands::{
        output::rows::Cell,
        report::{
            self, Bootstrap,
            figures::{self, ONE_VS_REST},
        },
    },
    formats::{error::InputError, number::counted},
    statistics::{ClassPredictions, Classification, ConfidenceInterval, Confusion},
};

/// Figures of all classes together, in the order of their columns.
const OVERALL: [&str; 3] = ["accuracy", "balanced_accuracy", "mcc"];

/// Predicted and true classes.
#[derive(Debug)]
pub struct Classes {
    names: Vec<String>,
    /// Rows × classes; empty if classes alone are predicted.
    scores: Vec<f64>,
    predictions: ClassPredictions,
    confusion: Confusion,
}

impl Classes {
    /// Takes the classes of pairs. `scored` are the classes of the scores, in their order; without
    /// scores, classes are those of the values.
    ///
    /// # Errors
    /// A value is not one of `scored`, only one class has rows, or no predicted class is a true one.
    pub fn new(pairs: &Pairs, scored: &[&str]) -> Result<Self> {
        let names = match scored {
            [] => found(pairs),
            _ => scored.iter().map(|&name| name.to_owned()).collect(),
        };
        let places: HashMap<&str, usize> =
            names.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let truth = indices(&pairs.truth[0], &places, &names)?;
        let count = names.len();
        let predictions = match &pairs.predicted {
            Some(column) => {
                let predicted = indices(column, &places, &names)?;
                let predictions = ClassPredictions::new(count, truth, predicted);
                match scored {
                    [] => predictions,
                    _ => predictions.with_scores(&pairs.scores),
                }
            }
            None => ClassPredictions::of_scores(count, truth, &pairs.scores),
        };
        let confusion = predictions.confusion();
        let all = Self { names, scores: pairs.scores.clone(), predictions, confusion };
        all.check(pairs, scored.is_empty())?;
        Ok(all)
    }

    /// Refuses a single class and, of classes that were found, two sets of names. Warns of classes without
    /// rows.
    fn check(&self, pairs: &Pairs, are_found: bool) -> Result<()> {
        let truth = &pairs.truth[0];
        let with_rows = |class: &usize| self.confusion.members(*class) > 0;
        let (true_classes, others): (Vec<usize>, Vec<usize>) =
            (0..self.names.len()).partition(with_rows);
        let names = |classes: &[usize]| {
            classes.iter().map(|&class| self.names[class].as_str()).collect::<Vec<_>>().join(", ")
        };
        if let [class] = true_classes[..] {
            bail!(
                "{}: {} is {} in every row, expected two classes at least",
                truth.file,
                truth.name,
                self.names[class]
            );
        }
        let is_never = |&class: &usize| self.confusion.predicted(class) == 0;
        if are_found && true_classes.iter().all(is_never) {
            let column = pairs.predicted.as_ref().map_or("", |column| &column.name);
            bail!(
                "{}: no predicted class ({column}: {}) is a true class ({}: {}); both must have the same names",
                truth.file,
                names(&others),
                truth.name,
                names(&true_classes)
            );
        }
        log::info!(
            "{}: {} of the classes {}",
            truth.file,
            counted(truth.values.len(), "row"),
            names(&true_classes)
        );
        if !others.is_empty() {
            log::warn!("{}: no row is of class {}, which has no AUROC", truth.file, names(&others));
        }
        Ok(())
    }

    /// Names of the columns of [`rows`](Self::rows).
    pub fn columns() -> Vec<String> {
        ["by", "class", "n", "predicted"]
            .map(str::to_owned)
            .into_iter()
            .chain(figures::names(&OVERALL))
            .chain(figures::names(&ONE_VS_REST))
            .collect()
    }

    /// A row for all classes, one for each, and one for all classes in each of `groups` of rows.
    pub fn rows<'a>(&'a self, groups: &'a [Group], bootstrap: Bootstrap) -> Vec<Vec<Cell<'a>>> {
        let intervals = self.predictions.intervals(bootstrap.replicates, bootstrap.seed);
        if intervals.is_none() && bootstrap.replicates > 0 {
            let single = (0..self.names.len()).filter(|&class| self.confusion.members(class) == 1);
            let single: Vec<&str> = single.map(|class| self.names[class].as_str()).collect();
            log::warn!(
                "no intervals, which need two rows of each class: {} has one",
                single.join(", ")
            );
        }
        let figures = self.predictions.figures();
        let n = self.predictions.truth().len();
        let mut rows = vec![overall(("all", "all"), n, &figures, intervals.as_ref())];
        for (class, of_class) in figures.classes.iter().enumerate() {
            let [members, predicted] =
                [self.confusion.members(class), self.confusion.predicted(class)];
            let mut row: Vec<Cell<'_>> = vec![
                "class".into(),
                self.names[class].as_str().into(),
                members.into(),
                predicted.into(),
            ];
            for _ in OVERALL {
                row.extend(figures::cells(None, None));
            }
            let intervals = intervals.as_ref().map(|i| &i.classes[class]);
            row.extend(figures::one_vs_rest(of_class, intervals));
            rows.push(row);
        }
        for group in groups {
            let predictions = self.of_rows(&group.members);
            let intervals = predictions.intervals(bootstrap.replicates, bootstrap.seed);
            let (name, n) = ((group.by.as_str(), group.class.as_str()), group.members.len());
            rows.push(overall(name, n, &predictions.figures(), intervals.as_ref()));
        }
        rows
    }

    /// The predictions for some rows.
    fn of_rows(&self, rows: &[usize]) -> ClassPredictions {
        let of = |classes: &[usize]| rows.iter().map(|&row| classes[row]).collect();
        let (truth, predicted) = (of(self.predictions.truth()), of(self.predictions.predicted()));
        let predictions = ClassPredictions::new(self.names.len(), truth, predicted);
        if self.scores.is_empty() {
            return predictions;
        }
        let count = self.names.len();
        let scores = rows.iter().flat_map(|row| &self.scores[row * count..(row + 1) * count]);
        predictions.with_scores(&scores.copied().collect::<Vec<_>>())
    }

    /// Names of the classes.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The confusion matrix.
    pub fn confusion(&self) -> &Confusion {
        &self.confusion
    }

    /// The predictions as a report takes them.
    pub fn reported(&self) -> report::Classes<'_> {
        report::Classes {
            names: &self.names,
            truth: self.predictions.truth(),
            predicted: Some(self.predictions.predicted()),
            probabilities: &self.scores,
        }
    }
}

/// The row of all classes of `n` rows, which have a name.
fn overall<'a>(
    (by, class): (&'a str, &'a str),
    n: usize,
    figures: &Classification<Option<f64>>,
    intervals: Option<&Classification<Option<ConfidenceInterval>>>,
) -> Vec<Cell<'a>> {
    let of =
        |value: fn(&Classification<Option<ConfidenceInterval>>) -> _| intervals.and_then(value);
    let mut row: Vec<Cell<'a>> =
        vec![by.into(), class.into(), (n as u64).into(), (n as u64).into()];
    row.extend(figures::cells(figures.accuracy, of(|i| i.accuracy)));
    row.extend(figures::cells(figures.balanced_accuracy, of(|i| i.balanced_accuracy)));
    row.extend(figures::cells(figures.mcc, of(|i| i.mcc)));
    row.extend(figures::one_vs_rest(&figures.macro_average, intervals.map(|i| &i.macro_average)));
    row
}

/// Names of the classes that occur, in the order of numbers if all are, else of letters.
fn found(pairs: &Pairs) -> Vec<String> {
    let values = pairs.truth.iter().chain(&pairs.predicted).flat_map(|column| &column.values);
    let mut names: Vec<String> = values.collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let numbers: Option<Vec<f64>> = names.iter().map(|name| finite(name)).collect();
    if let Some(numbers) = numbers {
        let mut sorted: Vec<(f64, String)> = numbers.into_iter().zip(names).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        names = sorted.into_iter().map(|(_, name)| name).collect();
    }
    names
}

/// The class of each row.
fn indices(
    column: &TextColumn,
    places: &HashMap<&str, usize>,
    names: &[String],
) -> Result<Vec<usize>, InputError> {
    let class = |(row, value): (usize, &String)| {
        places.get(value.as_str()).copied().ok_or_else(|| {
            column.error(
                row,
                format!(
                    "a class of --probabilities: {}; name the class of a column as CLASS=COLUMN",
                    names.join(", ")
                ),
            )
        })
    };
    column.values.iter().enumerate().map(class).collect()
}
