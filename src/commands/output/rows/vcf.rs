//! Rows as VCF: each is the line of a record.

use std::{io::Write, path::PathBuf};

use super::row::{Head, Row, RowWriter};
use crate::formats::output::{Complete, Output, OutputError, Reached, Sink};

/// Writes records.
pub struct VcfRows {
    sink: Sink,
    path: PathBuf,
}

impl VcfRows {
    /// A VCF with the header that `head` has.
    ///
    /// # Errors
    /// The header cannot be written.
    pub fn new(output: Output, path: PathBuf, head: Head<'_>) -> Result<Self, OutputError> {
        let mut sink = Sink::new(output);
        for line in head.vcf.lines {
            sink.write_all(line)
                .and_then(|()| sink.write_all(head.vcf.line_end))
                .map_err(|source| OutputError::write(&path, source))?;
        }
        Ok(Self { sink, path })
    }
}

impl RowWriter for VcfRows {
    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError> {
        row.cells
            .iter()
            .try_for_each(|line| self.sink.write_all(&line.text()))
            .map_err(|source| OutputError::write(&self.path, source))
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.sink.flush().map_err(|source| OutputError::write(&self.path, source))
    }

    fn reached(&self) -> Result<Option<Reached>, OutputError> {
        self.sink.reached().map_err(|source| OutputError::write(&self.path, source))
    }

    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError> {
        let output = self.sink.complete();
        let output = output.map_err(|source| OutputError::write(&self.path, source))?;
        Ok(vec![output.complete()?])
    }
}
