//! Pretraining: each base is predicted from those before it.

use indicatif::HumanCount;
use sha2::{Digest, Sha256};

use super::{
    config::RunConfig,
    evaluation::Evaluation,
    loader::{Loader, Request, Share},
    objective::{Objective, Steps, Validated},
    recipe::Compute,
    step::Step,
    validation::{self, ValidationError},
    workers::{Fact, Workers},
};
use crate::{
    formats::{number::hex, reference::Cache},
    inference::{computed::EngineError, engine::Engine},
    model::head::Head,
    sampling::{DataError, Genome, Interval, Rest, Sampler, Shared, Split, Splits, Tiles},
};

/// Windows of genomes.
pub struct NextBase {
    identity: String,
    /// Hash of the bases of the first sample.
    first_sample: String,
    /// Draws the samples; taken by the thread that reads ahead.
    sampler: Option<Sampler>,
    /// Genomes, which validation reads too.
    genomes: Shared,
    valid: Vec<Interval>,
    /// Bases of a validation window.
    length: u64,
    /// Most windows of a validation before the end.
    valid_windows: u64,
}

impl NextBase {
    /// Opens the genomes and divides them.
    ///
    /// # Errors
    /// The data cannot be read, or cannot be trained on.
    pub fn new(config: &RunConfig) -> Result<Self, DataError> {
        let mut genomes = Genome::open(&config.data.genomes(), false, Cache::ANYWHERE)?;
        let splits = Splits::new(&mut genomes, &config.data.split(config.seed))?;
        let train = splits.of(Split::Train).to_vec();
        log_split(&splits);
        let identity = identity(config, &genomes);
        let length = config.stages().longest();
        let mut sampler = Sampler::new(genomes, train, config.data.sampler(config.seed))?;
        // data that cannot be trained on are reported before a folder is made
        let mut bases = Vec::new();
        sampler.draw(0, length + 1, &mut bases)?;
        Ok(Self {
            identity,
            first_sample: hex(&Sha256::digest(&bases)),
            genomes: sampler.genomes(),
            sampler: Some(sampler),
            valid: splits.of(Split::Valid).to_vec(),
            length,
            valid_windows: config.output.valid_windows,
        })
    }

    fn windows(&self, most: Option<u64>) -> usize {
        Tiles::new(&self.valid, self.length, most, Rest::Skipped).len()
    }

    fn evaluate(
        &mut self,
        engine: &mut Engine,
        most: Option<u64>,
        workers: &Workers,
    ) -> Result<Option<Evaluation>, ValidationError> {
        let windows = validation::ValidationWindows {
            intervals: &self.valid,
            length: self.length,
            most,
            rest: Rest::Skipped,
            share: Share { rank: workers.rank(), size: workers.size() },
        };
        let stop = || workers.is_stopping();
        let measured = validation::evaluate(engine, &mut self.genomes.lock(), &windows, stop)?;
        if workers.is_alone() {
            return Ok(measured);
        }
        // one that was stopped takes part, so that all know
        let Evaluation { mut losses, counts } = measured.unwrap_or_default();
        let length = self.length.saturating_sub(1) as usize;
        losses.resize(length, 0.0);
        losses.extend(counts.iter().map(|&count| count as f64));
        losses.resize(2 * length, 0.0);
        let mut losses = workers.sum(losses)?;
        let counts = losses.split_off(length).into_iter().map(|count| count as u64).collect();
        Ok(workers.stop().is_none().then_some(Evaluation { losses, counts }))
    }
}

impl Objective for NextBase {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn facts(&self) -> Vec<Fact> {
        [("the contigs of the genomes", &self.identity), ("the bases", &self.first_sample)]
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .into()
    }

    fn steps(&mut self, requests: Box<dyn Iterator<Item = Request> + Send>) -> Steps {
        let sampler = self.sampler.take().expect("a run is run once");
        // the last base of a row is a target only
        let requests = requests.map(|request| Request { length: request.length + 1, ..request });
        let drawn = Loader::spawn(sampler, requests);
        Box::new(drawn.map(|drawn| drawn.map(|drawn| Box::new(drawn) as Box<dyn Step>)))
    }

    fn holds_out(&self) -> bool {
        self.windows(Some(self.valid_windows)) > 0
    }

    /// The best model is chosen by the same windows each time, also at the end.
    fn validate(
        &mut self,
        engine: &dyn Fn() -> Result<Engine, EngineError>,
        _: Option<&Head>,
        at_end: bool,
        workers: &Workers,
    ) -> Result<Option<Validated>, ValidationError> {
        let mut engine = engine()?;
        let some = Some(self.valid_windows);
        let Some(compared) = self.evaluate(&mut engine, some, workers)? else { return Ok(None) };
        let score = compared.loss();
        let evaluation = if at_end && self.windows(some) < self.windows(None) {
            let whole = self.evaluate(&mut engine, None, workers)?;
            let Some(whole) = whole else { return Ok(None) };
            whole
        } else {
            compared
        };
        Ok(Some(Validated {
            loss: evaluation.loss(),
            score,
            length: self.length,
            sequences: evaluation.counts.iter().max().copied().unwrap_or(0),
            targets: evaluation.targets(),
        }))
    }

    fn is_better(&self, score: f64, best: f64) -> bool {
        score < best
    }

    fn ends_with_best(&self) -> bool {
        false
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
fn identity(config: &RunConfig, genomes: &[Genome]) -> String {
    let settled = RunConfig { compute: Compute::default(), ..config.clone() };
    let mut hash = Sha256::new();
    hash.update(format!("{settled:?}"));
    for contig in genomes.iter().flat_map(|genome| genome.reference.contigs()) {
        hash.update(format!("\n{}\t{}", contig.name, contig.length));
    }
    hex(&hash.finalize())
}
