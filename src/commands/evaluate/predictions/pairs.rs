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

/// Columns to read.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Columns with true values; one at least.
    pub truth: &'a [&'a str],
    /// Columns by whose values rows are grouped; in the table with the true values.
    pub by: &'a [&'a str],
    pub predicted: Option<&'a str>,
    pub scores: &'a [&'a str],
}

/// Predicted and true values, row by row.
#[derive(Debug)]
pub struct Pairs {
    /// One column at least.
    pub truth: Vec<TextColumn>,
    pub by: Vec<TextColumn>,
    pub predicted: Option<TextColumn>,
    /// Rows × columns.
    pub scores: Vec<f64>,
}

impl Pairs {
    /// Reads columns of a table of predictions; with `labels`, those of `truth` and `by` are in that file.
    ///
    /// # Errors
    /// See [`columns::read`]. An id occurs twice in a file, or no id is in both.
    pub fn read(path: &Path, wanted: Wanted<'_>, labels: Option<LabelFile<'_>>) -> Result<Self> {
        let true_values = [wanted.truth, wanted.by].concat();
        let (first, count) = match labels {
            Some(LabelFile { id, .. }) => (vec![id], 1),
            None => (true_values.clone(), true_values.len()),
        };
        let texts: Vec<&str> = first.into_iter().chain(wanted.predicted).collect();
        let Columns { mut texts, numbers } = columns::read(path, &texts, wanted.scores)?;
        let mut predicted = texts.split_off(count).pop();
        let mut scores = numbers;
        if let Some(labels) = labels {
            let (rows, of_labels) = matched(&texts[0], labels, &true_values)?;
            let columns = scores.len() / texts[0].values.len();
            let kept = rows.iter().flat_map(|&row| &scores[row * columns..][..columns]);
            scores = kept.copied().collect();
            predicted.iter_mut().for_each(|column| column.keep(&rows));
            texts = of_labels;
        }
        let by = texts.split_off(wanted.truth.len());
        Ok(Self { truth: texts, by, predicted, scores })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.truth[0].values.len()
    }
}

/// Reads `columns` of a file of labels, and keeps the rows whose id is one of `ids`. Gives the row of each
/// among the ids, and the columns.
fn matched(
    ids: &TextColumn,
    labels: LabelFile<'_>,
    columns: &[&str],
) -> Result<(Vec<usize>, Vec<TextColumn>)> {
    let names: Vec<&str> = [labels.id].into_iter().chain(columns.iter().copied()).collect();
    let Columns { mut texts, .. } = columns::read(labels.path, &names, &[])?;
    let label_ids = texts.remove(0);
    let places = unique(&label_ids)?;
    unique(ids)?;
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
    log::info!("predictions with labels: {} of {} in {}", rows.len(), ids.values.len(), ids.file);
    if rows.len() < label_ids.values.len() {
        log::warn!(
            "labels that match no prediction: {} of {} in {}",
            label_ids.values.len() - rows.len(),
            label_ids.values.len(),
            label_ids.file
        );
    }
    texts.iter_mut().for_each(|column| column.keep(&label_rows));
    Ok((rows, texts))
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
