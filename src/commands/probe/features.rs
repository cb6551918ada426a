//! Features of examples: embeddings of a model, and counts of words.

use anyhow::Result;

use crate::{
    genome::dna,
    inference::{
        pool::{self, Pool},
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
}

/// Options of embedding sequences.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddingOptions {
    /// Pooling of the rows of a sequence.
    pub pool: Pool,
    /// Number of blocks before the hidden states; `None` for the final ones.
    pub layer: Option<usize>,
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
    Ok(Matrix::new(values, runner.width()))
}

/// Appends the vectors of a chunk.
fn embed(
    chunk: &[Example],
    options: &EmbeddingOptions,
    runner: &mut Runner,
    values: &mut Vec<f32>,
) -> Result<()> {
    let width = runner.width();
    let mut jobs = Vec::new();
    let mut counts = Vec::new();
    for example in chunk {
        for strand in strands(example, options)? {
            let pieces = pieces::cut(strand.len(), 0..strand.len(), options.context);
            counts.push(pieces.len());
            jobs.extend(
                pieces
                    .into_iter()
                    .map(|p| EmbeddingJob { bases: strand[p.read].to_vec(), pooled: p.pooled }),
            );
        }
    }
    let mut pooled = runner.embed(&jobs, options.pool, options.layer)?.into_iter();
    let mut vectors = counts.into_iter().map(|count| {
        let pieces: Vec<_> = pooled.by_ref().take(count).collect();
        options.pool.join(&pieces, width)
    });
    for _ in chunk {
        let vector = vectors.next().unwrap_or_default();
        match options.strand {
            ProbeStrand::Both => {
                let other = vectors.next().unwrap_or_default();
                values.extend(pool::mean_of_strands(&vector, &other));
            }
            ProbeStrand::Forward | ProbeStrand::Reverse => values.extend(vector),
        }
    }
    Ok(())
}

/// The strands of a sequence to read, each in reading direction.
fn strands(example: &Example, options: &EmbeddingOptions) -> Result<Vec<Vec<u8>>> {
    // truncation comes before strands, so that both have the same bases
    let end = match options.strand {
        ProbeStrand::Reverse => KeptEnd::Last,
        ProbeStrand::Forward | ProbeStrand::Both => KeptEnd::First,
    };
    let kept = pieces::kept(example.bases.len(), options.context, options.long, end)?;
    let forward = &example.bases[kept];
    Ok(match options.strand {
        ProbeStrand::Forward => vec![forward.to_vec()],
        ProbeStrand::Reverse => vec![dna::reverse_complement(forward)],
        ProbeStrand::Both => vec![forward.to_vec(), dna::reverse_complement(forward)],
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
