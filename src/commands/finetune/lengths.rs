//! Figures on the first bases of the test sequences.

use std::path::Path;

use anyhow::Result;

use super::{
    config::FinetuneConfig,
    run::FinalModel,
    test_part::{REPORT, metrics},
};
use crate::{
    commands::output::{
        format::Format,
        rows::{self, Cell, Head},
    },
    model::head::HeadConfig,
    process::provenance::Provenance,
    tasks::example::Example,
};

/// Measures the model on the first bases of the test sequences, for each of the lengths of the
/// configuration, and writes `report/lengths.tsv`. Shorter sequences are read whole. Returns the exit code
/// of a signal.
///
/// # Errors
/// The model cannot compute a sequence, or the table cannot be written.
pub fn measure(
    model: &mut FinalModel,
    config: &FinetuneConfig,
    (test, head): (&[Example], &HeadConfig),
    (run, provenance): (&Path, &Provenance),
) -> Result<Result<(), i32>> {
    let mut lengths = config.test_lengths.clone();
    lengths.sort_unstable();
    lengths.dedup();
    let figures = metrics(head.task);
    let names = figures.iter().map(|metric| metric.name().to_owned());
    let columns: Vec<String> = ["length".into(), "n".into()].into_iter().chain(names).collect();
    let mut table: Vec<Vec<Cell<'_>>> = Vec::new();
    for length in lengths {
        let cut = |example: &Example| {
            let mut example = example.clone();
            example.bases.truncate(length);
            example
        };
        let examples: Vec<Example> = test.iter().map(cut).collect();
        let found = match model.predict(&examples)? {
            Ok(found) => found,
            Err(code) => return Ok(Err(code)),
        };
        let mut row: Vec<Cell<'_>> = vec![(length as u64).into(), (test.len() as u64).into()];
        let of_outputs = |metric| found.figure(metric, head.outputs.len());
        row.extend(figures.iter().map(|&metric| Cell::from(of_outputs(metric))));
        table.push(row);
    }
    let columns = rows::columns(&columns);
    let head = Head { columns: &columns, provenance: Some(provenance), ..Head::default() };
    let path = run.join(REPORT).join("lengths.tsv");
    let mut writer = rows::create(Format::Tsv, &path, head)?;
    table.iter().try_for_each(|row| writer.row(row[..].into()))?;
    rows::finish(writer)?;
    log::info!("figures by length are in {}", path.display());
    Ok(Ok(()))
}
