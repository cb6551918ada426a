//! `hyenadna finetune`: a model adapted to a task.

mod config;
mod grid;
mod options;
mod preset;
mod run;
mod runs;
mod test_part;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum, ValueHint};

use self::{
    config::FinetuneConfig,
    grid::{Grid, Varied},
    options::FinetuneOptions,
    run::Shared,
};
use super::runs::{CONFIG, check as limits, must_be_empty};
use crate::{
    cli::{
        Global,
        model::load,
        tasks::{TaskArgs, TaskData},
    },
    formats::number::counted,
    model::{
        head,
        weights::{Weights, buffers},
    },
    process::{
        exit::{self, Usage},
        logging::Display,
    },
    tasks::{
        dataset::Dataset,
        example::{Example, Part, Target},
        labels::Task,
    },
    training::{parameters::Trained, plot},
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  A classifier from a folder with train.csv, dev.csv and test.csv, and a report on the test part:
    hyenadna finetune motif -o run
  A grid of settings on the validation part, and the best ones with three seeds:
    hyenadna finetune motif --sweep lr=1e-4,6e-4 pool=mean,bins:4 --seeds 3 -o runs";

/// Adapt a model to a task: classes, labels or numbers of sequences or of their bases
///
/// Puts a head on the model and trains it with the model, or alone, on labelled sequences. The model
/// that is best on the validation part is kept, and measured once on the test part. The folder of the
/// run has its configuration, a table of losses, checkpoints, the model, which `predict` takes with
/// `--model RUN`, and a report. `--resume RUN` continues an interrupted run, with identical results on
/// a CPU.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
#[command(after_long_help = EXAMPLES)]
pub struct FinetuneArgs {
    #[command(flatten)]
    task: TaskArgs,
    /// Folder of the run; must be new or empty
    #[arg(short, long, value_name = "RUN", value_hint = ValueHint::DirPath, required_unless_present_any = ["resume", "plot"])]
    output: Option<PathBuf>,
    /// Continue an interrupted run from its newest checkpoint
    #[arg(long, value_name = "RUN", value_hint = ValueHint::DirPath, conflicts_with_all = ["output", "data", "train", "class"])]
    resume: Option<PathBuf>,
    /// Draw the loss curve of a run (loss.svg, loss.png) and do nothing else
    #[arg(long, value_name = "RUN", value_hint = ValueHint::DirPath, conflicts_with_all = ["output", "resume", "data", "train", "class"])]
    plot: Option<PathBuf>,
    /// Try all combinations of these settings on the validation part, and measure the best one on the
    /// test part
    #[arg(long, value_name = "OPTION=V,V…", num_args = 1..)]
    sweep: Vec<Varied>,
    /// Number of runs of the (best) settings, each with another seed, for mean and standard deviation
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Treatment of sequences that are longer than the model's context
    #[arg(long, value_name = "HOW", default_value = "error")]
    long: LongSequences,
    #[command(flatten)]
    options: FinetuneOptions,
}

/// Treatment of sequences that are longer than the context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LongSequences {
    /// Stop with an error
    Error,
    /// Read only the first bases, up to the context
    Truncate,
}

/// Runs the command.
///
/// # Errors
/// The configuration is invalid, data cannot be read, or outputs cannot be written.
pub fn run(args: &FinetuneArgs, global: &Global, display: &Display) -> Result<i32> {
    let is_more = args.options.are_given() || !args.sweep.is_empty() || args.seeds > 1;
    if (args.plot.is_some() || args.resume.is_some()) && is_more {
        return Err(Usage("--resume and --plot take the configuration of their run; remove the other options, or start a new run".into()).into());
    }
    if let Some(folder) = &args.plot {
        for path in plot::write(folder)? {
            log::info!("wrote {}", path.display());
        }
        return Ok(exit::SUCCESS);
    }
    if let Some(folder) = &args.resume {
        let (config, grid) = (read_config(folder)?, Grid::read(folder)?);
        return work(folder, &config, grid, global, display);
    }
    let folder = args.output.as_deref().context("clap demands a folder")?;
    let mut data = args.task.clone();
    data.make_paths_absolute()?;
    let config = args.options.config(&data, args.long == LongSequences::Truncate)?;
    let grid = Grid::new(&args.sweep, args.seeds)?;
    check_settings(&config)?;
    must_be_empty(folder)?;
    work(folder, &config, grid, global, display)
}

fn read_config(folder: &Path) -> Result<FinetuneConfig> {
    let path = folder.join(CONFIG);
    let text = fs::read_to_string(&path).with_context(|| {
        format!("{} is not a run of finetune: {CONFIG} cannot be read", folder.display())
    })?;
    toml::from_str(&text).with_context(|| {
        format!("{} is not the configuration of a run of finetune", path.display())
    })
}

/// Reads data and model, trains what is not complete, and measures it on the test part.
fn work(
    folder: &Path,
    config: &FinetuneConfig,
    grid: Option<Grid>,
    global: &Global,
    display: &Display,
) -> Result<i32> {
    let mut data = config.data.read()?;
    let start = model_to_start_from(&config.model, display)?;
    fit_to_context(&mut data, config, start.config.context().max(1) as usize)?;
    let dataset = &data.dataset;
    if dataset.valid.is_empty() {
        if grid.as_ref().is_some_and(|grid| !grid.sweep.is_empty()) {
            return Err(Usage("--sweep compares settings on the validation part, which has no members; give --valid-fraction 0.1 to draw it from train".into()).into());
        }
        log::warn!("no validation part: the model of the last step is kept; see --valid-fraction");
    }
    let shared = Shared { data: &data, start: &start, global, display };
    if let Some(grid) = grid {
        return Ok(runs::run(folder, &grid, config, &shared)?.err().unwrap_or(exit::SUCCESS));
    }
    check(config, dataset)?;
    log::info!("training {}", run::trained_part(config.learning.method.0));
    if let Err(code) = run::train(folder, config, &shared)? {
        return Ok(code);
    }
    if dataset.test.is_empty() {
        log::info!("no test part: no report");
    } else {
        test_part::measure(folder, config, &shared)?;
    }
    Ok(exit::SUCCESS)
}

/// Checks settings that need no data.
fn check_settings(config: &FinetuneConfig) -> Result<(), Usage> {
    use std::ops::Bound::{Excluded, Included};
    // without steps those of the epochs are not known yet
    let mut optimization = config.optimization.clone();
    if optimization.steps == 0 {
        optimization.steps = u64::MAX;
    }
    limits::optimization(&optimization)?;
    if i64::try_from(config.seed).is_err() {
        return Err(Usage(format!("the seed is {}, expected at most {}", config.seed, i64::MAX)));
    }
    let smoothing = config.learning.label_smoothing;
    limits::within("label_smoothing", smoothing, (Included(0.0), Excluded(1.0)))?;
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
fn check(config: &FinetuneConfig, dataset: &Dataset) -> Result<()> {
    check_settings(config)?;
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
    if !config.recipe(dataset).optimization.stages.is_empty() {
        limits::optimization(&config.recipe(dataset).optimization)?;
    }
    if config.learning.frozen_cache && head.task.is_per_base() {
        return Err(Usage("--frozen-cache is for heads of whole sequences; the vectors of all bases would not fit".into()).into());
    }
    if config.learning.frozen_cache && config.learning.method.0 != Trained::Head {
        return Err(Usage("--frozen-cache needs --method head".into()).into());
    }
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

/// The weights of a model without the head of an earlier task.
fn model_to_start_from(spec: &str, display: &Display) -> Result<Weights> {
    let mut weights = load(Some(spec), display)?.weights;
    // checkpoints do not have these buffers, and a resumed run recomputes them
    buffers::drop_regenerable(&mut weights)?;
    if let Some(head) = weights.head.take() {
        log::info!("{spec}: its head for {} is replaced", counted(head.outputs.len(), "output"));
        weights.tensors.retain(|name, _| !name.starts_with(head::PREFIX));
    }
    Ok(weights)
}

/// Cuts sequences that are longer than the context, if the configuration says so.
///
/// # Errors
/// There are some, and it does not; the message names the first.
fn fit_to_context(data: &mut TaskData, config: &FinetuneConfig, context: usize) -> Result<()> {
    for part in Part::ALL {
        let examples = match part {
            Part::Train => &mut data.dataset.train,
            Part::Valid => &mut data.dataset.valid,
            Part::Test => &mut data.dataset.test,
        };
        let is_long = |example: &Example| example.bases.len() > context;
        let count = examples.iter().filter(|example| is_long(example)).count() as u64;
        let Some(first) = examples.iter().find(|example| is_long(example)) else { continue };
        let found = format!(
            "{}: {} longer than the model's context of {context} bases",
            part.name(),
            counted(count, "sequence")
        );
        if !config.truncate {
            bail!(
                "{found}, the first at {} with {} bases; use --long truncate, or a model with a longer context (`hyenadna models list`)",
                first.place,
                first.bases.len()
            );
        }
        log::warn!("{found}; --long truncate");
        for example in examples.iter_mut() {
            example.bases.truncate(context);
            match &mut example.target {
                Target::BaseClasses(classes) => classes.truncate(context),
                Target::BaseLabels(labels) => labels.truncate(context),
                Target::Class(_) | Target::Labels(_) | Target::Numbers(_) => {}
            }
        }
    }
    Ok(())
}
