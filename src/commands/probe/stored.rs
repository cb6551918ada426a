//! Embeddings that `embed` wrote.

use std::{collections::HashMap, path::Path, sync::Arc};

use anyhow::{Result, bail};

use super::classifier::{Classifier, Parts};
use crate::{
    formats::{npy, number::counted},
    statistics::matrix::Matrix,
    tasks::example::{At, Example},
};

/// Reads a row for each example, in the order of the data.
///
/// # Errors
/// The file is not a matrix, has another number of rows than the data has sequences, or has a value that is
/// NaN or infinite.
pub fn read(path: &Path, classifier: &Classifier<'_>) -> Result<Parts> {
    let npy::Stored { values, rows, columns } = npy::read(path)?;
    let name = path.display();
    let examples = classifier.examples();
    if rows != examples.len() {
        bail!(
            "{name} has {}, and the data have {}; embed the sequences of DATA in their order (train, valid, test), and leave out --on-leak drop",
            counted(rows as u64, "row"),
            counted(examples.len() as u64, "sequence")
        );
    }
    let rows_of = places(&examples);
    let row = |i: usize| &values[i * columns..(i + 1) * columns];
    if let Some(bad) = (0..rows).find(|&i| !row(i).iter().all(|x| x.is_finite())) {
        bail!(
            "{name}, row {}: a value is NaN or infinite; embed all sequences with --strict, and remove those that fail",
            bad + 1
        );
    }
    let matrix =
        |of: &[usize]| Matrix::new(of.iter().flat_map(|&i| row(i)).copied().collect(), columns);
    let (seen, test) = rows_of.split_at(classifier.seen());
    Ok(Parts { seen: matrix(seen), test: matrix(test) })
}

/// The number of each example in the order of the data: files in the order of the parts, and lines in the
/// order of the file, whatever part was drawn from them.
fn places(examples: &[&Example]) -> Vec<usize> {
    let mut files: HashMap<Arc<str>, usize> = HashMap::new();
    let mut keys = Vec::with_capacity(examples.len());
    for (number, example) in examples.iter().enumerate() {
        let count = files.len();
        let file = *files.entry(example.place.path.clone()).or_insert(count);
        let at = match example.place.at {
            At::Line(line) | At::Row(line) => line,
            At::Whole => 0,
        };
        keys.push((file, at, number));
    }
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by_key(|&i| keys[i]);
    let mut places = vec![0; keys.len()];
    order.into_iter().enumerate().for_each(|(place, example)| places[example] = place);
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::example::{Place, Target};

    #[test]
    fn examples_have_their_place_in_the_files() {
        let example = |path: &str, line| Example {
            bases: b"A".to_vec(),
            target: Target::Class(0),
            place: Place { path: path.into(), at: At::Line(line) },
        };
        // lines 3 and 5 were drawn for the test
        let all = [("a", 2), ("a", 4), ("b", 2), ("a", 3), ("a", 5)].map(|(p, l)| example(p, l));
        assert_eq!(places(&all.iter().collect::<Vec<_>>()), [0, 2, 4, 1, 3]);
    }
}
