//! `hyenadna probe`: classifiers on top of the frozen embeddings of a model.

mod args;
pub(super) mod bank;
mod chosen;
pub(super) mod classifier;
mod models;
mod stored;
mod sweep;
mod words;
pub(super) mod write;

use std::path::Path;

use anyhow::{Result, bail};

pub use self::args::ProbeArgs;
use self::{
    args::Baseline,
    classifier::{Classifier, Parts},
    models::{Embedded, Facts},
    write::Row,
};
use super::output::{
    format::Format,
    paths::{apart, apart_from, one_stdin},
    rows::{self, Head, OpenOutput},
    summary::{self, Counts, Summary},
};
use crate::{
    cli::{Global, windows::name},
    process::{exit, logging::Display, provenance::Provenance},
    tasks::labels::Task,
};

/// Runs the command.
///
/// # Errors
/// The data or a model cannot be read or do not fit, or the output cannot be written.
pub fn run(args: &ProbeArgs, global: &Global, display: &Display) -> Result<i32> {
    let inputs: Vec<&Path> =
        args.task.inputs().into_iter().chain(args.embeddings.as_deref()).collect();
    let outputs = summary::outputs(&args.output.output, &args.summary);
    apart(&outputs, &inputs)?;
    apart_from(&args.model, &outputs)?;
    one_stdin(&inputs)?;
    args.check()?;
    let summary = Summary::create(&args.summary, "probe")?;
    let output = OpenOutput::create(Format::Tsv, &args.output.output)?;
    let data = args.task.read()?;
    check_task(&data.dataset.task)?;
    if data.dataset.test.is_empty() {
        bail!(
            "the test part has no members; give --test-fraction 0.2 to draw it from train, --split-column NAME, or --train FILE --test FILE"
        );
    }
    args.check_folds(!data.dataset.valid.is_empty())?;
    let classifier = Classifier::new(&data, args.classifier, args.folds(), args.task.seed);
    let mut facts = Facts::default();
    let mut measured: Vec<Row> = Vec::new();
    let mut embedded: Vec<Embedded> = Vec::new();
    if let Some(path) = &args.embeddings {
        let (features, parts) = (path.display().to_string(), stored::read(path, &classifier)?);
        embedded.push(Embedded { model: ".".to_owned(), features, pool: None, parts });
    }
    if args.embeddings.is_none() || args.model.model.is_some() {
        for one in args.model.each() {
            let (found, tried) =
                models::embed(args, &one, &classifier, (global, display), &mut facts)?;
            measured.extend(tried);
            embedded.push(found);
        }
    }
    for of in &embedded {
        measured.extend(classifier.evaluate(&of.model, &of.features, of.parts.clone()));
    }
    measured.extend(baselines(args, &classifier, &embedded));
    let provenance = facts
        .into_provenance(Provenance::of_this_run())
        .with("classifier", name(args.classifier))
        .with("selection", classifier.selection())
        .with("seed", args.task.seed.to_string());
    let columns = rows::columns(&write::COLUMNS);
    let mut table = output.begin(Head {
        columns: &columns,
        provenance: Some(&provenance),
        header: args.output.header(),
        ..Head::default()
    })?;
    measured.iter().try_for_each(|row: &Row| table.row(write::cells(row)[..].into()))?;
    let counts = Counts::default()
        .total("records", classifier.examples().len() as u64)
        .total("rows", measured.len() as u64)
        .status("train", data.dataset.train.len() as u64)
        .status("valid", data.dataset.valid.len() as u64)
        .status("test", data.dataset.test.len() as u64);
    let summary = summary.complete(&provenance, counts)?;
    rows::finish(table, summary)?;
    Ok(exit::SUCCESS)
}

/// Refuses other tasks.
///
/// # Errors
/// The classifiers cannot learn the task.
fn check_task(task: &Task) -> Result<()> {
    match task {
        Task::Classes(_) => Ok(()),
        Task::Regression(targets) if targets.len() == 1 => Ok(()),
        Task::Regression(targets) => Err(exit::Usage(format!(
            "probe fits one target, but the data have {}; name one: --label-column NAME",
            targets.len()
        ))
        .into()),
        other => Err(exit::Usage(format!(
            "probe fits classes of sequences or one number, not a {} task",
            other.kind().name()
        ))
        .into()),
    }
}

/// The rows of the baselines.
fn baselines(args: &ProbeArgs, classifier: &Classifier<'_>, embedded: &[Embedded]) -> Vec<Row> {
    const DEFAULT: [Baseline; 3] = [Baseline::Kmers, Baseline::Binned, Baseline::Composition];
    let wanted = args.baselines.as_deref().unwrap_or(&DEFAULT);
    let words = args.kmer();
    let binned = args.kmer_binned();
    let count = |length: usize, parts: usize| -> Parts {
        classifier.parts(|examples| words::words(examples, length, parts))
    };
    let mut rows = Vec::new();
    for baseline in wanted {
        match baseline {
            Baseline::Kmers if words > 0 => {
                rows.extend(classifier.evaluate(".", &format!("{words}-mers"), count(words, 1)));
            }
            Baseline::Binned if binned > 0 => {
                let mut parts: Vec<usize> = embedded.iter().filter_map(Embedded::bins).collect();
                parts.sort_unstable();
                parts.dedup();
                for parts in parts {
                    let name = format!("{binned}-mers bins:{parts}");
                    rows.extend(classifier.evaluate(".", &name, count(binned, parts)));
                }
            }
            Baseline::Both => {
                for of in embedded {
                    let (length, parts) = match of.bins() {
                        Some(parts) => (binned, parts),
                        None => (words, 1),
                    };
                    if length > 0 {
                        let bins = of.bins().map(|parts| format!(" bins:{parts}"));
                        let counts = format!("{length}-mers{}", bins.unwrap_or_default());
                        let name = format!("{} + {counts}", of.features);
                        let beside = of.parts.beside(&count(length, parts));
                        rows.extend(classifier.evaluate(&of.model, &name, beside));
                    }
                }
            }
            Baseline::Composition => {
                let parts = classifier.parts(words::composition);
                rows.extend(classifier.evaluate(".", "composition", parts));
            }
            Baseline::Length => {
                let parts = classifier.parts(words::length);
                rows.extend(classifier.evaluate(".", "length", parts));
            }
            Baseline::Kmers | Baseline::Binned | Baseline::None => {}
        }
    }
    rows
}
