//! Sums, or a row for each base, as tables, bedGraph or bigWig.

use std::{io, path::Path};

use anyhow::Result;

use super::{bigwig::Bigwig, read::EntryHead, track::Track};
use crate::{
    commands::output::table,
    formats::{number::number, output::Sink, reference::Contig, table::Table},
    inference::predict::Prediction,
    process::provenance::Provenance,
};

/// In what form results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table
    Tsv,
    /// One number for each base, for genome browsers; see --track
    Bedgraph,
    /// The same, compressed and indexed; to a file only
    Bigwig,
}

/// What rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One for each entry, as a table.
    Sums,
    /// One for each base, as a table.
    Bases,
    /// One for each predicted base, with one number.
    Bedgraph(Track),
    /// The same without rows.
    Bigwig(Track),
}

/// What was predicted of an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EntrySum {
    /// Bases that have a prediction.
    pub bases: u64,
    /// The sum of their log P, in nats.
    pub log_likelihood: f64,
}

impl EntrySum {
    /// Counts a base.
    pub fn add(&mut self, prediction: Option<&Prediction>) {
        if let Some(prediction) = prediction {
            self.bases += 1;
            self.log_likelihood += prediction.log_probability;
        }
    }
}

/// Writes what there is of each base and entry.
pub struct Writer {
    layout: Layout,
    target: Target,
}

enum Target {
    Table(Table<Sink>),
    Bigwig(Bigwig),
}

impl Writer {
    /// Opens the output. `columns`: those of an entry. `contigs`: those of the reference, if there
    /// is one. Without `provenance` there is no header.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn create(
        layout: Layout,
        path: &Path,
        columns: Vec<String>,
        contigs: &[Contig],
        provenance: Option<&Provenance>,
    ) -> Result<Self> {
        let position = || match columns.first().map(String::as_str) {
            Some("id") => ["id", "start", "end"],
            _ => ["chrom", "chromStart", "chromEnd"],
        };
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let columns = match layout {
            Layout::Sums => {
                let sums = ["bases", "log_likelihood", "bits_per_base", "perplexity"];
                [columns, own(&sums)].concat()
            }
            Layout::Bases => {
                [own(&position()), own(&["base"]), own(&Track::ALL.map(Track::name))].concat()
            }
            Layout::Bedgraph(track) => [own(&position()), own(&[track.name()])].concat(),
            Layout::Bigwig(track) => {
                let target = Target::Bigwig(Bigwig::create(path, track, contigs)?);
                return Ok(Self { layout, target });
            }
        };
        let target = Target::Table(table(path, &columns, provenance)?);
        Ok(Self { layout, target })
    }

    /// Takes note of an entry whose bases follow.
    ///
    /// # Errors
    /// Writing fails.
    pub fn start(&mut self, head: &EntryHead) -> io::Result<()> {
        match &mut self.target {
            Target::Table(_) => Ok(()),
            Target::Bigwig(bigwig) => bigwig.start(head),
        }
    }

    /// Writes a base, whose position is 0-based.
    ///
    /// # Errors
    /// Writing fails.
    pub fn base(
        &mut self,
        name: &[u8],
        position: u64,
        base: u8,
        prediction: Option<&Prediction>,
    ) -> io::Result<()> {
        let table = match &mut self.target {
            Target::Table(table) => table,
            Target::Bigwig(bigwig) => return bigwig.base(position, prediction),
        };
        let (start, end) = (position.to_string(), (position + 1).to_string());
        let place = [name, start.as_bytes(), end.as_bytes()];
        match (self.layout, prediction) {
            (Layout::Sums | Layout::Bigwig(_), _) | (Layout::Bedgraph(_), None) => Ok(()),
            (Layout::Bedgraph(track), Some(prediction)) => {
                let value = number(Some(track.of(prediction)));
                table.row(place.into_iter().chain([value.as_bytes()]))
            }
            (Layout::Bases, _) => {
                let values = Track::ALL.map(|track| number(prediction.map(|p| track.of(p))));
                let values = values.iter().map(String::as_bytes);
                table.row(place.into_iter().chain([&[base][..]]).chain(values))
            }
        }
    }

    /// Writes an entry whose bases were all given.
    ///
    /// # Errors
    /// Writing fails.
    pub fn entry(&mut self, head: &EntryHead, tally: &EntrySum) -> io::Result<()> {
        let (Layout::Sums, Target::Table(table)) = (self.layout, &mut self.target) else {
            return Ok(());
        };
        let EntrySum { bases, log_likelihood } = *tally;
        let nats = -log_likelihood / bases as f64;
        let values = [log_likelihood, nats / std::f64::consts::LN_2, nats.exp()];
        let values = values.map(|value| number((bases > 0).then_some(value)));
        let bases = [bases.to_string()];
        let fields = head.fields.iter().map(Vec::as_slice);
        table.row(fields.chain(bases.iter().chain(&values).map(String::as_bytes)))
    }

    /// Completes the output.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> io::Result<()> {
        match self.target {
            Target::Table(table) => table.finish()?.finish(),
            Target::Bigwig(bigwig) => bigwig.finish(),
        }
    }
}
