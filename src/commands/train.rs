//! `hyenadna train`: pretraining from scratch or from a checkpoint.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::{Args, ValueHint};

use super::runs::{
    CONFIG, Newest, RunLock, compare_threads, damaged, facts_of, must_be_empty, prepared, threads,
    together::{WorkerOptions, together},
    work,
};
use crate::{
    cli::{Global, model::load},
    formats::{
        output::{stdout, write_file},
        whole,
    },
    model::{
        libtorch,
        network::leaves::Precision,
        weights::{Weights, buffers},
    },
    process::{
        exit::{self, Usage},
        logging::Display,
    },
    training::{
        config::RunConfig,
        next_base::NextBase,
        objective::Objective,
        parameters::Trained,
        plan::plan,
        plot,
        recipe::{Compute, Recipe},
        report::Measure,
        run_state::{self, RunStateError},
        trainer::{RunEnding, Trainer},
        workers::Workers,
    },
};
use options::TrainOptions;

mod check;
mod options;

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  A model of a genome, with chromosome 21 kept for validation:
    hyenadna train --reference genome.fa --valid-contigs chr21 -o run
  The whole configuration, to edit and pass to --config:
    hyenadna train --preset tiny-1k --print-config > run.toml";

/// Train a model on genomes, from scratch or from a checkpoint
///
/// Predicts each base from those before it. The folder of the run has its configuration, a table of
/// losses, checkpoints and, at the end, the model, which every other command takes with `--model
/// RUN`. `--resume RUN` continues an interrupted run, with identical results on a CPU. Several
/// processes that torchrun or srun starts train together, each on its share of every step.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
#[command(after_long_help = EXAMPLES)]
pub struct TrainArgs {
    /// Folder of the run; must be new or empty
    #[arg(short, long, value_name = "RUN", value_hint = ValueHint::DirPath, required_unless_present_any = ["resume", "plot", "print_config"])]
    output: Option<PathBuf>,
    /// Continue an interrupted run from its newest checkpoint
    #[arg(long, value_name = "RUN", value_hint = ValueHint::DirPath, conflicts_with = "output")]
    resume: Option<PathBuf>,
    /// Draw the loss curve of a run (loss.svg, loss.png) and do nothing else
    #[arg(long, value_name = "RUN", value_hint = ValueHint::DirPath, conflicts_with_all = ["output", "resume"])]
    plot: Option<PathBuf>,
    /// Print the complete configuration as TOML and do nothing else
    #[arg(long, conflicts_with_all = ["output", "resume", "plot"])]
    print_config: bool,
    #[command(flatten)]
    options: TrainOptions,
    #[command(flatten)]
    workers: WorkerOptions,
}

/// Runs the command.
///
/// # Errors
/// The configuration is invalid, data cannot be read, or outputs cannot be written.
pub fn run(args: &TrainArgs, global: &Global, display: &Display) -> Result<i32> {
    if (args.plot.is_some() || args.resume.is_some()) && args.options.are_given() {
        return Err(Usage("--resume and --plot take the configuration of their run; remove the other options, or start a new run with --init".into()).into());
    }
    if let Some(folder) = &args.plot {
        for path in plot::write(folder)? {
            log::info!("wrote {}", path.display());
        }
        return Ok(exit::SUCCESS);
    }
    if let Some(folder) = &args.resume {
        return together(&args.workers, display, |workers, display| {
            resume(folder, workers, global, display)
        });
    }
    let config = args.options.config()?;
    if args.print_config {
        let mut out = stdout()?.lock();
        out.write_all(config.to_toml()?.as_bytes()).and_then(|()| out.flush())?;
        return Ok(exit::SUCCESS);
    }
    let folder = args.output.as_deref().context("clap demands a folder")?;
    together(&args.workers, display, |workers, display| {
        begin(folder, config, workers, global, display)
    })
}

/// Starts a new run. All checks come before the first write.
fn begin(
    folder: &Path,
    mut config: RunConfig,
    workers: &Workers,
    global: &Global,
    display: &Display,
) -> Result<i32> {
    check::check(&config)?;
    if workers.is_first() {
        must_be_empty(folder)?;
    }
    let init = checkpoint_to_start_from(&config, display)?;
    if let Some(weights) = &init {
        config.model.adopt(&weights.config);
    }
    check::check_lengths(&config)?;
    config.make_paths_absolute()?;
    let architecture = match &init {
        Some(weights) => weights.config.clone(),
        None => config.model.architecture(),
    };
    let device = libtorch::devices::device_of(&global.device, workers.local())?;
    libtorch::devices::use_tf32(config.compute.dtype == Precision::Tf32, device)?;
    let plan = plan(&config.recipe(), &architecture, device, threads(&config.compute, global))?;
    let weights = init.unwrap_or_else(|| Weights::initial(&architecture, config.seed));
    config.compute.recompute = plan.recompute;
    (config.compute.threads, config.compute.batch_tokens) = (plan.threads, plan.batch_tokens);
    let text = format!("# hyenadna {}\n{}", env!("CARGO_PKG_VERSION"), config.to_toml()?);
    libtorch::set_threads(plan.threads);
    agree(&config, workers)?;
    let (recipe, mut objective) = (config.recipe(), NextBase::new(&config)?);
    let start = (weights, Trained::All);
    let own = Some(folder).filter(|_| workers.is_first());
    let what = (&mut objective as &mut dyn Objective, workers);
    let trainer = Trainer::new(&recipe, what, own, start, (device, plan))?;
    trainer.agree()?; // before rank 0 makes a folder
    let _lock = match workers.is_first() {
        true => {
            let lock = RunLock::of_new(folder)?;
            write_file(&folder.join(CONFIG), text.as_bytes())?;
            Some(lock)
        }
        false => None,
    };
    finish(folder, trainer, &recipe, (workers, display))
}

/// Compares the configuration of all processes; the way of computing may differ.
fn agree(config: &RunConfig, workers: &Workers) -> Result<()> {
    let Compute { threads, recompute, .. } = Compute::default();
    let compute = Compute { threads, recompute, ..config.compute };
    let facts = facts_of(&RunConfig { compute, ..config.clone() }.to_toml()?);
    Ok(workers.agree(&facts)?)
}

/// The weights of `init`; `None` if the first ones are random.
fn checkpoint_to_start_from(config: &RunConfig, display: &Display) -> Result<Option<Weights>> {
    let Some(spec) = &config.model.init else { return Ok(None) };
    let mut weights = load(Some(spec), display)?.weights;
    weights.drop_task_head();
    // checkpoints do not have these buffers, and a resumed run recomputes them
    buffers::drop_regenerable(&mut weights)?;
    Ok(Some(weights))
}

/// Continues an interrupted run.
fn resume(folder: &Path, workers: &Workers, global: &Global, display: &Display) -> Result<i32> {
    let path = folder.join(CONFIG);
    let text = whole::settings(&path)
        .with_context(|| format!("{} is not a run: {} cannot be read", folder.display(), CONFIG))?;
    let config = RunConfig::parse(&text).with_context(|| path.display().to_string())?;
    check::check(&config)
        .and_then(|()| check::check_lengths(&config))
        .with_context(|| path.display().to_string())?;
    let steps = config.stages().steps();
    let done = || run_state::newest(folder).and_then(|path| run_state::state(&path));
    let is_complete =
        folder.join(run_state::FINAL).exists() && done().is_ok_and(|state| state.step >= steps);
    if workers.of_first(if is_complete { "complete" } else { "" })? == "complete" {
        log::info!("{} is complete: all {steps} steps are done", folder.display());
        return Ok(exit::SUCCESS);
    }
    let (_lock, newest) = prepared(folder, workers, || {
        let lock = RunLock::of(folder)?;
        run_state::recover(folder)?;
        Ok(Some(lock))
    })?;
    let newest = newest.map(Newest::at).transpose()?;
    let weights = match &newest {
        Some(newest) => newest.weights.clone(),
        None => checkpoint_to_start_from(&config, display)?
            .unwrap_or_else(|| Weights::initial(&config.model.architecture(), config.seed)),
    };
    let device = libtorch::devices::device_of(&global.device, workers.local())?;
    libtorch::devices::use_tf32(config.compute.dtype == Precision::Tf32, device)?;
    let recipe = config.recipe();
    let plan = plan(&recipe, &weights.config, device, threads(&config.compute, global))?;
    compare_threads(&recipe, &plan);
    libtorch::set_threads(plan.threads);
    agree(&config, workers)?;
    let mut objective = NextBase::new(&config)?;
    let start = (weights, Trained::All);
    let own = Some(folder).filter(|_| workers.is_first());
    let what = (&mut objective as &mut dyn Objective, workers);
    let mut trainer = Trainer::new(&recipe, what, own, start, (device, plan))?;
    if let Some(newest) = newest {
        trainer.resume(&newest.path).map_err(|error| match error {
            error @ RunStateError::AnotherRun(_) => error.into(),
            error => anyhow::Error::from(error).context(damaged(&newest.path)),
        })?;
    }
    log::info!("continuing after step {} of {steps}", trainer.state().step);
    finish(folder, trainer, &recipe, (workers, display))
}

fn finish(
    folder: &Path,
    trainer: Trainer<'_>,
    recipe: &Recipe,
    watched: (&Workers, &Display),
) -> Result<i32> {
    let what = (recipe, Measure::BitsPerBase);
    Ok(match work(folder, trainer, what, ("train", folder), watched)? {
        RunEnding::Stopped(code) => code,
        RunEnding::Complete => exit::SUCCESS,
    })
}
