//! One run of a task in its folder.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use tch::Device;

use super::config::FinetuneConfig;
use crate::{
    cli::{Global, tasks::TaskData},
    commands::runs::{CONFIG, Newest, compare_threads, damaged, threads, work},
    inference::runner::Runner,
    model::{
        libtorch,
        network::{HyenaDna, leaves::Precision},
        tokenizer,
        weights::{Weights, host::HostTensor, initial, names, padding_rows, source},
    },
    process::logging::Display,
    training::{
        engine::StepPlan,
        parameters::Trained,
        plan::plan,
        plot,
        recipe::Recipe,
        report::Measure,
        run_state::{self, RunStateError},
        task::{TaskObjective, metric::Predictions, predict},
        trainer::{RunEnding, Trainer},
        validation,
    },
};

/// What runs share: their data, the weights they start from, and the device.
pub struct Shared<'a> {
    /// Data.
    pub data: &'a TaskData,
    /// Weights of the model to start from.
    pub start: &'a Weights,
    /// Global options.
    pub global: &'a Global,
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
    let begun = folder.join(run_state::FOLDER).exists();
    let newest = if begun { Some(Newest::of(folder)?) } else { None };
    let dataset = &shared.data.dataset;
    let recipe = config.recipe(dataset);
    let complete = folder.join(run_state::FINAL).exists();
    if let Some(newest) = newest.as_ref().filter(|_| complete) {
        return finished(&newest.path).map(Ok);
    }
    let device = libtorch::device(shared.global.device)?;
    libtorch::use_tf32(config.compute.dtype == Precision::Tf32, device)?;
    let threads = threads(&config.compute, shared.global);
    let plan = plan(&recipe, &shared.start.config, device, threads)?;
    libtorch::set_threads(plan.threads);
    let trained = config.learning.method.0;
    let settings = config.settings(config.head(&dataset.task, &dataset.train), &dataset.train);
    let measure = Measure::Score(settings.metric.name());
    let weights = match &newest {
        Some(newest) => newest.weights.clone(),
        None => first_weights(config, &settings.head, shared.start),
    };
    let (train, valid) = (dataset.train.clone(), dataset.valid.clone());
    let mut objective = TaskObjective::new(&config.identity(), settings, train, valid);
    if config.learning.frozen_cache {
        let network = HyenaDna::new(&weights, device)?;
        objective.know_features(validation::engine(network, device, &plan)?)?;
    }
    let start = (weights, trained);
    let mut trainer = Trainer::new(&recipe, &mut objective, folder, start, (device, plan))?;
    match &newest {
        Some(newest) => resume(&mut trainer, newest, &recipe, &plan)?,
        None => write_config(folder, config, &plan)?,
    }
    match work(folder, trainer, (&recipe, measure), "finetune", shared.display)? {
        RunEnding::Stopped(code) => Ok(Err(code)),
        RunEnding::Complete => {
            plot::write(folder)?;
            finished(&run_state::newest(folder)?).map(Ok)
        }
    }
}

fn finished(checkpoint: &Path) -> Result<Finished> {
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
        error @ RunStateError::AnotherRun(_) => anyhow::Error::from(error)
            .context("the data or options are not those that the run began with"),
        error => anyhow::Error::from(error).context(damaged(&newest.path)),
    })?;
    log::info!("continuing after step {} of {}", newest.step, recipe.stages.steps());
    Ok(())
}

fn write_config(folder: &Path, config: &FinetuneConfig, plan: &StepPlan) -> Result<()> {
    let mut config = config.clone();
    config.compute.recompute = plan.recompute;
    (config.compute.threads, config.compute.batch_tokens) = (plan.threads, plan.batch_tokens);
    let text = format!("# hyenadna {}\n{}", env!("CARGO_PKG_VERSION"), toml::to_string(&config)?);
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join(CONFIG);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The weights before the first step: those of the model, or random ones of its sizes, and a new head.
/// An untrained vector for N becomes zeros, as commands read it.
fn first_weights(
    config: &FinetuneConfig,
    head: &crate::model::head::HeadConfig,
    start: &Weights,
) -> Weights {
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
    weights.tensors.extend(initial::head(head, weights.config.d_model, config.seed));
    weights.head = Some(head.clone());
    weights
}

/// The predictions of a finished run for some examples.
///
/// # Errors
/// The model of the run cannot be read or cannot compute them.
pub fn predictions(
    folder: &Path,
    config: &FinetuneConfig,
    shared: &Shared<'_>,
    examples: &[crate::tasks::example::Example],
) -> Result<Predictions> {
    let weights = source::load_folder(&folder.join(run_state::FINAL))?.weights;
    let head = weights.task_head().context("the model of the run has no head")?;
    let device: Device = libtorch::device(shared.global.device)?;
    let threads = threads(&config.compute, shared.global);
    let plan = plan(&config.recipe(&shared.data.dataset), &weights.config, device, threads)?;
    let engine = validation::engine(HyenaDna::new(&weights, device)?, device, &plan)?;
    let found = predict(&mut Runner::new(engine), &head, examples, || false)?;
    Ok(found.unwrap_or_default())
}

/// Trained part in words, for a log line.
pub fn trained_part(trained: Trained) -> String {
    match trained {
        Trained::All => "all weights".into(),
        Trained::Head => "the head".into(),
        Trained::Blocks(n) => format!("the head and the last {n} of the blocks"),
    }
}
