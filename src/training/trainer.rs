//! The loop: draw, gradient, step; report, validate, save.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tch::Device;

use super::{
    checkpoint::{self, State},
    config::RunConfig,
    data::{Drawn, Genome, Interval, Loader, Request, Sampler, Split, Splits},
    dropout::Dropout,
    engine::{self, Engine, Plan},
    evaluation::Evaluation,
    optimizer::Moments,
    parameters::{Group, Parameters},
    report::{Report, Step},
    schedule::{Schedule, Stages},
    validation,
};
use crate::{formats::reference::Cache, model::weights::Weights, signals};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ending {
    /// All steps are done; the loss of the last validation, in nats.
    Complete(Option<f64>),
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
    engine: Engine,
    plan: Plan,
    device: Device,
    state: State,
    valid: Vec<Interval>,
    splits: Splits,
    trained: Duration,
}

impl<'a> Trainer<'a> {
    /// A run that begins with `weights`.
    ///
    /// # Errors
    /// The data cannot be read, or the device has too little memory.
    pub fn new(
        config: &'a RunConfig,
        folder: &Path,
        weights: Weights,
        device: Device,
        plan: Plan,
    ) -> Result<Self> {
        let mut genomes = Genome::open(&config.data.genomes(), false, Cache::default())?;
        let splits = Splits::new(&mut genomes, &config.data.split(config.seed))?;
        let parameters = Parameters::new(weights, device)?;
        let moments = Moments::new(&parameters)?;
        let engine = Engine::new(&parameters, plan)?;
        let state = State {
            step: 0,
            moved: 0,
            skipped: 0,
            skipped_in_a_row: 0,
            windows_skipped: 0,
            best: None,
        };
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
            state,
            valid: splits.of(Split::Valid).to_vec(),
            splits,
            trained: Duration::ZERO,
        })
    }

    /// The same run from a checkpoint, whose weights it was made with.
    ///
    /// # Errors
    /// The checkpoint cannot be read.
    pub fn resume(&mut self, checkpoint: &Path) -> Result<()> {
        self.state = checkpoint::state(checkpoint)?;
        self.moments = checkpoint::moments(checkpoint, &self.state, &self.parameters)?;
        Ok(())
    }

    /// Steps done so far.
    pub fn step(&self) -> u64 {
        self.state.step
    }

    /// Runs the steps that are left.
    ///
    /// # Errors
    /// The data cannot be read, outputs cannot be written, the loss stays no number, or libtorch
    /// fails.
    pub fn run(&mut self, report: &mut Report) -> Result<Ending> {
        let total = self.stages.steps();
        let mut loader = self.loader()?;
        while self.state.step < total {
            let started = Instant::now();
            let drawn = loader.next().context("the loader ended before the run")??;
            let step = self.take_step(&drawn)?;
            self.trained += started.elapsed();
            report.step(&step, &self.state, self.trained)?;
            let done = self.state.step;
            let is_due = |every: u64| every > 0 && done.is_multiple_of(every) && done < total;
            if is_due(self.config.output.valid_every) {
                let most = Some(self.config.output.valid_windows);
                self.validate(most, report)?;
            }
            let stop = signals::received();
            if is_due(self.config.output.save_every) || stop.is_some() || done == total {
                self.save()?;
            }
            if let Some(code) = stop.filter(|_| done < total) {
                return Ok(Ending::Stopped(code));
            }
        }
        let last = self.validate(None, report)?;
        checkpoint::save_model(&self.folder, "model", &self.parameters)?;
        Ok(Ending::Complete(last.map(|evaluation| evaluation.loss())))
    }

    /// The samples of the steps that are left, read ahead.
    fn loader(&self) -> Result<Loader> {
        let genomes = Genome::open(&self.config.data.genomes(), false, Cache::ANYWHERE)?;
        let options = self.config.data.sampler(self.config.seed);
        let sampler = Sampler::new(genomes, self.splits.of(Split::Train).to_vec(), options)?;
        let stages = self.stages.clone();
        let requests = (self.state.step..stages.steps()).map(move |step| {
            let stage = stages.at(step);
            Request {
                first: stages.samples_before(step),
                stride: 1,
                rows: stage.batch as usize,
                length: stage.length + 1,
            }
        });
        Ok(Loader::spawn(sampler, requests))
    }

    /// One step of the optimiser, or none where the gradient is no number.
    fn take_step(&mut self, drawn: &Drawn) -> Result<Step> {
        let number = self.state.step;
        let stage = self.stages.at(number);
        let dropout = Dropout {
            rate: self.config.optimization.dropout,
            seed: self.config.seed,
            first_sample: self.stages.samples_before(number),
        };
        let mut gradient =
            self.engine.gradient(&self.parameters, &drawn.tokens, drawn.rows, &dropout).with_context(
                || format!("step {}: {} sequences of {} bases", number + 1, stage.batch, stage.length),
            )?;
        let norm = engine::norm(&gradient.flat)?;
        let optimization = &self.config.optimization;
        let rate = self.schedule.rate(number, optimization.learning_rate);
        if norm.is_finite() && gradient.loss.is_finite() {
            let filter_rate = match optimization.filter_learning_rate {
                0.0 => rate,
                peak => self.schedule.rate(number, peak),
            };
            let of_group = |group| if group == Group::Filter { filter_rate } else { rate };
            optimization.adamw.clip(&mut gradient.flat, norm)?;
            let Self { parameters, moments, .. } = self;
            optimization.adamw.step(parameters, &gradient.flat, moments, of_group)?;
            self.state.moved = self.moments.steps;
            self.state.skipped_in_a_row = 0;
        } else {
            self.state.skipped += 1;
            self.state.skipped_in_a_row += 1;
            log::warn!(
                "step {}: the loss is {} and the norm of the gradient {norm}: skipped",
                number + 1,
                gradient.loss
            );
            if self.state.skipped_in_a_row >= optimization.most_skipped.max(1) {
                bail!(
                    "{} steps in a row had a loss or gradient that is no number; the last checkpoint is in {}; lower the learning rate ({}) or use --dtype fp32",
                    self.state.skipped_in_a_row,
                    self.folder.join(checkpoint::FOLDER).display(),
                    optimization.learning_rate
                );
            }
        }
        self.state.step += 1;
        self.state.windows_skipped += drawn.skipped;
        Ok(Step {
            stage,
            tokens: self.stages.tokens_before(self.state.step),
            loss: gradient.loss,
            targets: gradient.targets,
            rate,
            norm,
        })
    }

    /// The loss on windows that are kept from training; `None` if there are none.
    fn validate(&mut self, most: Option<u64>, report: &mut Report) -> Result<Option<Evaluation>> {
        if self.valid.is_empty() {
            return Ok(None);
        }
        let length = self.stages.at(u64::MAX).length;
        let mut genomes = Genome::open(&self.config.data.genomes(), false, Cache::default())?;
        let windows = validation::Windows { intervals: &self.valid, length, most };
        let (network, threads) = (self.engine.network(), self.plan.threads);
        let evaluation =
            validation::evaluate(network, self.device, threads, &mut genomes, &windows)?;
        let loss = evaluation.loss();
        let tokens = self.stages.tokens_before(self.state.step);
        report.validation(tokens, length, &evaluation, &self.state)?;
        if self.state.best.is_none_or(|best| loss < best) {
            self.state.best = Some(loss);
            checkpoint::save_model(&self.folder, checkpoint::BEST, &self.parameters)?;
        }
        Ok(Some(evaluation))
    }

    fn save(&mut self) -> Result<()> {
        let keep = self.config.output.keep;
        let Self { folder, state, parameters, moments, .. } = self;
        let path = checkpoint::save(folder, state, parameters, moments, keep)?;
        log::debug!("saved {}", path.display());
        Ok(())
    }
}
