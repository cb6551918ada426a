//! The loss curve of a run, as a picture: bits per base against tokens seen, and below it the
//! learning rate.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::metrics::{self, Row};
use crate::formats::{error::InputError, output::OutputError, picture};

mod layout;

pub use layout::draw;

/// A loss curve that cannot be drawn.
#[derive(Debug, Error)]
pub enum PlotError {
    /// The table of metrics cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A picture cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The table has no rows yet.
    #[error("{path} has no rows; draw again when the run has reported its first step")]
    Empty {
        /// Path of the file.
        path: PathBuf,
    },
    /// All losses are NaN or infinite.
    #[error(
        "{path}: all losses are NaN or infinite, the run has diverged; try a lower learning rate"
    )]
    NotFinite {
        /// Path of the file.
        path: PathBuf,
    },
}

/// Draws the run whose table of metrics is in `folder`: `loss.svg` and `loss.png` beside it.
///
/// # Errors
/// The table cannot be read or has nothing to draw, or a picture cannot be written.
pub fn write(folder: &Path) -> Result<[PathBuf; 2], PlotError> {
    let table = folder.join(metrics::FILE);
    let (measures, rows) = metrics::read(&table)?;
    let chart = draw(&rows, measures, &name(folder)).ok_or_else(|| nothing(table, &rows))?;
    Ok(picture::write(folder, "loss", &chart)?)
}

fn nothing(path: PathBuf, rows: &[Row]) -> PlotError {
    if rows.is_empty() { PlotError::Empty { path } } else { PlotError::NotFinite { path } }
}

/// Name of the folder itself, also where it is given as `.`.
fn name(folder: &Path) -> String {
    let full = folder.canonicalize();
    let full = full.as_deref().unwrap_or(folder);
    full.file_name().unwrap_or(full.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
