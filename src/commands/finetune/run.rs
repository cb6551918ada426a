//! One run of a task in its folder.

use std::path::Path;

use anyhow::{Context, Result};

use super::{
    config::FinetuneConfig,
    shots::{self, Shown},
};
use crate::{
    cli::{Global, tasks::TaskData},
    commands::runs::{
        CONFIG, Newest, RunLock, compare_threads, damaged, facts_of, is_new, prepared, threads,
        work,
    },
    inference::runner::Runner,
    model::{
        head::{Head, HeadConfig},
        libtorch,
        network::{HyenaDna, leaves::Precision},
        tokenizer,
        weights::{Weights, host::HostTensor, initial, names, padding_rows, source},
    },
    process::{logging::Display, signals},
    tasks::example::Example,
    training::{
        engine::StepPlan,
        objective::Objective,
        parameters::Trained,
        plan::plan,
        plot,
        recipe::{Compute, Recipe},
        report::Measure,
        run_state::{self, RunStateError},
        task::{TaskObjective, metric::Predictions, predict},
        trainer::{RunEnding, Trainer},
        validation,
        workers::Workers,
    },
};

/// Parts that runs share: their data, the weights they start from, and the device.
pub struct Shared<'a> {
    /// Data.
    pub data: &'a TaskData,
    /// Weights of the model to start from.
    pub start: &'a Weights,
    /// Folder to resume.
    pub folder: &'a Path,
    /// Global options.
    pub global: &'a Global,
    /// Processes that train together.
    pub workers: &'a Workers,
    /// Progress and logs.
    pub display: &'a Display,
}

/// Result of a run that is complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// Best score on the validation part; `None` without one.
    pub score: Option<f64>,
    /// Steps done.
    pub steps: u64,
}

/// Trains a run from the beginning or its newest checkpoint; does nothing if it is complete.
///
/// # Errors
/// The configuration does not fit the data or memory, or see [`Trainer::run`]. `Err` of the outer
/// result with the exit code of a signal is `Ok(Err(code))`.
pub fn train(
    folder: &Path,
    config: &FinetuneConfig,
    shared: &Shared<'_>,
) -> Result<Result<Finished, i32>> {
    let workers = shared.workers;
    // before rank 0 writes there
    let config = &with_compute_of(folder, config)?;
    let (lock, newest) = prepared(folder, workers, || {
        let lock = if is_new(folder)? { None } else { Some(RunLock::of(folder)?) };
        if lock.is_some() {
            run_state::recover(folder)?;
        }
        Ok(lock)
    })?;
    let newest = newest.map(Newest::at).transpose()?;
    let dataset = &shared.data.dataset;
    let shown = Shown::draw(config, dataset)?;
    let train: Vec<Example> = shown.rest(&dataset.train).cloned().collect();
    let valid = dataset.valid.clone();
    let demonstrations = shown.text;
    let head = HeadConfig { demonstrations, ..config.head(&dataset.task, &dataset.train) };
    let recipe = config.recipe(dataset, head.before());
    let settings = config.settings(head, &train);
    let measure = Measure::Score(settings.metric.name());
    let head = settings.head.clone();
    let mut objective = TaskObjective::new(&config.identity(), settings, train, valid)
        .with_windows(shared.data.windows.clone());
    agree(config, workers)?;
    let complete = folder.join(run_state::FINAL).exists();
    let complete = !workers.of_first(if complete { "complete" } else { "" })?.is_empty();
    if let Some(newest) = newest.as_ref().filter(|_| complete) {
        if run_state::state(&newest.path)?.run != objective.identity() {
            return Err(another_run(RunStateError::AnotherRun(folder.to_owned())));
        }
        return finished(folder, &newest.path, workers).map(Ok);
    }
    let device = libtorch::devices::device_of(&shared.global.device, workers.local())?;
    libtorch::devices::use_tf32(config.compute.dtype == Precision::Tf32, device)?;
    let threads = threads(&config.compute, shared.global);
    let plan = plan(&recipe, &shared.start.config, device, threads)?;
    libtorch::set_threads(plan.threads);
    let trained = config.trained();
    let weights = match &newest {
        Some(newest) => newest.weights.clone(),
        None => first_weights(config, &head, shared.start)?,
    };
    if config.learning.frozen_cache {
        let network = HyenaDna::new(&weights, device)?;
        let engine =
            validation::engine(network, weights.task_head().as_ref(), (device, plan.threads))?;
        let is_known = objective.know_features(engine, || signals::received().is_some())?;
        workers.sum(Vec::new())?; // all learn of a signal
        if !is_known || workers.stop().is_some() {
            return Ok(Err(workers.stop().unwrap_or_default()));
        }
    }
    let start = (weights, trained);
    let own = Some(folder).filter(|_| workers.is_first());
    let what = (&mut objective as &mut dyn Objective, workers);
    let mut trainer = Trainer::new(&recipe, what, own, start, (device, plan))?;
    if newest.is_none() {
        trainer.agree()?; // before rank 0 makes a folder
    }
    let _lock = match (workers.is_first(), lock) {
        (true, None) => Some(RunLock::of_new(folder)?),
        (_, lock) => lock,
    };
    match &newest {
        Some(newest) => resume(&mut trainer, newest, &recipe, &plan)?,
        None if workers.is_first() => write_config(folder, config, &plan)?,
        None => {}
    }
    let resumed = ("finetune", shared.folder);
    match work(folder, trainer, (&recipe, measure), resumed, (workers, shared.display))? {
        RunEnding::Stopped(code) => Ok(Err(code)),
        RunEnding::Complete => finished(folder, &run_state::newest(folder)?, workers).map(Ok),
    }
}

/// Compares the configuration of all processes; the way of computing may differ.
fn agree(config: &FinetuneConfig, workers: &Workers) -> Result<()> {
    let Compute { threads, recompute, .. } = Compute::default();
    let compute = Compute { threads, recompute, ..config.compute };
    let text = toml::to_string(&FinetuneConfig { compute, ..config.clone() })?;
    Ok(workers.agree(&facts_of(&text))?)
}

/// The configuration with the way of computing that the run began with, as results depend on it.
fn with_compute_of(folder: &Path, config: &FinetuneConfig) -> Result<FinetuneConfig> {
    let path = folder.join(CONFIG);
    let compute = match path.exists() {
        true => FinetuneConfig::read(&path)?.compute,
        false => config.compute,
    };
    Ok(FinetuneConfig { compute, ..config.clone() })
}

fn another_run(error: RunStateError) -> anyhow::Error {
    anyhow::Error::from(error).context("the data or options are not those that the run began with")
}

fn finished(folder: &Path, checkpoint: &Path, workers: &Workers) -> Result<Finished> {
    if workers.is_first() && !folder.join("loss.png").exists() {
        plot::write(folder)?;
    }
    let state = run_state::state(checkpoint)?;
    Ok(Finished { score: state.best, steps: state.step })
}

fn resume(
    trainer: &mut Trainer<'_>,
    newest: &Newest,
    recipe: &Recipe,
    plan: &StepPlan,
) -> Result<()> {
    compare_threads(recipe, plan);
    trainer.resume(&newest.path).map_err(|error| match error {
        error @ RunStateError::AnotherRun(_) => another_run(error),
        error => anyhow::Error::from(error).context(damaged(&newest.path)),
    })?;
    log::info!("continuing after step {} of {}", newest.step, recipe.stages.steps());
    Ok(())
}

fn write_config(folder: &Path, config: &FinetuneConfig, plan: &StepPlan) -> Result<()> {
    let mut config = config.clone();
    config.compute.recompute = plan.recompute;
    (config.compute.threads, config.compute.batch_tokens) = (plan.threads, plan.batch_tokens);
    config.write(&folder.join(CONFIG))
}

/// The weights before the first step: those of the model, or random ones of its sizes, and a new head.
/// An untrained vector for N becomes zeros, as commands read it.
fn first_weights(config: &FinetuneConfig, head: &HeadConfig, start: &Weights) -> Result<Weights> {
    let mut weights = match config.random {
        true => Weights::initial(&start.config, config.seed),
        false => start.clone(),
    };
    if !padding_rows::n_is_trained(&weights)
        && let Some(HostTensor { shape, data }) = weights.tensors.get_mut(names::EMBEDDING)
    {
        let (row, width) = (usize::from(tokenizer::N), shape[1]);
        data[row * width..][..width].fill(0.0);
    }
    let mut tensors = initial::head(head, weights.config.d_model, config.seed);
    shots::set_letters(config, head, if config.random { &weights } else { start }, &mut tensors)?;
    weights.tensors.extend(tensors);
    weights.head = Some(head.clone());
    Ok(weights)
}

/// The model of a finished run, ready to predict.
pub struct FinalModel {
    runner: Runner,
    head: Head,
}

impl FinalModel {
    /// Reads the model.
    ///
    /// # Errors
    /// It cannot be read, or there is no room for it.
    pub fn load(folder: &Path, config: &FinetuneConfig, shared: &Shared<'_>) -> Result<Self> {
        let weights = source::load_folder(&folder.join(run_state::FINAL))?.weights;
        let head = weights.task_head().context("the model of the run has no head")?;
        let device = libtorch::devices::device(&shared.global.device)?;
        let threads = threads(&with_compute_of(folder, config)?.compute, shared.global);
        libtorch::set_threads(threads);
        let network = HyenaDna::new(&weights, device)?;
        let engine = validation::engine(network, Some(&head), (device, threads))?;
        Ok(Self { runner: Runner::new(engine), head })
    }

    /// The predictions for some examples, or the exit code of a signal.
    ///
    /// # Errors
    /// The model cannot compute them.
    pub fn predict(&mut self, examples: &[Example]) -> Result<Result<Predictions, i32>> {
        let stop = || signals::received().is_some();
        let found = predict(&mut self.runner, &self.head, examples, stop)?;
        Ok(found.ok_or_else(|| signals::received().unwrap_or_default()))
    }
}

/// Trained part in words, for a log line.
pub fn trained_part(trained: Trained) -> String {
    match trained {
        Trained::All => "all weights".into(),
        Trained::Head => "the head".into(),
        Trained::Blocks(n) => format!("the head and the last {n} of the blocks"),
        Trained::Prompt(n) => format!("the head and a prompt of {n} vectors"),
        Trained::PromptAlone(n) => format!("a prompt of {n} vectors"),
    }
}
