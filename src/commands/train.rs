//! `hyenadna train`: pretraining from scratch or from a checkpoint.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use tch::Device;

mod options;

use options::Options;

use crate::{
    cli::Global,
    exit::{self, Usage},
    inference::memory,
    logging::Display,
    model::{config::Config, libtorch, source, weights::Weights},
    progress::draw_download,
    signals,
    training::{
        self, checkpoint,
        config::RunConfig,
        engine::Plan,
        memory::TooLarge,
        plot,
        report::Report,
        trainer::{Ending, Trainer},
    },
};

/// Train a model on genomes, from scratch or from a checkpoint
///
/// Predicts each base from those before it. The run goes to a folder with its configuration, a
/// table of losses, checkpoints, and in the end the model, which every other command takes with
/// `--model RUN`. What was interrupted goes on with `--resume RUN`, on a CPU to the last bit.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Folder for the run; must be new or empty
    #[arg(short, long, value_name = "RUN", required_unless_present_any = ["resume", "plot", "print_config"])]
    output: Option<PathBuf>,
    /// Go on with an interrupted run from its newest checkpoint
    #[arg(long, value_name = "RUN", conflicts_with = "output", exclusive = false)]
    resume: Option<PathBuf>,
    /// Draw the loss curve of a run (loss.svg, loss.png) and do nothing else
    #[arg(long, value_name = "RUN", conflicts_with_all = ["output", "resume"])]
    plot: Option<PathBuf>,
    /// Print the complete configuration as TOML and do nothing else
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    options: Options,
}

/// Runs the command.
///
/// # Errors
/// The configuration makes no sense, data cannot be read, or outputs cannot be written.
pub fn run(args: &TrainArgs, global: &Global, display: &Display) -> Result<i32> {
    if let Some(folder) = &args.plot {
        for path in plot::write(folder)? {
            log::info!("wrote {}", path.display());
        }
        return Ok(exit::SUCCESS);
    }
    if let Some(folder) = &args.resume {
        if args.options.are_given() {
            return Err(Usage("--resume goes on with the configuration of its run; leave the other options out, or begin a new run with --init".into()).into());
        }
        return resume(folder, global, display);
    }
    let config = args.options.config()?;
    if args.print_config {
        print!("{}", config.to_toml());
        return Ok(exit::SUCCESS);
    }
    let folder = args.output.as_deref().context("clap demands a folder")?;
    begin(folder, config, global, display)
}

/// A new run.
fn begin(folder: &Path, mut config: RunConfig, global: &Global, display: &Display) -> Result<i32> {
    options::check(&config)?;
    let weights = match &config.model.init {
        Some(spec) => {
            let weights = source::load(spec, &mut draw_download(display))?.weights;
            config.model.adopt(&weights.config);
            weights
        }
        None => Weights::initial(&config.model.architecture(), config.seed),
    };
    options::check_lengths(&config)?;
    make_folder(folder)?;
    let text = format!("# hyenadna {}\n{}", env!("CARGO_PKG_VERSION"), config.to_toml());
    let path = folder.join(CONFIG);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    work(folder, &config, weights, None, global, display)
}

/// Name of the configuration in the folder of a run.
const CONFIG: &str = "config.toml";

/// An interrupted run.
fn resume(folder: &Path, global: &Global, display: &Display) -> Result<i32> {
    let path = folder.join(CONFIG);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}, which every run has", path.display()))?;
    let config = RunConfig::parse(&text).with_context(|| path.display().to_string())?;
    let newest = checkpoint::newest(folder)?;
    let name = newest.to_string_lossy().into_owned();
    let weights = source::load(&name, &mut draw_download(display))?.weights;
    work(folder, &config, weights, Some(&newest), global, display)
}

fn work(
    folder: &Path,
    config: &RunConfig,
    weights: Weights,
    from: Option<&Path>,
    global: &Global,
    display: &Display,
) -> Result<i32> {
    libtorch::set_threads(global.threads());
    let device = libtorch::device(global.device)?;
    let plan = plan(config, &weights.config, device, global)?;
    let mut trainer = Trainer::new(config, folder, weights, device, plan)?;
    if let Some(checkpoint) = from {
        trainer.resume(checkpoint)?;
        log::info!("going on after step {}", trainer.step());
    }
    let steps = config.stages().steps();
    let mut report =
        Report::open(folder, steps, trainer.step(), config.output.log_every, display)?;
    signals::tell();
    let ending = trainer.run(&mut report)?;
    report.finish();
    match ending {
        Ending::Stopped(code) => {
            log::warn!(
                "stopped and saved after step {}; `hyenadna train --resume {}` goes on",
                trainer.step(),
                folder.display()
            );
            Ok(code)
        }
        Ending::Complete(_) => {
            log::info!("the model is {}", folder.join("model").display());
            Ok(exit::SUCCESS)
        }
    }
}

/// How the steps are computed.
fn plan(
    config: &RunConfig,
    architecture: &Config,
    device: Device,
    global: &Global,
) -> Result<Plan, TooLarge> {
    let batch_tokens = match (config.compute.batch_tokens, device) {
        (0, Device::Cpu) => FASTEST_TOKENS_CPU,
        (0, _) => FASTEST_TOKENS_GPU,
        (tokens, _) => tokens,
    };
    let free = if device == Device::Cpu { memory::free() } else { None };
    let threads = global.threads();
    let recompute = training::memory::choose(config, architecture, threads, batch_tokens, free)?;
    log::debug!("batches of {batch_tokens} bases, recompute {recompute:?}");
    Ok(Plan { threads, batch_tokens, recompute, precision: config.compute.dtype })
}

/// Bases that are computed at once on a thread of a CPU: more leave its caches.
const FASTEST_TOKENS_CPU: u64 = 4096;
/// On a GPU.
const FASTEST_TOKENS_GPU: u64 = 1 << 17;

/// Makes the folder of a run, which must not hold anything yet.
fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    if entries.next().is_some() {
        return Err(Usage(format!(
            "{} holds something already; give a new folder, or --resume {} to go on with its run",
            folder.display(),
            folder.display()
        ))
        .into());
    }
    Ok(())
}
