//! Features of examples: embeddings of a model, and counts of words.

use anyhow::{Result, bail};

use crate::{
    formats::number::counted,
    genome::dna,
    inference::runner::{EmbeddingJob, Runner},
    model::pool::{self, Pool, Stretch},
    statistics::matrix::Matrix,
    tasks::example::Example,
    windows::pieces::{self, KeptEnd, Long, Piece},
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

/// Options of embedding sequences.
#[derive(Debug, Clone)]
pub struct EmbeddingOptions {
    /// Pooling of the rows of a sequence.
    pub pool: Pool,
    /// Numbers of blocks before the hidden states, side by side; `None` for the final ones.
    pub layers: Vec<Option<usize>>,
    /// Strand to read.
    pub strand: ProbeStrand,
    /// Treatment of sequences longer than the context.
    pub long: Long,
    /// The model's context, in bases.
    pub context: usize,
}

impl EmbeddingOptions {
    /// Number of features for each example of a model with so many channels.
    fn width(&self, channels: usize) -> usize {
        let strands = if self.strand == ProbeStrand::Concat { 2 } else { 1 };
        channels * self.pool.parts() * self.layers.len() * strands
    }
}

/// Bases that are embedded at once.
const CHUNK: usize = 1 << 20;

/// Embeds each example: one row for each, ordered by layer, strand, part and channel. `done` gets the examples that were
/// embedded since its last call.
///
/// # Errors
/// The model cannot compute, or a sequence is too long or has fewer bases than `pool` has parts.
pub fn embeddings(
    examples: &[Example],
    options: &EmbeddingOptions,
    runner: &mut Runner,
    mut done: impl FnMut(&[Example]),
) -> Result<Matrix> {
    let mut values = Vec::new();
    let mut rest = examples;
    while !rest.is_empty() {
        let mut bases = 0;
        let fits = rest.iter().take_while(|example| {
            bases += example.bases.len();
            bases <= CHUNK
        });
        let (chunk, others) = rest.split_at(fits.count().max(1));
        embed(chunk, options, runner, &mut values)?;
        done(chunk);
        rest = others;
    }
    Ok(Matrix::new(values, options.width(runner.width())))
}

/// Appends the vectors of a chunk.
fn embed(
    chunk: &[Example],
    options: &EmbeddingOptions,
    runner: &mut Runner,
    values: &mut Vec<f32>,
) -> Result<()> {
    let channels = runner.width();
    let mut jobs = Vec::new();
    // for each example, the numbers of pieces of its strands
    let mut counts = Vec::with_capacity(chunk.len());
    for example in chunk {
        let strands = strands(example, options)?;
        counts.push(strands.iter().map(|strand| cut(strand, options.context, &mut jobs)).collect());
    }
    let mut pooled = runner.embed(&jobs, options.pool, &options.layers)?.into_iter();
    for counts in counts {
        let counts: Vec<usize> = counts;
        // pieces of each strand, at each layer
        let strands: Vec<Vec<Vec<_>>> =
            counts.into_iter().map(|count| pooled.by_ref().take(count).collect()).collect();
        for layer in 0..options.layers.len() {
            let vectors = strands.iter().map(|pieces| {
                let pieces: Vec<_> = pieces.iter().map(|layers| layers[layer].clone()).collect();
                options.pool.join(&pieces, channels)
            });
            match (options.strand, &vectors.collect::<Vec<_>>()[..]) {
                (ProbeStrand::Both, [forward, reverse]) => {
                    values.extend(pool::mean_of_strands(forward, reverse));
                }
                (_, vectors) => values.extend(vectors.iter().flatten()),
            }
        }
    }
    Ok(())
}

/// Adds a job for each piece of a strand; gives their number.
fn cut(strand: &[u8], context: usize, jobs: &mut Vec<EmbeddingJob>) -> usize {
    let pieces = pieces::cut(strand.len(), 0..strand.len(), context);
    let count = pieces.len();
    jobs.extend(pieces.into_iter().map(|Piece { read, pooled }| {
        let stretch = Stretch { before: read.start + pooled.start, whole: strand.len() };
        EmbeddingJob { bases: strand[read].to_vec(), pooled, stretch }
    }));
    count
}

/// The strands of a sequence to read, each in reading direction.
fn strands(example: &Example, options: &EmbeddingOptions) -> Result<Vec<Vec<u8>>> {
    // truncation comes before strands, so that both have the same bases
    let end = match options.strand {
        ProbeStrand::Reverse => KeptEnd::Last,
        ProbeStrand::Forward | ProbeStrand::Both | ProbeStrand::Concat => KeptEnd::First,
    };
    let kept = pieces::kept(example.bases.len(), options.context, options.long, end)?;
    let forward = &example.bases[kept];
    if forward.len() < options.pool.parts() {
        bail!(
            "{}: {} for --pool {}; each part needs one: give fewer parts, or remove the sequence",
            example.place,
            counted(forward.len() as u64, "base"),
            options.pool
        );
    }
    Ok(match options.strand {
        ProbeStrand::Forward => vec![forward.to_vec()],
        ProbeStrand::Reverse => vec![dna::reverse_complement(forward)],
        ProbeStrand::Both | ProbeStrand::Concat => {
            vec![forward.to_vec(), dna::reverse_complement(forward)]
        }
    })
}

/// Counts the words of `length` bases of each example; words with N are not counted. A column for each
/// word, in alphabetical order.
pub fn words(examples: &[Example], length: usize) -> Matrix {
    let width = 1 << (2 * length);
    let mut values = vec![0.0; examples.len() * width];
    for (example, counts) in examples.iter().zip(values.chunks_exact_mut(width)) {
        let (mut code, mut known) = (0, 0);
        for base in &example.bases {
            let Some(letter) = b"ACGT".iter().position(|letter| letter == base) else {
                known = 0;
                continue;
            };
            code = (code << 2 | letter) & (width - 1);
            known += 1;
            if known >= length {
                counts[code] += 1.0;
            }
        }
    }
    Matrix::new(values, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::example::{At, Place, Target};

    #[test]
    fn words_are_counted_without_n() {
        let place = Place { path: "x".into(), at: At::Line(1) };
        let example = |bases: &[u8]| Example {
            bases: bases.to_vec(),
            target: Target::Class(0),
            place: place.clone(),
        };
        let counts = words(&[example(b"AACAANCA"), example(b"A")], 2);
        assert_eq!((counts.rows(), counts.width()), (2, 16));
        let expected = [2.0, 1.0, 0.0, 0.0, 2.0];
        assert_eq!(counts.row(0)[..5], expected);
        assert_eq!(counts.row(0).iter().sum::<f32>(), 5.0);
        assert!(counts.row(1).iter().all(|x| *x == 0.0));
    }
}
