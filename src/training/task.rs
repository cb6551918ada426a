//! Learning a task: a head on the network, and a loss of its outputs.

pub mod batch;
pub mod metric;
pub mod sampler;
pub mod settings;
#[cfg(test)]
mod testing;

use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::{
    loader::{Loader, Request, Share},
    objective::{Objective, Steps, Validated},
    step::Step,
    validation::ValidationError,
    workers::Workers,
};
use crate::{
    formats::number::hex,
    genome::dna,
    inference::{
        computed::EngineError,
        engine::Engine,
        outputs::{features, outputs},
        runner::Runner,
    },
    model::head::Head,
    tasks::{example::Example, genomes::Windows},
};
use metric::Predictions;
use sampler::{KnownFeatures, TaskSampler};
use settings::TaskSettings;

/// Bases that are computed at once.
const CHUNK: usize = 1 << 18;

/// Examples of a task.
pub struct TaskObjective {
    identity: String,
    settings: Arc<TaskSettings>,
    train: Arc<Vec<Example>>,
    /// The train part of later epochs, if it is another.
    windows: Option<Arc<Mutex<Windows>>>,
    valid: Vec<Example>,
    known: Option<Arc<KnownFeatures>>,
    /// Features of the examples to validate with, with `known`.
    known_valid: Option<Vec<Vec<f32>>>,
}

impl TaskObjective {
    /// Takes the examples to learn from, of which there is one at least, and those to choose the best
    /// model by, which may be none. `identity` is a hash of the other settings of the run.
    pub fn new(
        identity: &str,
        settings: TaskSettings,
        train: Vec<Example>,
        valid: Vec<Example>,
    ) -> Self {
        let mut hash = Sha256::new();
        // as of runs that began before heads had demonstrations
        let settings_text = format!("{settings:?}").replace(" demonstrations: \"\",", "");
        hash.update(format!("{identity}\n{settings_text}"));
        for example in train.iter().chain(&valid) {
            hash.update(&example.bases);
            hash.update(format!("\n{:?}\n", example.target));
        }
        Self {
            identity: hex(&hash.finalize()),
            settings: Arc::new(settings),
            train: Arc::new(train),
            windows: None,
            valid,
            known: None,
            known_valid: None,
        }
    }

    /// Lets each epoch after the first have other windows; `train` are those of the first.
    pub fn with_windows(self, windows: Option<Arc<Mutex<Windows>>>) -> Self {
        Self { windows, ..self }
    }

    /// Computes the features of all examples once, for a network of which nothing is trained. The head
    /// pools. False if `stop` says so in between.
    ///
    /// # Errors
    /// The model cannot compute them.
    pub fn know_features(
        &mut self,
        engine: Engine,
        stop: impl Fn() -> bool,
    ) -> Result<bool, EngineError> {
        let mut runner = Runner::new(engine);
        let head = &self.settings.head;
        let mut of = |examples: &[Example], reverse: bool| -> Result<Vec<Vec<f32>>, EngineError> {
            let mut found = Vec::with_capacity(examples.len());
            for chunk in chunks(examples, CHUNK) {
                if stop() {
                    break;
                }
                let strand = |example: &Example| match reverse {
                    true => dna::reverse_complement(&example.bases),
                    false => example.bases.clone(),
                };
                let strands: Vec<Vec<u8>> = chunk.iter().map(strand).collect();
                let strands: Vec<&[u8]> = strands.iter().map(Vec::as_slice).collect();
                found.extend(features(&mut runner, head, &strands)?);
            }
            Ok(found)
        };
        let forward = of(&self.train, false)?;
        let reverse = match self.settings.reverse_complement {
            true => of(&self.train, true)?,
            false => Vec::new(),
        };
        self.known_valid = Some(of(&self.valid, false)?);
        self.known = Some(Arc::new(KnownFeatures { forward, reverse }));
        Ok(!stop())
    }
}

/// Parts of examples that are computed at once.
fn chunks(examples: &[Example], most: usize) -> impl Iterator<Item = &[Example]> {
    let mut rest = examples;
    std::iter::from_fn(move || {
        let mut bases = 0;
        let fits = rest.iter().take_while(|example| {
            bases += example.bases.len();
            bases <= most
        });
        let (chunk, others) = rest.split_at(fits.count().max(1).min(rest.len()));
        rest = others;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// The predictions of a head for examples, each of which has at least as many bases as the pooling has
/// parts. `None` if `stop` says so in between.
///
/// # Errors
/// The model cannot compute an example.
pub fn predict(
    runner: &mut Runner,
    head: &Head,
    examples: &[Example],
    stop: impl Fn() -> bool,
) -> Result<Option<Predictions>, EngineError> {
    let mut predictions = Predictions::default();
    for chunk in chunks(examples, bases_of_chunk(head)) {
        if stop() {
            return Ok(None);
        }
        let sequences: Vec<&[u8]> = chunk.iter().map(|example| example.bases.as_slice()).collect();
        for (example, outputs) in chunk.iter().zip(outputs(runner, head, &sequences)?) {
            add(&mut predictions, head, example, &outputs);
        }
    }
    Ok(Some(predictions))
}

/// Bases that are computed at once; the hidden states of all of them are kept for a head of each base.
fn bases_of_chunk(head: &Head) -> usize {
    if head.config.task.is_per_base() { CHUNK / 8 } else { CHUNK }
}

/// The same of several processes, each of which computes a share; all have the predictions of all
/// examples. `None` if one of them received a signal.
fn predict_together(
    runner: &mut Runner,
    head: &Head,
    examples: &[Example],
    workers: &Workers,
) -> Result<Option<Predictions>, ValidationError> {
    if workers.is_alone() {
        return Ok(predict(runner, head, examples, || workers.is_stopping())?);
    }
    let numbers = |example: &Example| {
        let places = if head.config.task.is_per_base() { example.bases.len() } else { 1 };
        places * head.config.outputs.len().max(1)
    };
    let own = Share { rank: workers.rank(), size: workers.size() }.of(examples.len());
    let mut all: Vec<f64> = vec![0.0; examples.iter().map(numbers).sum()];
    let mut at: usize = examples[..own.start].iter().map(numbers).sum();
    for chunk in chunks(&examples[own], bases_of_chunk(head)) {
        if workers.is_stopping() {
            break; // and takes part, so that all know
        }
        let sequences: Vec<&[u8]> = chunk.iter().map(|example| example.bases.as_slice()).collect();
        for output in outputs(runner, head, &sequences)?.into_iter().flatten() {
            all[at] = f64::from(output);
            at += 1;
        }
    }
    let all = workers.sum(all)?;
    if workers.stop().is_some() {
        return Ok(None);
    }
    let (mut predictions, mut rest) = (Predictions::default(), all.as_slice());
    for example in examples {
        let (of_example, others) = rest.split_at(numbers(example));
        let outputs: Vec<f32> = of_example.iter().map(|&output| output as f32).collect();
        add(&mut predictions, head, example, &outputs);
        rest = others;
    }
    Ok(Some(predictions))
}

/// Adds an example with the outputs of the head for it or for each of its bases.
fn add(predictions: &mut Predictions, head: &Head, example: &Example, outputs: &[f32]) {
    let count = head.config.outputs.len().max(1);
    let values = outputs.chunks_exact(count).map(|outputs| head.values(outputs));
    predictions.add(&head.config, &example.target, values.collect());
}

impl Objective for TaskObjective {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn steps(&mut self, requests: Box<dyn Iterator<Item = Request> + Send>) -> Steps {
        let (settings, train) = (self.settings.clone(), self.train.clone());
        let sampler = TaskSampler::new(settings, train, self.known.clone(), self.windows.clone());
        let drawn = Loader::spawn(sampler, requests);
        Box::new(drawn.map(|drawn| drawn.map(|drawn| Box::new(drawn) as Box<dyn Step>)))
    }

    fn holds_out(&self) -> bool {
        !self.valid.is_empty()
    }

    fn validate(
        &mut self,
        engine: &dyn Fn() -> Result<Engine, EngineError>,
        head: Option<&Head>,
        _: bool,
        workers: &Workers,
    ) -> Result<Option<Validated>, ValidationError> {
        let head = head.expect("a run of a task has a head");
        let predictions = if let Some(known) = &self.known_valid {
            let mut predictions = Predictions::default();
            for (example, features) in self.valid.iter().zip(known) {
                add(&mut predictions, head, example, &head.apply(features));
            }
            predictions
        } else {
            let mut runner = Runner::new(engine()?);
            let Some(found) = predict_together(&mut runner, head, &self.valid, workers)? else {
                return Ok(None);
            };
            found
        };
        let metric = self.settings.metric;
        let score = predictions.figure(metric, head.config.outputs.len());
        Ok(Some(Validated {
            loss: predictions.loss(),
            score: score.unwrap_or(f64::NAN),
            length: self.valid.iter().map(|example| example.bases.len()).max().unwrap_or(0) as u64,
            sequences: self.valid.len() as u64,
            targets: predictions.targets(),
        }))
    }

    fn is_better(&self, score: f64, best: f64) -> bool {
        self.settings.metric.is_better(score, best)
    }

    fn ends_with_best(&self) -> bool {
        true
    }
}
