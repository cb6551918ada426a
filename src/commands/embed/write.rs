//! Rows of values as TSV, npy or Parquet.

use std::path::Path;

use anyhow::Result;

use crate::{
    commands::output::{matrix::Matrix, table},
    formats::{
        number::push_six_digits,
        output::{Output, Sink},
        parquet::{self, ColumnKind},
        table::Table,
    },
    process::provenance::Provenance,
};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The input's columns, then e0, e1, …
    Tsv,
    /// A float32 matrix, with the input's columns in a .tsv beside it
    Npy,
    /// The input's columns, then e0, e1, … as float32
    Parquet,
}

/// What is written of one region or sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The leading columns.
    pub fields: Vec<Vec<u8>>,
    /// Position of the first base, 0-based.
    pub start: u64,
    /// One row of values, or as many as there are bases.
    pub values: Vec<f32>,
}

/// Writes rows in their order.
pub struct Writer {
    target: Target,
    each_base: bool,
    width: usize,
}

enum Target {
    Tsv(Table<Sink>),
    Npy(Matrix),
    Parquet(Box<parquet::Writer>),
}

impl Writer {
    /// Opens the output. `each_base`: rows get a column with their position. `width`: values of a
    /// row. Without `provenance` there is no header. What is in `inputs` is never overwritten.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn create(
        format: Format,
        path: &Path,
        columns: &[String],
        each_base: bool,
        width: usize,
        provenance: Option<&Provenance>,
        inputs: &[&Path],
    ) -> Result<Self> {
        let mut columns = columns.to_vec();
        if each_base {
            columns.push("position".to_owned());
        }
        let target = match format {
            Format::Tsv => {
                let values = (0..width).map(|i| format!("e{i}"));
                let names: Vec<String> = columns.into_iter().chain(values).collect();
                Target::Tsv(table(path, &names, provenance)?)
            }
            Format::Npy => {
                Target::Npy(Matrix::create(path, width, "tsv", &columns, provenance, inputs)?)
            }
            Format::Parquet => {
                let kind = |name: &String| match name.as_str() {
                    "chromStart" | "chromEnd" | "length" | "position" => ColumnKind::Integer,
                    _ => ColumnKind::Text,
                };
                let columns: Vec<_> =
                    columns.iter().map(|name| (name.clone(), kind(name))).collect();
                let facts = provenance.map(Provenance::pairs).unwrap_or_default();
                let output = Output::create(path)?;
                Target::Parquet(Box::new(parquet::Writer::new(output, &columns, width, &facts)?))
            }
        };
        Ok(Self { target, each_base, width })
    }

    /// Writes the row or rows of one region.
    ///
    /// # Errors
    /// Writing fails.
    pub fn write(&mut self, row: &Row) -> Result<()> {
        let mut fields = row.fields.clone();
        for (i, values) in row.values.chunks_exact(self.width).enumerate() {
            if self.each_base {
                fields.truncate(row.fields.len());
                fields.push((row.start + i as u64).to_string().into_bytes());
            }
            self.write_one(&fields, values)?;
        }
        Ok(())
    }

    fn write_one(&mut self, fields: &[Vec<u8>], values: &[f32]) -> Result<()> {
        match &mut self.target {
            Target::Tsv(table) => {
                let numbers = values.iter().map(|&value| {
                    let mut text = String::new();
                    push_six_digits(&mut text, f64::from(value));
                    text.into_bytes()
                });
                table.row(fields.iter().cloned().chain(numbers))?;
            }
            Target::Npy(matrix) => matrix.row(fields, values)?,
            Target::Parquet(writer) => writer.row(fields, values)?,
        }
        Ok(())
    }

    /// Completes the output.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> Result<()> {
        match self.target {
            Target::Tsv(table) => table.finish()?.finish()?,
            Target::Parquet(writer) => writer.finish()?,
            Target::Npy(matrix) => matrix.finish()?,
        }
        Ok(())
    }
}
