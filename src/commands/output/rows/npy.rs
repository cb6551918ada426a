//! Rows as a .npy matrix of their values, with their cells in a table beside it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{
    row::{Beside, Head, Row, RowWriter},
    tsv::TsvRows,
};
use crate::{
    commands::output::paths::is_same,
    formats::{
        npy::Writer,
        output::{Complete, Output, OutputError},
        table::Dialect,
    },
    process::exit::Usage,
};

/// Writes a matrix and its table.
pub struct NpyRows {
    matrix: Writer,
    path: PathBuf,
    table: Option<Box<TsvRows>>,
}

impl NpyRows {
    /// A matrix. It has no table if it goes to a stream.
    ///
    /// # Errors
    /// The outputs cannot be written, or the name of the table is taken.
    pub fn new(output: Output, path: PathBuf, head: Head<'_>) -> Result<Self> {
        let table = if output.is_seekable() {
            let path = beside(&path, head.beside)?;
            let head = Head { values: 0, ..head };
            Some(Box::new(TsvRows::new(Output::create(&path)?, path, head, Dialect::Tabs)?))
        } else {
            log::info!(
                "a stream has no table with the names of its rows beside it; use a name that ends in .npy to get one"
            );
            None
        };
        match Writer::new(output, head.values) {
            Ok(matrix) => Ok(Self { matrix, path, table }),
            Err(source) => Err(OutputError::write(&path, source).into()),
        }
    }
}

impl RowWriter for NpyRows {
    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError> {
        let written = self.matrix.rows(row.values);
        written.map_err(|source| OutputError::write(&self.path, source))?;
        self.table.as_mut().map_or(Ok(()), |table| table.row(row.cells.into()))
    }

    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError> {
        let Self { matrix, path, table } = *self;
        let matrix = matrix.complete().map_err(|source| OutputError::write(&path, source))?;
        let mut complete = vec![matrix.complete()?];
        if let Some(table) = table {
            complete.extend(table.complete()?);
        }
        Ok(complete)
    }
}

/// Path of the table: `out.tsv` for `out.npy` and the suffix `tsv`.
fn beside(path: &Path, Beside { suffix, taken }: Beside<'_>) -> Result<PathBuf> {
    let table = path.with_extension(suffix);
    if is_same(&table, path) || taken.iter().any(|other| is_same(other, &table)) {
        bail!(Usage(format!(
            "the names of the rows go to {}, which is taken; give the matrix another name, such as {}",
            table.display(),
            path.with_extension("rows.npy").display()
        )));
    }
    Ok(table)
}
