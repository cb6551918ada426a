//! Tables of scores that `score-variants` wrote, TSV or VCF: how they were made, and the values of each allele as text.

use super::{
    error::{InputError, excerpt},
    input::Input,
    kind::{self, TextKind},
    lines::Lines,
    number::counted,
};
use crate::genome::name;

/// Start of a line of the header that says how the file was made.
const START: &[u8] = b"##hyenadna_";
/// Key of the first one of a run; a VCF that was scored twice has two.
const VERSION: &str = "version";
/// Columns of a table before its values, and of a VCF up to INFO.
const TABLE: &[u8] = b"#CHROM\tPOS\tID\tREF\tALT";
const VCF: &[u8] = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";
const VALUES: usize = 5;
const INFO: usize = 7;
/// Description of a valid file, for messages.
const EXPECTED: &str =
    "TSV or VCF that `hyenadna score-variants` wrote, with its full header (lines ##hyenadna_…)";

/// Names of the values, the status last.
#[derive(Debug, Clone, Copy)]
pub struct ValueNames<'a> {
    /// Columns of a table.
    pub columns: &'a [String],
    /// Fields of INFO, which begin with `prefix`.
    pub fields: &'a [String],
    /// Start of the names of INFO.
    pub prefix: &'a str,
}

/// A line of the header: `##hyenadna_key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Number of the line, 1-based.
    pub line: u64,
}

/// An allele with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredAllele<'a> {
    /// CHROM.
    pub contig: &'a [u8],
    /// POS, 1-based.
    pub position: u64,
    /// REF, as in the file.
    pub reference: &'a [u8],
    /// ALT, as in the file.
    pub alternative: &'a [u8],
    /// A number or `.` for each name, and the status.
    pub values: Vec<&'a [u8]>,
}

/// Reads such a file.
pub struct Reader {
    /// How it was made.
    pub facts: Vec<Fact>,
    lines: Lines,
    layout: Layout,
    line: Vec<u8>,
}

enum Layout {
    /// A row for each allele, with so many columns.
    Table(usize),
    /// A record for all alleles, with these fields of INFO.
    Records(Vec<String>),
}

impl Reader {
    /// Reads the header.
    ///
    /// # Errors
    /// The file is of another kind, has no full header, or has values of other names.
    pub fn new(input: Input, names: ValueNames<'_>) -> Result<Self, InputError> {
        let mut lines = Lines::new(input);
        if lines.peek()?.is_none() {
            return Err(InputError::Empty { path: lines.name, expected: EXPECTED });
        }
        if lines.ahead()?.starts_with(b"BCF\x02") {
            let problem = "is BCF, in which numbers have other digits; name the TSV or VCF that score-variants wrote";
            return Err(InputError::Kind { path: lines.name, problem: problem.to_owned() });
        }
        let first = lines.peek()?;
        kind::must_be_text(&lines.name, first, EXPECTED)?;
        let is_vcf = TextKind::of(lines.ahead()?) == Some(TextKind::Vcf);
        let (mut facts, mut fields, mut line) = (Vec::<Fact>::new(), Vec::new(), Vec::new());
        loop {
            if !lines.read(&mut line)? {
                return Err(
                    lines.error(format!("the file ends before its rows; expected {EXPECTED}"))
                );
            }
            if let Some(fact) = line.strip_prefix(START) {
                let fact = name::decode(fact);
                let Some((key, value)) = fact.split_once('=') else {
                    return Err(lines.error(format!("{} has no value", excerpt(&line))));
                };
                if key == VERSION {
                    (facts, fields) = Default::default();
                }
                let [key, value] = [key, value].map(str::to_owned);
                facts.push(Fact { key, value, line: lines.number });
            } else if let Some(field) = line.strip_prefix(b"##INFO=<ID=") {
                let field = field.split(|&byte| byte == b',').next().unwrap_or_default();
                let field = name::decode(field);
                let own = field.strip_prefix(names.prefix).is_some_and(|own| own.starts_with('_'));
                fields.extend(own.then_some(field));
            } else if !line.starts_with(b"##") {
                break;
            }
        }
        if facts.first().is_none_or(|fact| fact.key != VERSION) {
            return Err(lines.error(format!(
                "no line before it says how the file was made; expected {EXPECTED}"
            )));
        }
        let start = if is_vcf { VCF } else { TABLE };
        let Some(rest) = line.strip_prefix(start) else {
            return Err(lines.error(format!(
                "found {}, expected the columns {}…: {EXPECTED}",
                excerpt(&line),
                String::from_utf8_lossy(start).replace('\t', " ")
            )));
        };
        let columns = rest.split(|&byte| byte == b'\t').skip(1).map(name::decode);
        let (found, expected, noun) = match is_vcf {
            true => (fields, names.fields, "INFO fields"),
            false => (columns.collect(), names.columns, "columns"),
        };
        if found != expected {
            return Err(lines.error(format!(
                "the file has the {noun} {}, but this run writes {}; choose the same --scores, and for VCF the same --info-prefix",
                if found.is_empty() { "of no score".to_owned() } else { found.join(", ") },
                expected.join(", ")
            )));
        }
        let layout = match is_vcf {
            true => Layout::Records(found),
            false => Layout::Table(VALUES + found.len()),
        };
        Ok(Self { facts, lines, layout, line: Vec::new() })
    }

    /// Name of the file, for messages.
    pub fn name(&self) -> &str {
        &self.lines.name
    }

    /// Hands the alleles of the next line to `take`, with the number of the line. False after the last line.
    ///
    /// # Errors
    /// The line is not one of such a file, or that of `take`.
    pub fn read<E: From<InputError>>(
        &mut self,
        mut take: impl FnMut(ScoredAllele<'_>, u64) -> Result<(), E>,
    ) -> Result<bool, E> {
        let Self { lines, layout, line, .. } = self;
        if !lines.read(line)? {
            return Ok(false);
        }
        if !lines.ended {
            let problem = "the file ends within this line, so it is truncated; write it again";
            return Err(lines.error(problem).into());
        }
        let alleles = match layout {
            Layout::Table(columns) => row(line, *columns).map(|allele| vec![allele]),
            Layout::Records(fields) => record(line, fields),
        };
        let alleles = alleles.map_err(|problem| lines.error(problem))?;
        for allele in alleles {
            take(allele, lines.number)?;
        }
        Ok(true)
    }
}

/// The allele of a row.
fn row(line: &[u8], columns: usize) -> Result<ScoredAllele<'_>, String> {
    let fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
    if fields.len() != columns {
        return Err(format!(
            "found {}, expected {columns}; is the file damaged?",
            counted(fields.len(), "column")
        ));
    }
    let (start, values) = fields.split_at(VALUES);
    let allele = ScoredAllele {
        contig: start[0],
        position: position(start[1])?,
        reference: start[3],
        alternative: start[4],
        values: values.to_vec(),
    };
    check(&allele)?;
    Ok(allele)
}

/// The alleles of a record. None if it has no status, as one that was added later.
fn record<'a>(line: &'a [u8], names: &[String]) -> Result<Vec<ScoredAllele<'a>>, String> {
    let fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').take(INFO + 1).collect();
    let [contig, at, _, reference, alternatives, _, _, info] = fields[..] else {
        let found = counted(fields.len(), "column");
        return Err(format!("found {found}, expected 8 or more; is the file damaged?"));
    };
    let alternatives: Vec<&[u8]> = alternatives.split(|&byte| byte == b',').collect();
    let value = |name: &String| {
        let own = |field: &'a [u8]| field.strip_prefix(name.as_bytes())?.strip_prefix(b"=");
        info.split(|&byte| byte == b';').find_map(own)
    };
    if names.last().and_then(value).is_none() {
        return Ok(Vec::new());
    }
    let position = position(at)?;
    let empty = vec![&b"."[..]; alternatives.len()];
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        // a field without any value is left out
        let values = value(name).map(|values| values.split(|&byte| byte == b',').collect());
        let values = values.unwrap_or_else(|| empty.clone());
        if values.len() != alternatives.len() {
            return Err(format!(
                "{name} has {}, expected one for each of {}; was the file edited, or its alleles split? Name the file that score-variants wrote",
                counted(values.len(), "value"),
                counted(alternatives.len(), "ALT allele")
            ));
        }
        columns.push(values);
    }
    let allele = |(number, &alternative): (usize, &&'a [u8])| {
        let values = columns.iter().map(|values| values[number]).collect();
        let allele = ScoredAllele { contig, position, reference, alternative, values };
        check(&allele).map(|()| allele)
    };
    alternatives.iter().enumerate().map(allele).collect()
}

fn position(field: &[u8]) -> Result<u64, String> {
    let number = std::str::from_utf8(field).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| format!("POS is {}, expected a whole number", excerpt(field)))
}

/// Refuses values that are no numbers, and a status that is no word.
fn check(allele: &ScoredAllele<'_>) -> Result<(), String> {
    let is_number = |value: &[u8]| {
        value == b"."
            || std::str::from_utf8(value).is_ok_and(|text| text.parse().is_ok_and(f64::is_finite))
    };
    let Some((status, values)) = allele.values.split_last() else { return Ok(()) };
    if let Some(value) = values.iter().find(|value| !is_number(value)) {
        return Err(format!("found {}, expected a number or .", excerpt(value)));
    }
    let is_word = !status.is_empty() && status.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    if !is_word {
        return Err(format!("the status is {}, expected one such as ok", excerpt(status)));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
