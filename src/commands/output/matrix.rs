//! A matrix as .npy, with what its rows are in a table beside it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{paths::is_same, table};
use crate::{
    formats::{
        npy,
        output::{Complete, Output, OutputError, Sink},
        table::Table,
    },
    process::{exit::Usage, provenance::Provenance},
};

/// Writes rows of numbers and their names.
pub struct Matrix {
    matrix: npy::Writer,
    path: PathBuf,
    rows: Option<Rows>,
}

struct Rows {
    table: Table<Sink>,
    path: PathBuf,
}

impl Matrix {
    /// A matrix of `width` columns at `path`; the names of its rows, with these columns, go to the
    /// path with the suffix `rows`. A stream has no file beside it. What is in `taken` is never
    /// overwritten.
    ///
    /// # Errors
    /// The outputs cannot be written.
    pub fn create(
        path: &Path,
        width: usize,
        rows: &str,
        columns: &[String],
        provenance: Option<&Provenance>,
        taken: &[&Path],
    ) -> Result<Self> {
        let output = Output::create(path)?;
        let rows = if output.is_seekable() {
            let path = beside(path, rows, taken)?;
            Some(Rows { table: table(&path, columns, provenance)?, path })
        } else {
            log::info!(
                "a stream has no file for the names of its rows beside it; use a name that ends in .npy to get one"
            );
            None
        };
        let matrix = npy::Writer::new(output, width);
        let matrix = matrix.map_err(|source| OutputError::write(path, source))?;
        Ok(Self { matrix, path: path.to_owned(), rows })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// Writing fails.
    pub fn row<F: AsRef<[u8]>>(&mut self, fields: &[F], values: &[f32]) -> Result<(), OutputError> {
        let Self { matrix, path, rows } = self;
        matrix.rows(values).map_err(|source| OutputError::write(path, source))?;
        match rows {
            Some(Rows { table, path }) => {
                table.row(fields).map_err(|source| OutputError::write(path, source))
            }
            None => Ok(()),
        }
    }

    /// Completes both, which get their names later.
    ///
    /// # Errors
    /// Writing fails.
    pub fn complete(self) -> Result<Vec<Complete>, OutputError> {
        let Self { matrix, path, rows } = self;
        let matrix = matrix.complete().map_err(|source| OutputError::write(&path, source))?;
        let mut complete = vec![matrix.complete()?];
        if let Some(Rows { table, path }) = rows {
            let sink = table.finish().and_then(Sink::complete);
            let output = sink.map_err(|source| OutputError::write(&path, source))?;
            complete.push(output.complete()?);
        }
        Ok(complete)
    }

    /// Completes both; they are complete before either gets its name.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> Result<(), OutputError> {
        self.complete()?.into_iter().try_for_each(Complete::publish)
    }
}

/// `out.npy` → `out.tsv`, for the suffix `tsv`.
fn beside(path: &Path, suffix: &str, taken: &[&Path]) -> Result<PathBuf> {
    let rows = path.with_extension(suffix);
    if is_same(&rows, path) || taken.iter().any(|other| is_same(other, &rows)) {
        bail!(Usage(format!(
            "the names of the rows go to {}, which is taken; give the matrix another name, such as {}",
            rows.display(),
            path.with_extension("rows.npy").display()
        )));
    }
    Ok(rows)
}
