//! Features without a model: counts of words, composition, and length.

use crate::{model::pool::part, statistics::matrix::Matrix, tasks::example::Example};

/// Counts the words of `length` bases in each of `parts` equal parts of each example; words with N, and
/// those that cross from one part to the next, are not counted. A column for each word, in alphabetical
/// order, part by part.
pub fn words(examples: &[&Example], length: usize, parts: usize) -> Matrix {
    let width = 1 << (2 * length);
    let mut values = vec![0.0; examples.len() * width * parts];
    for (example, rows) in examples.iter().zip(values.chunks_exact_mut(width * parts)) {
        for (number, counts) in rows.chunks_exact_mut(width).enumerate() {
            count(&example.bases[part(number, parts, example.bases.len())], length, counts);
        }
    }
    Matrix::new(values, width * parts)
}

/// Counts the words of some bases.
fn count(bases: &[u8], length: usize, counts: &mut [f32]) {
    let (mut code, mut known) = (0, 0);
    for base in bases {
        let Some(letter) = b"ACGT".iter().position(|letter| letter == base) else {
            known = 0;
            continue;
        };
        code = (code << 2 | letter) & (counts.len() - 1);
        known += 1;
        if known >= length {
            counts[code] += 1.0;
        }
    }
}

/// Shares of A, C, G and T among the known bases of each example, and its length.
pub fn composition(examples: &[&Example]) -> Matrix {
    let row = |example: &&Example| {
        let mut counts = [0.0; 4];
        count(&example.bases, 1, &mut counts);
        let known = counts.iter().sum::<f32>().max(1.0);
        let [a, c, g, t] = counts.map(|count| count / known);
        [a, c, g, t, example.bases.len() as f32]
    };
    Matrix::new(examples.iter().flat_map(row).collect(), 5)
}

/// The length of each example.
pub fn length(examples: &[&Example]) -> Matrix {
    Matrix::new(examples.iter().map(|example| example.bases.len() as f32).collect(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::example::{At, Place, Target};

    fn example(bases: &[u8]) -> Example {
        let place = Place { path: "x".into(), at: At::Line(1) };
        Example { bases: bases.to_vec(), target: Target::Class(0), place }
    }

    #[test]
    fn words_are_counted_without_n() {
        let [long, short] = [example(b"AACAANCA"), example(b"A")];
        let counts = words(&[&long, &short], 2, 1);
        assert_eq!((counts.rows(), counts.width()), (2, 16));
        let expected = [2.0, 1.0, 0.0, 0.0, 2.0];
        assert_eq!(counts.row(0)[..5], expected);
        assert_eq!(counts.row(0).iter().sum::<f32>(), 5.0);
        assert!(counts.row(1).iter().all(|x| *x == 0.0));
    }

    #[test]
    fn words_are_counted_in_parts() {
        let one = example(b"AACGT");
        let counts = words(&[&one], 2, 2);
        assert_eq!(counts.width(), 32);
        let found: Vec<usize> = (0..32).filter(|&i| counts.row(0)[i] > 0.0).collect();
        // AA and AC of AAC, then GT
        assert_eq!(found, [0, 1, 16 + 11]);
    }

    #[test]
    fn composition_has_shares_of_known_bases_and_the_length() {
        let [one, none] = [example(b"AACN"), example(b"NN")];
        let found = composition(&[&one, &none]);
        assert_eq!(found.row(0), [2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0, 4.0]);
        assert_eq!(found.row(1), [0.0, 0.0, 0.0, 0.0, 2.0]);
        assert_eq!(length(&[&one, &none]), Matrix::new(vec![4.0, 2.0], 1));
    }
}
