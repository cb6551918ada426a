//! Rows of the embedding that no token uses, as a measure of what an untrained row looks like.

use super::{Weights, host::HostTensor, names};
use crate::model::tokenizer::{self, VOCABULARY};

/// Largest distance of a token's row from the mean of the unused rows that still counts as
/// untrained, as a multiple of the largest distance of an unused row from the mean of the others.
pub const NEAR: f64 = 3.0;
/// Largest distance of an unused row from the mean of the others, as a multiple of that mean's
/// length, at which the unused rows show that the model was trained.
const GATHERED: f64 = 0.5;

/// False if the row of N in the embedding was never trained, as of [`is_trained`].
pub fn n_is_trained(weights: &Weights) -> bool {
    is_trained(weights, tokenizer::N)
}

/// False if the row of a token in the embedding was never trained.
///
/// Without unused rows, or where they did not gather (an untrained model, an untied head), nothing
/// is known, and the row counts as trained.
pub fn is_trained(weights: &Weights, token: u8) -> bool {
    let distances = distances(weights, names::EMBEDDING);
    distances.is_none_or(|distances| distances[usize::from(token)] > NEAR)
}

/// Distance of each token's row of a matrix from the mean of the unused rows, as a multiple of the largest
/// distance of an unused row from the mean of the others. `None` where nothing is known.
///
/// The head is tied to the embedding, so training pushes every row that is never a target in one
/// direction. The rows after the vocabulary have no token: they move in that direction only, and
/// stay apart by their initial noise. A row, such as that of N, that is as near to them was never an
/// input either. Measured (distance of N over that of the unused rows): 1.4, 0.9 and 1.3 in the released
/// tiny-1k, tiny-1k-d256 and small-32k; 9.3 in the built-in model, which saw N.
pub fn distances(weights: &Weights, matrix: &str) -> Option<Vec<f64>> {
    let rows = rows(weights.tensors.get(matrix)?);
    let (tokens, unused) = (rows.get(..VOCABULARY)?, rows.get(VOCABULARY..)?);
    if unused.len() < 3 {
        return None;
    }
    let center = mean(unused.iter().copied());
    let spread = (0..unused.len()).map(|i| {
        let others = unused.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, row)| *row);
        let others = mean(others);
        distance(unused[i], &others)
    });
    let spread = spread.fold(0.0, f64::max);
    let length = distance(&vec![0.0; center.len()], &center);
    let gathered = spread < GATHERED * length;
    gathered.then(|| tokens.iter().map(|row| distance(row, &center) / spread).collect())
}

fn rows(matrix: &HostTensor) -> Vec<&[f32]> {
    let width = matrix.shape.get(1).copied().unwrap_or(0).max(1);
    matrix.data.chunks_exact(width).collect()
}

fn mean<'a>(rows: impl Iterator<Item = &'a [f32]>) -> Vec<f64> {
    let (mut sum, mut count) = (Vec::new(), 0.0_f64);
    for row in rows {
        sum.resize(row.len(), 0.0);
        sum.iter_mut().zip(row).for_each(|(sum, &x)| *sum += f64::from(x));
        count += 1.0;
    }
    sum.iter_mut().for_each(|sum: &mut f64| *sum /= count.max(1.0));
    sum
}

fn distance(row: &[f32], from: &[f64]) -> f64 {
    row.iter().zip(from).map(|(&x, y)| (f64::from(x) - y).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::source;

    /// The built-in model with an embedding made by `element` of row and column.
    fn with_embedding(rows: usize, element: impl Fn(usize, usize) -> f64) -> Weights {
        let mut weights = source::builtin().unwrap().weights;
        let data = (0..rows * 128).map(|i| element(i / 128, i % 128) as f32).collect();
        weights.config.vocab_rows = rows as i64;
        let embedding = HostTensor { shape: vec![rows, 128], data };
        weights.tensors.insert(names::EMBEDDING.to_owned(), embedding);
        weights
    }

    /// Noise in −1…1, determined by row and column.
    fn noise(row: usize, column: usize) -> f64 {
        ((row * 7919 + column * 104_729) % 1009) as f64 / 504.0 - 1.0
    }

    fn is_base(row: usize) -> bool {
        (7..11).contains(&row)
    }

    #[test]
    fn the_builtin_model_saw_n() {
        assert!(n_is_trained(&source::builtin().unwrap().weights));
        assert!(is_trained(&source::builtin().unwrap().weights, tokenizer::A));
    }

    #[test]
    fn a_row_among_the_unused_ones_was_not_trained() {
        for spread in [0.01, 0.1] {
            let unused = |row, column| 0.2 + spread * noise(row, column);
            let base = |row, column| 0.1 * noise(row + 50, column);
            let pick =
                |row, column| if is_base(row) { base(row, column) } else { unused(row, column) };
            assert!(!n_is_trained(&with_embedding(16, pick)), "{spread}");
            let moved = |row: usize, column| match row {
                11 => unused(row, column) + 6.0 * spread * noise(77, column),
                _ => pick(row, column),
            };
            assert!(n_is_trained(&with_embedding(16, moved)), "{spread}");
        }
    }

    #[test]
    fn without_evidence_the_row_counts_as_trained() {
        // random rows, as at the start of training
        assert!(n_is_trained(&with_embedding(16, noise)));
        // unused rows of zeros, as a program may pad them
        let zeros = |row, column| if row < 12 { noise(row, column) } else { 0.0 };
        assert!(n_is_trained(&with_embedding(16, zeros)));
        // no unused rows
        assert!(n_is_trained(&with_embedding(12, |_, _| 0.5)));
    }
}
