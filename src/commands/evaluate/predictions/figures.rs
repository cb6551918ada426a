//! Columns and cells of figures with their intervals.

use crate::{commands::output::rows::Cell, statistics::ConfidenceInterval};

/// Settings of the intervals.
#[derive(Debug, Clone, Copy)]
pub struct Bootstrap {
    pub replicates: u32,
    pub seed: u64,
}

/// Names of the columns of figures and of the ends of their intervals.
pub fn names(figures: &[&str]) -> Vec<String> {
    let columns = |name: &&str| ["", "_low", "_high"].map(|end| format!("{name}{end}"));
    figures.iter().flat_map(columns).collect()
}

/// The cells of a figure.
pub fn cells(value: Option<f64>, interval: Option<ConfidenceInterval>) -> [Cell<'static>; 3] {
    [value, interval.map(|i| i.low), interval.map(|i| i.high)].map(Cell::from)
}
