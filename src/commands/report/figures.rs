//! Figures with their intervals: columns, cells and words.

use crate::{
    commands::output::rows::Cell,
    statistics::{ConfidenceInterval, OneVsRest},
};

/// Settings of the intervals.
#[derive(Debug, Clone, Copy)]
pub struct Bootstrap {
    /// Number of draws; 0 for no intervals.
    pub replicates: u32,
    /// Another seed draws others.
    pub seed: u64,
}

/// Remark on the brackets of [`words`].
pub const INTERVAL: &str = "[ ]: 95 % bootstrap interval";

/// Figures of a class against all others, in the order of their columns.
pub const ONE_VS_REST: [&str; 5] = ["precision", "recall", "f1", "auroc", "average_precision"];

/// Names of the columns of figures and of the ends of their intervals.
pub fn names(figures: &[&str]) -> Vec<String> {
    let columns = |name: &&str| ["", "_low", "_high"].map(|end| format!("{name}{end}"));
    figures.iter().flat_map(columns).collect()
}

/// The cells of a figure.
pub fn cells(value: Option<f64>, interval: Option<ConfidenceInterval>) -> [Cell<'static>; 3] {
    [value, interval.map(|i| i.low), interval.map(|i| i.high)].map(Cell::from)
}

/// The cells of the figures of a class against all others.
pub fn one_vs_rest(
    figures: &OneVsRest<Option<f64>>,
    intervals: Option<&OneVsRest<Option<ConfidenceInterval>>>,
) -> Vec<Cell<'static>> {
    let of = |value: fn(&OneVsRest<Option<ConfidenceInterval>>) -> _| intervals.and_then(value);
    [
        cells(figures.precision, of(|i| i.precision)),
        cells(figures.recall, of(|i| i.recall)),
        cells(figures.f1, of(|i| i.f1)),
        cells(figures.auroc, of(|i| i.auroc)),
        cells(figures.average_precision, of(|i| i.average_precision)),
    ]
    .concat()
}

/// `AUROC 0.712 [0.650, 0.771]`.
pub fn words(name: &str, value: f64, interval: Option<ConfidenceInterval>) -> String {
    let interval = interval.map(|i| format!(" [{:.3}, {:.3}]", i.low, i.high));
    format!("{name} {value:.3}{}", interval.unwrap_or_default())
}
