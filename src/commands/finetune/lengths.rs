//! Figures on the first bases of the test sequences.

use std::path::Path;

use anyhow::Result;

use super::run::FinalModel;
use crate::{
    commands::output::{
        format::Format,
        rows::{self, Cell, Head},
    },
    formats::picture,
    model::head::HeadConfig,
    plot::{
        levels::{Estimate, Levels, Series},
        scene::Chart,
    },
    process::provenance::Provenance,
    tasks::example::Example,
    training::task::metric::Metric,
};

/// Measures the model on the first bases of the test sequences, for each of `lengths`, and writes
/// `lengths.tsv` with a chart of the first figure into a folder. Shorter sequences are read whole. Returns the exit code of a signal.
///
/// # Errors
/// The model cannot compute a sequence, or the table cannot be written.
pub fn measure(
    model: &mut FinalModel,
    (lengths, figures): (&[usize], &[Metric]),
    (test, head): (&[Example], &HeadConfig),
    (folder, provenance): (&Path, &Provenance),
) -> Result<Result<(), i32>> {
    let mut lengths = lengths.to_vec();
    lengths.sort_unstable();
    lengths.dedup();
    let names = figures.iter().map(|metric| metric.name().to_owned());
    let columns: Vec<String> = ["length".into(), "n".into()].into_iter().chain(names).collect();
    let mut table: Vec<Vec<Cell<'_>>> = Vec::new();
    let mut curve = Vec::new();
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
        curve.push((length, of_outputs(figures[0])));
        row.extend(figures.iter().map(|&metric| Cell::from(of_outputs(metric))));
        table.push(row);
    }
    let columns = rows::columns(&columns);
    let head = Head { columns: &columns, provenance: Some(provenance), ..Head::default() };
    let path = folder.join("lengths.tsv");
    let mut writer = rows::create(Format::Tsv, &path, head)?;
    table.iter().try_for_each(|row| writer.row(row[..].into()))?;
    rows::finish(writer, [])?;
    picture::write(folder, "lengths", &chart(figures[0], &curve))?;
    log::info!("figures by length are in {}", path.display());
    Ok(Ok(()))
}

fn chart(metric: Metric, curve: &[(usize, Option<f64>)]) -> Chart {
    let estimate = |value| Estimate { value, interval: None };
    let figure = metric.name().replace('_', " ");
    Levels {
        title: "Figures by length",
        x: "first bases of each sequence",
        y: &figure,
        levels: curve.iter().map(|(length, _)| length.to_string()).collect(),
        series: vec![Series {
            name: "test part".into(),
            estimates: curve.iter().map(|(_, value)| value.map(estimate)).collect(),
        }],
        reference: None,
        remark: None,
    }
    .draw()
}
