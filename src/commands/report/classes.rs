//! The report of predicted classes.

use anyhow::Result;

use super::{
    confusion,
    curves::{self, Positive},
    figures::{self, Bootstrap, ONE_VS_REST},
    members::Members,
    tables::{Metric, Tables},
};
use crate::{
    commands::output::rows::Cell,
    plot::scene::Chart,
    statistics::{Calibration, ClassPredictions, Classification, ConfidenceInterval, Confusion},
};

/// Classes of members, and their probabilities.
#[derive(Debug, Clone, Copy)]
pub struct Classes<'a> {
    /// Names of the classes; two at least.
    pub names: &'a [String],
    /// True class of each member.
    pub truth: &'a [usize],
    /// Predicted class of each member; `None` for the one with the highest probability.
    pub predicted: Option<&'a [usize]>,
    /// Probability or another score of each class, members × classes; may be empty if classes are
    /// predicted.
    pub probabilities: &'a [f64],
}

/// Predictions for some members, with their figures.
struct Measured {
    predictions: ClassPredictions,
    confusion: Confusion,
    figures: Classification<Option<f64>>,
    intervals: Option<Classification<Option<ConfidenceInterval>>>,
}

impl Classes<'_> {
    /// Writes the files.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(
        &self,
        tables: &Tables<'_>,
        clean: Option<&[bool]>,
        bootstrap: Bootstrap,
    ) -> Result<()> {
        let groups = Members::groups(self.truth.len(), clean);
        let measured: Vec<Measured> =
            groups.iter().map(|members| self.measure(members, bootstrap)).collect();
        let metrics = |(members, measured)| (members, self.metrics(members, measured));
        let metrics: Vec<_> = groups.iter().zip(&measured).map(metrics).collect();
        tables.metrics(&metrics)?;
        let columns = ["test", "class", "n", "predicted"].map(str::to_owned);
        let columns: Vec<String> =
            columns.into_iter().chain(figures::names(&ONE_VS_REST)).collect();
        let rows: Vec<_> =
            groups.iter().zip(&measured).flat_map(|(of, m)| self.class_rows(of, m)).collect();
        tables.table("classes.tsv", &columns, &rows)?;
        let (all, whole) = (&groups[0], &measured[0]);
        tables.table(
            "confusion.tsv",
            &confusion::columns(self.names),
            &confusion::rows(self.names, &whole.confusion),
        )?;
        if let Some(calibration) = self.calibration(all, &whole.predictions) {
            tables.reliability(&calibration)?;
        }
        tables.charts(&self.drawn(all, whole))
    }

    /// The charts, by name.
    pub fn charts(&self, bootstrap: Bootstrap) -> Vec<(&'static str, Chart)> {
        let [all] = &Members::groups(self.truth.len(), None)[..] else { return Vec::new() };
        self.drawn(all, &self.measure(all, bootstrap))
    }

    fn drawn(&self, all: &Members, whole: &Measured) -> Vec<(&'static str, Chart)> {
        let mut charts = vec![("confusion", confusion::draw(self.names, &whole.confusion))];
        if self.probabilities.is_empty() {
            return charts;
        }
        if let Some([roc, pr]) = curves::draw(&self.positives(whole), self.truth.len()) {
            charts.extend([("roc", roc), ("pr", pr)]);
        }
        match self.calibration(all, &whole.predictions) {
            Some(calibration) => {
                let axes = match self.names {
                    [_, second] => {
                        [format!("probability of {second}"), format!("share of {second}")]
                    }
                    _ => ["probability of the predicted class", "share that is right"]
                        .map(str::to_owned),
                };
                charts.push(("reliability", curves::reliability(&calibration, axes)));
            }
            None => curves::without_reliability(),
        }
        charts
    }

    fn measure(&self, members: &Members, bootstrap: Bootstrap) -> Measured {
        let count = self.names.len();
        let truth = members.of(self.truth, 1);
        let scores = match self.probabilities {
            [] => Vec::new(),
            all => members.of(all, count),
        };
        let predictions = match self.predicted {
            None => ClassPredictions::of_scores(count, truth, &scores),
            Some(predicted) => {
                let predictions = ClassPredictions::new(count, truth, members.of(predicted, 1));
                if scores.is_empty() { predictions } else { predictions.with_scores(&scores) }
            }
        };
        Measured {
            confusion: predictions.confusion(),
            figures: predictions.figures(),
            intervals: predictions.intervals(bootstrap.replicates, bootstrap.seed),
            predictions,
        }
    }

    fn metrics(&self, members: &Members, measured: &Measured) -> Vec<Metric> {
        let Measured { figures, intervals, .. } = measured;
        let intervals = intervals.as_ref();
        type Of<T> = fn(&Classification<Option<T>>) -> Option<T>;
        let metric = |name, of: Of<f64>, interval: Of<ConfidenceInterval>| Metric {
            name,
            value: of(figures),
            interval: intervals.and_then(interval),
        };
        let mut metrics = vec![
            metric("accuracy", |f| f.accuracy, |i| i.accuracy),
            metric("balanced_accuracy", |f| f.balanced_accuracy, |i| i.balanced_accuracy),
            metric("mcc", |f| f.mcc, |i| i.mcc),
            metric("precision", |f| f.macro_average.precision, |i| i.macro_average.precision),
            metric("recall", |f| f.macro_average.recall, |i| i.macro_average.recall),
            metric("f1", |f| f.macro_average.f1, |i| i.macro_average.f1),
        ];
        if !self.probabilities.is_empty() {
            metrics.extend([
                metric("auroc", |f| f.macro_average.auroc, |i| i.macro_average.auroc),
                metric(
                    "average_precision",
                    |f| f.macro_average.average_precision,
                    |i| i.macro_average.average_precision,
                ),
            ]);
            let calibration = self.calibration(members, &measured.predictions);
            metrics.push(Metric {
                name: "expected_calibration_error",
                value: calibration.as_ref().map(Calibration::expected_error),
                interval: None, // that of a bootstrap would be biased upwards
            });
        }
        metrics
    }

    fn class_rows<'a>(&'a self, members: &Members, measured: &Measured) -> Vec<Vec<Cell<'a>>> {
        let row = |(class, name): (usize, &'a String)| {
            let mut row: Vec<Cell<'a>> = vec![
                members.name.into(),
                name.as_str().into(),
                measured.confusion.members(class).into(),
                measured.confusion.predicted(class).into(),
            ];
            let intervals = measured.intervals.as_ref().map(|i| &i.classes[class]);
            row.extend(figures::one_vs_rest(&measured.figures.classes[class], intervals));
            row
        };
        self.names.iter().enumerate().map(row).collect()
    }

    /// Calibration of the second of two classes, or of the predicted one of several.
    fn calibration(
        &self,
        members: &Members,
        predictions: &ClassPredictions,
    ) -> Option<Calibration> {
        let count = self.names.len();
        if self.probabilities.is_empty() {
            return None;
        }
        let probability = |row: usize, class: usize| self.probabilities[row * count + class];
        let predicted = predictions.predicted();
        let of = |(&row, &predicted): (&usize, &usize)| match count {
            2 => (probability(row, 1), self.truth[row] == 1),
            _ => (probability(row, predicted), self.truth[row] == predicted),
        };
        Calibration::new(members.rows.iter().zip(predicted).map(of))
    }

    /// The classes whose curves are drawn: the second of two, or all.
    fn positives(&self, measured: &Measured) -> Vec<Positive<'_>> {
        let count = self.names.len();
        let classes = if count == 2 { 1..2 } else { 0..count };
        let positive = |class: usize| {
            let scores = self.probabilities.iter().skip(class).step_by(count).copied();
            let intervals = measured.intervals.as_ref().map(|i| &i.classes[class]);
            Positive::new(
                &self.names[class],
                scores.zip(self.truth.iter().map(|&truth| truth == class)),
                intervals.and_then(|i| i.auroc),
                intervals.and_then(|i| i.average_precision),
            )
        };
        classes.map(positive).collect()
    }
}
