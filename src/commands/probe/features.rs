//! Features of examples: embeddings of a model, and counts of words.

use anyhow::{Result, bail};

use crate::{
    formats::number::counted,
    genome::dna,
    inference::{
        pool::{self, Pool, Pooled, Stretch},
        runner::{EmbeddingJob, Runner},
    },
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

impl ProbeStrand {
    /// Number of vectors side by side.
    fn vectors(self) -> usize {
        if self == Self::Concat { 2 } else { 1 }
    }
}

/// Options of embedding sequences.
#[derive(Debug, Clone)]
pub struct EmbeddingOptions {
    /// Pooling of the rows of a sequence.
    pub pool: Pool,
    /// Numbers of blocks before the hidden states; `None` for the final ones. Side by side.
    pub layers: Vec<Option<usize>>,
    /// Strand to read.
    pub strand: ProbeStrand,
    /// Treatment of sequences longer than the context.
    pub long: Long,
    /// The model's context, in bases.
    pub context: usize,
}

/// Bases that are embedded at once.
const CHUNK: usize = 1 << 20;

/// Embeds each example: one row for each. `done` gets the examples that were
/// embedded since its last call.
///
/// # Errors
/// The model cannot compute, or a sequence is too long.
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
    let vectors = options.layers.len() * options.strand.vectors() * options.pool.parts();
    Ok(Matrix::new(values, vectors * runner.width()))
}

/// Appends the vectors of a chunk: ordered by layer, strand, part and channel.
fn embed(
    chunk: &[Example],
    options: &EmbeddingOptions,
    runner: &mut Runner,
    values: &mut Vec<f32>,
) -> Result<()> {
    let channels = runner.width();
    let mut jobs = Vec::new();
    let mut counts = Vec::new();
    for example in chunk {
        for strand in strands(example, options)? {
            let pieces = pieces::cut(strand.len(), 0..strand.len(), options.context);
            counts.push(pieces.len());
            let mut before = 0;
            jobs.extend(pieces.into_iter().map(|piece| {
                let stretch = Stretch { before, whole: strand.len() };
                before += piece.pooled.len();
                let bases = strand[piece.read].to_vec();
                EmbeddingJob { bases, pooled: piece.pooled, stretch }
            }));
        }
    }
    let mut pooled = runner.embed(&jobs, options.pool, &options.layers)?.into_iter();
    // for each strand of each example, its vectors by layer
    let mut strands = counts.into_iter().map(|count| {
        let pieces: Vec<Vec<Pooled>> = pooled.by_ref().take(count).collect();
        let layer = |layer: usize| -> Vec<Pooled> {
            pieces.iter().map(|piece| piece[layer].clone()).collect()
        };
        let layers = 0..options.layers.len();
        layers.map(|n| options.pool.join(&layer(n), channels)).collect::<Vec<_>>()
    });
    for example in chunk {
        let start = values.len();
        let one = strands.next().unwrap_or_default();
        match options.strand {
            ProbeStrand::Forward | ProbeStrand::Reverse => values.extend(one.concat()),
            ProbeStrand::Both | ProbeStrand::Concat => {
                let other = strands.next().unwrap_or_default();
                for (one, other) in one.iter().zip(&other) {
                    match options.strand {
                        ProbeStrand::Concat => values.extend(one.iter().chain(other)),
                        _ => values.extend(pool::mean_of_strands(one, other)),
                    }
                }
            }
        }
        if values[start..].iter().any(|value| !value.is_finite()) {
            bail!(
                "{}: the sequence has {}, fewer than the parts of --pool {}; use fewer parts",
                example.place,
                counted(example.bases.len(), "base"),
                options.pool
            );
        }
    }
    Ok(())
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
