//! Rows of figures.

use super::chosen::Chosen;
use crate::commands::output::rows::Cell;

/// Names of the columns.
pub const COLUMNS: [&str; 17] = [
    "model",
    "features",
    "test",
    "n_train",
    "n_test",
    "strength",
    "held_out_loss",
    "auroc",
    "average_precision",
    "accuracy",
    "balanced_accuracy",
    "mcc",
    "f1",
    "r2",
    "pearson",
    "spearman",
    "weighted_f1",
];

/// Figures on the test part; `None` for those of another task, and where they are not defined.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    pub auroc: Option<f64>,
    pub average_precision: Option<f64>,
    pub accuracy: Option<f64>,
    pub balanced_accuracy: Option<f64>,
    pub mcc: Option<f64>,
    pub f1: Option<f64>,
    pub r2: Option<f64>,
    pub pearson: Option<f64>,
    pub spearman: Option<f64>,
    /// The mean over classes, each as often as it has members.
    pub weighted_f1: Option<f64>,
}

/// A classifier and its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Name of the model; `.` for a baseline.
    pub model: String,
    pub features: String,
    /// Number of examples of the fit.
    pub train: usize,
    /// Strength of the fit (of boosting, its rounds), and its loss on the validation part or the held-out folds.
    pub chosen: Chosen,
    /// Members of the test part that were measured (all, or the clean ones), their number and figures;
    /// `None` if the test part was not used.
    pub test: Option<(&'static str, usize, Figures)>,
}

/// The cells of a row.
pub fn cells(row: &Row) -> [Cell<'_>; COLUMNS.len()] {
    let none = Figures::default();
    let figures = row.test.as_ref().map_or(&none, |(_, _, figures)| figures);
    let measured = row.test.as_ref();
    [
        row.model.as_str().into(),
        row.features.as_str().into(),
        measured.map_or(Cell::Missing, |(members, ..)| (*members).into()),
        (row.train as u64).into(),
        measured.map_or(Cell::Missing, |(_, count, _)| (*count as u64).into()),
        Some(row.chosen.setting()).into(),
        Some(row.chosen.loss()).into(),
        figures.auroc.into(),
        figures.average_precision.into(),
        figures.accuracy.into(),
        figures.balanced_accuracy.into(),
        figures.mcc.into(),
        figures.f1.into(),
        figures.r2.into(),
        figures.pearson.into(),
        figures.spearman.into(),
        figures.weighted_f1.into(),
    ]
}
