//! The runs of a grid: all settings on validation, the best ones with several seeds on the test part.

use std::{fs, io, path::Path};

use anyhow::{Context, Result, bail};

use super::{
    check::check,
    config::FinetuneConfig,
    grid::{Grid, Point, RUNS},
    learning::{PROMPT_PLATEAU, PROMPT_RATE},
    picture,
    run::{Finished, Shared, train},
    test_part::{REPORT, measure, metrics},
};
use crate::{
    commands::{
        output::{
            format::Format,
            rows::{self, Cell, Head},
        },
        runs::{CONFIG, RunLock, is_new},
    },
    formats::output::folder,
    process::{exit::Usage, provenance::Provenance},
    statistics::{deviation, mean},
    training::{run_state, task::metric::Metric, trainer::TrainError},
};

/// File that marks a run whose loss stayed NaN or infinite.
const DIVERGED: &str = "diverged";

/// Trains all runs of a grid that are not complete. The exit code of a signal is `Ok(Err(code))`.
///
/// # Errors
/// A run fails, or a table cannot be written.
pub fn run(
    folder: &Path,
    grid: &Grid,
    base: &FinetuneConfig,
    shared: &Shared<'_>,
) -> Result<Result<(), i32>> {
    let dataset = &shared.data.dataset;
    let points = grid.points();
    // a value that is wrong is reported before the first run
    let configs: Vec<FinetuneConfig> =
        points.iter().map(|point| grid.configure(base, point)).collect::<Result<_>>()?;
    let varies = |key: &str| grid.sweep.iter().any(|varied| varied.key == key);
    if varies("epochs") && configs.iter().any(|config| config.optimization.steps > 0) {
        return Err(
            Usage("--sweep epochs has no effect with --steps; vary one of them".into()).into()
        );
    }
    let is_prompt = |config: &FinetuneConfig| config.learning.method.0.prompt() > 0;
    if varies("method") && configs.iter().any(is_prompt) && !is_prompt(base) && base.plateau >= 1.0
    {
        log::warn!(
            "prompts are trained with the settings of the other points, a learning rate of {} that follows the cosine; the usual ones are --lr {PROMPT_RATE} --plateau {PROMPT_PLATEAU}",
            base.optimization.learning_rate
        );
    }
    if varies("dropout") && base.learning.frozen_cache {
        return Err(Usage("--sweep dropout has no effect with --frozen-cache".into()).into());
    }
    for seed in (base.seed..).take(grid.seeds as usize) {
        // the runs of other seeds have other demonstrations
        let of_seed = |config: &FinetuneConfig| FinetuneConfig { seed, ..config.clone() };
        configs.iter().try_for_each(|config| check(&of_seed(config), shared))?;
    }
    let _lock = if is_new(folder)? { RunLock::of_new(folder)? } else { RunLock::of(folder)? };
    begin(folder, grid, base)?;
    let metric = base.metric(base.head(&dataset.task, &dataset.train).task);
    let mut finished: Vec<Finished> = Vec::new();
    for (point, config) in points.iter().zip(&configs) {
        match try_point(folder, &grid.name(point, base.seed), config, shared)? {
            Ok(result) => finished.push(result),
            Err(code) => return Ok(Err(code)),
        }
    }
    let best = best(&finished, metric);
    if !dataset.valid.is_empty() && finished[best].score.is_none() {
        bail!("no run has a score; try a lower --lr");
    }
    if !grid.sweep.is_empty() {
        write_sweep(folder, grid, &points, &finished, (metric, best))?;
        let scores: Vec<Option<f64>> = finished.iter().map(|run| run.score).collect();
        picture::write(folder, grid, &metric.name(), &scores)?;
        log::info!("the best of {}: {}", points.len(), grid.name(&points[best], base.seed));
    }
    let mut figures = Vec::new();
    for seed in (base.seed..).take(grid.seeds as usize) {
        let config = FinetuneConfig { seed, ..configs[best].clone() };
        let name = grid.name(&points[best], seed);
        let result = match train_one(folder, &name, &config, shared)? {
            Ok(result) => result,
            Err(code) => return Ok(Err(code)),
        };
        let run = folder.join(RUNS).join(&name);
        let of_test = match dataset.test.is_empty() {
            true => Vec::new(),
            false => match measure(&run, &config, shared)? {
                Ok(figures) => figures,
                Err(code) => return Ok(Err(code)),
            },
        };
        figures.push((seed, result, of_test));
    }
    write_seeds(folder, base, shared, &figures)?;
    let first = folder.join(RUNS).join(grid.name(&points[best], base.seed));
    for name in [run_state::FINAL, REPORT] {
        copy_folder(&first.join(name), &folder.join(name))?;
    }
    log::info!("the model is in {}", folder.join(run_state::FINAL).display());
    Ok(Ok(()))
}

fn begin(folder: &Path, grid: &Grid, base: &FinetuneConfig) -> Result<()> {
    if !folder.join(CONFIG).exists() || !folder.join(super::grid::FILE).exists() {
        grid.write(folder)?; // first, as a folder without it has a single run
        base.write(&folder.join(CONFIG))?;
    }
    Ok(())
}

fn train_one(
    folder: &Path,
    name: &str,
    config: &FinetuneConfig,
    shared: &Shared<'_>,
) -> Result<Result<Finished, i32>> {
    log::info!("run {name}");
    let run = folder.join(RUNS).join(name);
    train(&run, config, shared).with_context(|| format!("run {name}"))
}

/// True if the loss or the model became NaN or infinite.
fn has_diverged(error: &anyhow::Error) -> bool {
    let found = error.downcast_ref();
    matches!(found, Some(TrainError::Diverged { .. } | TrainError::NotFinite { .. }))
}

/// The same for a point of a sweep: one whose loss stays NaN or infinite has no score.
fn try_point(
    folder: &Path,
    name: &str,
    config: &FinetuneConfig,
    shared: &Shared<'_>,
) -> Result<Result<Finished, i32>> {
    let mark = folder.join(RUNS).join(name).join(DIVERGED);
    let none = || Ok(Ok(Finished { score: None, steps: 0 }));
    if mark.exists() {
        return none();
    }
    match train_one(folder, name, config, shared) {
        Err(error) if has_diverged(&error) => {
            log::warn!("{error:#}; this run has no score");
            fs::write(&mark, "").with_context(|| format!("cannot write {}", mark.display()))?;
            none()
        }
        result => result,
    }
}

/// Index of the best run; the first of equal ones.
fn best(finished: &[Finished], metric: Metric) -> usize {
    let score = |i: usize| finished[i].score.unwrap_or(f64::NAN);
    (1..finished.len()).fold(0, |best, i| {
        let better = score(best).is_nan() || metric.is_better(score(i), score(best));
        if better && !score(i).is_nan() { i } else { best }
    })
}

fn write_sweep(
    folder: &Path,
    grid: &Grid,
    points: &[Point],
    finished: &[Finished],
    (metric, best): (Metric, usize),
) -> Result<()> {
    let keys = grid.sweep.iter().map(|varied| varied.key.clone());
    let columns: Vec<String> =
        keys.chain(["steps".into(), format!("valid_{}", metric.name()), "best".into()]).collect();
    let rows = points.iter().zip(finished).enumerate().map(|(i, (point, run))| {
        let mut row: Vec<Cell<'_>> = point.iter().map(|value| value.as_str().into()).collect();
        let mark = if i == best { "yes" } else { "no" };
        row.extend([run.steps.into(), run.score.into(), mark.into()]);
        row
    });
    write_table(&folder.join("sweep.tsv"), &columns, &rows.collect::<Vec<_>>())
}

/// Writes a row for each seed, and the mean and standard deviation (n − 1) of all.
fn write_seeds(
    folder: &Path,
    base: &FinetuneConfig,
    shared: &Shared<'_>,
    figures: &[(u64, Finished, Vec<Option<f64>>)],
) -> Result<()> {
    let dataset = &shared.data.dataset;
    let task = base.head(&dataset.task, &dataset.train).task;
    let measured = if dataset.test.is_empty() { Vec::new() } else { metrics(task) };
    let mut columns = vec!["seed".to_owned(), "steps".into()];
    columns.push(format!("valid_{}", base.metric(task).name()));
    columns.extend(measured.iter().map(|metric| format!("test_{}", metric.name())));
    let values: Vec<Vec<Option<f64>>> =
        figures.iter().map(|(_, run, of_test)| [&[run.score][..], of_test].concat()).collect();
    let names: Vec<String> = figures.iter().map(|(seed, ..)| seed.to_string()).collect();
    let mut rows: Vec<Vec<Cell<'_>>> = Vec::new();
    for ((name, (_, run, _)), values) in names.iter().zip(figures).zip(&values) {
        let mut row: Vec<Cell<'_>> = vec![name.as_str().into(), run.steps.into()];
        row.extend(values.iter().map(|value| Cell::from(*value)));
        rows.push(row);
    }
    let column = |i: usize| values.iter().map(|values| values[i]).collect::<Option<Vec<f64>>>();
    let count = values.first().map_or(0, Vec::len);
    for (name, of) in [("mean", average as fn(&[f64]) -> Option<f64>), ("sd", deviation)] {
        let mut row: Vec<Cell<'_>> = vec![name.into(), Cell::from(None::<f64>)];
        row.extend((0..count).map(|i| Cell::from(column(i).and_then(|values| of(&values)))));
        rows.push(row);
    }
    for (i, column_name) in columns.iter().skip(2).enumerate() {
        if let Some(values) = column(i)
            && let (Some(mean), Some(sd)) = (average(&values), deviation(&values))
        {
            log::info!("{column_name}: {mean:.4} ± {sd:.4}");
        }
    }
    write_table(&folder.join("seeds.tsv"), &columns, &rows)
}

fn average(values: &[f64]) -> Option<f64> {
    mean(values.iter().copied())
}

fn write_table(path: &Path, columns: &[String], rows: &[Vec<Cell<'_>>]) -> Result<()> {
    let provenance = Provenance::of_this_run();
    let columns = rows::columns(columns);
    let head = Head { columns: &columns, provenance: Some(&provenance), ..Head::default() };
    let mut table = rows::create(Format::Tsv, path, head)?;
    rows.iter().try_for_each(|row| table.row(row[..].into()))?;
    Ok(rows::finish(table, [])?)
}

/// Copies a folder with all that is in it, if there is one, in place of an earlier copy.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    if !from.exists() {
        return Ok(());
    }
    let failed = || format!("cannot copy {} to {}", from.display(), to.display());
    let made = to.with_extension("tmp");
    let remove = |old: &Path| if old.exists() { fs::remove_dir_all(old) } else { Ok(()) };
    remove(&made).with_context(failed)?;
    copy_all(from, &made).with_context(failed)?;
    folder::replace(&made, to).with_context(failed)
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let copy = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_all(&path, &copy)?;
        } else {
            fs::copy(&path, copy)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_run_has_the_best_score() {
        let runs = |scores: &[Option<f64>]| -> Vec<Finished> {
            scores.iter().map(|&score| Finished { score, steps: 1 }).collect()
        };
        assert_eq!(best(&runs(&[Some(0.5), None, Some(0.7), Some(0.7)]), Metric::Mcc), 2);
        assert_eq!(best(&runs(&[None, Some(0.5), Some(0.7)]), Metric::Loss), 1);
        assert_eq!(best(&runs(&[None]), Metric::Loss), 0);
    }
}
