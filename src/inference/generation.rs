//! Generation of sequences that continue prompts, drawn base by base.
//!
//! A sequence is a function of the model, the settings, its prompt and its number: it does not depend on
//! what is generated beside it, nor on threads.

use rayon::prelude::*;
use tch::TchError;

use super::{
    computed::EngineError,
    engine::Engine,
    memory::{self, growth},
    predict::LETTERS,
    sampling::Sampling,
};
use crate::{
    chance::{Purpose, RandomStream},
    model::{
        cpu::{
            CpuNetwork, Threads, Workspace,
            growth::Growth,
            prompt::{Prompt, ROWS},
            relaxed::{BLOCK, RelaxedFilters},
        },
        tokenizer::{self, Tokenizer},
    },
};

/// Settings of sequences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Bases to generate after each prompt, at least 1.
    pub length: usize,
    /// The draw of a base.
    pub sampling: Sampling,
    /// Seed of the random numbers.
    pub seed: u64,
}

/// A sequence to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start<'a> {
    /// Normalised bases that it continues; without any, its first base is A, C, G or T with equal
    /// probability, as the model has no prediction for a first base.
    pub prompt: &'a [u8],
    /// Number of its stream of random numbers.
    pub number: u64,
}

/// A sequence that is generated.
#[derive(Debug)]
pub struct Generated {
    /// Bases after the prompt so far.
    pub bases: Vec<u8>,
    /// Number of them that the model predicted: all, or all but the first if there is no prompt.
    pub predicted: usize,
    /// Sum of their log P, in nats, by the model as it is: over all tokens, at temperature 1.
    pub log_likelihood: f64,
    prompt: usize,
    chance: RandomStream,
}

/// Generates sequences of one length.
pub struct Generator<'a> {
    network: &'a CpuNetwork,
    tokenizer: Tokenizer,
    threads: usize,
    settings: Settings,
    filters: RelaxedFilters,
}

/// Sequences that are generated at once.
pub struct Batch<'a> {
    generator: &'a Generator<'a>,
    groups: Vec<Group<'a>>,
}

/// Sequences of one thread.
struct Group<'a> {
    growth: Growth<'a>,
    sequences: Vec<Generated>,
}

impl<'a> Generator<'a> {
    /// Makes the filters; `None` on a GPU.
    ///
    /// # Errors
    /// Memory ran out.
    pub fn new(engine: &'a Engine, settings: Settings) -> Result<Option<Self>, EngineError> {
        Self::with_block(engine, settings, BLOCK)
    }

    /// The same with blocks of another size; of at least as many positions as there are bases, the cost
    /// grows as their square. For measurements.
    ///
    /// # Errors
    /// Memory ran out.
    pub fn with_block(
        engine: &'a Engine,
        settings: Settings,
        block: usize,
    ) -> Result<Option<Self>, EngineError> {
        let Some(network) = engine.cpu_network() else { return Ok(None) };
        let (tokenizer, threads) = (engine.tokenizer(), engine.threads());
        let filters = RelaxedFilters::new(network, settings.length.saturating_sub(1), block)
            .map_err(|source| failed(1, settings.length, source))?;
        Ok(Some(Self { network, tokenizer, threads, settings, filters }))
    }

    /// Most sequences of `length` new bases to generate at once, after prompts of at most `prompt` bases: as
    /// many as threads compute together, if free memory holds them and the filters, which [`new`](Self::new)
    /// makes.
    ///
    /// # Errors
    /// Free memory does not hold one.
    pub fn at_once(engine: &Engine, length: usize, prompt: usize) -> Result<usize, EngineError> {
        let (threads, most) = (engine.threads(), engine.threads() * ROWS);
        let Some(free) = memory::free() else { return Ok(most) };
        Ok(growth::sequences(engine.config(), threads, prompt, length, free)?.clamp(1, most))
    }

    /// Reads the prompts of some sequences, and draws the first base of each.
    ///
    /// # Errors
    /// A prompt with the bases after it is longer than the context, or memory ran out.
    pub fn start(&'a self, starts: &[Start<'_>]) -> Result<Batch<'a>, EngineError> {
        let size = starts.len().div_ceil(self.threads).clamp(1, ROWS);
        let mut batch = Batch { generator: self, groups: Vec::new() };
        let mut workspace = Workspace::default();
        let mut last: Option<(&[u8], Prompt)> = None;
        for (number, start) in starts.iter().enumerate() {
            let prompt = match last.take() {
                Some((of, prompt)) if of == start.prompt => prompt,
                _ => self.read(start.prompt, &mut workspace)?,
            };
            if number.is_multiple_of(size) {
                let growth = Growth::new(self.network, &self.filters);
                batch.groups.push(Group { growth, sequences: Vec::new() });
            }
            if let Some(group) = batch.groups.last_mut() {
                let error = |source| failed(1, start.prompt.len() + self.settings.length, source);
                group.growth.push(&prompt).map_err(error)?;
                group.sequences.push(self.first(start, &prompt)?);
            }
            last = Some((start.prompt, prompt));
        }
        Ok(batch)
    }

    fn read(&self, prompt: &[u8], workspace: &mut Workspace) -> Result<Prompt, EngineError> {
        let (length, limit) =
            (prompt.len() + self.settings.length, self.network.config.context() as usize);
        if length > limit {
            return Err(EngineError::TooLong { length, limit });
        }
        let ids: Vec<u8> = prompt.iter().map(|&base| self.tokenizer.token(base)).collect();
        let threads = if self.threads > 1 { Threads::All } else { Threads::Calling };
        self.network
            .read_prompt(&ids, self.filters.steps(), threads, workspace)
            .map_err(|source| failed(1, length, source))
    }

    /// A sequence with its first base.
    fn first(&self, start: &Start<'_>, prompt: &Prompt) -> Result<Generated, EngineError> {
        let mut generated = Generated {
            bases: Vec::with_capacity(self.settings.length),
            predicted: 0,
            log_likelihood: 0.0,
            prompt: start.prompt.len(),
            chance: RandomStream::new(self.settings.seed, Purpose::Generation, start.number),
        };
        match &prompt.predictions {
            Some(row) => generated.draw(row, &self.settings.sampling)?,
            None => {
                let unknown = Sampling { temperature: 1.0, top_k: 4, top_p: 1.0 };
                let base = unknown.draw([0.0; 4], &mut generated.chance);
                generated.bases.push(LETTERS[base]);
            }
        }
        Ok(generated)
    }
}

impl Batch<'_> {
    /// Generates up to `bases` more bases of each sequence.
    ///
    /// # Errors
    /// A prediction is NaN or infinite, or memory ran out.
    pub fn advance(&mut self, bases: usize) -> Result<(), EngineError> {
        let generator = self.generator;
        let steps = bases.min(self.left());
        let advance = |group: &mut Group<'_>| {
            (0..steps).try_for_each(|_| group.step(generator.tokenizer, &generator.settings))
        };
        match &mut self.groups[..] {
            [one] => advance(one),
            several => several.par_iter_mut().try_for_each(advance),
        }
    }

    /// True if the sequences have their length.
    pub fn is_complete(&self) -> bool {
        self.left() == 0
    }

    fn left(&self) -> usize {
        let made = |sequence: &Generated| self.generator.settings.length - sequence.bases.len();
        self.sequences().next().map_or(0, made)
    }

    /// The sequences, in the order in which they were started.
    pub fn sequences(&self) -> impl Iterator<Item = &Generated> {
        self.groups.iter().flat_map(|group| &group.sequences)
    }
}

impl Group<'_> {
    /// Generates the next base of each sequence.
    fn step(&mut self, tokenizer: Tokenizer, settings: &Settings) -> Result<(), EngineError> {
        let last = |sequence: &Generated| sequence.bases.last().copied().unwrap_or_default();
        let ids: Vec<u8> =
            self.sequences.iter().map(|sequence| tokenizer.token(last(sequence))).collect();
        let predictions = self.growth.step(&ids).map_err(|source| {
            let bases = self.sequences.iter().map(|s| s.prompt + s.bases.len()).sum();
            failed(ids.len(), bases, source)
        })?;
        let rows = predictions.chunks_exact(predictions.len() / ids.len());
        let mut pairs = self.sequences.iter_mut().zip(rows);
        pairs.try_for_each(|(sequence, row)| sequence.draw(row, &settings.sampling))
    }
}

impl Generated {
    /// Draws the next base from log P of all tokens.
    fn draw(&mut self, row: &[f32], sampling: &Sampling) -> Result<(), EngineError> {
        let log_p =
            LETTERS.map(|base| tokenizer::log_probability(row, base).unwrap_or(f64::NEG_INFINITY));
        if log_p.iter().any(|p| !p.is_finite()) {
            return Err(EngineError::NotFinite { length: self.prompt + self.bases.len() });
        }
        let base = sampling.draw(log_p, &mut self.chance);
        self.bases.push(LETTERS[base]);
        self.predicted += 1;
        self.log_likelihood += log_p[base];
        Ok(())
    }
}

fn failed(sequences: usize, bases: usize, source: TchError) -> EngineError {
    EngineError::Torch { sequences, bases, source }
}

#[cfg(test)]
mod tests;
