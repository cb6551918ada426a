//! An objective: the samples that a run learns from, and the measure of its model.

use super::{
    loader::Request,
    step::Step,
    validation::ValidationError,
    workers::{Fact, Workers},
};
use crate::{
    inference::{computed::EngineError, engine::Engine},
    model::head::Head,
    sampling::DataError,
};

/// The steps of a run, in order.
pub type Steps = Box<dyn Iterator<Item = Result<Box<dyn Step>, DataError>>>;

/// The samples that a run learns from, and the measure of its model.
pub trait Objective {
    /// Hash of the settings and data that a run must have in common with its checkpoints.
    fn identity(&self) -> &str;

    /// Starts to draw the steps that are requested, read ahead. A run calls it once.
    fn steps(&mut self, requests: Box<dyn Iterator<Item = Request> + Send>) -> Steps;

    /// True if data are held out, so that [`validate`](Self::validate) can measure.
    fn holds_out(&self) -> bool;

    /// Values that all processes of a run must have in common beside its configuration, by name.
    fn facts(&self) -> Vec<Fact> {
        vec![("the data or settings".into(), self.identity().to_owned())]
    }

    /// Measures the model, which `engine` makes ready, on data that are held out; on all of them at the
    /// end of a run. Each of several processes measures a share, and all have the same result. `None` if a
    /// signal came in between.
    ///
    /// # Errors
    /// The data cannot be read, the model cannot compute them, or another process failed.
    fn validate(
        &mut self,
        engine: &dyn Fn() -> Result<Engine, EngineError>,
        head: Option<&Head>,
        at_end: bool,
        workers: &Workers,
    ) -> Result<Option<Validated>, ValidationError>;

    /// True if a score is better than the best one so far.
    fn is_better(&self, score: f64, best: f64) -> bool;

    /// True if the model at the end of a run is the best one and not the last one.
    fn ends_with_best(&self) -> bool;
}

/// Measurements on data that are held out.
#[derive(Debug, Clone, PartialEq)]
pub struct Validated {
    /// Mean loss in nats.
    pub loss: f64,
    /// Figure that the best model is chosen by.
    pub score: f64,
    /// Longest sequence, in bases.
    pub length: u64,
    /// Sequences.
    pub sequences: u64,
    /// Known targets.
    pub targets: u64,
}
