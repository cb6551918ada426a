//! Rows of tables: CSV, TSV and Parquet.

use std::path::Path;

use crate::{
    formats::{delimited, error::InputError, parquet::read as parquet_file},
    tasks::{
        collect::{self, Read, Shared},
        columns::{self, Columns},
        example::{At, Place},
        label::Label,
    },
};

/// Indices of the columns of a table.
struct Found {
    sequence: usize,
    /// Empty if the file has one class.
    labels: Vec<usize>,
    part: Option<usize>,
}

impl Found {
    /// Finds the columns, and sets the names of the labels.
    fn new(
        header: &[String],
        named: &Columns,
        shared: &Shared<'_>,
        read: &mut Read,
    ) -> Result<Self, InputError> {
        let first = Place { path: shared.name.clone(), at: At::Line(1) };
        let problem = |problem| first.error(problem);
        const OPTION: &str = "--sequence-column";
        const USUAL: [&str; 2] = ["sequence", "seq"];
        let sequence = match &named.sequence {
            Some(sequence) => columns::one(header, sequence, OPTION),
            None => columns::usual(header, &USUAL)
                .ok_or_else(|| columns::missing(header, "sequence or seq", OPTION)),
        };
        let sequence = sequence.map_err(problem)?;
        let labels = match shared.class {
            Some(_) => Vec::new(),
            None => labels(header, named, "label").map_err(problem)?,
        };
        if labels.contains(&sequence) {
            return Err(first.error(format!(
                "column {} holds the sequences, so it cannot hold labels; name others with --label-column",
                header[sequence]
            )));
        }
        let part = named.part.as_ref();
        let part = part.map(|part| columns::one(header, part, "--split-column"));
        let part = part.transpose().map_err(problem)?;
        read.labels(names(header, &labels), &shared.name)?;
        Ok(Self { sequence, labels, part })
    }

    /// Adds a row. `field` gives its fields as text.
    fn row<'f>(
        &self,
        field: impl Fn(usize) -> Result<&'f str, InputError>,
        place: Place,
        shared: &Shared<'_>,
        read: &mut Read,
    ) -> Result<(), InputError> {
        let part = match self.part {
            Some(column) => {
                Some(collect::part(field(column)?).map_err(|problem| place.error(problem))?)
            }
            None => shared.part,
        };
        let bases = field(self.sequence)?.trim().as_bytes().to_vec();
        let label = match shared.class {
            Some(class) => Ok(Label::Text(class.to_owned())),
            None => {
                let fields: Vec<&str> =
                    self.labels.iter().map(|column| field(*column)).collect::<Result<_, _>>()?;
                Label::of_fields(fields, &read.names)
            }
        };
        read.sequence(bases, label.map_err(|problem| place.error(problem))?, part, place)
    }
}

/// The columns of labels: those that are named, or the one with the usual name.
pub fn labels(header: &[String], named: &Columns, usual: &str) -> Result<Vec<usize>, String> {
    const OPTION: &str = "--label-column";
    match &named.label {
        Some(named) => columns::several(header, named, OPTION),
        None => columns::usual(header, &[usual])
            .map(|column| vec![column])
            .ok_or_else(|| columns::missing(header, usual, OPTION)),
    }
}

/// The names of columns; that of a class if there is none.
pub fn names(header: &[String], columns: &[usize]) -> Vec<String> {
    match columns {
        [] => vec!["label".to_owned()],
        _ => columns.iter().map(|column| header[*column].clone()).collect(),
    }
}

/// Reads CSV or TSV.
///
/// # Errors
/// A column is missing, or a row is malformed.
pub fn text(
    mut reader: delimited::Reader,
    columns: &Columns,
    shared: &Shared<'_>,
    read: &mut Read,
) -> Result<(), InputError> {
    read.kinds.tables = true;
    let found = Found::new(&reader.columns, columns, shared, read)?;
    while let Some(delimited::Row { line, fields }) = reader.read()? {
        let place = Place { path: shared.name.clone(), at: At::Line(line) };
        let text = |i: usize| delimited::text(&fields[i], &shared.name, line);
        found.row(text, place, shared, read)?;
    }
    Ok(())
}

/// Reads Parquet.
///
/// # Errors
/// A column is missing, or a row is malformed.
pub fn parquet(
    path: &Path,
    columns: &Columns,
    shared: &Shared<'_>,
    read: &mut Read,
) -> Result<(), InputError> {
    let mut reader = parquet_file::Reader::open(path)?;
    read.kinds.tables = true;
    let found = Found::new(&reader.columns, columns, shared, read)?;
    while let Some(row) = reader.read()? {
        let place = Place { path: shared.name.clone(), at: At::Row(reader.number) };
        found.row(|i| Ok(&row[i]), place, shared, read)?;
    }
    Ok(())
}
