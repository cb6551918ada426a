//! Predictions with their true values, from one table or from two.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::Path,
};

use anyhow::{Result, bail};

use super::columns::{self, Columns, TextColumn};
use crate::formats::error::{InputError, excerpt};

/// A file of true values, and the column by which its rows match those of the predictions.
#[derive(Debug, Clone, Copy)]
pub struct LabelFile<'a> {
    pub path: &'a Path,
    pub id: &'a str,
}

/// Predicted and true values, row by row.
#[derive(Debug)]
pub struct Pairs {
    pub truth: TextColumn,
    pub predicted: Option<TextColumn>,
    /// Rows × classes.
    pub scores: Vec<f64>,
}

impl Pairs {
    /// Reads the columns `truth`, `predicted` and `scores` of a table of predictions; with `labels`,
    /// `truth` is a column of that file.
    ///
    /// # Errors
    /// See [`columns::read`]. An id occurs twice in a file, or no id is in both.
    pub fn read(
        path: &Path,
        truth: &str,
        predicted: Option<&str>,
        scores: &[&str],
        labels: Option<LabelFile<'_>>,
    ) -> Result<Self> {
        let first = labels.map_or(truth, |labels| labels.id);
        let texts: Vec<&str> = [first].into_iter().chain(predicted).collect();
        let Columns { texts, numbers } = columns::read(path, &texts, scores)?;
        let mut texts = texts.into_iter();
        let first = texts.next().expect("one column was selected");
        let all = Self { truth: first, predicted: texts.next(), scores: numbers };
        match labels {
            Some(labels) => all.matched(labels, truth),
            None => Ok(all),
        }
    }

    /// Keeps the rows whose id, which is in the place of the truth, has a label.
    fn matched(self, labels: LabelFile<'_>, truth: &str) -> Result<Self> {
        let Self { truth: ids, mut predicted, scores } = self;
        let Columns { texts, .. } = columns::read(labels.path, &[labels.id, truth], &[])?;
        let Ok([label_ids, mut truth]) = <[TextColumn; 2]>::try_from(texts) else {
            unreachable!("two columns were selected");
        };
        let places = unique(&label_ids)?;
        unique(&ids)?;
        let found = |(row, id): (usize, &String)| Some((row, *places.get(id.as_str())?));
        let (rows, label_rows): (Vec<usize>, Vec<usize>) =
            ids.values.iter().enumerate().filter_map(found).unzip();
        if rows.is_empty() {
            bail!(
                "no {} of {} (such as {}) is in {} (such as {}); ids must be the same",
                labels.id,
                ids.file,
                excerpt(ids.values[0].as_bytes()),
                label_ids.file,
                excerpt(label_ids.values[0].as_bytes())
            );
        }
        log::info!(
            "predictions with labels: {} of {} in {}",
            rows.len(),
            ids.values.len(),
            ids.file
        );
        if rows.len() < label_ids.values.len() {
            log::warn!(
                "labels that match no prediction: {} of {} in {}",
                label_ids.values.len() - rows.len(),
                label_ids.values.len(),
                label_ids.file
            );
        }
        let columns = scores.len() / ids.values.len();
        let scores = rows.iter().flat_map(|&row| &scores[row * columns..][..columns]).copied();
        let scores = scores.collect();
        truth.keep(&label_rows);
        predicted.iter_mut().for_each(|column| column.keep(&rows));
        Ok(Self { truth, predicted, scores })
    }
}

/// Row of each id.
///
/// # Errors
/// An id occurs again.
fn unique(ids: &TextColumn) -> Result<HashMap<&str, usize>, InputError> {
    let mut places = HashMap::new();
    for (row, id) in ids.values.iter().enumerate() {
        match places.entry(id.as_str()) {
            Entry::Vacant(place) => place.insert(row),
            Entry::Occupied(before) => {
                let before = ids.lines[*before.get()];
                let expected = format!("an id that occurs once; it is also in line {before}");
                return Err(ids.error(row, expected));
            }
        };
    }
    Ok(places)
}
