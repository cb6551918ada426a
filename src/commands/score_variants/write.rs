//! Scores as TSV, BED, VCF or BCF.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::{Result, bail};

use super::compute::Scored;
use crate::{
    formats::{
        bcf,
        number::push_six_digits,
        output::{Output, Sink},
        table::Table,
    },
    provenance::Provenance,
    scoring::Scores,
};

/// What is written.
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

/// Columns of the TSV output.
const TSV_COLUMNS: [&str; 11] = [
    "#CHROM",
    "POS",
    "ID",
    "REF",
    "ALT",
    "llr",
    "llr_fwd",
    "llr_rev",
    "embedding_l2",
    "embedding_cosine",
    "status",
];

/// Columns of the BED output.
const BED_COLUMNS: [&str; 13] = [
    "#chrom",
    "chromStart",
    "chromEnd",
    "name",
    "llr",
    "strand",
    "ref",
    "alt",
    "llr_fwd",
    "llr_rev",
    "embedding_l2",
    "embedding_cosine",
    "status",
];

/// INFO fields: suffix of the name, type, what it holds.
const INFO: [(&str, &str, &str); 6] = [
    (
        "LLR",
        "Float",
        "log P(ALT window) - log P(REF window) in nats, mean of the strands read; positive: the model prefers ALT",
    ),
    ("LLR_FWD", "Float", "log-likelihood ratio of the forward strand, in nats"),
    ("LLR_REV", "Float", "log-likelihood ratio of the reverse strand, in nats"),
    ("L2", "Float", "Euclidean distance of the mean final hidden states of REF and ALT window"),
    ("COS", "Float", "1 - cosine similarity of the mean final hidden states of REF and ALT window"),
    ("STATUS", "String", "ok, or why the allele has no score"),
];

/// What stands before the records.
#[derive(Clone, Copy)]
pub struct Header<'a> {
    /// What made the file.
    pub provenance: &'a Provenance,
    /// The lines of the input's header, `#CHROM` last.
    pub lines: &'a [Vec<u8>],
    /// Whether they ended with `\r\n`.
    pub carriage_return: bool,
    /// Whether tables get a header. VCF has one in any case, as it is none without.
    pub shown: bool,
    /// Start of the names of the INFO fields.
    pub info_prefix: &'a str,
}

/// Writes scored alleles in their order.
pub struct Writer {
    target: Target,
    prefix: String,
    pending: Vec<Scored>,
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
    pub fn create(format: Format, path: &Path, header: Header<'_>) -> Result<Self> {
        let prefix = header.info_prefix;
        if matches!(format, Format::Vcf | Format::Bcf) {
            check_names(header.lines, prefix)?;
        }
        let target = match format {
            Format::Tsv => Target::Tsv(table(path, header, &TSV_COLUMNS)?),
            Format::Bed => Target::Bed(table(path, header, &BED_COLUMNS)?),
            Format::Vcf => {
                let mut sink = Sink::create(path)?;
                let end: &[u8] = if header.carriage_return { b"\r\n" } else { b"\n" };
                for line in annotated(header) {
                    sink.write_all(&line)?;
                    sink.write_all(end)?;
                }
                Target::Vcf(sink)
            }
            Format::Bcf => {
                let output = Output::create(path)?;
                Target::Bcf(Box::new(bcf::Writer::new(output, &annotated(header))?))
            }
        };
        Ok(Self { target, prefix: prefix.to_owned(), pending: Vec::new() })
    }

    /// Writes one allele; in VCF its record, once all alleles are there.
    ///
    /// # Errors
    /// Writing fails, or BCF cannot hold the record.
    pub fn write(&mut self, allele: &Scored) -> io::Result<()> {
        match &mut self.target {
            Target::Tsv(table) => table.row(tsv_row(allele)),
            Target::Bed(table) => table.row(bed_row(allele)),
            Target::Vcf(_) | Target::Bcf(_) => {
                self.pending.push(allele.clone());
                if allele.last { self.write_record() } else { Ok(()) }
            }
        }
    }

    fn write_record(&mut self) -> io::Result<()> {
        let alleles = std::mem::take(&mut self.pending);
        let Some(first) = alleles.first() else {
            return Ok(());
        };
        let line = first.record.with_info(&info(&self.prefix, &alleles));
        match &mut self.target {
            Target::Bcf(writer) => writer.write(&line),
            Target::Vcf(sink) => sink.write_all(&line),
            Target::Tsv(_) | Target::Bed(_) => Ok(()),
        }
    }

    /// Completes the output.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> io::Result<()> {
        match self.target {
            Target::Tsv(table) | Target::Bed(table) => table.finish()?.finish(),
            Target::Vcf(sink) => sink.finish(),
            Target::Bcf(writer) => writer.finish(),
        }
    }
}

fn table(path: &Path, header: Header<'_>, columns: &[&str]) -> Result<Table<Sink>> {
    let preamble = if header.shown { header.provenance.lines() } else { Vec::new() };
    let mut table = Table::new(Sink::create(path)?, &preamble)?;
    if header.shown {
        table.row(columns)?;
    }
    Ok(table)
}

fn check_names(lines: &[Vec<u8>], prefix: &str) -> Result<()> {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if !prefix.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        || !prefix.chars().all(valid)
    {
        bail!("--info-prefix {prefix:?} is no name for an INFO field; use letters, digits and _");
    }
    for (suffix, ..) in INFO {
        let declaration = format!("##INFO=<ID={prefix}_{suffix},");
        if lines.iter().any(|line| line.starts_with(declaration.as_bytes())) {
            bail!(
                "the input has scores already (INFO {prefix}_{suffix}); give these another name with --info-prefix, or remove the old ones (`bcftools annotate -x INFO/{prefix}_{suffix}`)"
            );
        }
    }
    Ok(())
}

/// The input's header with provenance and declarations before its `#CHROM` line.
fn annotated(header: Header<'_>) -> Vec<Vec<u8>> {
    let Some((columns, meta)) = header.lines.split_last() else {
        return Vec::new();
    };
    let declarations = INFO.iter().map(|(suffix, kind, description)| {
        format!(
            "##INFO=<ID={}_{suffix},Number=A,Type={kind},Description=\"{description}\",Source=\"hyenadna\",Version=\"{}\">",
            header.info_prefix,
            env!("CARGO_PKG_VERSION")
        )
    });
    let added = header.provenance.lines().into_iter().chain(declarations).map(String::into_bytes);
    meta.iter().cloned().chain(added).chain([columns.clone()]).collect()
}

/// One field for each score, one value for each allele. Fields without any value are left out.
fn info(prefix: &str, alleles: &[Scored]) -> String {
    let mut text = String::new();
    for (i, (suffix, ..)) in INFO.iter().enumerate() {
        let values: Vec<String> = alleles.iter().map(|allele| fields(allele)[i].clone()).collect();
        if values.iter().any(|value| value != ".") {
            let separator = if text.is_empty() { "" } else { ";" };
            text += &format!("{separator}{prefix}_{suffix}={}", values.join(","));
        }
    }
    text
}

/// The values of an allele in the order of [`INFO`]; `.` where there is none.
fn fields(allele: &Scored) -> [String; 6] {
    let number = |get: &dyn Fn(&Scores) -> Option<f64>| {
        allele.scores.as_ref().and_then(get).map_or_else(
            || ".".to_owned(),
            |value| {
                let mut text = String::new();
                push_six_digits(&mut text, value);
                text
            },
        )
    };
    [
        number(&|s| Some(s.llr)),
        number(&|s| s.llr_forward),
        number(&|s| s.llr_reverse),
        number(&|s| Some(s.embedding_l2)),
        number(&|s| Some(s.embedding_cosine)),
        allele.status.name().to_owned(),
    ]
}

fn alternative(allele: &Scored) -> Vec<u8> {
    allele.record.alternatives().nth(allele.number).unwrap_or(b".").to_vec()
}

fn tsv_row(allele: &Scored) -> Vec<Vec<u8>> {
    let mut row: Vec<Vec<u8>> = (0..4).map(|i| allele.record.field(i).to_vec()).collect();
    row.push(alternative(allele));
    row.extend(fields(allele).map(String::into_bytes));
    row
}

fn bed_row(allele: &Scored) -> Vec<Vec<u8>> {
    let record = &allele.record;
    let start = record.position.saturating_sub(1);
    let end = start.saturating_add(record.reference().len() as u64);
    let [llr, rest @ ..] = fields(allele);
    let mut row = vec![record.field(0).to_vec()];
    row.extend([start, end].map(|n| n.to_string().into_bytes()));
    row.extend([record.field(2).to_vec(), llr.into_bytes(), b".".to_vec()]);
    row.extend([record.reference().to_vec(), alternative(allele)]);
    row.extend(rest.map(String::into_bytes));
    row
}
