//! Values of alleles as TSV, BED, VCF or BCF.

use anyhow::{Result, bail};

use super::{columns::OutputColumn, item::QueuedAllele};
use crate::{
    commands::output::{
        format::Format,
        rows::{self, Cell, Column, Head, OpenOutput, RowWriter, VcfHeader},
    },
    formats::{
        error::InputError,
        output::{Complete, OutputError},
        table::Header,
        variants::vcf,
    },
    process::provenance::Provenance,
};

/// The header of an output.
#[derive(Clone, Copy)]
pub struct InputHeader<'a> {
    /// Provenance of the output.
    pub provenance: &'a Provenance,
    /// The lines of the input's header, `#CHROM` last.
    pub lines: &'a [Vec<u8>],
    /// True if they ended with `\r\n`.
    pub carriage_return: bool,
    /// Header of tables. VCF and BCF always have their own.
    pub header: Option<Header>,
    /// Name of the input, for messages.
    pub input: &'a str,
    /// Prefix of the names of the INFO fields.
    pub info_prefix: &'a str,
}

/// Writes alleles with their values in their order.
pub struct Writer {
    pub rows: Box<dyn RowWriter>,
    layout: Layout,
    columns: Vec<OutputColumn>,
    prefix: String,
    /// Names of the INFO fields.
    info_names: Vec<String>,
    /// Name of the input, for messages.
    input: String,
    pending: Vec<AlleleRow>,
    is_stdout: bool,
    /// True if no more warnings of an ID are due.
    warned: bool,
}

/// An allele, and a value for each column.
#[derive(Clone)]
pub struct AlleleRow {
    pub allele: QueuedAllele,
    pub values: Vec<Cell<'static>>,
}

/// Rows of an output.
#[derive(Clone, Copy)]
enum Layout {
    /// Rows of an allele.
    Tsv,
    /// Regions of an allele.
    Bed,
    /// Records, with all of their alleles.
    Records,
}

impl Writer {
    /// Writes the header.
    ///
    /// # Errors
    /// The output cannot be written, or the input has INFO fields of the same names already.
    pub fn create(
        output: OpenOutput,
        header: InputHeader<'_>,
        columns: Vec<OutputColumn>,
    ) -> Result<Self> {
        let prefix = header.info_prefix;
        let (format, is_stdout) = (output.format(), output.is_stdout());
        let layout = match format {
            Format::Vcf | Format::Bcf => Layout::Records,
            Format::Bed => Layout::Bed,
            _ => Layout::Tsv,
        };
        let (names, lines) = match layout {
            Layout::Tsv => (tsv_columns(&columns), Vec::new()),
            Layout::Bed => (bed_columns(&columns), Vec::new()),
            Layout::Records => {
                check_names(header, &columns)?;
                (Vec::new(), annotated(header, &columns))
            }
        };
        let line_end: &[u8] = if header.carriage_return { b"\r\n" } else { b"\n" };
        let head = Head {
            columns: &names,
            provenance: Some(header.provenance),
            header: header.header,
            vcf: VcfHeader { lines: &lines, line_end },
            ..Head::default()
        };
        Ok(Self {
            rows: output.begin(head)?,
            layout,
            info_names: columns.iter().map(|column| column.info_name(prefix)).collect(),
            columns,
            prefix: prefix.to_owned(),
            input: header.input.to_owned(),
            pending: Vec::new(),
            is_stdout,
            warned: format != Format::Tsv,
        })
    }

    /// Lets readers of stdout have the rows so far.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn show(&mut self) -> Result<(), OutputError> {
        if self.is_stdout { self.rows.flush() } else { Ok(()) }
    }

    /// Writes one allele; in VCF and BCF its record, after its last allele.
    ///
    /// # Errors
    /// The output cannot be written, BCF cannot hold the record, or it has INFO fields of the same
    /// names already.
    pub fn write(&mut self, row: AlleleRow) -> Result<()> {
        match self.layout {
            Layout::Tsv => {
                self.check_id(row.allele.record.field(2));
                self.rows.row(tsv_row(&row)[..].into())?;
            }
            Layout::Bed => self.rows.row(bed_row(&row)[..].into())?,
            Layout::Records => {
                let is_last = row.allele.last;
                self.pending.push(row);
                if is_last {
                    self.write_record()?;
                }
            }
        }
        Ok(())
    }

    /// Warns once of an ID that makes bedtools take the table for a BED.
    fn check_id(&mut self, id: &[u8]) {
        if !self.warned && !id.is_empty() && id.iter().all(u8::is_ascii_digit) {
            self.warned = true;
            log::warn!(
                "IDs such as {} are whole numbers: bedtools would read POS and ID of this table as start and end; for bedtools write BED (-o FILE.bed, or --format bed)",
                String::from_utf8_lossy(id)
            );
        }
    }

    /// True if the rows end with a record.
    pub fn is_between_records(&self) -> bool {
        self.pending.is_empty()
    }

    fn write_record(&mut self) -> Result<()> {
        let alleles = std::mem::take(&mut self.pending);
        let Some(first) = alleles.first() else {
            return Ok(());
        };
        let record = &first.allele.record;
        let taken: Vec<String> =
            self.info_names.iter().filter(|n| record.has_info(n)).cloned().collect();
        if !taken.is_empty() {
            bail!(InputError::Line {
                path: self.input.clone(),
                line: record.number,
                problem: format!(
                    "{}; its header does not declare them",
                    already(&taken, "--force ")
                ),
            });
        }
        let line = record.with_info(&info(&self.prefix, &alleles, &self.columns));
        Ok(self.rows.row([line.into()][..].into())?)
    }

    /// Completes the output; `others` get their names with it.
    ///
    /// # Errors
    /// The last bytes cannot be written, or the file cannot be renamed.
    pub fn finish(self, others: impl IntoIterator<Item = Complete>) -> Result<(), OutputError> {
        rows::finish(self.rows, others)
    }
}

fn tsv_columns(columns: &[OutputColumn]) -> Vec<Column> {
    let of_input = ["CHROM", "POS", "ID", "REF", "ALT"].map(|name| match name {
        "POS" => Column::integer(name),
        _ => Column::text(name),
    });
    of_input.into_iter().chain(columns.iter().map(OutputColumn::column)).collect()
}

/// The first value goes to the score column of BED.
fn bed_columns(columns: &[OutputColumn]) -> Vec<Column> {
    let mut own = columns.iter().map(OutputColumn::column);
    let start = rows::columns(&["chrom", "chromStart", "chromEnd", "name"]);
    let start: Vec<Column> = start.into_iter().chain(own.next()).collect();
    [start, rows::columns(&["strand", "ref", "alt"]), own.collect()].concat()
}

fn check_names(header: InputHeader<'_>, columns: &[OutputColumn]) -> Result<()> {
    let prefix = header.info_prefix;
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if !prefix.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        || !prefix.chars().all(valid)
    {
        bail!(
            "--info-prefix {prefix:?} is not a name for an INFO field; use letters, digits and _"
        );
    }
    let declared = vcf::info_names(header.lines);
    let names = columns.iter().map(|column| column.info_name(prefix));
    let taken: Vec<String> = names.filter(|name| declared.contains(name)).collect();
    if !taken.is_empty() {
        bail!("{}: {}", header.input, already(&taken, ""));
    }
    Ok(())
}

/// The message about INFO fields that the input has.
fn already(names: &[String], options: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("INFO/{name}")).collect();
    let names = names.join(",");
    format!(
        "the input already has {names}; choose another name for the new ones with --info-prefix, or remove the old ones first (`bcftools annotate {options}-x {names}`)"
    )
}

/// The input's header with provenance and declarations before its `#CHROM` line.
fn annotated(header: InputHeader<'_>, columns: &[OutputColumn]) -> Vec<Vec<u8>> {
    let Some((last, meta)) = header.lines.split_last() else {
        return Vec::new();
    };
    let declarations = columns.iter().map(|column| {
        format!(
            "##INFO=<ID={},Number=A,Type={},Description=\"{}\">",
            column.info_name(header.info_prefix),
            column.kind,
            column.description
        )
    });
    let added = header.provenance.lines().into_iter().chain(declarations).map(String::into_bytes);
    meta.iter().cloned().chain(added).chain([last.clone()]).collect()
}

/// One field for each column, one value for each allele. Fields without any value are left out.
fn info(prefix: &str, alleles: &[AlleleRow], columns: &[OutputColumn]) -> String {
    let mut text = String::new();
    for (i, column) in columns.iter().enumerate() {
        let text_of = |cell: &Cell<'_>| String::from_utf8_lossy(&cell.text()).into_owned();
        let values: Vec<String> = alleles.iter().map(|row| text_of(&row.values[i])).collect();
        if values.iter().any(|value| value != ".") {
            let separator = if text.is_empty() { "" } else { ";" };
            text += &format!("{separator}{}={}", column.info_name(prefix), values.join(","));
        }
    }
    text
}

fn alternative(row: &AlleleRow) -> Cell<'_> {
    row.allele.record.alternatives().nth(row.allele.number).unwrap_or(b".").into()
}

fn tsv_row(row: &AlleleRow) -> Vec<Cell<'_>> {
    let mut cells: Vec<Cell<'_>> = (0..4).map(|i| row.allele.record.field(i).into()).collect();
    cells.push(alternative(row));
    cells.extend(row.values.iter().cloned());
    cells
}

fn bed_row(row: &AlleleRow) -> Vec<Cell<'_>> {
    let record = &row.allele.record;
    let start = record.position.saturating_sub(1);
    // POS 0 lies before the first base
    let end = record.position.saturating_add(record.reference().len() as u64).saturating_sub(1);
    let mut values = row.values.iter().cloned();
    let mut cells = vec![record.field(0).into(), start.into(), end.into(), record.field(2).into()];
    cells.extend(values.next());
    cells.extend([".".into(), record.reference().into(), alternative(row)]);
    cells.extend(values);
    cells
}
