//! Columns of tables of variants and fields of INFO: values of REF and of ALT, and their difference.

use std::collections::HashSet;

use anyhow::{Result, bail};

use super::report::Report;
use crate::{
    commands::{output::rows::Cell, score_variants::columns::OutputColumn},
    genome::variant::Status,
    process::exit::Usage,
};

/// Values of the windows of an allele.
#[derive(Debug, Clone, PartialEq)]
pub struct AlleleValues {
    pub reference: Vec<f64>,
    pub alternative: Vec<f64>,
}

/// The columns of a run; the last is the status.
#[derive(Debug, Clone)]
pub struct VariantColumns {
    report: Report,
    /// All of them.
    pub all: Vec<OutputColumn>,
    /// True if the values go to INFO, where commas separate alleles.
    is_info: bool,
}

impl VariantColumns {
    /// Columns of the values of a report; `is_info` if they are fields of INFO.
    ///
    /// # Errors
    /// Two fields of INFO would have the same name.
    pub fn new(report: &Report, is_info: bool) -> Result<Self> {
        let mut all = Vec::new();
        for (output, title) in report.outputs.iter().enumerate() {
            let name = report.name(output);
            let (kind, title) = match report.is_regression() {
                true => ("predicted", format!("predicted {title}")),
                false => ("p", format!("probability of {title}")),
            };
            let start = format!("{}_{}", kind.to_uppercase(), identifier(&report.outputs[output]));
            for (end, of) in [
                ("ref", "of the REF window"),
                ("alt", "of the ALT window"),
                ("diff", "of the ALT window minus that of the REF window"),
            ] {
                all.push(OutputColumn {
                    name: format!("{name}_{end}"),
                    info: format!("{start}_{}", end.to_uppercase()),
                    kind: "Float",
                    description: format!("{} {of}", plain(&title)),
                });
            }
        }
        if !report.is_regression() {
            for (end, window) in [("ref", "REF"), ("alt", "ALT")] {
                all.push(OutputColumn {
                    name: format!("predicted_{end}"),
                    info: format!("PREDICTED_{window}"),
                    kind: "String",
                    description: format!("prediction for the {window} window"),
                });
            }
        }
        all.push(OutputColumn::status());
        let mut names = HashSet::new();
        if let Some(twice) =
            all.iter().find(|column| !names.insert(&column.info)).filter(|_| is_info)
        {
            bail!(Usage(format!(
                "two classes of the head have the same name in INFO, {}; write a table instead (--format tsv)",
                twice.info
            )));
        }
        Ok(Self { report: report.clone(), all, is_info })
    }

    /// The values of an allele.
    pub fn values(&self, status: Status, values: Option<&AlleleValues>) -> Vec<Cell<'static>> {
        let mut cells = match values {
            None => vec![Cell::Missing; self.all.len() - 1],
            Some(AlleleValues { reference, alternative }) => {
                let pairs = reference.iter().zip(alternative);
                let numbers = pairs.flat_map(|(r, a)| [*r, *a, a - r].map(Cell::Number));
                let mut cells: Vec<Cell<'static>> = numbers.collect();
                if !self.report.is_regression() {
                    cells.extend([reference, alternative].map(|values| self.predicted(values)));
                }
                cells
            }
        };
        cells.push(status.name().into());
        cells
    }

    fn predicted(&self, values: &[f64]) -> Cell<'static> {
        let labels = self.report.predicted(values);
        if labels.is_empty() {
            return Cell::Missing;
        }
        match self.is_info {
            true => labels.into_iter().map(identifier).collect::<Vec<_>>().join("|").into(),
            false => labels.join(",").into(),
        }
    }
}

/// A name as part of the name of a field of INFO: letters, digits, `_` and `.`.
fn identifier(name: &str) -> String {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    name.chars().map(|c| if valid(c) { c } else { '_' }).collect()
}

/// A text without quotes and backslashes.
fn plain(text: &str) -> String {
    text.replace(['"', '\\'], "'")
}
