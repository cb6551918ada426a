//! Checks of the settings, on their own and against the data.

use anyhow::{Result, bail};

use super::{config::FinetuneConfig, run::Shared, shots};
use crate::{
    commands::runs::check as limits,
    formats::number::counted,
    model::{
        head::{HeadConfig, HeadTask},
        pool::Pool,
    },
    process::exit::Usage,
    tasks::{dataset::Dataset, example::Part, labels::Task},
    training::{
        parameters::Trained,
        task::metric::{self, Metric},
    },
};

/// Most times that every example is seen.
const MOST_EPOCHS: u64 = 1 << 30;

/// Checks settings that need no data.
pub fn settings(config: &FinetuneConfig) -> Result<(), Usage> {
    use std::ops::Bound::{Excluded, Included};
    // without steps those of the epochs are not known yet
    let mut optimization = config.optimization.clone();
    if optimization.steps == 0 {
        let before = optimization.stages.iter().map(|stage| stage.steps.min(limits::MOST_STEPS));
        optimization.steps = before.fold(1, u64::saturating_add).min(limits::MOST_STEPS);
    }
    limits::optimization(&optimization)?;
    limits::compute(&config.compute)?;
    limits::whole("--epochs", config.learning.epochs, 1..=MOST_EPOCHS)?;
    if i64::try_from(config.seed).is_err() {
        return Err(Usage(format!("the seed is {}, expected at most {}", config.seed, i64::MAX)));
    }
    let smoothing = config.learning.label_smoothing;
    limits::within(
        "label_smoothing (--label-smoothing)",
        smoothing,
        (Included(0.0), Excluded(1.0)),
    )?;
    if config.plateau < 1.0 && config.optimization.last_rate < 1.0 {
        return Err(Usage("--plateau and --last-lr exclude each other: the rate falls by the validation part or by the cosine".into()));
    }
    limits::within("the factor of --plateau", config.plateau, (Excluded(0.0), Included(1.0)))?;
    let widest = config.head.layers.iter().copied().max().unwrap_or(1);
    if config.head.layers.contains(&0) || widest > 1 << 16 {
        return Err(Usage("a layer of --head-layers has a width from 1 to 65536".into()));
    }
    Ok(())
}

/// Checks settings against the data.
///
/// # Errors
/// A setting does not fit the task, or the stages take all steps.
pub fn check(config: &FinetuneConfig, shared: &Shared<'_>) -> Result<()> {
    let dataset = &shared.data.dataset;
    settings(config)?;
    check_prompt(config, shared)?;
    let context = shared.start.config.context().max(1) as usize;
    shots::check(config, shared.data, context)?;
    let before = config.learning.method.0.prompt();
    let recipe = config.recipe(dataset, before);
    limits::optimization(&recipe.optimization)?;
    limits::bases(&recipe.stages)?;
    if config.plateau < 1.0 && (dataset.valid.is_empty() || config.output.valid_every == Some(0)) {
        let problem = "--plateau, a default of --method prompt, lowers the learning rate by the figures on the validation part, and there are none during this run; give --valid-fraction 0.1, --valid-every N, or --plateau 1 for the cosine";
        return Err(Usage(problem.into()).into());
    }
    let blocks = shared.start.config.n_layer;
    if let Trained::Blocks(last) = config.learning.method.0
        && i64::from(last) >= blocks
    {
        let problem =
            format!("--method blocks:{last}, but the model has {blocks}; expected fewer, or full");
        return Err(Usage(problem).into());
    }
    let head = config.head(&dataset.task, &dataset.train);
    let task = dataset.task.kind().name();
    let metric = config.metric(head.task);
    if !metric.fits(head.task) {
        let problem = format!("a {task} task has no {}; choose another --metric", metric.name());
        return Err(Usage(problem).into());
    }
    if config.learning.label_smoothing > 0.0
        && !matches!(dataset.task, Task::Classes(_) | Task::BaseClasses(_))
    {
        let problem = format!("--label-smoothing is for classes, and this is a {task} task");
        return Err(Usage(problem).into());
    }
    match (head.task.is_per_base(), config.head.pool) {
        (false, Pool::None) => {
            return Err(Usage("--pool none is for tasks of bases; choose another".into()).into());
        }
        (true, pool) if pool != Pool::Mean && pool != Pool::None => {
            return Err(Usage("the bases of this task are not pooled; remove --pool".into()).into());
        }
        _ => {}
    }
    if metric != Metric::Loss && !dataset.valid.is_empty() && !can_be_measured(dataset, &head) {
        bail!(
            "{} is not defined on the validation part, whose targets are all alike; give more of it, or --metric loss",
            metric.name()
        );
    }
    if config.learning.frozen_cache && head.task.is_per_base() {
        return Err(Usage("--frozen-cache is for heads of whole sequences; the vectors of all bases would not fit".into()).into());
    }
    if config.learning.frozen_cache && config.learning.method.0 != Trained::Head {
        return Err(Usage("--frozen-cache needs --method head".into()).into());
    }
    if config.learning.frozen_cache && shared.data.windows.is_some() {
        return Err(Usage(
            "--frozen-cache and --genomes exclude each other: each epoch has other windows".into(),
        )
        .into());
    }
    test_lengths(config, dataset, &head)?;
    let parts = head.pool.parts();
    let all = Part::ALL.into_iter().flat_map(|part| dataset.part(part));
    let stage = config.optimization.stages.iter().map(|stage| stage.length as usize).min();
    let shortest = all.min_by_key(|example| example.bases.len());
    if let Some(shortest) = shortest.filter(|example| example.bases.len() < parts) {
        bail!(
            "{}: {} for --pool {}; each part needs one: give fewer parts, or remove the sequence",
            shortest.place,
            counted(shortest.bases.len() as u64, "base"),
            head.pool
        );
    }
    if let Some(stage) = stage.filter(|length| *length < parts) {
        let problem = format!("a stage of {stage} bases is too short for --pool {}", head.pool);
        return Err(Usage(problem).into());
    }
    Ok(())
}

/// Checks the lengths to measure at.
fn test_lengths(
    config: &FinetuneConfig,
    dataset: &Dataset,
    head: &HeadConfig,
) -> Result<(), Usage> {
    let Some(&least) = config.test_lengths.iter().min() else { return Ok(()) };
    let lengths = dataset.test.iter().map(|example| example.bases.len());
    let (Some(longest), parts) = (lengths.max(), head.pool.parts()) else {
        return Err(Usage("--test-lengths needs a test part, which these data do not have".into()));
    };
    if head.task.is_per_base() {
        return Err(Usage("--test-lengths is for heads of whole sequences".into()));
    }
    if least < parts {
        let problem = format!("--test-lengths {least} is too short for --pool {}", head.pool);
        return Err(Usage(problem));
    }
    match config.test_lengths.iter().find(|length| **length > longest) {
        Some(length) => Err(Usage(format!(
            "--test-lengths {length}, but the longest sequence of the test part has {}; leave it out",
            counted(longest as u64, "base")
        ))),
        None => Ok(()),
    }
}

/// Refuses a prompt that leaves no room for a sequence.
///
/// # Errors
/// See above; the message names the longest sequence.
fn check_prompt(config: &FinetuneConfig, shared: &Shared<'_>) -> Result<()> {
    let prompt = config.learning.method.0.prompt();
    let context = shared.start.config.context().max(1) as usize;
    let all = Part::ALL.into_iter().flat_map(|part| shared.data.dataset.part(part));
    let longest = all.max_by_key(|example| example.bases.len());
    match longest {
        Some(longest) if prompt > 0 && prompt + longest.bases.len() > context => bail!(
            "{}: {} and a prompt of {prompt} vectors are more than the model's context of {context}; give a shorter prompt, --long truncate with --method prompt:{prompt}, or a model with a longer context (`hyenadna models list`)",
            longest.place,
            counted(longest.bases.len() as u64, "base"),
        ),
        _ => Ok(()),
    }
}

/// True if the validation part has different targets: two classes, or a label or number that varies.
fn can_be_measured(dataset: &Dataset, head: &HeadConfig) -> bool {
    let outputs = head.outputs.len();
    let (counts, total) = metric::counts(&dataset.valid, outputs);
    match head.task {
        HeadTask::SingleLabel | HeadTask::BaseClasses => {
            counts.iter().filter(|count| **count > 0).count() > 1
        }
        HeadTask::MultiLabel | HeadTask::BaseLabels => {
            counts.iter().any(|count| (1..total).contains(count))
        }
        HeadTask::Regression => {
            let first = dataset.valid.first().map(|example| &example.target);
            dataset.valid.iter().any(|example| Some(&example.target) != first)
        }
    }
}
