//! Rows of predictions that are measured together.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Result, bail};

use super::columns::{self, TextColumn};
use crate::formats::number::counted;

/// Rows with the same value of a column, or labels of the same group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name of the column; `all` for all rows.
    pub by: String,
    /// Its value; `all` for all rows.
    pub class: String,
    /// Indices of the members.
    pub members: Vec<usize>,
}

impl Group {
    /// All rows.
    pub fn all(rows: usize) -> Self {
        Self { by: "all".to_owned(), class: "all".to_owned(), members: (0..rows).collect() }
    }

    /// The rows of each value of each column.
    pub fn of_columns(columns: &[TextColumn]) -> Vec<Self> {
        let of = |column: &TextColumn| {
            let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (row, value) in column.values.iter().enumerate() {
                groups.entry(value.clone()).or_default().push(row);
            }
            let by = column.name.clone();
            groups.into_iter().map(move |(class, members)| Self { by: by.clone(), class, members })
        };
        columns.iter().flat_map(of).collect()
    }

    /// Groups of labels, from a table with the columns label and group, in the order of the table.
    ///
    /// # Errors
    /// The table is malformed, names a label twice, or does not have one of `labels`.
    pub fn of_labels(path: &std::path::Path, labels: &[&str]) -> Result<Vec<Self>> {
        let columns::Columns { texts, .. } = columns::read(path, &["label", "group"], &[])?;
        let (names, values) = (&texts[0], &texts[1]);
        let places: HashMap<&str, usize> =
            labels.iter().enumerate().map(|(place, label)| (*label, place)).collect();
        let mut groups: Vec<Self> = Vec::new();
        let mut found = vec![false; labels.len()];
        for (row, (label, class)) in names.values.iter().zip(&values.values).enumerate() {
            let Some(&place) = places.get(label.as_str()) else { continue };
            if found[place] {
                return Err(names.error(row, "a label that occurs once").into());
            }
            found[place] = true;
            match groups.iter_mut().find(|group| group.class == *class) {
                Some(group) => group.members.push(place),
                None => groups.push(Self {
                    by: "group".to_owned(),
                    class: class.clone(),
                    members: vec![place],
                }),
            }
        }
        if let Some(missing) = found.iter().position(|found| !found) {
            bail!("{}: the label {} has no group; add a row for it", names.file, labels[missing]);
        }
        if names.values.len() > labels.len() {
            log::info!(
                "{}: {} not in --truth",
                names.file,
                counted((names.values.len() - labels.len()) as u64, "label")
            );
        }
        Ok(groups)
    }
}
