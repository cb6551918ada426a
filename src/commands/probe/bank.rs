//! Vectors of examples from one pass of a model, at several layers, poolings and strands.

use std::{fmt, ops::Range};

use anyhow::{Result, bail};

use crate::{
    cli::windows::name,
    formats::number::counted,
    genome::dna,
    inference::{embedding::EmbeddingJob, runner::Runner},
    model::pool::{self, Pool},
    statistics::matrix::Matrix,
    tasks::example::Example,
    windows::pieces::{self, KeptEnd, Long},
};

/// Strand of a sequence to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ProbeStrand {
    /// The strand of the file
    Forward,
    /// The reverse complement
    Reverse,
    /// The mean of both
    Both,
    /// Both side by side: forward, then reverse
    Concat,
}

/// A layer: after so many blocks, or `None` for the one after the final norm.
pub type Layer = Option<usize>;

/// Vectors that become one row of features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combination {
    /// Layers, side by side.
    pub layers: Vec<Layer>,
    /// Pooling of the bases.
    pub pool: Pool,
    /// Strand, or arrangement of both.
    pub strand: ProbeStrand,
}

/// `1,last bins:8 concat`.
impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layer = |layer: &Layer| layer.map_or("last".to_owned(), |number| number.to_string());
        let layers: Vec<String> = self.layers.iter().map(layer).collect();
        write!(f, "{} {} {}", layers.join(","), self.pool, name(self.strand))
    }
}

/// Vectors to compute of each example.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Strands; true for the reverse complement.
    reverse: Vec<bool>,
    layers: Vec<Layer>,
    pools: Vec<Pool>,
    /// Treatment of sequences longer than the context.
    long: Long,
    /// The model's context, in bases.
    context: usize,
}

/// Vectors of examples.
#[derive(Debug)]
pub struct Bank {
    wanted: Wanted,
    /// Number of channels of the model.
    channels: usize,
    /// Row-major vectors of all examples: by strand, layer and pooling.
    values: Vec<Vec<f32>>,
}

/// Bases that are embedded at once.
const CHUNK: usize = 1 << 20;

impl Wanted {
    /// The vectors of some combinations.
    pub fn new(combinations: &[Combination], long: Long, context: usize) -> Self {
        let mut wanted =
            Self { reverse: Vec::new(), layers: Vec::new(), pools: Vec::new(), long, context };
        fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        for Combination { layers, pool, strand } in combinations {
            layers.iter().for_each(|layer| add(&mut wanted.layers, *layer));
            add(&mut wanted.pools, *pool);
            strand.reads().iter().for_each(|reverse| add(&mut wanted.reverse, *reverse));
        }
        wanted
    }

    /// The strands of a sequence, each in reading direction.
    fn strands(&self, example: &Example) -> Result<Vec<Vec<u8>>> {
        // truncation comes before strands, so that both have the same bases
        let end = if self.reverse == [true] { KeptEnd::Last } else { KeptEnd::First };
        let kept = pieces::kept(example.bases.len(), self.context, self.long, end)?;
        let forward = &example.bases[kept];
        if let Some(pool) = self.pools.iter().find(|pool| forward.len() < pool.parts()) {
            bail!(
                "{}: {} for --pool {pool}; each part needs one: give fewer parts, or remove the sequence",
                example.place,
                counted(forward.len() as u64, "base")
            );
        }
        let strand = |reverse: &bool| match reverse {
            false => forward.to_vec(),
            true => dna::reverse_complement(forward),
        };
        Ok(self.reverse.iter().map(strand).collect())
    }
}

impl ProbeStrand {
    /// The strands that it is made of; true for the reverse complement.
    fn reads(self) -> &'static [bool] {
        match self {
            Self::Forward => &[false],
            Self::Reverse => &[true],
            Self::Both | Self::Concat => &[false, true],
        }
    }
}

impl Bank {
    /// Embeds each example once on each strand. `done` gets the examples that were embedded since its last
    /// call.
    ///
    /// # Errors
    /// The model cannot compute, or a sequence is too long or has fewer bases than a pooling has parts.
    pub fn new<'a>(
        examples: &[&'a Example],
        wanted: Wanted,
        runner: &mut Runner,
        mut done: impl FnMut(&[&'a Example]),
    ) -> Result<Self> {
        let cells = wanted.reverse.len() * wanted.layers.len() * wanted.pools.len();
        let channels = runner.width();
        let mut bank = Self { wanted, channels, values: vec![Vec::new(); cells] };
        let mut rest = examples;
        while !rest.is_empty() {
            let mut bases = 0;
            let fits = rest.iter().take_while(|example| {
                bases += example.bases.len();
                bases <= CHUNK
            });
            let (chunk, others) = rest.split_at(fits.count().max(1));
            bank.embed(chunk, runner)?;
            done(chunk);
            rest = others;
        }
        Ok(bank)
    }

    /// Appends the vectors of a chunk.
    fn embed(&mut self, chunk: &[&Example], runner: &mut Runner) -> Result<()> {
        let mut jobs = Vec::new();
        // for each example, the numbers of pieces of its strands
        let mut counts: Vec<Vec<usize>> = Vec::with_capacity(chunk.len());
        for example in chunk {
            let strands = self.wanted.strands(example)?;
            let cut = |strand: &Vec<u8>| {
                let pieces = EmbeddingJob::pieces(strand, 0..strand.len(), self.wanted.context);
                let count = pieces.len();
                jobs.extend(pieces);
                count
            };
            counts.push(strands.iter().map(cut).collect());
        }
        let Wanted { layers, pools, .. } = &self.wanted;
        let mut pooled = runner.embed_each(&jobs, pools, layers)?.into_iter();
        for counts in counts {
            let mut cells = self.values.iter_mut();
            for count in counts {
                let pieces: Vec<_> = pooled.by_ref().take(count).collect();
                for layer in 0..layers.len() {
                    for (number, pool) in pools.iter().enumerate() {
                        let pieces: Vec<_> =
                            pieces.iter().map(|piece| piece[layer][number].clone()).collect();
                        let vector = pool.join(&pieces, self.channels);
                        cells.next().expect("a cell for each vector").extend(vector);
                    }
                }
            }
        }
        Ok(())
    }

    /// The features of some examples: one row for each, ordered by layer, strand, part and channel.
    ///
    /// # Panics
    /// The combination was not wanted.
    pub fn matrix(&self, combination: &Combination, examples: Range<usize>) -> Matrix {
        let Combination { layers, pool, strand } = combination;
        fn place<T: PartialEq>(all: &[T], one: &T) -> usize {
            all.iter().position(|other| other == one).expect("it was wanted")
        }
        let Wanted { reverse, layers: all_layers, pools, .. } = &self.wanted;
        let cell = |read: &bool, layer: &Layer| {
            let strand = place(reverse, read) * all_layers.len() + place(all_layers, layer);
            &self.values[strand * pools.len() + place(pools, pool)]
        };
        let width = self.channels * pool.parts();
        let mut values = Vec::new();
        for example in examples {
            for layer in layers {
                let row = |read: &bool| &cell(read, layer)[example * width..(example + 1) * width];
                let rows: Vec<&[f32]> = strand.reads().iter().map(row).collect();
                match (strand, &rows[..]) {
                    (ProbeStrand::Both, [forward, reverse]) => {
                        values.extend(pool::mean_of_strands(forward, reverse));
                    }
                    _ => rows.into_iter().for_each(|row| values.extend_from_slice(row)),
                }
            }
        }
        let strands = if *strand == ProbeStrand::Concat { 2 } else { 1 };
        Matrix::new(values, width * layers.len() * strands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_share_a_pass() {
        let one = Combination { layers: vec![None], pool: Pool::Mean, strand: ProbeStrand::Concat };
        assert_eq!(one.to_string(), "last mean concat");
        let two = Combination {
            layers: vec![Some(1), None],
            pool: "bins:4".parse().unwrap(),
            strand: ProbeStrand::Reverse,
        };
        assert_eq!(two.to_string(), "1,last bins:4 reverse");
        let wanted = Wanted::new(&[one, two.clone()], Long::Error, 100);
        assert_eq!(wanted.reverse, [false, true]);
        assert_eq!((wanted.layers.len(), wanted.pools.len()), (2, 2));
        assert_eq!(Wanted::new(&[two], Long::Error, 100).reverse, [true]);
    }

    /// Each value says which vector it is of.
    #[test]
    fn rows_are_ordered_by_layer_strand_part_and_channel() {
        let combination = |layers: &[Layer], strand| Combination {
            layers: layers.to_vec(),
            pool: Pool::Mean,
            strand,
        };
        let all = combination(&[Some(1), None], ProbeStrand::Concat);
        let wanted = Wanted::new(&[all], Long::Error, 9);
        // two examples of two channels; cells by strand and layer
        let cell = |first: f32| vec![first, first + 0.5, first + 10.0, first + 10.5];
        let values = vec![cell(1.0), cell(2.0), cell(3.0), cell(4.0)];
        let bank = Bank { wanted, channels: 2, values };
        let row = |combination: &Combination| bank.matrix(combination, 0..2).row(1).to_vec();
        let both = row(&combination(&[None, Some(1)], ProbeStrand::Concat));
        assert_eq!(both, [12.0, 12.5, 14.0, 14.5, 11.0, 11.5, 13.0, 13.5]);
        assert_eq!(row(&combination(&[Some(1)], ProbeStrand::Both)), [12.0, 12.5]);
        assert_eq!(row(&combination(&[None], ProbeStrand::Reverse)), [14.0, 14.5]);
        assert_eq!(bank.matrix(&combination(&[None], ProbeStrand::Forward), 1..2).rows(), 1);
    }
}
