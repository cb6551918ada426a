//! Reports of a run: rows of metrics.tsv, TensorBoard events, log lines, a bar.

use std::{
    io::{self, IsTerminal},
    path::Path,
    time::{Duration, SystemTime},
};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use thiserror::Error;

use super::{
    metrics::{self, LossSplit, Metrics, MetricsError, Row, Table},
    objective::Validated,
    run_state::{LossSums, State},
    schedule::{Stage, Stages},
};
use crate::{
    formats::{output::OutputError, tensorboard::EventWriter},
    inference::memory,
    model::libtorch,
    process::logging::{Display, Verbosity},
};

/// A report that cannot be written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The table or the events cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The table of the run so far is damaged.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}

/// One step of the optimiser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// Its stage.
    pub stage: Stage,
    /// Bases that the network read.
    pub tokens: u64,
    /// Mean loss in nats.
    pub loss: f64,
    /// Targets that it is the mean of.
    pub targets: u64,
    /// Learning rate.
    pub rate: f64,
    /// Norm of the gradient before clipping.
    pub norm: f64,
}

/// Measure of a run in reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// The loss in bits per base.
    BitsPerBase,
    /// A score of this name.
    Score(String),
}

impl Measure {
    fn table(&self) -> Table {
        match self {
            Self::BitsPerBase => Table::NextBase,
            Self::Score(_) => Table::Task,
        }
    }

    /// The loss of training in words.
    fn of_training(&self, row: &Row) -> String {
        match self {
            Self::BitsPerBase => format!("{:.4} bits/base", row.bits_per_base()),
            Self::Score(_) => format!("loss {:.4}", row.loss),
        }
    }
}

/// Destinations of the reports of a run.
pub struct Report {
    metrics: Metrics,
    measure: Measure,
    events: EventWriter,
    bar: Option<ProgressBar>,
    every: u64,
    steps: u64,
    stages: Stages,
    /// Bases of the stages a second of late, for the estimate of the time left.
    speed: Option<f64>,
    /// Time, step and bases up to the last row of this process.
    reported: (Duration, u64, u64),
    /// Learning rate of the last step; 0 before the first of this process.
    rate: f64,
}

impl Report {
    /// Reports of a run of these stages, whose progress is `state`.
    ///
    /// # Errors
    /// An output cannot be written, or the table of the run so far is damaged.
    pub fn open(
        folder: &Path,
        stages: &Stages,
        state: &State,
        measure: Measure,
        every: u64,
        display: &Display,
    ) -> Result<Self, ReportError> {
        let done = state.step;
        let (steps, path) = (stages.steps(), folder.join(metrics::FILE));
        let table = measure.table();
        let metrics = match done {
            0 => Metrics::create(&path, table)?,
            _ => Metrics::resume(&path, table, done)?,
        };
        let mut events = EventWriter::create(&folder.join("tensorboard"), SystemTime::now())?;
        if done > 0 {
            events.restart(done, SystemTime::now())?;
        }
        let shown = io::stderr().is_terminal() && display.verbosity != Verbosity::Quiet;
        let bar = shown.then(|| {
            let style =
                ProgressStyle::with_template("{bar:30} {pos}/{len} steps  {msg}  ETA {eta}")
                    .expect("the template is valid");
            let bar = display.bars.add(ProgressBar::new(steps).with_style(style));
            bar.set_position(done);
            bar.reset_eta();
            bar
        });
        let every = every.max(1);
        let reported = (Duration::ZERO, state.step, state.tokens.unwrap_or(0));
        let (stages, speed) = (stages.clone(), None);
        Ok(Self { metrics, measure, events, bar, every, steps, stages, speed, reported, rate: 0.0 })
    }

    /// A step is done; `trained` is the time spent with steps since the process began.
    ///
    /// # Errors
    /// An output cannot be written.
    pub fn step(
        &mut self,
        step: &StepReport,
        state: &mut State,
        trained: Duration,
    ) -> Result<(), ReportError> {
        self.rate = step.rate;
        if step.loss.is_finite() {
            state.since_row.loss += step.loss * step.targets as f64;
            state.since_row.targets += step.targets;
        }
        if let Some(bar) = &self.bar {
            bar.set_position(state.step);
        }
        if state.step.is_multiple_of(self.every) || state.step == self.steps {
            self.row(step, state, trained)?;
            state.since_row = LossSums::default();
        }
        Ok(())
    }

    fn row(
        &mut self,
        step: &StepReport,
        state: &State,
        trained: Duration,
    ) -> Result<(), ReportError> {
        let LossSums { loss, targets } = state.since_row;
        let (before, first, tokens) = self.reported;
        let read = state.tokens.unwrap_or(0);
        self.reported = (trained, state.step, read);
        let seconds = (trained - before).as_secs_f64().max(1e-9);
        let rate = (read - tokens) as f64 / seconds;
        let row = Row {
            step: state.step,
            split: LossSplit::Train,
            length: step.stage.length,
            sequences: step.stage.batch,
            tokens: read,
            loss: loss / targets as f64,
            score: None,
            learning_rate: step.rate,
            gradient_norm: Some(step.norm),
            tokens_per_second: Some(rate),
            memory: peak(),
            skipped: state.skipped,
        };
        self.metrics.append(&row)?;
        let mut scalars = vec![("train/loss", row.loss)];
        if self.measure == Measure::BitsPerBase {
            scalars.push(("train/bits_per_base", row.bits_per_base()));
            scalars.push(("train/perplexity", row.perplexity()));
        }
        scalars.extend([
            ("train/learning_rate", row.learning_rate),
            ("train/gradient_norm", step.norm),
            ("train/tokens_per_second", rate),
            ("train/memory_bytes", row.memory as f64),
        ]);
        self.events.scalars(state.step, SystemTime::now(), &scalars)?;
        // of late, as stages differ and other programs come and go
        let planned = |from: u64, to: u64| {
            (self.stages.tokens_before(to) - self.stages.tokens_before(from)) as f64
        };
        let now = planned(first, state.step) / seconds;
        let speed = self.speed.map_or(now, |before| 0.8 * before + 0.2 * now);
        let left = Duration::from_secs_f64(planned(state.step, self.steps) / speed.max(1.0));
        self.speed = Some(speed);
        let message = format!("{}, {}/s", self.measure.of_training(&row), HumanCount(rate as u64));
        match &self.bar {
            Some(bar) => bar.set_message(message),
            None => log::info!(
                "step {}/{}, {} bases: {message}, lr {:.2e}, gradient {:.2}, about {} left",
                state.step,
                self.steps,
                HumanCount(read),
                row.learning_rate,
                step.norm,
                HumanDuration(left)
            ),
        }
        Ok(())
    }

    /// Windows that are kept from training were evaluated after `step`.
    ///
    /// # Errors
    /// An output cannot be written.
    pub fn validation(&mut self, validated: &Validated, state: &State) -> Result<(), ReportError> {
        let row = Row {
            step: state.step,
            split: LossSplit::Valid,
            length: validated.length,
            sequences: validated.sequences,
            tokens: state.tokens.unwrap_or(0),
            loss: validated.loss,
            score: Some(validated.score),
            learning_rate: self.rate,
            gradient_norm: None,
            tokens_per_second: None,
            memory: peak(),
            skipped: state.skipped,
        };
        self.metrics.append(&row)?;
        let mut scalars = vec![("valid/loss", row.loss)];
        match self.measure {
            Measure::BitsPerBase => {
                scalars.push(("valid/bits_per_base", row.bits_per_base()));
                scalars.push(("valid/perplexity", row.perplexity()));
            }
            Measure::Score(_) => scalars.push(("valid/score", validated.score)),
        }
        self.events.scalars(state.step, SystemTime::now(), &scalars)?;
        let targets = HumanCount(validated.targets);
        match &self.measure {
            Measure::BitsPerBase => log::info!(
                "step {}: {:.4} bits/base on {targets} bases for validation",
                state.step,
                row.bits_per_base(),
            ),
            Measure::Score(name) => log::info!(
                "step {}: {name} {:.4}, loss {:.4} on {targets} targets for validation{}",
                state.step,
                validated.score,
                row.loss,
                if state.stale == 0 { ", the best" } else { "" }
            ),
        }
        Ok(())
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Peak memory in bytes: that of tensors on a GPU, or of this process where none is used.
fn peak() -> u64 {
    libtorch::memory::gpu_peak().or_else(memory::peak).unwrap_or(0)
}
