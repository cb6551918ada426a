//! Charts as files.

use std::path::{Path, PathBuf};

use super::output::{OutputError, write_file};
use crate::plot::{png, scene::Chart, svg};

/// Writes a chart as `NAME.svg` and `NAME.png` in a folder.
///
/// # Errors
/// A file cannot be written.
pub fn write(folder: &Path, name: &str, chart: &Chart) -> Result<[PathBuf; 2], OutputError> {
    let [vector, raster] = ["svg", "png"].map(|kind| folder.join(format!("{name}.{kind}")));
    write_file(&vector, svg(chart).as_bytes())?;
    let bytes = png(chart).map_err(|error| OutputError::write(&raster, error))?;
    write_file(&raster, &bytes)?;
    Ok([vector, raster])
}
