//! Rows of vectors with their names and labels.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use super::args::ProjectArgs;
use crate::{
    formats::{
        annotations,
        error::{InputError, excerpt},
        number::counted,
        vectors,
    },
    tasks::columns,
};

/// Name and label of a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub name: String,
    /// `None` if it is empty, `.` or missing.
    pub label: Option<String>,
}

/// Reads vectors with their names and labels.
pub struct Rows {
    vectors: vectors::Reader,
    /// The table beside a matrix, with the columns of its rows.
    beside: Option<annotations::Reader>,
    /// Table with the labels, in the order of the vectors.
    labels: Option<annotations::Reader>,
    /// Labels by the values of a column of the vectors.
    by_key: Option<(usize, HashMap<String, Option<String>>)>,
    name: Name,
    /// Column of the label, of the labels or else of the vectors.
    label: Option<usize>,
    /// Number of vectors read.
    pub count: u64,
    /// Number of vectors whose value of the column to match by is not in the labels.
    pub unmatched: u64,
}

/// Origin of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    /// A column of the vectors.
    Own(usize),
    /// A column of the labels.
    Label(usize),
    /// The first three columns of the vectors: contig, start and end.
    Region,
    /// The number of the row, 1-based.
    Number,
}

/// Kind of a table with a row for each vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The table beside a matrix.
    Beside,
    /// The table of --labels.
    Labels,
}

/// The table beside a matrix, if there is one.
pub fn beside(vectors: &Path) -> Option<PathBuf> {
    let is_matrix = vectors.extension().is_some_and(|suffix| suffix == "npy");
    Some(vectors.with_extension("tsv")).filter(|path| is_matrix && path.is_file())
}

impl Rows {
    /// Opens the files.
    ///
    /// # Errors
    /// A file cannot be read or is of another kind, or a column is missing.
    pub fn open(args: &ProjectArgs) -> Result<Self> {
        let vectors = vectors::Reader::open(&args.vectors)?;
        let table = beside(&args.vectors).filter(|_| vectors.columns.is_empty());
        let beside = table.as_deref().map(annotations::Reader::open);
        let is_requested = args.match_by.is_some()
            || args.name_column.is_some()
            || (args.label_column.is_some() && args.labels.is_none());
        let beside = match beside {
            // a table that is not of these vectors may have their name
            Some(Err(problem)) if !is_requested => {
                log::debug!("not read for names: {problem:#}");
                None
            }
            beside => beside.transpose()?,
        };
        let labels = args.labels.as_deref().map(annotations::Reader::open).transpose()?;
        let own = beside.as_ref().map_or(&vectors.columns, |table| &table.columns);
        let own_name = beside.as_ref().map_or(vectors.name(), annotations::Reader::name);
        let column = |of: &[String], name: &str, option: &str, file: &str| {
            let found = columns::one(of, name, option);
            found.map_err(|problem| InputError::Kind { path: file.to_owned(), problem })
        };
        let label = match (&args.label_column, &labels) {
            (None, _) => None,
            (Some(name), Some(labels)) => {
                Some(column(&labels.columns, name, "--label-column", labels.name())?)
            }
            (Some(_), None) if own.is_empty() => bail!(
                "{own_name} has no columns with labels, and there is no table beside it; name one with --labels FILE"
            ),
            (Some(name), None) => Some(column(own, name, "--label-column", own_name)?),
        };
        const USUAL: [&str; 2] = ["name", "id"];
        let ordered = labels.as_ref().filter(|_| args.match_by.is_none());
        let of_labels = ordered.map_or(&[][..], |labels| &labels.columns);
        let name = match &args.name_column {
            Some(name) => match columns::one(of_labels, name, "--name-column") {
                Ok(place) if !own.contains(name) => Name::Label(place),
                _ => Name::Own(column(own, name, "--name-column", own_name)?),
            },
            None => {
                let is_region = own.first().is_some_and(|column| column == "chrom");
                columns::usual(own, &USUAL)
                    .map(Name::Own)
                    .or((is_region && own.len() >= 3).then_some(Name::Region))
                    .or(columns::usual(of_labels, &USUAL).map(Name::Label))
                    .unwrap_or(Name::Number)
            }
        };
        let uses_own = matches!(name, Name::Own(_) | Name::Region)
            || args.match_by.is_some()
            || (label.is_some() && labels.is_none());
        if let Some(table) = &beside {
            match uses_own {
                true => log::info!("names of the rows: {}", table.name()),
                false => log::debug!("{} is not read: none of its columns is used", table.name()),
            }
        }
        let (labels, by_key) = match (labels, &args.match_by, label) {
            (Some(labels), Some(key), Some(label)) => {
                let place = column(own, key, "--match-by", own_name)?;
                let theirs = column(&labels.columns, key, "--match-by", labels.name())?;
                (None, Some((place, keyed(labels, theirs, label)?)))
            }
            (labels, ..) => (labels, None),
        };
        let beside = beside.filter(|_| uses_own);
        Ok(Self { vectors, beside, labels, by_key, name, label, count: 0, unmatched: 0 })
    }

    /// Number of values of a vector.
    pub fn width(&self) -> usize {
        self.vectors.width
    }

    /// Name of the file of the vectors, for messages.
    pub fn file(&self) -> &str {
        self.vectors.name()
    }

    /// Replaces `values` by the next vector, and gives its name and label. `None` after the last.
    ///
    /// # Errors
    /// A file cannot be read, or has another number of rows than the vectors.
    pub fn next(&mut self, values: &mut Vec<f32>) -> Result<Option<Described>> {
        let row = self.vectors.read(values)?;
        let is_end = row.is_none();
        let mut fields = row.map(|row| row.fields).unwrap_or_default();
        let mut of_labels = Vec::new();
        let tables = [
            (&mut self.beside, &mut fields, Kind::Beside),
            (&mut self.labels, &mut of_labels, Kind::Labels),
        ];
        for (table, fields, kind) in tables {
            let Some(table) = table else { continue };
            match (table.read()?, is_end) {
                (Some(row), false) => *fields = row.fields,
                (None, true) => {}
                (found, _) => {
                    let extra = u64::from(found.is_some());
                    return Err(unequal((table, kind), &mut self.vectors, self.count, extra));
                }
            }
        }
        if is_end {
            return Ok(None);
        }
        self.count += 1;
        let label = match (&self.by_key, self.label) {
            (Some((key, labels)), _) => {
                let found = labels.get(&fields[*key]);
                self.unmatched += u64::from(found.is_none());
                found.cloned().flatten()
            }
            (None, Some(column)) => {
                let from = if self.labels.is_some() { &of_labels } else { &fields };
                label(&from[column])
            }
            (None, None) => None,
        };
        let name = match self.name {
            Name::Own(column) => fields[column].clone(),
            Name::Label(column) => of_labels[column].clone(),
            Name::Region => match fields[1].parse::<u64>() {
                Ok(start) => format!("{}:{}-{}", fields[0], start + 1, fields[2]),
                Err(_) => self.count.to_string(),
            },
            Name::Number => self.count.to_string(),
        };
        Ok(Some(Described { name, label }))
    }
}

/// A label; `None` for an empty one.
fn label(field: &str) -> Option<String> {
    Some(field).filter(|field| !field.is_empty() && *field != ".").map(str::to_owned)
}

/// Labels by the values of another column.
fn keyed(
    mut labels: annotations::Reader,
    key: usize,
    column: usize,
) -> Result<HashMap<String, Option<String>>> {
    let mut found: HashMap<String, Option<String>> = HashMap::new();
    while let Some(annotations::Row { line, mut fields }) = labels.read()? {
        let of_row = label(&fields[column]);
        let value = std::mem::take(&mut fields[key]);
        if found.get(&value).is_some_and(|before| *before != of_row) {
            bail!(InputError::Line {
                path: labels.name().to_owned(),
                line,
                problem: format!(
                    "{} has another label on a line before; give each one label",
                    excerpt(value.as_bytes())
                ),
            });
        }
        found.insert(value, of_row);
    }
    Ok(found)
}

/// The error of a table that ends before the vectors do, or after them; `count` rows of both were read, and
/// `extra` of the table.
fn unequal(
    (table, kind): (&mut annotations::Reader, Kind),
    vectors: &mut vectors::Reader,
    count: u64,
    extra: u64,
) -> anyhow::Error {
    let mut rows = count + extra;
    let mut others = count + u64::from(extra == 0);
    let mut values = Vec::new();
    // errors in the rest are of no interest
    while extra > 0 && matches!(table.read(), Ok(Some(_))) {
        rows += 1;
    }
    while extra == 0 && matches!(vectors.read(&mut values), Ok(Some(_))) {
        others += 1;
    }
    let (table, vectors) = (table.name(), vectors.name());
    let (rows, others) = (counted(rows, "row"), counted(others, "vector"));
    match kind {
        Kind::Beside => anyhow::anyhow!(
            "{table} beside {vectors} has {rows} below its header, and {vectors} has {others}; move it, or embed again"
        ),
        Kind::Labels => anyhow::anyhow!(
            "{table} has {rows} below its header, and {vectors} has {others}; expected a row for each vector, in the same order, or --match-by COLUMN"
        ),
    }
}
