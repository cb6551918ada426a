//! Rows as bigWig: one number for each base.

use std::{collections::HashSet, io, path::PathBuf};

use super::row::{Cell, Head, Row, RowWriter};
use crate::formats::{
    bigwig::Writer,
    output::{Complete, Output, OutputError},
    reference::Contig,
};

/// Writes a track. Its rows are those of a bedGraph, of one base each, in the order that
/// [`EntryOrder`](crate::commands::input::order::EntryOrder) checks.
pub struct BigwigRows {
    writer: Writer,
    path: PathBuf,
    /// Contigs of the reference.
    contigs: Vec<Contig>,
    /// Contigs with rows, in their order.
    begun: Vec<Contig>,
    /// Name of the contig of the rows at hand.
    current: Option<String>,
}

impl BigwigRows {
    /// A track.
    ///
    /// # Errors
    /// The output is not a file, or temporary files beside it cannot be made.
    pub fn new(output: Output, path: PathBuf, head: Head<'_>) -> Result<Self, OutputError> {
        let contigs = head.contigs.to_vec();
        match Writer::new(output) {
            Ok(writer) => Ok(Self { writer, path, contigs, begun: Vec::new(), current: None }),
            Err(source) => Err(OutputError::write(&path, source)),
        }
    }
}

impl RowWriter for BigwigRows {
    fn contig(&mut self, contig: &Contig) -> Result<(), OutputError> {
        if self.current.as_ref() == Some(&contig.name) {
            return Ok(());
        }
        self.current = Some(contig.name.clone());
        if contig.length > 0 {
            self.writer.contig().map_err(|source| OutputError::write(&self.path, source))?;
            self.begun.push(contig.clone());
        }
        Ok(())
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError> {
        let written = match *row.cells {
            [_, Cell::Integer(start), _, Cell::Number(value)] => {
                self.writer.value(start, value as f32)
            }
            _ => Err(io::Error::other("a bigWig holds one number for each base")),
        };
        written.map_err(|source| OutputError::write(&self.path, source))
    }

    /// Lists the contigs without rows after the others.
    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError> {
        let Self { writer, path, contigs, begun, .. } = *self;
        let names: HashSet<&str> = begun.iter().map(|contig| contig.name.as_str()).collect();
        let is_other = |contig: &&Contig| contig.length > 0 && !names.contains(&*contig.name);
        let others = contigs.iter().filter(is_other);
        let all: Vec<Contig> = begun.iter().chain(others).cloned().collect();
        let output = writer.complete(&all).map_err(|source| OutputError::write(&path, source))?;
        Ok(vec![output.complete()?])
    }
}
