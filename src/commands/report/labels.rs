//! The report of predicted labels, of which a member may have any number.

use anyhow::Result;

use super::{
    curves::{self, Positive},
    figures::{self, Bootstrap, ONE_VS_REST},
    members::Members,
    tables::{Metric, Tables},
};
use crate::{
    commands::output::rows::Cell,
    plot::scene::Chart,
    statistics::{Averages, Calibration, ConfidenceInterval, LabelPredictions, MultiLabel},
};

/// Labels of members, and their probabilities.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// Names of the labels.
    pub names: &'a [String],
    /// True labels, members × labels.
    pub truth: &'a [bool],
    /// Probability or another score of each label, members × labels.
    pub probabilities: &'a [f64],
}

/// Predictions for some members, with their figures; the only set is that of all labels.
struct Measured {
    predictions: LabelPredictions,
    figures: MultiLabel<Option<f64>>,
    intervals: Option<MultiLabel<Option<ConfidenceInterval>>>,
    calibration: Option<Calibration>,
}

impl Labels<'_> {
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
        let groups = Members::groups(self.members(), clean);
        let measured: Vec<Measured> =
            groups.iter().map(|members| self.measure(members, bootstrap)).collect();
        let metrics: Vec<_> =
            groups.iter().zip(&measured).map(|(of, measured)| (of, measured.metrics())).collect();
        tables.metrics(&metrics)?;
        let columns = ["test", "class", "n", "predicted"].map(str::to_owned);
        let columns: Vec<String> =
            columns.into_iter().chain(figures::names(&ONE_VS_REST)).collect();
        let rows: Vec<_> =
            groups.iter().zip(&measured).flat_map(|(of, m)| self.label_rows(of, m)).collect();
        tables.table("classes.tsv", &columns, &rows)?;
        if let Some(calibration) = &measured[0].calibration {
            tables.reliability(calibration)?;
        }
        tables.charts(&self.drawn(&measured[0]))
    }

    /// The charts, by name.
    pub fn charts(&self, bootstrap: Bootstrap) -> Vec<(&'static str, Chart)> {
        let [all] = &Members::groups(self.members(), None)[..] else { return Vec::new() };
        self.drawn(&self.measure(all, bootstrap))
    }

    fn members(&self) -> usize {
        self.truth.len() / self.names.len()
    }

    fn measure(&self, members: &Members, bootstrap: Bootstrap) -> Measured {
        let count = self.names.len();
        let truth = members.of(self.truth, count);
        let scores = members.of(self.probabilities, count);
        let predictions = LabelPredictions::new(count, &truth, &scores);
        let sets = [(0..count).collect::<Vec<_>>()];
        Measured {
            figures: predictions.figures(&sets),
            intervals: predictions.intervals(&sets, bootstrap.replicates, bootstrap.seed),
            calibration: Calibration::new(scores.into_iter().zip(truth)),
            predictions,
        }
    }

    fn label_rows<'a>(&'a self, members: &Members, measured: &Measured) -> Vec<Vec<Cell<'a>>> {
        let row = |(label, name): (usize, &'a String)| {
            let (positives, predicted) = measured.predictions.counts(label);
            let mut row: Vec<Cell<'a>> = vec![
                members.name.into(),
                name.as_str().into(),
                positives.into(),
                predicted.map_or(Cell::Missing, Cell::from),
            ];
            let intervals = measured.intervals.as_ref().map(|i| &i.labels[label]);
            row.extend(figures::one_vs_rest(&measured.figures.labels[label], intervals));
            row
        };
        self.names.iter().enumerate().map(row).collect()
    }

    fn drawn(&self, measured: &Measured) -> Vec<(&'static str, Chart)> {
        let count = self.names.len();
        let positive = |label: usize| {
            let scores = self.probabilities.iter().skip(label).step_by(count).copied();
            let truth = self.truth.iter().skip(label).step_by(count).copied();
            let intervals = measured.intervals.as_ref().map(|i| &i.labels[label]);
            Positive::new(
                &self.names[label],
                scores.zip(truth),
                intervals.and_then(|i| i.auroc),
                intervals.and_then(|i| i.average_precision),
            )
        };
        let positives: Vec<Positive<'_>> = (0..count).map(positive).collect();
        let mut charts = Vec::new();
        if let Some([roc, pr]) = curves::draw(&positives, self.members()) {
            charts.extend([("roc", roc), ("pr", pr)]);
        }
        match &measured.calibration {
            Some(calibration) => {
                let axes = ["probability of a label", "share with the label"].map(str::to_owned);
                charts.push(("reliability", curves::reliability(calibration, axes)));
            }
            None => curves::without_reliability(),
        }
        charts
    }
}

impl Measured {
    fn metrics(&self) -> Vec<Metric> {
        let averages = &self.figures.sets[0];
        let intervals = self.intervals.as_ref().map(|i| &i.sets[0]);
        type Of<T> = fn(&Averages<Option<T>>) -> Option<T>;
        let metric = |name, of: Of<f64>, interval: Of<ConfidenceInterval>| Metric {
            name,
            value: of(averages),
            interval: intervals.and_then(interval),
        };
        vec![
            metric("precision", |f| f.mean.precision, |i| i.mean.precision),
            metric("recall", |f| f.mean.recall, |i| i.mean.recall),
            metric("f1", |f| f.mean.f1, |i| i.mean.f1),
            metric("auroc", |f| f.mean.auroc, |i| i.mean.auroc),
            metric("average_precision", |f| f.mean.average_precision, |i| i.mean.average_precision),
            metric("median_auroc", |f| f.median.auroc, |i| i.median.auroc),
            metric(
                "median_average_precision",
                |f| f.median.average_precision,
                |i| i.median.average_precision,
            ),
            Metric {
                name: "expected_calibration_error",
                value: self.calibration.as_ref().map(Calibration::expected_error),
                interval: None,
            },
        ]
    }
}
