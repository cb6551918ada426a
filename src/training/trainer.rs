//! The loop: draw, gradient, step; report, validate, save.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tch::{Device, TchError};
use thiserror::Error;

use super::{
    dropout::Dropout,
    engine::{self, GradientEngine, PartialGradient, StepPlan},
    loader::{Request, Share},
    objective::{Objective, Steps},
    optimizer::Moments,
    parameters::{ParameterGroup, Parameters, Trained},
    recipe::Recipe,
    report::{Report, ReportError, StepReport},
    run_state::{self, RunStateError, State},
    schedule::Schedule,
    step::Step,
    validation::{self, ValidationError},
    workers::{StepSums, WorkerError, Workers},
};
use crate::{
    inference::computed::EngineError,
    model::weights::{
        Weights,
        source::{self, SourceError},
    },
    sampling::DataError,
};

/// Errors of a run.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The genomes or intervals cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Another process failed.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// The loss of the held-out windows cannot be computed.
    #[error(transparent)]
    Validation(#[from] ValidationError),
    /// A checkpoint cannot be written or read.
    #[error(transparent)]
    Checkpoint(#[from] RunStateError),
    /// The best model cannot be read again.
    #[error(transparent)]
    Best(#[from] SourceError),
    /// The table or the events cannot be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// libtorch failed before the first step.
    #[error("the model cannot be put on the device: {0}")]
    Model(#[from] TchError),
    /// libtorch failed in a step.
    #[error(
        "step {step}, {sequences} sequences of {length} bases: {source}; if memory ran out, try --recompute block or a smaller --batch-tokens"
    )]
    Step {
        /// Number of the step.
        step: u64,
        /// Number of sequences in the batch.
        sequences: u64,
        /// Length of a sequence, in bases.
        length: u64,
        /// Cause.
        source: TchError,
    },
    /// The loss stays NaN or infinite.
    #[error(
        "in {steps} steps in a row the loss or gradient was NaN or infinite; begin a new run from {checkpoint} (--init of train, --model of finetune) with a lower --lr (it was {rate}), or with --dtype fp32"
    )]
    Diverged {
        /// Number of steps in a row.
        steps: u64,
        /// Path of the last sound checkpoint.
        checkpoint: PathBuf,
        /// Learning rate of the run.
        rate: f64,
    },
    /// The model of a step gives no finite numbers.
    #[error(
        "after step {step} the model gives NaN or infinite values; begin a new run with a lower --lr (it was {rate})"
    )]
    NotFinite {
        /// Number of the step.
        step: u64,
        /// Learning rate of the run.
        rate: f64,
    },
    /// The reader of samples is gone.
    #[error("the samples ended before the run did; resume it")]
    NoSamples,
}

/// Ending of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnding {
    /// All steps are done, and the model is written.
    Complete,
    /// A signal stopped it after saving; the exit code for it.
    Stopped(i32),
}

/// A run with everything that changes in it.
pub struct Trainer<'a> {
    recipe: &'a Recipe,
    /// Folder of the run; without one nothing is written.
    folder: Option<PathBuf>,
    schedule: Schedule,
    objective: &'a mut dyn Objective,
    workers: &'a Workers,
    parameters: Parameters,
    moments: Moments,
    engine: GradientEngine,
    plan: StepPlan,
    device: Device,
    state: State,
    time: Duration,
}

impl<'a> Trainer<'a> {
    /// A run that begins with `weights`, of which `trained` are trained, on this process or several.
    /// Nothing is written yet, and without a folder nothing ever.
    ///
    /// # Errors
    /// The device has too little memory.
    pub fn new(
        recipe: &'a Recipe,
        (objective, workers): (&'a mut dyn Objective, &'a Workers),
        folder: Option<&Path>,
        (weights, trained): (Weights, Trained),
        (device, plan): (Device, StepPlan),
    ) -> Result<Self, TrainError> {
        let parameters = Parameters::partly(weights, trained, device)?;
        let moments = Moments::new(&parameters)?;
        let engine = GradientEngine::new(&parameters, plan)?;
        let state = State { run: objective.identity().to_owned(), ..State::default() };
        Ok(Self {
            recipe,
            folder: folder.map(Path::to_owned),
            schedule: recipe.schedule(),
            objective,
            workers,
            parameters,
            moments,
            engine,
            plan,
            device,
            state,
            time: Duration::ZERO,
        })
    }

    /// The same run from a checkpoint, whose weights it was made with.
    ///
    /// # Errors
    /// The checkpoint cannot be read.
    pub fn resume(&mut self, checkpoint: &Path) -> Result<(), RunStateError> {
        let state = run_state::state_within(checkpoint, self.recipe.stages.steps())?;
        if !state.run.is_empty() && state.run != self.state.run {
            return Err(RunStateError::AnotherRun(self.folder.clone().unwrap_or_default()));
        }
        let mut state = State { run: self.state.run.clone(), ..state };
        // a checkpoint of an earlier version has none
        state.tokens.get_or_insert(self.recipe.stages.tokens_before(state.step));
        self.state = state;
        self.moments = run_state::moments(checkpoint, &self.state, &self.parameters)?;
        Ok(())
    }

    /// Progress of the run.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The weights as they are now.
    ///
    /// # Errors
    /// libtorch fails.
    pub fn weights(&self) -> Result<Weights, TchError> {
        self.parameters.weights()
    }

    /// Runs the steps that are left, and reports them if there is a report.
    ///
    /// # Errors
    /// See [`TrainError`].
    pub fn run(&mut self, mut report: Option<&mut Report>) -> Result<RunEnding, TrainError> {
        self.agree()?;
        let Moments { mean, square, .. } = &self.moments;
        self.workers.broadcast(&[&self.parameters.flat, mean, square])?;
        let total = self.recipe.stages.steps();
        let every = self.recipe.output;
        if self.state.step == 0 {
            self.save()?; // so that a run can be resumed from its first moment on
        }
        let mut steps = self.steps();
        loop {
            let done = self.state.step;
            let is_due = |every: u64| every > 0 && done.is_multiple_of(every) && done > 0;
            let due = is_due(every.valid_every) || done == total;
            if due
                && self.state.validated < done
                && let Err(error) = self.validate(report.as_deref_mut())
            {
                self.save()?; // the steps are done, whatever is wrong with the windows
                return Err(error);
            }
            let stop = self.workers.stop();
            let is_over = done == total || self.is_out_of_patience();
            if done > 0 && (is_due(every.save_every) || stop.is_some() || is_over) {
                self.save()?;
            }
            if let Some(code) = stop {
                self.workers.sum(Vec::new())?; // once rank 0 has saved
                return Ok(RunEnding::Stopped(code));
            }
            if is_over {
                break;
            }
            let started = Instant::now();
            let step = steps.next().ok_or(TrainError::NoSamples)??;
            let step = self.take_step(&*step)?;
            self.time += started.elapsed();
            if let Some(report) = &mut report {
                report.step(&step, &mut self.state, self.time)?;
            }
        }
        if self.state.step < total {
            log::info!(
                "no better score in {} validations: stopped at step {} of {total}",
                self.state.stale,
                self.state.step
            );
        }
        self.save_final()?;
        self.workers.sum(Vec::new())?; // so that all fail if rank 0 could not
        if self.state.windows_skipped > 0 {
            let windows = self.state.windows_skipped;
            log::info!("windows with too much N that were drawn again: {windows}");
        }
        Ok(RunEnding::Complete)
    }

    /// Compares data, progress and sizes with those of rank 0, once all processes have come so far.
    ///
    /// # Errors
    /// They differ, or another process failed.
    pub fn agree(&self) -> Result<(), WorkerError> {
        let mut facts = self.objective.facts();
        let state = serde_json::to_string(&self.state).unwrap_or_default();
        facts.push(("the progress of the runs".into(), state));
        facts.push(("the numbers of weights".into(), self.parameters.flat.size()[0].to_string()));
        self.workers.agree(&facts)
    }

    /// True if the run ends because its score gets no better.
    fn is_out_of_patience(&self) -> bool {
        self.recipe.patience > 0 && self.state.stale >= self.recipe.patience
    }

    fn save_final(&self) -> Result<(), TrainError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let best = folder.join(run_state::BEST);
        if self.objective.ends_with_best() && best.exists() {
            let weights = source::load_folder(&best)?.weights;
            run_state::save_weights(folder, run_state::FINAL, &weights)?;
        } else {
            run_state::save_model(folder, run_state::FINAL, &self.parameters)?;
        }
        Ok(())
    }

    /// The steps that are left, read ahead.
    fn steps(&mut self) -> Steps {
        let stages = self.recipe.stages.clone();
        let share = Share { rank: self.workers.rank(), size: self.workers.size() };
        let requests = (self.state.step..stages.steps()).map(move |step| {
            let stage = stages.at(step);
            let (first, rows) = (stages.samples_before(step), stage.batch as usize);
            Request { first, rows, length: stage.length, share }
        });
        self.objective.steps(Box::new(requests))
    }

    /// One step of the optimiser, or none if the gradient is NaN or infinite.
    fn take_step(&mut self, step: &dyn Step) -> Result<StepReport, TrainError> {
        let number = self.state.step;
        let stage = self.recipe.stages.at(number);
        let optimization = &self.recipe.optimization;
        let dropout = Dropout {
            rate: optimization.dropout,
            seed: self.recipe.seed,
            first_sample: self.recipe.stages.samples_before(number) * self.recipe.rows_per_sample,
        };
        let failed = |source| TrainError::Step {
            step: number + 1,
            sequences: stage.batch,
            length: step.length(),
            source,
        };
        let mut sums = StepSums::of(step);
        // that of all processes is known with their sums
        let weight = if self.workers.is_alone() { sums.weight } else { step.weight_of_step() };
        let scale = engine::scale(weight);
        let partial = self.engine.partial(&self.parameters, step, &dropout, scale);
        let PartialGradient { loss, flat } = partial.map_err(failed)?;
        sums.loss = loss;
        let mut flat = self.workers.sum_step(flat, &mut sums)?;
        let true_scale = engine::scale(sums.weight);
        if true_scale != scale {
            let _ = flat.f_mul_scalar_(true_scale / scale).map_err(failed)?;
        }
        let (norm, loss) = (engine::norm(&flat).map_err(failed)?, sums.loss * true_scale);
        let factor = self.recipe.plateau.powf(self.state.stalls as f64);
        let rate = factor * self.schedule.rate(number, optimization.learning_rate);
        let state = &mut self.state;
        if norm.is_finite() && loss.is_finite() {
            let filter_peak = optimization.filter_learning_rate;
            let filter_rate =
                filter_peak.map_or(rate, |peak| factor * self.schedule.rate(number, peak));
            let of_group = |group| if group == ParameterGroup::Filter { filter_rate } else { rate };
            let (parameters, moments) = (&self.parameters, &mut self.moments);
            optimization.adamw.clip(&mut flat, norm).map_err(failed)?;
            optimization.adamw.step(parameters, &flat, moments, of_group).map_err(failed)?;
            state.moved = moments.steps;
            state.skipped_in_a_row = 0;
        } else {
            state.skipped += 1;
            state.skipped_in_a_row += 1;
            log::warn!(
                "step {}: the loss is {loss} and the norm of the gradient {norm}: skipped",
                number + 1
            );
            if state.skipped_in_a_row >= optimization.most_skipped.max(1) {
                let rate = optimization.learning_rate;
                let Some(folder) = &self.folder else {
                    return Err(TrainError::NotFinite { step: number + 1, rate });
                };
                let (steps, checkpoint) = (state.skipped_in_a_row, run_state::newest(folder)?);
                return Err(TrainError::Diverged { steps, checkpoint, rate });
            }
        }
        state.step += 1;
        let StepSums { targets, tokens, skipped, .. } = sums;
        state.windows_skipped += skipped;
        state.tokens = Some(state.tokens.unwrap_or(0) + tokens);
        Ok(StepReport { stage, tokens, loss, targets, rate, norm })
    }

    /// Measures the model on data that are held out, and keeps the best one.
    fn validate(&mut self, report: Option<&mut Report>) -> Result<(), TrainError> {
        if !self.objective.holds_out() {
            return Ok(());
        }
        // the weights change between validations, so an engine is made for each
        let (network, device, threads) = (self.engine.network(), self.device, self.plan.threads);
        let head = self.parameters.task_head()?;
        let engine = || validation::engine(network.clone(), head.as_ref(), (device, threads));
        let at_end = self.state.step == self.recipe.stages.steps();
        let validated = match self.objective.validate(&engine, head.as_ref(), at_end, self.workers)
        {
            Err(ValidationError::Engine(EngineError::NotFinite { .. })) => {
                let rate = self.recipe.optimization.learning_rate;
                return Err(TrainError::NotFinite { step: self.state.step, rate });
            }
            validated => validated?,
        };
        let Some(validated) = validated else {
            return Ok(()); // a signal: the step is not marked, and a resumed run validates it
        };
        let score = validated.score;
        let is_better = |best| self.objective.is_better(score, best);
        if score.is_finite() && self.state.best.is_none_or(is_better) {
            self.state.best = Some(score);
            self.state.stale = 0;
            if let Some(folder) = &self.folder {
                run_state::save_model(folder, run_state::BEST, &self.parameters)?;
            }
        } else if score.is_finite() {
            self.state.stale += 1;
            self.state.stalls += 1;
        }
        self.state.validated = self.state.step;
        if let Some(report) = report {
            report.validation(&validated, &self.state)?;
        }
        Ok(())
    }

    fn save(&self) -> Result<(), RunStateError> {
        let keep = self.recipe.output.keep;
        let Self { folder: Some(folder), state, parameters, moments, .. } = self else {
            return Ok(());
        };
        let path = run_state::save(folder, state, parameters, moments, keep)?;
        log::debug!("saved {}", path.display());
        Ok(())
    }
}
