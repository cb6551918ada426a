//! Figures as a table.

use std::io;

use super::subject::{RankedScore, Stratum};
use crate::{
    formats::{number::number, output::Sink, table::Table},
    process::provenance::Provenance,
    statistics::{ConfidenceInterval, Figures, Intervals, Ranking},
};

/// Names of the columns.
const COLUMNS: [&str; 21] = [
    "#by",
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

/// Writes the rows; with `provenance` they have a header.
///
/// # Errors
/// Writing fails.
pub fn write(sink: &mut Sink, rows: &[Row<'_>], provenance: Option<&Provenance>) -> io::Result<()> {
    let preamble = provenance.map(Provenance::lines).unwrap_or_default();
    let mut table = Table::new(sink, &preamble)?;
    if provenance.is_some() {
        table.row(COLUMNS)?;
    }
    for row in rows {
        table.row(fields(row))?;
    }
    table.finish()?;
    Ok(())
}

fn fields(row: &Row<'_>) -> [String; COLUMNS.len()] {
    let Row { group, subject, ranking, figures, intervals } = row;
    let n = ranking.positives + ranking.negatives;
    let figure = |of: &dyn Fn(&Figures) -> Option<f64>| number(figures.as_ref().and_then(of));
    let interval = |of: &dyn Fn(&Intervals) -> Option<ConfidenceInterval>| {
        let interval = intervals.as_ref().and_then(of);
        [number(interval.map(|i| i.low)), number(interval.map(|i| i.high))]
    };
    let [auroc_low, auroc_high] = interval(&|i| Some(i.auroc));
    let [precision_low, precision_high] = interval(&|i| Some(i.average_precision));
    let [spearman_low, spearman_high] = interval(&|i| i.spearman);
    let [mcc_low, mcc_high] = interval(&|i| Some(i.mcc));
    [
        group.by.clone(),
        group.class.clone(),
        subject.name.clone(),
        if subject.negated { "-" } else { "+" }.to_owned(),
        n.to_string(),
        ranking.positives.to_string(),
        ranking.negatives.to_string(),
        number((n > 0).then(|| ranking.base_rate())),
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
