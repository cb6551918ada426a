//! A matrix as .npy, with what its rows are in a table beside it.

use std::{
    fs, io,
    path::{self, Path, PathBuf},
};

use anyhow::{Result, bail};

use super::table;
use crate::{
    exit::Usage,
    formats::{
        npy,
        output::{Output, Sink},
        table::Table,
    },
    provenance::Provenance,
};

/// Writes rows of numbers and their names.
pub struct Matrix {
    matrix: npy::Writer,
    rows: Option<Table<Sink>>,
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
            Some(table(&beside(path, rows, taken)?, columns, provenance)?)
        } else {
            log::info!(
                "a stream has no file for the names of its rows beside it; use a name that ends in .npy to get one"
            );
            None
        };
        Ok(Self { matrix: npy::Writer::new(output, width)?, rows })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// Writing fails.
    pub fn row<F: AsRef<[u8]>>(&mut self, fields: &[F], values: &[f32]) -> io::Result<()> {
        self.matrix.rows(values)?;
        self.rows.as_mut().map_or(Ok(()), |rows| rows.row(fields))
    }

    /// Completes both; they are complete before either gets its name.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> io::Result<()> {
        let matrix = self.matrix.complete()?;
        let rows = self.rows.map(|rows| rows.finish()?.complete()).transpose()?;
        matrix.finish()?;
        rows.map_or(Ok(()), Output::finish)
    }
}

/// Whether two paths lead to the same file, be it there already or not.
pub fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| {
        fs::canonicalize(path).or_else(|_| path::absolute(path)).unwrap_or_else(|_| path.to_owned())
    };
    one == other || real(one) == real(other)
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
