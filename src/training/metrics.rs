//! `metrics.tsv`: one row for each step that is reported, of training and of validation.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::formats::{
    error::InputError,
    input,
    output::{Output, OutputError},
};

mod row;

pub use row::{LossSplit, Row, Table};

/// Name of the table in the folder of a run.
pub const FILE: &str = "metrics.tsv";

/// The table cannot be taken up again.
#[derive(Debug, Error)]
pub enum MetricsError {
    /// The rows that are there cannot be read or understood.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The table cannot be written again.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// The table of a run: rows are added to its end.
#[derive(Debug)]
pub struct Metrics {
    table: Table,
    file: File,
    path: PathBuf,
}

impl Metrics {
    /// A table without rows at `path`; an existing file is replaced.
    pub fn create(path: &Path, table: Table) -> Result<Self, OutputError> {
        Self::begin(path, table, "")
    }

    /// The table at `path` as it was when `step` was done: later rows go, as does a last line
    /// without an end, which a killed process leaves. A missing table is replaced by an
    /// empty one.
    ///
    /// # Errors
    /// A line is not a row, or the file cannot be read or written.
    pub fn resume(path: &Path, table: Table, step: u64) -> Result<Self, MetricsError> {
        let mut kept = String::new();
        // a file that cannot be looked at must not be replaced
        if path.try_exists().unwrap_or(true) {
            for_each_line(path, |line, _, row| {
                if row.step <= step {
                    kept.push_str(line);
                    kept.push('\n');
                }
            })?;
        } else {
            log::warn!("{} is missing; its rows up to step {step} are lost", path.display());
        }
        Ok(Self::begin(path, table, &kept)?)
    }

    fn begin(path: &Path, table: Table, rows: &str) -> Result<Self, OutputError> {
        let failed = |source| OutputError::write(path, source);
        let mut output = Output::create(path)?;
        output.write_all(format!("{}\n{rows}", table.header()).as_bytes()).map_err(failed)?;
        output.finish()?;
        let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        Ok(Self { table, file, path: path.to_owned() })
    }

    /// Adds a row, which readers see at once.
    pub fn append(&mut self, row: &Row) -> Result<(), OutputError> {
        // the whole line in one call, so that no reader gets half of it
        let line = format!("{}\n", row.line(self.table));
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.flush());
        written.map_err(|source| OutputError::Append { path: self.path.clone(), source })
    }
}

/// The measures and rows of the table at `path`, without a last line that has no end: a run may be writing
/// it.
///
/// # Errors
/// The file cannot be read, or a line is not a row.
pub fn read(path: &Path) -> Result<(Table, Vec<Row>), InputError> {
    let (mut of, mut rows) = (Table::NextBase, Vec::new());
    for_each_line(path, |_, table, row| {
        of = table;
        rows.push(row);
    })?;
    Ok((of, rows))
}

fn for_each_line(path: &Path, mut each: impl FnMut(&str, Table, Row)) -> Result<(), InputError> {
    let mut input = input::open(path)?;
    let name = input.name;
    let mut bytes = Vec::new();
    let failed = |source| InputError::Read { path: name.clone(), line: 0, source };
    io::Read::read_to_end(&mut input.reader, &mut bytes).map_err(failed)?;
    let complete = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let text = String::from_utf8_lossy(&bytes[..complete]);
    let mut table = Table::NextBase;
    for (index, line) in text.lines().enumerate() {
        let wrong = |problem| InputError::Line {
            path: name.clone(),
            line: index as u64 + 1,
            problem: format!("{problem}; correct or remove the line"),
        };
        if index > 0 {
            each(line, table, Row::parse(line, table).map_err(wrong)?);
            continue;
        }
        let of = [Table::NextBase, Table::Task].into_iter().find(|table| table.header() == line);
        table = of.ok_or_else(|| InputError::Kind {
            path: name.clone(),
            problem: format!(
                "not a table of metrics, which begins with {:?}",
                Table::NextBase.header()
            ),
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
