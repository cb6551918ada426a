//! Tables of scores of null variants, so that they are computed only once.
//!
//! The settings come first, one on each line, as `##hyenadna_null_KEY=VALUE`; then the length fits;
//! then a row for each null variant with the columns `#class`, `contig`, `position` (1-based),
//! `length` (inserted less deleted bases) and one for each score, `.` if missing. Numbers are
//! written in full.

mod fits;
mod read;
mod settings;
mod table;

use std::{io, path::Path};

use super::{
    output::{OutputError, Sink},
    table::{Dialect, Table},
};
use table::{COLUMNS, ENTRIES, LENGTH_FIT, START};

pub use read::load;
pub use settings::{Difference, Settings, differences};
pub use table::NullTable;

/// Writes a null, compressed if the path ends in `.gz`, `.bgz` or `.bgzf`. `preamble` has the
/// provenance, as lines that begin with `##`.
///
/// # Errors
/// The file cannot be written, or a setting, name, place or number of scores does not fit such a
/// table.
pub fn save(path: &Path, preamble: &[String], table: &NullTable) -> Result<(), OutputError> {
    let failed = |source| OutputError::write(path, source);
    write(Sink::create(path)?, preamble, table).and_then(Sink::complete).map_err(failed)?.finish()
}

/// Writes a null to an open output, as [`save`] does, and returns the output.
pub fn write(sink: Sink, preamble: &[String], table: &NullTable) -> io::Result<Sink> {
    check(table).map_err(|problem| io::Error::new(io::ErrorKind::InvalidInput, problem))?;
    let null = &table.null;
    let setting = |key: &str, value: &str| format!("{START}{key}={value}");
    let mut lines = preamble.to_vec();
    lines.extend(table.settings.iter().map(|(key, value)| setting(key, value)));
    lines.extend(fits::lines(table).iter().map(|fit| setting(LENGTH_FIT, fit)));
    lines.push(setting(ENTRIES, &null.len().to_string()));
    let mut rows = Table::new(sink, &lines, Dialect::Tabs)?;
    rows.row(COLUMNS.into_iter().chain(null.names.iter().map(String::as_str)))?;
    for (class, entries) in &null.classes {
        let class = class.name();
        for entry in entries {
            let [position, length] = [entry.position.to_string(), entry.length.to_string()];
            let scores = entry.scores.iter().map(|&score| number(score));
            let first = [class.clone(), entry.contig.clone(), position, length];
            rows.row(first.into_iter().chain(scores))?;
        }
    }
    rows.finish()
}

/// A score as the shortest digits that read back to the same number; `.` for NaN.
fn number(value: f64) -> String {
    if value.is_nan() { ".".to_owned() } else { format!("{value:?}") }
}

/// Checks that a table can be written and read back.
fn check(table: &NullTable) -> Result<(), String> {
    let null = &table.null;
    for (key, _) in table.settings.iter() {
        if key == ENTRIES || key == LENGTH_FIT || key.contains(['=', '\n', '\r']) {
            return Err(format!("{key:?} cannot be the name of a setting"));
        }
    }
    let is_name = |name: &str| !name.is_empty() && !name.contains(['\t', '\n', '\r']);
    if null.names.is_empty() {
        return Err("a null without scores cannot be saved".into());
    }
    if !table.length_fits.is_empty() && table.length_fits.len() != null.names.len() {
        return Err("the number of length fits differs from that of scores".into());
    }
    for (number, name) in null.names.iter().enumerate() {
        if !is_name(name) || null.names[..number].contains(name) {
            return Err(format!("{name:?} cannot be the name of a score"));
        }
    }
    for (class, entries) in &null.classes {
        for entry in entries {
            let variant = format!("{class} at {}:{}", entry.contig, entry.position);
            if !is_name(&entry.contig) || entry.position == 0 {
                return Err(format!("{variant} has no contig or position that fits a table"));
            }
            if !class.has_length(entry.length) || entry.scores.len() != null.names.len() {
                return Err(format!(
                    "{variant} does not have the length or the number of scores of its class"
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
