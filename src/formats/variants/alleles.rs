//! Alleles with named values, from a table with a header or from the INFO of a VCF.

use super::{bcf, vcf};
use crate::{
    formats::{
        error::{InputError, excerpt},
        input::Input,
        kind::{self, TextKind},
        lines::Lines,
        number::counted,
    },
    genome::name,
    scoring::{OF_LENGTH, OF_NULL_VARIANTS, SCORES},
};

/// Columns that identify the allele of a row.
const KEY: [&str; 4] = ["CHROM", "POS", "REF", "ALT"];

/// Reads alleles and their selected values.
pub struct Reader {
    source: AlleleSource,
    /// Values to select from: columns of a table other than those of the allele, or the INFO fields
    /// that a VCF declares.
    pub fields: Vec<Field>,
    selected: Vec<Selected>,
}

enum AlleleSource {
    Table { lines: Lines, key: [usize; 4], columns: usize },
    Vcf(vcf::Reader),
}

/// A value that alleles may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name of the column or INFO field.
    pub name: String,
    /// True if this program declared it as one number for each ALT allele.
    pub is_score: bool,
    per_allele: bool,
    column: usize,
}

#[derive(Debug)]
enum Selected {
    Column(usize),
    Info { key: Vec<u8>, per_allele: bool },
}

/// One ALT allele.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allele {
    /// CHROM, as in the file.
    pub contig: String,
    /// POS: 1-based.
    pub position: u64,
    /// REF, upper-case.
    pub reference: Vec<u8>,
    /// ALT, upper-case.
    pub alternative: Vec<u8>,
    /// Number of its line, or of its record in BCF, 1-based.
    pub line: u64,
    /// Selected values; `None` for a missing one: empty, `.` or `NA`.
    pub values: Vec<Option<String>>,
}

impl Reader {
    /// Reads the header. `expected` describes the expected file in error messages.
    ///
    /// # Errors
    /// The input is empty, or has no header with the columns of the alleles.
    pub fn new(mut input: Input, expected: &'static str) -> Result<Self, InputError> {
        let failed =
            |path: &str, source| InputError::Read { path: path.to_owned(), line: 0, source };
        let is_bcf = bcf::is_bcf(&mut input)?;
        let head = input.reader.fill_buf().map_err(|error| failed(&input.name, error))?;
        if is_bcf || head.starts_with(b"##fileformat=") {
            let reader = vcf::Reader::new(input)?;
            let fields = reader.header.iter().filter_map(|line| declared(line)).collect();
            return Ok(Self { source: AlleleSource::Vcf(reader), fields, selected: Vec::new() });
        }
        table(Lines::new(input), expected)
    }

    /// Name of the input, for messages.
    pub fn name(&self) -> &str {
        match &self.source {
            AlleleSource::Table { lines, .. } => &lines.name,
            AlleleSource::Vcf(reader) => reader.name(),
        }
    }

    /// Noun for a value in messages: `column` or `INFO field`.
    pub fn noun(&self) -> &'static str {
        match self.source {
            AlleleSource::Table { .. } => "column",
            AlleleSource::Vcf(_) => "INFO field",
        }
    }

    /// Selects the values that [`read`](Self::read) returns, in this order. Case of column names is
    /// ignored; an INFO field need not be declared.
    ///
    /// # Errors
    /// The table has no such column.
    pub fn select<S: AsRef<str>>(&mut self, names: &[S]) -> Result<(), InputError> {
        for name in names.iter().map(AsRef::as_ref) {
            let is = |field: &&Field| field.name == name;
            let field = self.fields.iter().find(is).or_else(|| {
                let similar = |field: &&Field| field.name.eq_ignore_ascii_case(name);
                self.fields.iter().find(similar).filter(|_| self.noun() == "column")
            });
            let selected = match (&self.source, field) {
                (AlleleSource::Vcf(_), field) => Selected::Info {
                    key: name.as_bytes().to_vec(),
                    per_allele: field.is_some_and(|field| field.per_allele),
                },
                (_, Some(field)) => Selected::Column(field.column),
                (_, None) => return Err(self.no_field(name)),
            };
            self.selected.push(selected);
        }
        Ok(())
    }

    /// Error for a value that is missing from the file.
    pub fn no_field(&self, name: &str) -> InputError {
        let names: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
        let others = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        InputError::Kind {
            path: self.name().to_owned(),
            problem: format!("has no {} {name}; it has: {others}", self.noun()),
        }
    }

    /// Replaces `alleles` with those of the next record. Returns false after the last one.
    ///
    /// # Errors
    /// A line is invalid, or reading fails.
    pub fn read(&mut self, alleles: &mut Vec<Allele>) -> Result<bool, InputError> {
        alleles.clear();
        match &mut self.source {
            AlleleSource::Vcf(reader) => {
                let Some(record) = reader.read()? else { return Ok(false) };
                from_record(&record, &self.selected, alleles).map_err(|problem| {
                    InputError::Line {
                        path: reader.name().to_owned(),
                        line: record.number,
                        problem,
                    }
                })?;
            }
            AlleleSource::Table { lines, key, columns } => {
                let mut line = Vec::new();
                loop {
                    if !lines.read(&mut line)? {
                        return Ok(false);
                    }
                    if !line.is_empty() {
                        break;
                    }
                    log::warn!("{}, line {}: blank line skipped", lines.name, lines.number);
                }
                from_row(&line, lines.number, (key, *columns), &self.selected, alleles)
                    .map_err(|problem| lines.error(problem))?;
            }
        }
        Ok(true)
    }
}

/// Parses the declaration of an INFO field.
fn declared(line: &[u8]) -> Option<Field> {
    let text = String::from_utf8_lossy(line.strip_prefix(b"##INFO=<")?).into_owned();
    let value = |key: &str| {
        let first = text.strip_prefix(key);
        let rest = first.or_else(|| Some(text.split_once(&format!(",{key}"))?.1));
        rest?.split([',', '>']).next().map(|value| value.trim_matches('"').to_owned())
    };
    let name = value("ID=")?;
    let per_allele = value("Number=").is_some_and(|number| number == "A");
    let is_number = value("Type=").is_some_and(|kind| kind == "Float");
    // the prefix of our fields is the user's choice
    let by_us = text.split_once("Description=\"").is_some_and(|(_, rest)| {
        let description = rest.split('"').next().unwrap_or_default();
        SCORES.iter().any(|score| score.description == description)
            || description.ends_with(OF_NULL_VARIANTS)
            || description.ends_with(OF_LENGTH)
    });
    let is_score = per_allele && is_number && (by_us || name.starts_with("HYENADNA_"));
    Some(Field { name, is_score, per_allele, column: 0 })
}

/// Reads the header of a table.
fn table(mut lines: Lines, expected: &'static str) -> Result<Reader, InputError> {
    let first = lines.peek()?;
    kind::must_be_text(&lines.name, first, expected)?;
    let other = TextKind::of(lines.ahead()?).and_then(|kind| kind.elsewhere(expected));
    if let Some(problem) = other {
        return Err(InputError::Kind { path: lines.name, problem });
    }
    let mut line = Vec::new();
    loop {
        if !lines.read(&mut line)? {
            return Err(match lines.number {
                0 => InputError::Empty { path: lines.name, expected },
                _ => lines.error("the file ends before the line with the column names; expected CHROM, POS, REF and ALT among them"),
            });
        }
        if !line.starts_with(b"##") {
            break;
        }
    }
    let header = String::from_utf8_lossy(&line).into_owned();
    let names: Vec<&str> =
        header.split('\t').map(|name| name.trim_start_matches('#').trim()).collect();
    let place = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    let [Some(contig), Some(position), Some(reference), Some(alternative)] = KEY.map(place) else {
        let spaced = header.to_ascii_uppercase();
        let spaced = KEY.iter().all(|name| spaced.split([' ', ',', ';', '#']).any(|n| n == *name));
        let hint = if spaced { "; columns must be separated by tabs" } else { "" };
        return Err(lines.error(format!(
            "found {}, expected column names with CHROM, POS, REF and ALT among them: {expected}{hint}",
            excerpt(&line)
        )));
    };
    let key = [contig, position, reference, alternative];
    let all = names.iter().enumerate().filter(|(column, _)| !key.contains(column));
    let fields = all
        .map(|(column, name)| Field {
            name: (*name).to_owned(),
            is_score: false,
            per_allele: false,
            column,
        })
        .collect();
    let columns = names.len();
    Ok(Reader { source: AlleleSource::Table { lines, key, columns }, fields, selected: Vec::new() })
}

fn from_row(
    line: &[u8],
    number: u64,
    (key, columns): (&[usize; 4], usize),
    selected: &[Selected],
    alleles: &mut Vec<Allele>,
) -> Result<(), String> {
    let values: Vec<&[u8]> = line.split(|&b| b == b'\t').collect();
    if values.len() != columns {
        return Err(format!(
            "found {} in {}, expected {columns} as in the header",
            counted(values.len(), "column"),
            excerpt(line)
        ));
    }
    let [contig, position, reference, alternatives] = key.map(|column| values[column]);
    for (name, value) in KEY.iter().zip([contig, position, reference, alternatives]) {
        if value.is_empty() {
            return Err(format!("{name} is empty, expected a value"));
        }
    }
    let Some(position) = std::str::from_utf8(position).ok().and_then(|text| text.parse().ok())
    else {
        return Err(format!("POS is {}, expected a whole number", excerpt(position)));
    };
    let value = |selected: &Selected| match selected {
        Selected::Column(column) => present(values[*column]),
        Selected::Info { .. } => None,
    };
    let selected: Vec<Option<String>> = selected.iter().map(value).collect();
    for alternative in alternatives.split(|&b| b == b',') {
        alleles.push(Allele {
            contig: name::decode(contig),
            position,
            reference: reference.to_ascii_uppercase(),
            alternative: alternative.to_ascii_uppercase(),
            line: number,
            values: selected.clone(),
        });
    }
    Ok(())
}

fn from_record(
    record: &vcf::Record,
    selected: &[Selected],
    alleles: &mut Vec<Allele>,
) -> Result<(), String> {
    let count = record.alternatives().count();
    let info = record.field(7);
    let find = |key: &[u8]| {
        info.split(|&b| b == b';').find_map(|entry| {
            let rest = entry.strip_prefix(key)?;
            // a flag has no value
            if rest.is_empty() { Some(&b"true"[..]) } else { rest.strip_prefix(b"=") }
        })
    };
    let mut columns: Vec<Vec<Option<String>>> = Vec::with_capacity(selected.len());
    for value in selected {
        let Selected::Info { key, per_allele } = value else { continue };
        columns.push(match find(key) {
            Some(value) if *per_allele && present(value).is_some() => {
                let parts: Vec<_> = value.split(|&b| b == b',').map(present).collect();
                if parts.len() != count {
                    return Err(format!(
                        "INFO {} has {}, expected {count}: one for each ALT allele",
                        String::from_utf8_lossy(key),
                        counted(parts.len(), "value")
                    ));
                }
                parts
            }
            value => vec![value.and_then(present); count],
        });
    }
    for (i, alternative) in record.alternatives().enumerate() {
        alleles.push(Allele {
            contig: record.contig(),
            position: record.position,
            reference: record.reference().to_ascii_uppercase(),
            alternative: alternative.to_ascii_uppercase(),
            line: record.number,
            values: columns.iter().map(|values| values[i].clone()).collect(),
        });
    }
    Ok(())
}

fn present(value: &[u8]) -> Option<String> {
    let missing = matches!(value, b"" | b"." | b"NA");
    (!missing).then(|| String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;
    use std::io::Cursor;

    fn reader(text: &str) -> Result<Reader, InputError> {
        let input = input::from_reader("t".into(), Cursor::new(text.to_owned()), None)?;
        Reader::new(input, "a table")
    }

    /// CHROM, POS, REF, ALT, line and values of all alleles.
    fn read(text: &str, names: &[&str]) -> Result<Vec<String>, InputError> {
        let mut reader = reader(text)?;
        reader.select(names)?;
        let (mut all, mut alleles) = (Vec::new(), Vec::new());
        while reader.read(&mut alleles)? {
            all.extend(alleles.iter().map(|a| {
                let [reference, alternative] =
                    [&a.reference, &a.alternative].map(|bases| String::from_utf8_lossy(bases));
                let values: Vec<_> =
                    a.values.iter().map(|value| value.as_deref().unwrap_or("-")).collect();
                let values = values.join(" ");
                let (contig, position) = (&a.contig, a.position);
                format!("{contig}:{position} {reference}>{alternative} {}: {values}", a.line)
            }));
        }
        Ok(all)
    }

    #[test]
    fn a_table_names_its_columns() {
        let text = "##x\n#alt\tChrom\tLLR\tpos\tREF\tclass\r\nc\tchr1\t.\t5\ta\tyes\r\n\nG,T\t2\t-1.5\t7\tN\tNA\n";
        let found = read(text, &["llr", "class"]).unwrap();
        assert_eq!(found, ["chr1:5 A>C 3: - yes", "2:7 N>G 5: -1.5 -", "2:7 N>T 5: -1.5 -"]);
        let names: Vec<_> = reader(text).unwrap().fields.into_iter().map(|f| f.name).collect();
        assert_eq!(names, ["LLR", "class"]);
    }

    const HEAD: &str = "##fileformat=VCFv4.3\n\
        ##INFO=<ID=HYENADNA_LLR,Number=A,Type=Float,Description=\"x, ID=y\">\n\
        ##INFO=<ID=M_L2,Number=A,Type=Float,Description=\"log-likelihood ratio of the forward strand, in nats\">\n\
        ##INFO=<ID=M_STATUS,Number=A,Type=String,Description=\"x\">\n\
        ##INFO=<ID=AF,Number=A,Type=Float,Description=\"x\">\n\
        ##INFO=<ID=SIG,Number=.,Type=String,Description=\"x\">\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

    #[test]
    fn a_vcf_has_values_for_alleles_or_records() {
        let fields = reader(HEAD).unwrap().fields;
        let scores: Vec<_> = fields.iter().filter(|f| f.is_score).map(|f| &*f.name).collect();
        assert_eq!(scores, ["HYENADNA_LLR", "M_L2"]);
        let text = format!(
            "{HEAD}MT\t1\t.\tA\tC,g\t.\t.\tSIGX=0;SIG=a,b;FLAG;AF=.,0.5\nMT\t2\t.\tA\tC\t.\t.\t.\n"
        );
        let found = read(&text, &["SIG", "AF", "FLAG", "SIGX"]).unwrap();
        let expected =
            ["MT:1 A>C 8: a,b - true 0", "MT:1 A>G 8: a,b 0.5 true 0", "MT:2 A>C 9: - - - -"];
        assert_eq!(found, expected);
    }

    #[test]
    fn errors_name_the_line() {
        for (text, part) in [
            (String::new(), "is empty; expected a table"),
            ("##a\n".into(), "line 1: the file ends before"),
            ("chr1\t5\t.\tA\tC\t0.1\n".into(), "line 1: found \"chr1"),
            ("CHROM POS REF ALT x\n".into(), "separated by tabs"),
            ("CHROM,POS,REF,ALT,x\n".into(), "separated by tabs"),
            ("\u{1}\u{2}".into(), "byte 0x01"),
            ("CHROM\tPOS\tREF\tALT\n".into(), "has no column x; it has: none"),
            ("CHROM\tPOS\tREF\tALT\tX\n1\t2\tA\tC\n".into(), "line 2: found 4 columns"),
            ("CHROM\tPOS\tREF\tALT\tX\n1\tb\tA\tC\t1\n".into(), "line 2: POS is \"b\""),
            ("CHROM\tPOS\tREF\tALT\tX\n1\t3\t\tC\t1\n".into(), "line 2: REF is empty"),
            (format!("{HEAD}1\t2\t.\tA\tC\t.\t.\tAF=1,2\n"), "line 8: INFO AF has 2 values"),
        ] {
            let name = if text.contains("ID=AF") { "AF" } else { "x" };
            let error = read(&text, &[name]).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
