//! Scores as TSV, BED, VCF or BCF.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::{Result, bail};

use super::{columns::OutputColumns, compute::Scored};
use crate::{
    commands::output::table,
    formats::{
        input::is_dash,
        output::{Output, Sink},
        table::Table,
        variants::bcf,
    },
    process::provenance::Provenance,
};

/// Formats of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A row for each ALT allele; tabix can index it
    Tsv,
    /// The input with INFO fields added
    Vcf,
    /// The same in binary form
    Bcf,
    /// A region for each ALT allele, with its scores as columns
    Bed,
}

/// Header of the output.
#[derive(Clone, Copy)]
pub struct InputHeader<'a> {
    /// Provenance lines.
    pub provenance: &'a Provenance,
    /// The lines of the input's header, `#CHROM` last.
    pub lines: &'a [Vec<u8>],
    /// True if they ended with `\r\n`.
    pub carriage_return: bool,
    /// True if tables get a header. VCF always has one.
    pub shown: bool,
    /// Start of the names of the INFO fields.
    pub info_prefix: &'a str,
}

/// Writes scored alleles in their order.
pub struct Writer {
    target: Target,
    columns: OutputColumns,
    prefix: String,
    pending: Vec<Scored>,
    is_stdout: bool,
}

enum Target {
    Tsv(Table<Sink>),
    Bed(Table<Sink>),
    Vcf(Sink),
    Bcf(Box<bcf::Writer>),
}

impl Writer {
    /// Opens the output and writes the header.
    ///
    /// # Errors
    /// The output cannot be written, or the input has INFO fields of the same names already.
    pub fn create(
        format: Format,
        path: &Path,
        header: InputHeader<'_>,
        columns: OutputColumns,
    ) -> Result<Self> {
        let prefix = header.info_prefix;
        if matches!(format, Format::Vcf | Format::Bcf) {
            check_names(header.lines, prefix, &columns)?;
        }
        let provenance = header.shown.then_some(header.provenance);
        let target = match format {
            Format::Tsv => Target::Tsv(table(path, &tsv_columns(&columns), provenance)?),
            Format::Bed => Target::Bed(table(path, &bed_columns(&columns), provenance)?),
            Format::Vcf => {
                let mut sink = Sink::create(path)?;
                let end: &[u8] = if header.carriage_return { b"\r\n" } else { b"\n" };
                for line in annotated(header, &columns) {
                    sink.write_all(&line)?;
                    sink.write_all(end)?;
                }
                Target::Vcf(sink)
            }
            Format::Bcf => {
                let output = Output::create(path)?;
                Target::Bcf(Box::new(bcf::Writer::new(output, &annotated(header, &columns))?))
            }
        };
        Ok(Self {
            target,
            columns,
            prefix: prefix.to_owned(),
            pending: Vec::new(),
            is_stdout: is_dash(path),
        })
    }

    /// Lets whoever reads stdout have what was written so far.
    pub fn show(&mut self) -> io::Result<()> {
        match &mut self.target {
            _ if !self.is_stdout => Ok(()),
            Target::Tsv(table) | Target::Bed(table) => table.flush(),
            Target::Vcf(sink) => sink.flush(),
            Target::Bcf(_) => Ok(()),
        }
    }

    /// Writes one allele; in VCF its record, once all alleles are there.
    ///
    /// # Errors
    /// Writing fails, or BCF cannot hold the record.
    pub fn write(&mut self, allele: &Scored) -> io::Result<()> {
        match &mut self.target {
            Target::Tsv(table) => table.row(tsv_row(allele, &self.columns)),
            Target::Bed(table) => table.row(bed_row(allele, &self.columns)),
            Target::Vcf(_) | Target::Bcf(_) => {
                self.pending.push(allele.clone());
                if allele.allele.last { self.write_record() } else { Ok(()) }
            }
        }
    }

    fn write_record(&mut self) -> io::Result<()> {
        let alleles = std::mem::take(&mut self.pending);
        let Some(first) = alleles.first() else {
            return Ok(());
        };
        let line = first.allele.record.with_info(&info(&self.prefix, &alleles, &self.columns));
        match &mut self.target {
            Target::Bcf(writer) => writer.write(&line),
            Target::Vcf(sink) => sink.write_all(&line),
            Target::Tsv(_) | Target::Bed(_) => Ok(()),
        }
    }

    /// Completes the output.
    pub fn finish(self) -> io::Result<()> {
        match self.target {
            Target::Tsv(table) | Target::Bed(table) => table.finish()?.finish(),
            Target::Vcf(sink) => sink.finish(),
            Target::Bcf(writer) => writer.finish(),
        }
    }
}

fn names(start: &[&str]) -> Vec<String> {
    start.iter().map(|&name| name.to_owned()).collect()
}

fn tsv_columns(columns: &OutputColumns) -> Vec<String> {
    let own = columns.all.iter().map(|column| column.name.clone());
    names(&["CHROM", "POS", "ID", "REF", "ALT"]).into_iter().chain(own).collect()
}

/// The first score goes to the score column of BED.
fn bed_columns(columns: &OutputColumns) -> Vec<String> {
    let mut own = columns.all.iter().map(|column| column.name.clone());
    let start = names(&["chrom", "chromStart", "chromEnd", "name"]);
    let start: Vec<String> = start.into_iter().chain(own.next()).collect();
    [start, names(&["strand", "ref", "alt"]), own.collect()].concat()
}

fn check_names(lines: &[Vec<u8>], prefix: &str, columns: &OutputColumns) -> Result<()> {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if !prefix.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        || !prefix.chars().all(valid)
    {
        bail!(
            "--info-prefix {prefix:?} is not a name for an INFO field; use letters, digits and _"
        );
    }
    for column in &columns.all {
        let name = format!("{prefix}_{}", column.info);
        let declaration = format!("##INFO=<ID={name},");
        if lines.iter().any(|line| line.starts_with(declaration.as_bytes())) {
            bail!(
                "the input already has scores (INFO {name}); choose another name with --info-prefix, or remove the old ones (`bcftools annotate -x INFO/{name}`)"
            );
        }
    }
    Ok(())
}

/// The input's header with provenance and declarations before its `#CHROM` line.
fn annotated(header: InputHeader<'_>, columns: &OutputColumns) -> Vec<Vec<u8>> {
    let Some((last, meta)) = header.lines.split_last() else {
        return Vec::new();
    };
    let declarations = columns.all.iter().map(|column| {
        format!(
            "##INFO=<ID={}_{},Number=A,Type={},Description=\"{}\",Source=\"hyenadna\",Version=\"{}\">",
            header.info_prefix,
            column.info,
            column.kind,
            column.description,
            env!("CARGO_PKG_VERSION")
        )
    });
    let added = header.provenance.lines().into_iter().chain(declarations).map(String::into_bytes);
    meta.iter().cloned().chain(added).chain([last.clone()]).collect()
}

/// One field for each column, one value for each allele. Fields without any value are left out.
fn info(prefix: &str, alleles: &[Scored], columns: &OutputColumns) -> String {
    let values: Vec<Vec<String>> = alleles.iter().map(|allele| columns.values(allele)).collect();
    let mut text = String::new();
    for (i, column) in columns.all.iter().enumerate() {
        let values: Vec<&str> = values.iter().map(|of_allele| of_allele[i].as_str()).collect();
        if values.iter().any(|value| *value != ".") {
            let separator = if text.is_empty() { "" } else { ";" };
            text += &format!("{separator}{prefix}_{}={}", column.info, values.join(","));
        }
    }
    text
}

fn alternative(allele: &Scored) -> Vec<u8> {
    allele.allele.record.alternatives().nth(allele.allele.number).unwrap_or(b".").to_vec()
}

fn tsv_row(allele: &Scored, columns: &OutputColumns) -> Vec<Vec<u8>> {
    let mut row: Vec<Vec<u8>> = (0..4).map(|i| allele.allele.record.field(i).to_vec()).collect();
    row.push(alternative(allele));
    row.extend(columns.values(allele).into_iter().map(String::into_bytes));
    row
}

fn bed_row(allele: &Scored, columns: &OutputColumns) -> Vec<Vec<u8>> {
    let record = &allele.allele.record;
    let start = record.position.saturating_sub(1);
    let end = start.saturating_add(record.reference().len() as u64);
    let mut values = columns.values(allele).into_iter().map(String::into_bytes);
    let mut row = vec![record.field(0).to_vec()];
    row.extend([start, end].map(|n| n.to_string().into_bytes()));
    row.push(record.field(2).to_vec());
    row.extend(values.next());
    row.extend([b".".to_vec(), record.reference().to_vec(), alternative(allele)]);
    row.extend(values);
    row
}
