//! Rows as BCF: each is the line of a record.

use std::path::PathBuf;

use super::row::{Head, Row, RowWriter};
use crate::formats::{
    output::{Complete, Output, OutputError},
    variants::bcf::Writer,
};

/// Writes records.
pub struct BcfRows {
    writer: Writer,
    path: PathBuf,
}

impl BcfRows {
    /// A BCF with the header that `head` has.
    ///
    /// # Errors
    /// The header cannot be written, or is malformed.
    pub fn new(output: Output, path: PathBuf, head: Head<'_>) -> Result<Self, OutputError> {
        match Writer::new(output, head.vcf.lines) {
            Ok(writer) => Ok(Self { writer, path }),
            Err(source) => Err(OutputError::write(&path, source)),
        }
    }
}

impl RowWriter for BcfRows {
    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError> {
        row.cells
            .iter()
            .try_for_each(|line| self.writer.write(&line.text()))
            .map_err(|source| OutputError::write(&self.path, source))
    }

    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError> {
        let output = self.writer.complete();
        let output = output.map_err(|source| OutputError::write(&self.path, source))?;
        Ok(vec![output.complete()?])
    }
}
