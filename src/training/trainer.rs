//! The loop: draw, gradient, step; report, validate, save.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use indicatif::HumanCount;
use sha2::{Digest, Sha256};
use tch::{Device, TchError};
use thiserror::Error;

use super::{
    config::{Compute, RunConfig},
    data::{
        DataError, Drawn, Genome, Interval, Loader, Request, Rest, Sampler, Shared, Split, Splits,
        Tiles,
    },
    dropout::Dropout,
    engine::{GradientEngine, StepPlan},
    evaluation::Evaluation,
    optimizer::Moments,
    parameters::{ParameterGroup, Parameters},
    report::{Report, ReportError, StepReport},
    run_state::{self, RunStateError, State},
    schedule::{Schedule, Stages},
    validation::{self, ValidationError},
};
use crate::{
    formats::{number::hex, reference::Cache},
    inference::{
        self,
        computed::{EngineError, Limits},
        memory,
    },
    model::{network::leaves::Precision, tokenizer::Tokenizer, weights::Weights},
    process::signals,
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
        "in {steps} steps in a row the loss or gradient was NaN or infinite; begin a new run with --init {checkpoint} and a lower --lr (it was {rate}), or with --dtype fp32"
    )]
    Diverged {
        /// Number of steps in a row.
        steps: u64,
        /// Path of the last sound checkpoint.
        checkpoint: PathBuf,
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
    config: &'a RunConfig,
    folder: PathBuf,
    stages: Stages,
    schedule: Schedule,
    parameters: Parameters,
    moments: Moments,
    engine: GradientEngine,
    plan: StepPlan,
    device: Device,
    state: State,
    /// Draws the samples; taken by the thread that reads ahead.
    sampler: Option<Sampler>,
    /// Genomes, which validation reads too.
    genomes: Shared,
    valid: Vec<Interval>,
    trained: Duration,
}

impl<'a> Trainer<'a> {
    /// A run that begins with `weights`. Nothing is written yet.
    ///
    /// # Errors
    /// The data cannot be read, or the device has too little memory.
    pub fn new(
        config: &'a RunConfig,
        folder: &Path,
        weights: Weights,
        device: Device,
        plan: StepPlan,
    ) -> Result<Self, TrainError> {
        let mut genomes = Genome::open(&config.data.genomes(), false, Cache::ANYWHERE)?;
        let splits = Splits::new(&mut genomes, &config.data.split(config.seed))?;
        let train = splits.of(Split::Train).to_vec();
        log_split(&splits);
        let run = fingerprint(config, &genomes);
        let mut sampler = Sampler::new(genomes, train, config.data.sampler(config.seed))?;
        // data that cannot be trained on are reported before a folder is made
        sampler.draw(0, config.stages().longest() + 1, &mut Vec::new())?;
        let parameters = Parameters::new(weights, device)?;
        let moments = Moments::new(&parameters)?;
        let engine = GradientEngine::new(&parameters, plan)?;
        Ok(Self {
            config,
            folder: folder.to_owned(),
            stages: config.stages(),
            schedule: config.schedule(),
            parameters,
            moments,
            engine,
            plan,
            device,
            state: State { run, ..State::default() },
            genomes: sampler.genomes(),
            sampler: Some(sampler),
            valid: splits.of(Split::Valid).to_vec(),
            trained: Duration::ZERO,
        })
    }

    /// The same run from a checkpoint, whose weights it was made with.
    ///
    /// # Errors
    /// The checkpoint cannot be read.
    pub fn resume(&mut self, checkpoint: &Path) -> Result<(), RunStateError> {
        let state = run_state::state(checkpoint)?;
        if !state.run.is_empty() && state.run != self.state.run {
            return Err(RunStateError::AnotherRun(self.folder.clone()));
        }
        self.state = State { run: self.state.run.clone(), ..state };
        self.moments = run_state::moments(checkpoint, &self.state, &self.parameters)?;
        Ok(())
    }

    /// Progress of the run.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Runs the steps that are left.
    ///
    /// # Errors
    /// See [`TrainError`].
    pub fn run(&mut self, report: &mut Report) -> Result<RunEnding, TrainError> {
        let total = self.stages.steps();
        let every = self.config.output;
        if self.state.step == 0 {
            self.save()?; // so that a run can be resumed from its first moment on
        }
        let mut loader = self.loader();
        loop {
            let done = self.state.step;
            let is_due = |every: u64| every > 0 && done.is_multiple_of(every) && done > 0;
            let due = is_due(every.valid_every) || done == total;
            if due
                && self.state.validated < done
                && let Err(error) = self.validate(report)
            {
                self.save()?; // the steps are done, whatever is wrong with the windows
                return Err(error);
            }
            let stop = signals::received();
            if done > 0 && (is_due(every.save_every) || stop.is_some() || done == total) {
                self.save()?;
            }
            if let Some(code) = stop {
                return Ok(RunEnding::Stopped(code));
            }
            if done == total {
                break;
            }
            let started = Instant::now();
            let drawn = loader.next().ok_or(TrainError::NoSamples)??;
            let step = self.take_step(&drawn)?;
            self.trained += started.elapsed();
            report.step(&step, &mut self.state, self.trained)?;
        }
        run_state::save_model(&self.folder, run_state::FINAL, &self.parameters)?;
        if self.state.windows_skipped > 0 {
            let share = self.config.data.most_n;
            let windows = self.state.windows_skipped;
            log::info!("windows with more than {share} of N that were drawn again: {windows}");
        }
        Ok(RunEnding::Complete)
    }

    /// The samples of the steps that are left, read ahead.
    fn loader(&mut self) -> Loader {
        let stages = self.stages.clone();
        let requests = (self.state.step..stages.steps()).map(move |step| {
            let stage = stages.at(step);
            let (first, rows) = (stages.samples_before(step), stage.batch as usize);
            Request { first, stride: 1, rows, length: stage.length + 1 }
        });
        let sampler = self.sampler.take().expect("a run is run once");
        Loader::spawn(sampler, requests)
    }

    /// One step of the optimiser, or none if the gradient is NaN or infinite.
    fn take_step(&mut self, drawn: &Drawn) -> Result<StepReport, TrainError> {
        let number = self.state.step;
        let stage = self.stages.at(number);
        let optimization = &self.config.optimization;
        let dropout = Dropout {
            rate: optimization.dropout,
            seed: self.config.seed,
            first_sample: self.stages.samples_before(number),
        };
        let failed = |source| TrainError::Step {
            step: number + 1,
            sequences: stage.batch,
            length: stage.length,
            source,
        };
        let mut gradient = self
            .engine
            .gradient(&self.parameters, &drawn.tokens, drawn.rows, &dropout)
            .map_err(failed)?;
        let norm = gradient.norm;
        let rate = self.schedule.rate(number, optimization.learning_rate);
        let state = &mut self.state;
        if norm.is_finite() && gradient.loss.is_finite() {
            let filter_peak = optimization.filter_learning_rate;
            let filter_rate = filter_peak.map_or(rate, |peak| self.schedule.rate(number, peak));
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
                return Err(TrainError::Diverged {
                    steps: state.skipped_in_a_row,
                    checkpoint: run_state::newest(&self.folder)?,
                    rate: optimization.learning_rate,
                });
            }
        }
        state.step += 1;
        state.windows_skipped += drawn.skipped;
        let tokens = self.stages.tokens_before(state.step);
        let (loss, targets) = (gradient.loss, gradient.targets);
        Ok(StepReport { stage, tokens, loss, targets, rate, norm })
    }

    /// The loss on windows that are kept from training: on some of them during the run, on all
    /// at its end. The best model is chosen by the same windows each time.
    fn validate(&mut self, report: &mut Report) -> Result<(), TrainError> {
        let length = self.stages.longest();
        let some = Some(self.config.output.valid_windows);
        let few = Tiles::new(&self.valid, length, some, Rest::Skipped).len();
        if few == 0 {
            return Ok(());
        }
        let Some(compared) = self.evaluate(length, some)? else {
            return Ok(()); // a signal: the step is not marked, and a resumed run validates it
        };
        let at_end = self.state.step == self.stages.steps();
        let whole = if at_end && few < Tiles::new(&self.valid, length, None, Rest::Skipped).len() {
            let Some(whole) = self.evaluate(length, None)? else {
                return Ok(());
            };
            Some(whole)
        } else {
            None
        };
        let loss = compared.loss();
        if loss.is_finite() && self.state.best.is_none_or(|best| loss < best) {
            self.state.best = Some(loss);
            run_state::save_model(&self.folder, run_state::BEST, &self.parameters)?;
        }
        let tokens = self.stages.tokens_before(self.state.step);
        report.validation(tokens, length, &whole.unwrap_or(compared), &self.state)?;
        self.state.validated = self.state.step;
        Ok(())
    }

    /// `None` if a signal came in between.
    fn evaluate(
        &mut self,
        length: u64,
        most: Option<u64>,
    ) -> Result<Option<Evaluation>, ValidationError> {
        // the weights change between validations, so an engine is made for each
        let limits = Limits {
            batch_tokens: self.plan.batch_tokens as usize,
            threads: self.plan.threads,
            cache_bytes: memory::cache_bytes(),
            precision: Precision::Fp32,
        };
        let network = self.engine.network().clone();
        let mut engine =
            inference::engine::Engine::new(network, self.device, Tokenizer::default(), limits)
                .map_err(|source| EngineError::Torch { sequences: 0, bases: 0, source })?;
        let windows = validation::ValidationWindows {
            intervals: &self.valid,
            length,
            most,
            rest: Rest::Skipped,
        };
        let stop = || signals::received().is_some();
        validation::evaluate(&mut engine, &mut self.genomes.lock(), &windows, stop)
    }

    fn save(&self) -> Result<(), RunStateError> {
        let keep = self.config.output.keep;
        let Self { folder, state, parameters, moments, .. } = self;
        let path = run_state::save(folder, state, parameters, moments, keep)?;
        log::debug!("saved {}", path.display());
        Ok(())
    }
}

/// Logs the sizes of the splits.
fn log_split(splits: &Splits) {
    let bases =
        |split| splits.of(split).iter().map(|interval| interval.range.end - interval.range.start);
    let sum = |split| HumanCount(bases(split).sum());
    log::info!(
        "bases to train on: {}; for validation: {}; for tests: {}",
        sum(Split::Train),
        sum(Split::Valid),
        sum(Split::Test)
    );
    if splits.of(Split::Valid).is_empty() {
        log::warn!(
            "nothing is held out: the run has no validation and no best/; see --intervals, --valid-contigs and --valid-fraction"
        );
    }
}

/// Hash of what a run must have in common with its checkpoints: the configuration, without
/// `compute`, and the contigs. The text of the configuration holds the names of its types.
fn fingerprint(config: &RunConfig, genomes: &[Genome]) -> String {
    let settled = RunConfig { compute: Compute::default(), ..config.clone() };
    let mut hash = Sha256::new();
    hash.update(format!("{settled:?}"));
    for contig in genomes.iter().flat_map(|genome| genome.reference.contigs()) {
        hash.update(format!("\n{}\t{}", contig.name, contig.length));
    }
    hex(&hash.finalize())
}
