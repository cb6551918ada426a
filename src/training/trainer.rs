//! The loop: draw, gradient, step; report, validate, save.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tch::{Device, TchError};
use thiserror::Error;

use super::{
    dropout::Dropout,
    engine::{GradientEngine, StepPlan},
    loader::Request,
    objective::{Objective, Steps},
    optimizer::Moments,
    parameters::{ParameterGroup, Parameters, Trained},
    recipe::Recipe,
    report::{Report, ReportError, StepReport},
    run_state::{self, RunStateError, State},
    schedule::Schedule,
    step::Step,
    validation::{self, ValidationError},
};
use crate::{
    inference::computed::EngineError,
    model::weights::{
        Weights,
        source::{self, SourceError},
    },
    process::signals,
    sampling::DataError,
};

/// Errors of a run.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The genomes or intervals cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
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
    parameters: Parameters,
    moments: Moments,
    engine: GradientEngine,
    plan: StepPlan,
    device: Device,
    state: State,
    time: Duration,
}

impl<'a> Trainer<'a> {
    /// A run that begins with `weights`, of which `trained` are trained. Nothing is written yet, and
    /// without a folder nothing ever.
    ///
    /// # Errors
    /// The device has too little memory.
    pub fn new(
        recipe: &'a Recipe,
        objective: &'a mut dyn Objective,
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
            let stop = signals::received();
            let is_over = done == total || self.is_out_of_patience();
            if done > 0 && (is_due(every.save_every) || stop.is_some() || is_over) {
                self.save()?;
            }
            if let Some(code) = stop {
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
        if self.state.windows_skipped > 0 {
            let windows = self.state.windows_skipped;
            log::info!("windows with too much N that were drawn again: {windows}");
        }
        Ok(RunEnding::Complete)
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
        let requests = (self.state.step..stages.steps()).map(move |step| {
            let stage = stages.at(step);
            let (first, rows) = (stages.samples_before(step), stage.batch as usize);
            Request { first, stride: 1, rows, length: stage.length }
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
        let mut gradient =
            self.engine.gradient(&self.parameters, step, &dropout).map_err(failed)?;
        let norm = gradient.norm;
        let factor = self.recipe.plateau.powf(self.state.stalls as f64);
        let rate = factor * self.schedule.rate(number, optimization.learning_rate);
        let state = &mut self.state;
        if norm.is_finite() && gradient.loss.is_finite() {
            let filter_peak = optimization.filter_learning_rate;
            let filter_rate =
                filter_peak.map_or(rate, |peak| factor * self.schedule.rate(number, peak));
            let of_group = |group| if group == ParameterGroup::Filter { filter_rate } else { rate };
            let (parameters, moments) = (&self.parameters, &mut self.moments);
            optimization.adamw.clip(&mut gradient.flat, norm).map_err(failed)?;
            optimization
                .adamw
                .step(parameters, &gradient.flat, moments, of_group)
                .map_err(failed)?;
            state.moved = moments.steps;
            state.skipped_in_a_row = 0;
        } else {
            state.skipped += 1;
            state.skipped_in_a_row += 1;
            let loss = gradient.loss;
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
        state.windows_skipped += step.skipped();
        state.tokens = Some(state.tokens.unwrap_or(0) + step.tokens());
        let (loss, targets, tokens) = (gradient.loss, gradient.targets, step.tokens());
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
        let validated = match self.objective.validate(&engine, head.as_ref(), at_end) {
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
