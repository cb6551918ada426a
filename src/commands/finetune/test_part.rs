//! Figures of a finished run on the test part, and its report.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::{
    config::FinetuneConfig,
    lengths,
    run::{FinalModel, Shared},
};
use crate::{
    commands::report::{self, Bootstrap, Classes, Labels, Numbers},
    model::head::HeadTask,
    process::provenance::Provenance,
    training::task::metric::{Metric, Predictions},
};

/// Name of the report in the folder of a run.
pub const REPORT: &str = "report";

/// Draws of the bootstrap.
const REPLICATES: u32 = 1000;

/// Figures of a task, in the order of tables.
pub fn metrics(task: HeadTask) -> Vec<Metric> {
    let all = [
        Metric::Accuracy,
        Metric::BalancedAccuracy,
        Metric::Mcc,
        Metric::F1,
        Metric::Auroc,
        Metric::AveragePrecision,
        Metric::R2,
        Metric::Pearson,
        Metric::Spearman,
        Metric::Loss,
    ];
    all.into_iter().filter(|metric| metric.fits(task)).collect()
}

/// Computes the predictions of a finished run for the test part, logs figures, and writes its report.
/// Returns the figures of [`metrics`], or the exit code of a signal.
///
/// # Errors
/// The model cannot be read or cannot compute, or the report cannot be written.
pub fn measure(
    run: &Path,
    config: &FinetuneConfig,
    shared: &Shared<'_>,
) -> Result<Result<Vec<Option<f64>>, i32>> {
    let dataset = &shared.data.dataset;
    let head = config.head(&dataset.task, &dataset.train);
    let mut model = FinalModel::load(run, config, shared)?;
    let found = match model.predict(&dataset.test)? {
        Ok(found) => found,
        Err(code) => return Ok(Err(code)),
    };
    let figures: Vec<(Metric, Option<f64>)> = metrics(head.task)
        .into_iter()
        .map(|metric| (metric, found.figure(metric, head.outputs.len())))
        .collect();
    let words: Vec<String> = figures
        .iter()
        .filter_map(|(metric, value)| Some(format!("{} {:.4}", metric.name(), (*value)?)))
        .collect();
    log::info!("test: {}", words.join(", "));
    let selection = if dataset.valid.is_empty() { "last step" } else { "validation" };
    let provenance = Provenance::of_this_run()
        .with("run", run.display().to_string())
        .with("model", config.model.clone())
        .with("selection", selection)
        .with("metric", config.metric(head.task).name());
    let clean = clean(shared);
    write(run, &found, &head.outputs, (head.task, clean.as_deref()), (config.seed, &provenance))?;
    let (lengths, all) = (&config.test_lengths, metrics(head.task));
    if !lengths.is_empty()
        && let Err(code) = lengths::measure(
            &mut model,
            (lengths, &all),
            (&dataset.test, &head),
            (&run.join(REPORT), &provenance),
        )?
    {
        return Ok(Err(code));
    }
    Ok(Ok(figures.into_iter().map(|(_, value)| value).collect()))
}

/// For each target of the test part, true if its sequence has no leak; `None` if none has.
fn clean(shared: &Shared<'_>) -> Option<Vec<bool>> {
    if shared.data.leaks.iter().all(Option::is_none) {
        return None;
    }
    let examples = shared.data.dataset.test.iter().zip(&shared.data.leaks);
    let targets = examples
        .flat_map(|(example, leak)| std::iter::repeat_n(leak.is_none(), example.target.known()));
    Some(targets.collect())
}

fn write(
    run: &Path,
    found: &Predictions,
    names: &[String],
    (task, clean): (HeadTask, Option<&[bool]>),
    (seed, provenance): (u64, &Provenance),
) -> Result<()> {
    let bootstrap = Bootstrap { replicates: REPLICATES, seed };
    let folder = run.join(REPORT);
    let publish = |folder: &Path, predictions: report::Predictions<'_>| -> Result<()> {
        report::write(folder, &predictions, clean, bootstrap, provenance)?.publish()?;
        log::info!("the report is in {}", folder.display());
        Ok(())
    };
    match task {
        HeadTask::SingleLabel | HeadTask::BaseClasses => {
            let (truth, values) = found.classes();
            let probabilities = values.concat();
            let classes = Classes { names, truth, predicted: None, probabilities: &probabilities };
            publish(&folder, report::Predictions::Classes(classes))
        }
        HeadTask::MultiLabel | HeadTask::BaseLabels => {
            let (labels, values) = found.labels();
            let (truth, probabilities) = (labels.concat(), values.concat());
            let labels = Labels { names, truth: &truth, probabilities: &probabilities };
            publish(&folder, report::Predictions::Labels(labels))
        }
        HeadTask::Regression => {
            let (truth, values) = found.numbers();
            for (number, target) in names.iter().enumerate() {
                let column = |rows: &[Vec<f64>]| rows.iter().map(|row| row[number]).collect();
                let (truth, predicted): (Vec<f64>, Vec<f64>) = (column(truth), column(values));
                let numbers = Numbers { target, truth: &truth, predicted: &predicted };
                let folder = match names {
                    [_] => folder.clone(),
                    _ => {
                        fs::create_dir_all(&folder)
                            .with_context(|| format!("cannot make {}", folder.display()))?;
                        folder.join(format!("{}_{}", number + 1, target.replace('/', "_")))
                    }
                };
                publish(&folder, report::Predictions::Numbers(numbers))?;
            }
            Ok(())
        }
    }
}
