//! `hyenadna finetune`: a model adapted to a task.

mod check;
mod config;
mod grid;
mod learning;
mod lengths;
mod options;
mod picture;
mod preset;
mod run;
mod runs;
mod shots;
mod test_part;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum, ValueHint};

use self::{
    config::FinetuneConfig,
    grid::{Grid, Varied},
    options::FinetuneOptions,
    run::Shared,
};
use super::runs::{
    CONFIG, Newest, must_be_empty,
    together::{WorkerOptions, together},
};
use crate::{
    cli::{
        Global,
        model::load,
        tasks::{TaskArgs, TaskData},
    },
    formats::number::counted,
    model::weights::{Weights, buffers},
    process::{
        exit::{self, Usage},
        logging::Display,
        rank::{self, Rank},
    },
    tasks::example::{Example, Part},
    training::{plot, run_state, workers::Workers},
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  A classifier from a folder with train.csv, dev.csv and test.csv, and a report on the test part:
    hyenadna finetune motif -o motif-run
  A grid of settings on the validation part, and the best ones with three seeds:
    hyenadna finetune motif --sweep lr=1e-4,6e-4 pool=mean,bins:4 --seeds 3 -o motif-runs";

/// Adapt a model to a task: classes, labels or numbers of sequences or of their bases
///
/// Puts a head on the model and trains it with the model, or alone, on labelled sequences. The model
/// that is best on the validation part is kept, and measured once on the test part. The folder of the
/// run has its configuration, a table of losses, checkpoints, the model, which `predict` takes with
/// `--model RUN`, and a report. `--resume RUN` continues an interrupted run, with identical results on
/// a CPU. Several processes that torchrun or srun starts train together, each on its share of every step.
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
    #[arg(long, value_name = "RUN", value_hint = ValueHint::DirPath, conflicts_with_all = ["output", "data", "train", "class", "genomes"])]
    resume: Option<PathBuf>,
    /// Draw the loss curve of a run (loss.svg, loss.png) and do nothing else
    #[arg(long, value_name = "RUN", value_hint = ValueHint::DirPath, conflicts_with_all = ["output", "resume", "data", "train", "class", "genomes"])]
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
    #[command(flatten)]
    workers: WorkerOptions,
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
    let is_more = args.options.are_given()
        || args.task != TaskArgs::none()
        || args.long != LongSequences::Error
        || !args.sweep.is_empty()
        || args.seeds > 1;
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
        return together(&args.workers, display, |workers, display| {
            let (config, grid) = (FinetuneConfig::read(&folder.join(CONFIG))?, Grid::read(folder)?);
            work(folder, &config, grid, global, (workers, display))
        });
    }
    let folder = args.output.as_deref().context("clap demands a folder")?;
    let grid = Grid::new(&args.sweep, args.seeds)?;
    if grid.is_some() && Rank::of(&rank::environment)?.is_some() {
        return Err(Usage(ONE_BY_ONE.into()).into());
    }
    together(&args.workers, display, |workers, display| {
        let mut data = args.task.clone();
        data.make_paths_absolute()?;
        let config = args.options.config(&data, args.long == LongSequences::Truncate)?;
        check::settings(&config)?;
        if workers.is_first() {
            must_be_empty(folder)?;
        }
        work(folder, &config, grid, global, (workers, display))
    })
}

/// Why a grid is no work of several processes.
const ONE_BY_ONE: &str = "--sweep and --seeds train one run after the other, each in one process; start them without torchrun or srun, or train a single run together";

/// Reads data and model, trains what is not complete, and measures it on the test part.
fn work(
    folder: &Path,
    config: &FinetuneConfig,
    grid: Option<Grid>,
    global: &Global,
    (workers, display): (&Workers, &Display),
) -> Result<i32> {
    if grid.is_some() && !workers.is_alone() {
        return Err(Usage(ONE_BY_ONE.into()).into());
    }
    let mut data = config.data.read()?;
    let (start, identity) = model_to_start_from(folder, config, grid.is_none(), display)?;
    let config = &FinetuneConfig { model_identity: identity, ..config.clone() };
    let context = start.config.context().max(1) as usize;
    let prompt = config.learning.method.0.prompt();
    if prompt >= context {
        let problem = format!(
            "--method prompt:{prompt} leaves no room for a base in the model's context of {context}; give fewer vectors, or a model with a longer context (`hyenadna models list`)"
        );
        return Err(Usage(problem).into());
    }
    fit_to_context(&mut data, config, (context, prompt))?;
    let dataset = &data.dataset;
    shots::warn(config, dataset, &start)?;
    if dataset.valid.is_empty() {
        if grid.as_ref().is_some_and(|grid| !grid.sweep.is_empty()) {
            return Err(Usage("--sweep compares settings on the validation part, which has no members; give --valid-fraction 0.1 to draw it from train".into()).into());
        }
        log::warn!("no validation part: the model of the last step is kept; see --valid-fraction");
    }
    let examples = dataset.train.len().saturating_sub(config.shots) as u64;
    if config.optimization.batch > examples {
        log::info!(
            "a step has all {examples} examples, fewer than --batch {}",
            config.optimization.batch
        );
    }
    let shared = Shared { data: &data, start: &start, folder, global, workers, display };
    if let Some(grid) = grid {
        return Ok(runs::run(folder, &grid, config, &shared)?.err().unwrap_or(exit::SUCCESS));
    }
    check::check(config, &shared)?;
    log::info!("training {}", run::trained_part(config.trained()));
    if let Err(code) = run::train(folder, config, &shared)? {
        return Ok(code);
    }
    if !workers.is_first() {
        return Ok(exit::SUCCESS); // rank 0 measures the test part
    }
    if dataset.test.is_empty() {
        log::info!("no test part: no report");
    } else {
        return Ok(test_part::measure(folder, config, &shared)?.err().unwrap_or(exit::SUCCESS));
    }
    Ok(exit::SUCCESS)
}

/// The weights to start from without the head of an earlier task, and the identity of their model. A
/// single run that has a checkpoint needs the model no more.
///
/// # Errors
/// The model cannot be read, or is not the one that the run began with.
fn model_to_start_from(
    folder: &Path,
    config: &FinetuneConfig,
    is_single: bool,
    display: &Display,
) -> Result<(Weights, String)> {
    let spec = config.model.as_str();
    let begun = !config.model_identity.is_empty();
    let (mut weights, identity) = match run_state::newest(folder) {
        Ok(_) if is_single && begun => (Newest::of(folder)?.weights, config.model_identity.clone()),
        _ => {
            let named = load(Some(spec), display)?;
            (named.weights, named.identity)
        }
    };
    if begun && identity != config.model_identity {
        bail!("{spec} is not the model that {} began with; put it back", folder.display());
    }
    // checkpoints do not have these buffers, and a resumed run recomputes them
    buffers::drop_regenerable(&mut weights)?;
    if let Some(head) = weights.drop_task_head() {
        log::debug!("{spec}: its head for {} is replaced", counted(head.outputs.len(), "output"));
    }
    Ok((weights, identity))
}

/// Cuts sequences that are longer than the context without the prompt and the demonstrations, if the configuration says so.
///
/// # Errors
/// There are some, and it does not; the message names the first.
fn fit_to_context(
    data: &mut TaskData,
    config: &FinetuneConfig,
    (whole, prompt): (usize, usize),
) -> Result<()> {
    let mut context = whole - prompt;
    if config.truncate {
        context = shots::room(config, context);
    }
    if context == 0 {
        let problem = format!(
            "--shots {} leaves no room for a base in the model's context of {whole}",
            config.shots
        );
        return Err(Usage(problem).into());
    }
    let limit = match (prompt, config.shots) {
        (_, 1..) if config.truncate => format!(
            "the {context} bases that each of {} demonstrations and a sequence have in the model's context of {whole}",
            config.shots
        ),
        (0, _) => format!("the model's context of {whole} bases"),
        _ => format!(
            "the {context} bases that a prompt of {prompt} vectors leaves of the model's context of {whole}"
        ),
    };
    for part in Part::ALL {
        let examples = match part {
            Part::Train => &mut data.dataset.train,
            Part::Valid => &mut data.dataset.valid,
            Part::Test => &mut data.dataset.test,
        };
        let is_long = |example: &Example| example.bases.len() > context;
        let count = examples.iter().filter(|example| is_long(example)).count() as u64;
        let Some(first) = examples.iter().find(|example| is_long(example)) else { continue };
        let found = format!("{}: {} longer than {limit}", part.name(), counted(count, "sequence"));
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
            example.target = example.target.slice(0..example.bases.len());
        }
    }
    Ok(())
}
