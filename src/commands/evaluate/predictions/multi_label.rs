//! Figures of predicted labels, of which a row may have any number.

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
    statistics::{ConfidenceInterval, LabelPredictions, MultiLabel, OneVsRest},
};

/// Predicted and true labels.
#[derive(Debug)]
pub struct Labels {
    names: Vec<String>,
    /// Rows × labels.
    truth: Vec<bool>,
    /// Rows × labels.
    scores: Vec<f64>,
    /// Groups of labels.
    groups: Vec<Group>,
}

impl Labels {
    /// Takes the labels of pairs, whose scores are in the order of the true labels.
    ///
    /// # Errors
    /// A true value is neither 0 nor 1, or no label has both.
    pub fn new(pairs: &Pairs, groups: Vec<Group>) -> Result<Self> {
        let columns: Vec<Vec<bool>> =
            pairs.truth.iter().map(bits).collect::<Result<_, InputError>>()?;
        let names: Vec<String> = pairs.truth.iter().map(|column| column.name.clone()).collect();
        let is_constant = |column: &Vec<bool>| column.iter().all(|is| *is == column[0]);
        let constant = columns.iter().zip(&names).filter(|(column, _)| is_constant(column));
        let constant: Vec<&str> = constant.map(|(_, name)| name.as_str()).collect();
        let file = &pairs.truth[0].file;
        if constant.len() == names.len() {
            bail!("{file}: every label is 0 in all rows or 1 in all, expected both");
        }
        log::info!(
            "{file}: {} with {}",
            counted(pairs.rows(), "row"),
            counted(names.len(), "label")
        );
        if !constant.is_empty() {
            const SHOWN: usize = 10;
            log::warn!(
                "{file}: labels that are 0 in all rows or 1 in all have no AUROC and do not count in averages of it: {} ({}{})",
                constant.len(),
                constant[..constant.len().min(SHOWN)].join(", "),
                if constant.len() > SHOWN { ", …" } else { "" }
            );
        }
        let row = |row: usize| columns.iter().map(move |column| column[row]);
        let truth = (0..pairs.rows()).flat_map(row).collect();
        Ok(Self { names, truth, scores: pairs.scores.clone(), groups })
    }

    /// Names of the columns of [`rows`](Self::rows).
    pub fn columns() -> Vec<String> {
        ["by", "class", "average", "n", "positives", "predicted"]
            .map(str::to_owned)
            .into_iter()
            .chain(figures::names(&ONE_VS_REST))
            .collect()
    }

    /// Mean and median over all labels and over each group of labels, then over all labels in each of
    /// `groups` of rows, then a row for each label.
    pub fn rows(&self, groups: &[Group], bootstrap: Bootstrap) -> Vec<Vec<Cell<'_>>> {
        let count = self.names.len();
        let all = Group::all(self.truth.len() / count);
        let mut sets = vec![(0..count).collect()];
        sets.extend(self.groups.iter().map(|group| group.members.clone()));
        let predictions = self.predictions(&all.members);
        let whole = Whole::new(&predictions, &sets, bootstrap);
        let mut rows = Vec::new();
        for (set, of) in sets.iter().enumerate() {
            let name = if set == 0 { &all } else { &self.groups[set - 1] };
            rows.extend(whole.averages(&predictions, (&name.by, &name.class), set, of));
        }
        for group in groups {
            let predictions = self.predictions(&group.members);
            let whole = Whole::new(&predictions, &sets[..1], bootstrap);
            let name = (group.by.as_str(), group.class.as_str());
            rows.extend(whole.averages(&predictions, name, 0, &sets[0]));
        }
        for (label, name) in self.names.iter().enumerate() {
            let interval = whole.intervals.as_ref().map(|i| &i.labels[label]);
            let figures = &whole.figures.labels[label];
            let of = [label];
            rows.push(whole.row(&predictions, ("label", name, "."), &of, figures, interval));
        }
        rows
    }

    /// The predictions as a report takes them.
    pub fn reported(&self) -> report::Labels<'_> {
        report::Labels { names: &self.names, truth: &self.truth, probabilities: &self.scores }
    }

    /// The predictions for some rows.
    fn predictions(&self, members: &[usize]) -> LabelPredictions {
        let count = self.names.len();
        let at = |row: &usize| row * count..(row + 1) * count;
        let truth: Vec<bool> =
            members.iter().flat_map(|row| &self.truth[at(row)]).copied().collect();
        let scores: Vec<f64> =
            members.iter().flat_map(|row| &self.scores[at(row)]).copied().collect();
        LabelPredictions::new(count, &truth, &scores)
    }
}

/// The figures of some rows.
struct Whole {
    n: usize,
    figures: MultiLabel<Option<f64>>,
    intervals: Option<MultiLabel<Option<ConfidenceInterval>>>,
}

impl Whole {
    fn new(predictions: &LabelPredictions, sets: &[Vec<usize>], bootstrap: Bootstrap) -> Self {
        Self {
            n: predictions.members(),
            figures: predictions.figures(sets),
            intervals: predictions.intervals(sets, bootstrap.replicates, bootstrap.seed),
        }
    }

    /// The rows of the mean and the median over set number `set`, which has these labels.
    fn averages(
        &self,
        predictions: &LabelPredictions,
        (by, class): (&str, &str),
        set: usize,
        labels: &[usize],
    ) -> [Vec<Cell<'static>>; 2] {
        let of = &self.figures.sets[set];
        let interval = self.intervals.as_ref().map(|i| &i.sets[set]);
        [
            self.row(predictions, (by, class, "mean"), labels, &of.mean, interval.map(|i| &i.mean)),
            self.row(
                predictions,
                (by, class, "median"),
                labels,
                &of.median,
                interval.map(|i| &i.median),
            ),
        ]
    }

    fn row(
        &self,
        predictions: &LabelPredictions,
        (by, class, average): (&str, &str, &str),
        labels: &[usize],
        figures: &OneVsRest<Option<f64>>,
        intervals: Option<&OneVsRest<Option<ConfidenceInterval>>>,
    ) -> Vec<Cell<'static>> {
        let counts = || labels.iter().map(|&label| predictions.counts(label));
        let positives: u64 = counts().map(|(positives, _)| positives).sum();
        let predicted: Option<u64> = counts().map(|(_, predicted)| predicted).sum();
        let mut row: Vec<Cell<'static>> =
            [by, class, average].map(|text| Cell::from(text.to_owned())).to_vec();
        row.extend([(self.n as u64).into(), positives.into()]);
        row.push(predicted.map_or(Cell::Missing, Cell::from));
        row.extend(figures::one_vs_rest(figures, intervals));
        row
    }
}

/// A column of 0 and 1.
fn bits(column: &TextColumn) -> Result<Vec<bool>, InputError> {
    let bit = |(row, value): (usize, &String)| match finite(value) {
        Some(0.0) => Ok(false),
        Some(1.0) => Ok(true),
        _ => Err(column.error(row, "0 or 1, as several columns of --truth are labels")),
    };
    column.values.iter().enumerate().map(bit).collect()
}
