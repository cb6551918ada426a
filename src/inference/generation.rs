//! Generation of sequences that continue prompts, drawn base by base.
//!
//! A sequence is a function of the model, the settings, its prompt and its number: it does not depend on
//! what is generated beside it, nor on threads.

use rayon::prelude::*;
use tch::TchError;

use super::{
    computed::EngineError,
    draw::Draw,
    engine::Engine,
    memory::{self, growth::Growing},
    predict::LETTERS,
};
use crate::{
    chance::{Purpose, RandomStream},
    model::{
        cpu::{
            CpuNetwork, Threads, Workspace,
            growth::Growth,
            prefix::Prefix,
            relaxed::{BLOCK, RelaxedFilters},
        },
        libtorch::forward::rows_of_product,
        tokenizer::{self, Tokenizer},
    },
};

/// Settings of sequences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Bases to generate after each prompt, at least 1.
    pub length: usize,
    /// The draw of a base.
    pub draw: Draw,
    /// Seed of the random numbers.
    pub seed: u64,
}

/// A sequence to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start<'a> {
    /// Normalised bases before the new ones. Without any, the first base is A, C, G or T with equal
    /// probability, as the model has no prediction for a first base; after the prompt of a head it has.
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
    /// Token ids that each sequence follows.
    before: &'a [u32],
    /// Most bases of a sequence with its prompt.
    longest: usize,
    threads: usize,
    settings: Settings,
    at_once: usize,
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
    /// Makes the filters, for prompts of so many bases; `None` on a GPU.
    ///
    /// # Errors
    /// Free memory does not hold a sequence, or ran out.
    pub fn new(
        engine: &'a Engine,
        settings: Settings,
        prompts: &[usize],
    ) -> Result<Option<Self>, EngineError> {
        Self::with_block(engine, settings, prompts, BLOCK)
    }

    /// Makes the filters as [`new`](Self::new) does, with blocks of another size. If a block has as many
    /// positions as there are bases, the cost grows as their square. For measurements.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    pub fn with_block(
        engine: &'a Engine,
        settings: Settings,
        prompts: &[usize],
        block: usize,
    ) -> Result<Option<Self>, EngineError> {
        let Some(network) = engine.cpu_network() else { return Ok(None) };
        let (before, threads, length) = (engine.prompt(), engine.threads(), settings.length);
        let growing = Growing {
            config: &network.config,
            threads,
            cache: engine.cache_bytes(),
            prompts: &prompts.iter().map(|bases| before.len() + bases).collect::<Vec<_>>(),
            length,
        };
        let most = threads.max(1) * rows_of_product();
        let at_once = match memory::free() {
            Some(free) => growing.sequences(free)?.min(most),
            None => most,
        };
        let filters = RelaxedFilters::new(network, length.saturating_sub(1), block)
            .map_err(|source| failed(1, length, source))?;
        Ok(Some(Self {
            network,
            tokenizer: engine.tokenizer(),
            before,
            longest: engine.longest(),
            threads,
            settings,
            at_once,
            filters,
        }))
    }

    /// Most sequences to generate at once, at least 1: as many as threads compute together, if memory
    /// holds them.
    pub fn at_once(&self) -> usize {
        self.at_once
    }

    /// Reads the prompts of some sequences, and draws the first base of each.
    ///
    /// # Errors
    /// A prompt with the bases after it is longer than the context, or memory ran out.
    pub fn start(&'a self, starts: &[Start<'_>]) -> Result<Batch<'a>, EngineError> {
        let size = starts.len().div_ceil(self.threads).clamp(1, rows_of_product());
        let mut batch = Batch { generator: self, groups: Vec::new() };
        let mut workspace = Workspace::default();
        let mut shared: Option<Prefix> = None;
        for (number, start) in starts.iter().enumerate() {
            let prefix = match shared.take() {
                Some(prefix) => prefix,
                None => self.read(start.prompt, &mut workspace)?,
            };
            if number.is_multiple_of(size) {
                let growth = Growth::new(self.network, &self.filters);
                batch.groups.push(Group { growth, sequences: Vec::new() });
            }
            let sequence = self.first(start, &prefix)?;
            if starts.get(number + 1).is_some_and(|next| next.prompt == start.prompt) {
                let length = start.prompt.len() + self.settings.length;
                shared = Some(prefix.copy().map_err(|source| failed(1, length, source))?);
            }
            if let Some(group) = batch.groups.last_mut() {
                group.growth.push(prefix);
                group.sequences.push(sequence);
            }
        }
        Ok(batch)
    }

    fn read(&self, prompt: &[u8], workspace: &mut Workspace) -> Result<Prefix, EngineError> {
        let (length, limit) = (prompt.len() + self.settings.length, self.longest);
        if length > limit {
            return Err(EngineError::TooLong { length, limit });
        }
        let tokens = prompt.iter().map(|&base| u32::from(self.tokenizer.token(base)));
        let ids: Vec<u32> = self.before.iter().copied().chain(tokens).collect();
        let threads = if self.threads > 1 { Threads::All } else { Threads::Calling };
        self.network
            .read_prefix(&ids, self.filters.steps(), threads, workspace)
            .map_err(|source| failed(1, length, source))
    }

    /// A sequence with its first base.
    fn first(&self, start: &Start<'_>, prefix: &Prefix) -> Result<Generated, EngineError> {
        let mut generated = Generated {
            bases: Vec::with_capacity(self.settings.length),
            predicted: 0,
            log_likelihood: 0.0,
            prompt: start.prompt.len(),
            chance: RandomStream::new(self.settings.seed, Purpose::Generation, start.number),
        };
        match &prefix.predictions {
            Some(row) => generated.extend(row, &self.settings.draw)?,
            None => {
                let unknown = Draw { temperature: 1.0, top_k: 4, top_p: 1.0 };
                let base = unknown.base([0.0; 4], &mut generated.chance);
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
        pairs.try_for_each(|(sequence, row)| sequence.extend(row, &settings.draw))
    }
}

impl Generated {
    /// Draws the next base from log P of all tokens.
    fn extend(&mut self, row: &[f32], draw: &Draw) -> Result<(), EngineError> {
        let log_p = LETTERS.map(|base| {
            tokenizer::log_probability(row, base).expect("A, C, G and T have predictions")
        });
        if log_p.iter().any(|p| !p.is_finite()) {
            return Err(EngineError::NotFinite { length: self.prompt + self.bases.len() });
        }
        let base = draw.base(log_p, &mut self.chance);
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
