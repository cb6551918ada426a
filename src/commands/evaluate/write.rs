//! Rows of figures.

use super::subject::{RankedScore, Stratum};
use crate::{
    commands::output::rows::Cell,
    statistics::{ConfidenceInterval, Figures, Intervals, Ranking},
};

/// Names of the columns.
pub const COLUMNS: [&str; 21] = [
    "by",
    "class",
    "score",
    "sign",
    "n",
    "positives",
    "negatives",
    "base_rate",
    "auroc",
    "auroc_low",
    "auroc_high",
    "average_precision",
    "average_precision_low",
    "average_precision_high",
    "spearman",
    "spearman_low",
    "spearman_high",
    "mcc",
    "mcc_low",
    "mcc_high",
    "threshold",
];

/// A score on a class of alleles.
pub struct Row<'a> {
    pub group: &'a Stratum,
    pub subject: &'a RankedScore,
    pub ranking: Ranking,
    pub figures: Option<Figures>,
    pub intervals: Option<Intervals>,
}

/// The cells of a row.
pub fn cells<'a>(row: &Row<'a>) -> [Cell<'a>; COLUMNS.len()] {
    let Row { group, subject, ranking, figures, intervals } = row;
    let (group, subject) = (*group, *subject);
    let n = ranking.positives + ranking.negatives;
    let figure = |of: &dyn Fn(&Figures) -> Option<f64>| Cell::from(figures.as_ref().and_then(of));
    let interval = |of: &dyn Fn(&Intervals) -> Option<ConfidenceInterval>| {
        let interval = intervals.as_ref().and_then(of);
        [Cell::from(interval.map(|i| i.low)), Cell::from(interval.map(|i| i.high))]
    };
    let [auroc_low, auroc_high] = interval(&|i| Some(i.auroc));
    let [precision_low, precision_high] = interval(&|i| Some(i.average_precision));
    let [spearman_low, spearman_high] = interval(&|i| i.spearman);
    let [mcc_low, mcc_high] = interval(&|i| Some(i.mcc));
    [
        group.by.as_str().into(),
        group.class.as_str().into(),
        subject.name.as_str().into(),
        if subject.negated { "-" } else { "+" }.into(),
        n.into(),
        ranking.positives.into(),
        ranking.negatives.into(),
        (n > 0).then(|| ranking.base_rate()).into(),
        figure(&|f| Some(f.auroc)),
        auroc_low,
        auroc_high,
        figure(&|f| Some(f.average_precision)),
        precision_low,
        precision_high,
        figure(&|f| f.spearman),
        spearman_low,
        spearman_high,
        figure(&|f| Some(f.mcc)),
        mcc_low,
        mcc_high,
        figure(&|f| Some(if subject.negated { -f.threshold } else { f.threshold })),
    ]
}
