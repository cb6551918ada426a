//! Folders of runs, for the commands that train.

pub mod check;
pub mod options;
pub mod together;

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    cli::Global,
    formats::{number::counted, output::folder},
    model::weights::{Weights, source},
    process::{exit::Usage, logging::Display, signals},
    training::{
        engine::{ALONE, StepPlan},
        recipe::{Compute, Recipe},
        report::{Measure, Report},
        run_state::{self, RunStateError},
        trainer::{RunEnding, Trainer},
        workers::{Fact, Workers},
    },
};

/// Name of the configuration in the folder of a run.
pub const CONFIG: &str = "config.toml";
/// Name of the file that a process locks while it writes into the folder of a run.
const LOCK: &str = ".lock";

/// Refuses a folder of a new run that is not empty.
///
/// # Errors
/// See above.
pub fn must_be_empty(folder: &Path) -> Result<()> {
    if is_new(folder)? {
        return Ok(());
    }
    Err(Usage(format!(
        "{} is not empty; choose a new folder, or continue its run with --resume {}",
        folder.display(),
        folder.display()
    ))
    .into())
}

/// True if a folder does not exist, or has no file but that of the lock, which a run that was killed at its
/// very beginning leaves.
///
/// # Errors
/// It cannot be read.
pub fn is_new(folder: &Path) -> Result<bool> {
    let failed = || format!("cannot read {}", folder.display());
    if folder::is_free(folder).with_context(failed)? {
        return Ok(true);
    }
    let entries: Vec<_> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect())
        .with_context(failed)?;
    Ok(entries.iter().all(|name| name == LOCK))
}

/// The right to write into the folder of a run, until it is dropped.
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// For a run that has begun.
    ///
    /// # Errors
    /// Another process trains in the folder, or it cannot be written.
    pub fn of(folder: &Path) -> Result<Self> {
        let file = File::create(folder.join(LOCK))
            .with_context(|| format!("cannot write {}", folder.display()))?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            bail!("another process trains in {}; wait until it ends", folder.display());
        }
        Ok(Self { _file: file })
    }

    /// For a new run: makes its folder. Take it before the first file is written.
    ///
    /// # Errors
    /// Another process has begun a run in the folder meanwhile, or it cannot be written.
    pub fn of_new(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let lock = Self::of(folder)?;
        must_be_empty(folder)?;
        Ok(lock)
    }
}

/// What rank 0 holds while it writes into the folder of a run.
pub type Held = Option<RunLock>;

/// Lets rank 0 `prepare` the folder of a run, and then gives all processes the number of the step of its
/// newest checkpoint; `None` if there is none.
///
/// # Errors
/// `prepare` fails, which the others learn when rank 0 ends, or the checkpoints cannot be listed.
pub fn prepared(
    folder: &Path,
    workers: &Workers,
    prepare: impl FnOnce() -> Result<Held>,
) -> Result<(Held, Option<PathBuf>)> {
    let mut held = None;
    let mut newest = String::new();
    if workers.is_first() {
        held = prepare()?;
        newest = match run_state::newest(folder) {
            Ok(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            // a run that was killed before its first checkpoint begins anew
            Err(RunStateError::NoCheckpoint(_)) => String::new(),
            Err(error) => return Err(error.into()),
        };
    }
    let newest = workers.of_first(&newest)?;
    let path = folder.join(run_state::FOLDER).join(&newest);
    Ok((held, Some(path).filter(|_| !newest.is_empty())))
}

/// The settings of a run that all processes must have in common, from the lines of its configuration.
pub fn facts_of(toml: &str) -> Vec<Fact> {
    let mut section = "";
    let mut facts = Vec::new();
    for line in toml.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix('[') {
            Some(name) => section = name.trim_end_matches(']'),
            None if section.is_empty() => facts.push(("the settings".to_owned(), line.to_owned())),
            None => facts.push((format!("the settings [{section}]"), line.to_owned())),
        }
    }
    facts
}

/// Number of threads: of `--threads`, else of the run so far, else all cores.
pub fn threads(compute: &Compute, global: &Global) -> usize {
    match (global.threads, compute.threads) {
        (None, stored) if stored > 0 => global.of_share(stored),
        _ => global.threads(),
    }
}

/// Warns if a run continues with another number of threads and its results depend on it.
pub fn compare_threads(recipe: &Recipe, plan: &StepPlan) {
    let before = recipe.compute.threads;
    if plan.threads != before && recipe.before + recipe.stages.longest() > ALONE {
        log::warn!(
            "the run started with {} and continues with {}: its results may differ in the last bits",
            counted(before, "thread"),
            plan.threads
        );
    }
}

/// Newest checkpoint of a run.
pub struct Newest {
    /// Its folder.
    pub path: PathBuf,
    /// Steps done.
    pub step: u64,
    /// Its weights.
    pub weights: Weights,
}

impl Newest {
    /// Reads it.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub fn of(run: &Path) -> Result<Self> {
        Self::at(run_state::newest(run)?)
    }

    /// Reads the one of a folder.
    ///
    /// # Errors
    /// It is damaged.
    pub fn at(path: PathBuf) -> Result<Self> {
        let step = run_state::state(&path).with_context(|| damaged(&path))?.step;
        let weights = source::load_folder(&path).with_context(|| damaged(&path))?.weights;
        Ok(Self { path, step, weights })
    }
}

/// Advice on a checkpoint that cannot be used.
pub fn damaged(checkpoint: &Path) -> String {
    format!(
        "{} cannot be used; remove this folder to resume from the previous checkpoint",
        checkpoint.display()
    )
}

/// Runs the steps that are left of a run of `command`, which goes on with `--resume` and the folder
/// `resumed`. Rank 0 holds the [`RunLock`], and alone reports.
///
/// # Errors
/// See [`Trainer::run`].
pub fn work(
    folder: &Path,
    mut trainer: Trainer<'_>,
    (recipe, measure): (&Recipe, Measure),
    (command, resumed): (&str, &Path),
    (workers, display): (&Workers, &Display),
) -> Result<RunEnding> {
    let every = recipe.output.log_every;
    let mut report = match workers.is_first() {
        true => {
            let (stages, state) = (&recipe.stages, trainer.state());
            Some(Report::open(folder, stages, state, measure, every, display)?)
        }
        false => None,
    };
    signals::defer();
    let ending = trainer.run(report.as_mut())?;
    if let Some(report) = report {
        report.finish();
    }
    match ending {
        RunEnding::Stopped(_) => log::warn!(
            "stopped and saved after step {}; continue with `hyenadna {command} --resume {}`",
            trainer.state().step,
            resumed.display()
        ),
        RunEnding::Complete => {
            log::info!("the model is in {}", folder.join(run_state::FINAL).display());
        }
    }
    Ok(ending)
}
