//! Windows at random: each a function of the seed and its index, and of nothing drawn before.

mod random;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{
    error::DataError,
    fetch,
    genome::Genome,
    interval::Interval,
    turn::{self, Turn},
};
use crate::{
    chance::{Purpose, RandomStream},
    genome::region::Strand,
};

use random::Random;

/// Windows that are drawn for one sample before it is given up.
const DRAWS: u64 = 1000;

/// Choice of windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Sampling {
    /// Windows anywhere in the intervals, every base equally often.
    ///
    /// Where genomes have weights, every base of one genome.
    Windows,
    /// The first bases of each interval, all of them once an epoch in random order.
    ///
    /// So HyenaDNA was trained. An interval that is shorter is widened about its centre, within its
    /// contig and with no regard to what else lies there.
    Intervals,
}

/// Options of drawing samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SamplerOptions {
    /// Another seed draws other windows.
    pub seed: u64,
    /// Choice of windows.
    pub sampling: Sampling,
    /// True if every other sample, by chance, is taken from the reverse strand.
    pub reverse_complement: bool,
    /// The largest share of a window, from 0 to 1, that may be N or lie beyond the end of its
    /// contig or interval; where there is more, another window is drawn.
    pub most_n: f64,
}

impl Default for SamplerOptions {
    fn default() -> Self {
        Self { seed: 0, sampling: Sampling::Windows, reverse_complement: true, most_n: 0.5 }
    }
}

enum SampleOrder {
    Turn(Turn),
    Random(Random),
}

/// Genomes that one thread at a time reads.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Vec<Genome>>>);

impl Shared {
    /// Genomes that several read.
    pub fn new(genomes: Vec<Genome>) -> Self {
        Self(Arc::new(Mutex::new(genomes)))
    }

    /// Waits for the other readers.
    pub fn lock(&self) -> MutexGuard<'_, Vec<Genome>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Draws windows from intervals.
pub struct Sampler {
    genomes: Shared,
    intervals: Vec<Interval>,
    options: SamplerOptions,
    order: SampleOrder,
}

impl Sampler {
    /// A sampler of these intervals, which lie within the contigs of the genomes as those of
    /// [`Splits`](super::Splits) do.
    ///
    /// # Errors
    /// There is no interval, a share is out of range, or weights are given where they have no meaning.
    pub fn new(
        genomes: Vec<Genome>,
        intervals: Vec<Interval>,
        options: SamplerOptions,
    ) -> Result<Self, DataError> {
        Self::sharing(Shared::new(genomes), intervals, options)
    }

    /// The same of genomes that others read too.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn sharing(
        shared: Shared,
        intervals: Vec<Interval>,
        options: SamplerOptions,
    ) -> Result<Self, DataError> {
        if intervals.is_empty() {
            return Err(DataError::NoInterval);
        }
        if !(0.0..=1.0).contains(&options.most_n) {
            return Err(DataError::MostN { most_n: options.most_n });
        }
        let genomes = shared.lock();
        let order = match options.sampling {
            Sampling::Windows => SampleOrder::Random(Random::new(&genomes, &intervals)),
            Sampling::Intervals => {
                let weighted = genomes.iter().find(|genome| genome.weight().is_some());
                if let Some(genome) = weighted.filter(|_| genomes.len() > 1) {
                    return Err(DataError::WeightInTurn { path: genome.name().to_owned() });
                }
                SampleOrder::Turn(Turn::new(options.seed, intervals.len()))
            }
        };
        drop(genomes);
        Ok(Self { genomes: shared, intervals, options, order })
    }

    /// The genomes, to be read in between.
    pub fn genomes(&self) -> Shared {
        self.genomes.clone()
    }

    /// The intervals that windows are drawn from.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Appends the sample of an index to `into`: `length` bases, or all of an interval that has fewer.
    /// Returns how many windows were mostly N and drawn again.
    ///
    /// # Errors
    /// A genome cannot be read, or nothing but N was drawn; `into` is then as it was.
    pub fn draw(&mut self, index: u64, length: u64, into: &mut Vec<u8>) -> Result<u64, DataError> {
        if length == 0 {
            return Ok(0);
        }
        let mut chance = RandomStream::new(self.options.seed, Purpose::Sample, index);
        let start = into.len();
        let mut before = None;
        for skipped in 0..DRAWS {
            let bases = self.choose(index, length, before, &mut chance);
            let reverse = self.options.reverse_complement && chance.coin();
            let strand = if reverse { Strand::Reverse } else { Strand::Forward };
            fetch::append(&mut self.genomes.lock(), &bases, strand, into)?;
            let unknown = length - fetch::count_known(&into[start..]);
            if unknown as f64 <= self.options.most_n * length as f64 {
                return Ok(skipped);
            }
            into.truncate(start);
            before = Some(bases.genome);
        }
        Err(DataError::MostlyN { index, draws: DRAWS, length, most_n: self.options.most_n })
    }

    /// The bases of the next window that is tried for an index; `before` is the genome of the one
    /// that was mostly N.
    fn choose(
        &mut self,
        index: u64,
        length: u64,
        before: Option<usize>,
        chance: &mut RandomStream,
    ) -> Interval {
        match &mut self.order {
            SampleOrder::Random(random) => random.choose(&self.intervals, length, before, chance),
            SampleOrder::Turn(turn) => {
                let number = match before {
                    Some(_) => chance.below(self.intervals.len() as u64) as usize,
                    None => turn.at(index),
                };
                let interval = &self.intervals[number];
                let genomes = self.genomes.lock();
                let contigs = genomes[interval.genome].reference.contigs();
                turn::window(interval, length, contigs[interval.contig].length)
            }
        }
    }
}

#[cfg(test)]
mod tests;
