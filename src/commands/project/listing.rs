//! Names, labels and places of the rows.

use std::collections::HashMap;

use anyhow::Result;

use super::rows::{Described, Rows};
use crate::formats::spooled::SpooledRows;

/// Rows of the input without their values.
#[derive(Debug, Default)]
pub struct Listing {
    pub rows: Vec<Listed>,
    /// Labels in the order found, with their numbers of rows that have a place.
    pub labels: Vec<(String, u64)>,
}

/// A row of the input without its values.
#[derive(Debug)]
pub struct Listed {
    pub name: String,
    /// Index of its label.
    pub label: Option<usize>,
    /// Number among the rows that have a place; `None` if a value is NaN or infinite.
    pub place: Option<usize>,
}

/// Reads all rows. Those whose values are finite wait in a temporary file.
///
/// # Errors
/// An input cannot be read, or the temporary file cannot be written.
pub fn read(rows: &mut Rows) -> Result<(Listing, SpooledRows)> {
    let mut listing = Listing::default();
    let mut vectors = SpooledRows::new(rows.width())?;
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut values = Vec::new();
    while let Some(Described { name, label }) = rows.next(&mut values)? {
        let is_finite = values.iter().all(|x| x.is_finite());
        let label = label.map(|label| {
            let next = numbers.len();
            let number = *numbers.entry(label.clone()).or_insert(next);
            if number == next {
                listing.labels.push((label, 0));
            }
            listing.labels[number].1 += u64::from(is_finite);
            number
        });
        let place = is_finite.then_some(vectors.rows());
        if is_finite {
            vectors.push(&values)?;
        }
        listing.rows.push(Listed { name, label, place });
    }
    Ok((listing, vectors))
}
