//! Outputs that several commands share.

pub mod matrix;
pub mod paths;
pub mod pictures;

use std::{io, path::Path};

use anyhow::Result;

use crate::{
    formats::{
        output::{OutputError, Sink},
        table::Table,
    },
    model::weights::source::Named,
    process::provenance::Provenance,
};

/// Names the output in an error of the system that came from writing it; others stay as they are.
pub fn name_output(error: anyhow::Error, path: &Path) -> anyhow::Error {
    match error.downcast::<io::Error>() {
        Ok(source) => OutputError::write(path, source).into(),
        Err(error) => error,
    }
}

/// What an output says of its making, to begin with: this run, its model, and the reference's path if
/// there is one.
pub fn provenance(named: &Named, reference: Option<&str>) -> Provenance {
    let provenance =
        Provenance::of_this_run().with("model", format!("{} sha256:{}", named.name, named.sha256));
    match reference {
        Some(reference) => provenance.with("reference", reference),
        None => provenance,
    }
}

/// A table at `path`; without `provenance` there is no header.
pub fn table(
    path: &Path,
    columns: &[String],
    provenance: Option<&Provenance>,
) -> Result<Table<Sink>> {
    let preamble = provenance.map(Provenance::lines).unwrap_or_default();
    let mut table = Table::new(Sink::create(path)?, &preamble)?;
    if provenance.is_some() {
        let marked = columns.iter().enumerate().map(|(i, name)| match i {
            0 => format!("#{name}"),
            _ => name.clone(),
        });
        table.row(marked)?;
    }
    Ok(table)
}
