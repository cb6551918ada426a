//! Windows of genomes, drawn by seed.

use anyhow::{Result, bail};

use crate::{
    chance::{Purpose, RandomStream},
    formats::number::counted,
    sampling::{Genome, Interval},
};

/// Windows that are drawn for one trial before it is given up.
const DRAWS: usize = 1000;

/// Intervals of genomes from which windows without N are drawn; each start is equally likely.
pub struct Windows<'a> {
    genomes: &'a mut [Genome],
    intervals: Vec<&'a Interval>,
    /// Window starts in the intervals, summed up to and with each.
    starts: Vec<u64>,
    length: u64,
}

impl<'a> Windows<'a> {
    /// Windows of `length` bases.
    ///
    /// # Errors
    /// No interval is so long.
    pub fn new(
        genomes: &'a mut [Genome],
        intervals: &'a [Interval],
        length: usize,
    ) -> Result<Self> {
        let length = length as u64;
        let long: Vec<&Interval> =
            intervals.iter().filter(|interval| interval.len() >= length).collect();
        if long.is_empty() {
            let longest = intervals.iter().map(Interval::len).max().unwrap_or(0);
            bail!(
                "{}: no window of {} fits, the longest stretch has {longest}; give a shorter --window or longer sequences",
                names(genomes),
                counted(length, "base")
            );
        }
        let starts = long.iter().scan(0, |sum, interval| {
            *sum += interval.len() - length + 1;
            Some(*sum)
        });
        Ok(Self { starts: starts.collect(), genomes, intervals: long, length })
    }

    /// The window of a trial.
    ///
    /// # Errors
    /// The genome cannot be read, or all windows that were drawn have an N.
    pub fn draw(&mut self, seed: u64, trial: u64) -> Result<Vec<u8>> {
        let mut chance = RandomStream::new(seed, Purpose::RepeatWindow, trial);
        let total = self.starts.last().copied().unwrap_or(0);
        let mut bases = Vec::with_capacity(self.length as usize);
        for _ in 0..DRAWS {
            let start = chance.below(total);
            let place = self.starts.partition_point(|sum| *sum <= start);
            let interval = self.intervals[place];
            let before = if place == 0 { 0 } else { self.starts[place - 1] };
            let start = interval.range.start + start - before;
            bases.clear();
            let reference = &mut self.genomes[interval.genome].reference;
            reference.fetch_into(interval.contig, start..start + self.length, &mut bases)?;
            if bases.iter().all(|base| b"ACGT".contains(base)) {
                return Ok(bases);
            }
        }
        bail!(
            "{}: each of {DRAWS} windows of {} drawn for replicate {trial} has an N; give a shorter --window, or --intervals without N",
            names(self.genomes),
            counted(self.length, "base")
        )
    }
}

/// Paths of the genomes.
fn names(genomes: &[Genome]) -> String {
    let names: Vec<&str> = genomes.iter().map(Genome::name).collect();
    names.join(", ")
}
