//! VCF lines: only the columns that a score depends on are parsed; the rest passes through byte for
//! byte.

use std::{collections::HashSet, ops::Range};

use super::bcf;
use crate::{
    formats::{
        error::{InputError, excerpt},
        input::Input,
        kind::{self, TextKind},
        lines::Lines,
        number::counted,
    },
    genome::name,
};

/// Reads VCF lines from text or from BCF.
pub struct Reader {
    source: VcfSource,
    /// Header lines, `#CHROM` last, without line ends.
    pub header: Vec<Vec<u8>>,
    /// True if the lines of the header ended with `\r\n`.
    pub carriage_return: bool,
    columns: usize,
    line: Vec<u8>,
}

enum VcfSource {
    Text(Lines),
    Binary(bcf::Reader),
}

/// A record: its line, and the byte ranges of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Line without its line end.
    pub line: Vec<u8>,
    /// True if the line ended with `\r\n`.
    pub carriage_return: bool,
    /// POS, 1-based; 0 is the telomere.
    pub position: u64,
    /// Number of the line, or of the record in BCF, 1-based.
    pub number: u64,
    fields: [Range<usize>; 8],
}

impl Record {
    /// Makes a record of REF and ALT at a 1-based position; all other columns are `.`.
    pub fn bare(contig: &str, position: u64, alleles: [&[u8]; 2], number: u64) -> Self {
        let contig = name::encode(contig);
        let position_text = position.to_string();
        let [reference, alternative] = alleles;
        let values: [&[u8]; 8] =
            [&contig, position_text.as_bytes(), b".", reference, alternative, b".", b".", b"."];
        let mut start = 0;
        let fields = values.map(|value| {
            let field = start..start + value.len();
            start = field.end + 1;
            field
        });
        let line = values.join(&b'\t');
        Self { line, carriage_return: false, position, number, fields }
    }

    /// CHROM.
    pub fn contig(&self) -> String {
        name::decode(self.field(0))
    }

    /// REF, as in the file.
    pub fn reference(&self) -> &[u8] {
        self.field(3)
    }

    /// ALT alleles, as in the file; a single `.` if there is none.
    pub fn alternatives(&self) -> impl Iterator<Item = &[u8]> {
        self.field(4).split(|&b| b == b',')
    }

    /// One of the first eight columns, counted from 0.
    pub fn field(&self, i: usize) -> &[u8] {
        &self.line[self.fields[i].clone()]
    }

    /// Any column, counted from 0: 8 is FORMAT, 9 the first sample; `None` beyond the last.
    pub fn column(&self, i: usize) -> Option<&[u8]> {
        if i < self.fields.len() {
            return Some(self.field(i));
        }
        // the rest after INFO begins with a tab
        let rest = &self.line[self.fields[7].end..];
        rest.split(|&b| b == b'\t').nth(i - 7)
    }

    /// True if INFO has a field of this name.
    pub fn has_info(&self, name: &str) -> bool {
        let key = |field: &[u8]| {
            field.split(|&b| b == b'=').next().is_some_and(|key| key == name.as_bytes())
        };
        self.field(7).split(|&b| b == b';').any(key)
    }

    /// The line with `info` (`KEY=value;…`) added to INFO, the rest unchanged, line end included.
    pub fn with_info(&self, info: &str) -> Vec<u8> {
        let at = &self.fields[7];
        let old = &self.line[at.clone()];
        let mut line = Vec::with_capacity(self.line.len() + info.len() + 3);
        line.extend_from_slice(&self.line[..at.start]);
        if !old.is_empty() && old != b"." {
            line.extend_from_slice(old);
            if !old.ends_with(b";") {
                line.push(b';');
            }
        }
        line.extend_from_slice(info.as_bytes());
        line.extend_from_slice(&self.line[at.end..]);
        line.extend_from_slice(if self.carriage_return { b"\r\n" } else { b"\n" });
        line
    }
}

impl Reader {
    /// Position in the file after the last record, in bytes.
    pub fn position(&self) -> u64 {
        match &self.source {
            VcfSource::Text(lines) => lines.position(),
            VcfSource::Binary(binary) => binary.position(),
        }
    }

    /// Reads the header.
    ///
    /// # Errors
    /// The input is empty or not a VCF, or its header is incomplete.
    pub fn new(mut input: Input) -> Result<Self, InputError> {
        let source = if bcf::is_bcf(&mut input)? {
            VcfSource::Binary(bcf::Reader::new(input)?)
        } else {
            VcfSource::Text(Lines::new(input))
        };
        let mut reader = Self {
            source,
            header: Vec::new(),
            carriage_return: false,
            columns: 0,
            line: Vec::new(),
        };
        match &mut reader.source {
            VcfSource::Text(lines) => {
                reader.header = text_header(lines)?;
                reader.carriage_return = lines.carriage_return;
            }
            VcfSource::Binary(binary) => reader.header = binary.header()?,
        }
        let last = reader.header.last().map(Vec::as_slice).unwrap_or_default();
        reader.columns = last.split(|&b| b == b'\t').count();
        Ok(reader)
    }

    /// Name of the input, for messages.
    pub fn name(&self) -> &str {
        match &self.source {
            VcfSource::Text(lines) => &lines.name,
            VcfSource::Binary(binary) => binary.name(),
        }
    }

    /// Reads the next record; `None` after the last.
    ///
    /// # Errors
    /// A line is not a VCF record, or reading fails.
    pub fn read(&mut self) -> Result<Option<Record>, InputError> {
        loop {
            let (number, carriage_return) = match &mut self.source {
                VcfSource::Text(lines) => {
                    if !lines.read(&mut self.line)? {
                        return Ok(None);
                    }
                    if self.line.is_empty() {
                        log::warn!("{}, line {}: blank line skipped", lines.name, lines.number);
                        continue;
                    }
                    (lines.number, lines.carriage_return)
                }
                VcfSource::Binary(binary) => {
                    if !binary.read(&mut self.line)? {
                        return Ok(None);
                    }
                    (binary.number(), false)
                }
            };
            let line = std::mem::take(&mut self.line);
            let name = self.name();
            return parse(line, number, carriage_return, self.columns)
                .map_err(|problem| InputError::Line {
                    path: name.to_owned(),
                    line: number,
                    problem,
                })
                .map(Some);
        }
    }
}

/// True if an input has variants: it starts as BCF or VCF does.
///
/// # Errors
/// Its first bytes cannot be read.
pub fn is_variants(input: &mut Input) -> Result<bool, InputError> {
    if bcf::is_bcf(input)? {
        return Ok(true);
    }
    let failed = |source| InputError::Read { path: input.name.clone(), line: 0, source };
    let head = input.reader.fill_buf().map_err(failed)?;
    let is_named = head.trim_ascii_start().starts_with(b"#CHROM\t");
    Ok(is_named || TextKind::of(head) == Some(TextKind::Vcf))
}

/// The value of a field of a header line such as `##contig=<ID=1,length=9>`, after `kind`.
fn meta_value(line: &[u8], kind: &str, key: &str) -> Option<String> {
    let line = name::decode(line);
    let fields = line.strip_prefix(kind)?.strip_prefix("=<")?.strip_suffix('>')?;
    // a description, which may hold anything, comes last in practice
    let fields = fields.split("Description=").next().unwrap_or_default();
    fields.split(',').find_map(|field| field.strip_prefix(key)).map(str::to_owned)
}

/// The names of the INFO fields that a header declares.
pub fn info_names(header: &[Vec<u8>]) -> HashSet<String> {
    header.iter().filter_map(|line| meta_value(line, "##INFO", "ID=")).collect()
}

/// The names and lengths of `##contig` lines that have a length.
pub fn contig_lengths(header: &[Vec<u8>]) -> Vec<(String, u64)> {
    let of = |line: &Vec<u8>| {
        let value = |key| meta_value(line, "##contig", key);
        Some((value("ID=")?, value("length=")?.parse().ok()?))
    };
    header.iter().filter_map(of).collect()
}

fn text_header(lines: &mut Lines) -> Result<Vec<Vec<u8>>, InputError> {
    let first = lines.peek()?;
    kind::must_be_text(&lines.name, first, "VCF or BCF")?;
    if let Some(problem) = TextKind::of(lines.ahead()?).and_then(TextKind::for_variants) {
        return Err(InputError::Kind { path: lines.name.clone(), problem });
    }
    let mut header: Vec<Vec<u8>> = Vec::new();
    let mut line = Vec::new();
    while lines.read(&mut line)? {
        if header.is_empty() && !line.starts_with(b"##fileformat=") {
            return Err(lines.error(format!(
                "found {}, expected ##fileformat=VCFv4.x: this is not a VCF, or its header was cut off; restore the header (`bcftools view -h` shows one, `bcftools reheader` adds it)",
                excerpt(&line)
            )));
        }
        let is_meta = line.starts_with(b"##");
        let is_columns = line.starts_with(b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO");
        if !is_meta && !is_columns {
            return Err(lines.error(format!(
                "found {}, expected a ## line or the line #CHROM POS ID REF ALT QUAL FILTER INFO … with tabs between the columns",
                excerpt(&line)
            )));
        }
        header.push(std::mem::take(&mut line));
        if is_columns {
            return Ok(header);
        }
    }
    if header.is_empty() {
        return Err(InputError::Empty { path: lines.name.clone(), expected: "a VCF or BCF file" });
    }
    Err(lines.error("the file ends before its #CHROM line: it is truncated, or not a VCF"))
}

fn parse(
    line: Vec<u8>,
    number: u64,
    carriage_return: bool,
    columns: usize,
) -> Result<Record, String> {
    let mut fields: [Range<usize>; 8] = std::array::from_fn(|_| 0..0);
    let mut found = 0;
    let mut start = 0;
    for end in memchr_tabs(&line).chain([line.len()]) {
        if let Some(field) = fields.get_mut(found) {
            *field = start..end;
        }
        found += 1;
        start = end + 1;
    }
    if found < 8 {
        let spaces = line.split(u8::is_ascii_whitespace).count() >= 8;
        let hint = if spaces { "; columns must be separated by tabs, not spaces" } else { "" };
        return Err(format!(
            "found {} in {}, expected at least 8{hint}",
            counted(found, "column"),
            excerpt(&line)
        ));
    }
    // some writers end lines with an extra tab
    if found != columns && !(found == columns + 1 && line.ends_with(b"\t")) {
        return Err(format!(
            "found {}, expected {columns} as in the #CHROM line",
            counted(found, "column")
        ));
    }
    let position = std::str::from_utf8(&line[fields[1].clone()])
        .ok()
        .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|text| text.parse().ok());
    let Some(position) = position else {
        return Err(format!(
            "POS is {}, expected a whole number",
            excerpt(&line[fields[1].clone()])
        ));
    };
    for (i, what) in [(0, "CHROM"), (3, "REF"), (4, "ALT")] {
        let value = &line[fields[i].clone()];
        let has_empty = i == 4 && value.split(|&b| b == b',').any(<[u8]>::is_empty);
        if value.is_empty() || has_empty {
            return Err(format!(
                "{what} is {}, which has an empty value; write '.' for a missing one",
                excerpt(&line[fields[i].clone()])
            ));
        }
    }
    Ok(Record { line, carriage_return, position, number, fields })
}

fn memchr_tabs(line: &[u8]) -> impl Iterator<Item = usize> + '_ {
    line.iter().enumerate().filter(|(_, b)| **b == b'\t').map(|(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;
    use std::io::Cursor;

    const HEAD: &str = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

    fn read(text: String) -> Result<Vec<Record>, InputError> {
        let input = input::from_reader("t.vcf".into(), Cursor::new(text), None)?;
        let mut reader = Reader::new(input)?;
        let mut records = Vec::new();
        while let Some(record) = reader.read()? {
            records.push(record);
        }
        Ok(records)
    }

    #[test]
    fn fields_are_found_and_info_is_added() {
        let records = read(format!(
            "{HEAD}1\t5\trs1\tA\tC,<DEL>\t.\tPASS\tAC=1\r\n\n<2>\t0\t.\tN\t.\t.\t.\t."
        ))
        .unwrap();
        let [first, second] = records.as_slice() else { panic!("two records") };
        assert_eq!((first.contig().as_str(), first.position, first.number), ("1", 5, 3));
        assert_eq!(first.alternatives().collect::<Vec<_>>(), [&b"C"[..], b"<DEL>"]);
        assert_eq!(first.with_info("X=1"), b"1\t5\trs1\tA\tC,<DEL>\t.\tPASS\tAC=1;X=1\r\n");
        assert_eq!((second.position, second.number), (0, 5));
        assert!(first.has_info("AC") && !first.has_info("A") && !second.has_info("AC"));
        assert_eq!(second.with_info("X=1"), b"<2>\t0\t.\tN\t.\t.\t.\tX=1\n");
    }

    #[test]
    fn names_of_info_fields() {
        let header = [
            "##INFO=<ID=A,Number=1,Description=\"x,ID=C\">",
            "##INFO=<Number=A,ID=B>",
            "##FORMAT=<ID=D>",
        ];
        let names = info_names(&header.map(|line| line.as_bytes().to_vec()));
        assert_eq!(names, ["A", "B"].map(str::to_owned).into());
    }

    #[test]
    fn lengths_of_contigs() {
        let header = [
            "##fileformat=VCFv4.3",
            "##contig=<ID=chr1,length=12,assembly=\"x,y\">",
            "##contig=<length=7,ID=2>",
            "##contig=<ID=3>",
            "##contig=<ID=4,length=x>",
        ];
        let header = header.map(|line| line.as_bytes().to_vec());
        assert_eq!(contig_lengths(&header), [("chr1".to_owned(), 12), ("2".to_owned(), 7)]);
    }

    #[test]
    fn a_bare_record_equals_its_parsed_line() {
        let bare = Record::bare("chr1", 12, [b"A", b"GT"], 1);
        let parsed = parse(bare.line.clone(), 1, false, 8).unwrap();
        assert_eq!(bare, parsed);
        assert_eq!(bare.with_info("X=1"), b"chr1\t12\t.\tA\tGT\t.\t.\tX=1\n");
    }

    #[test]
    fn errors_name_the_line() {
        let row = |line: &str| format!("{HEAD}{line}\n");
        for (text, part) in [
            (String::new(), "is empty"),
            ("1\t5\t.\tA\tC\t.\t.\t.\n".into(), "line 1: found"),
            ("##fileformat=VCFv4.3\n".into(), "before its #CHROM line"),
            ("##fileformat=VCFv4.3\nCHROM\n".into(), "line 2"),
            (row("1 5 . A C . . ."), "tabs"),
            (row("1\t5\t.\tA\tC"), "5 columns"),
            (row("1\t5\t.\tA\tC\t.\t.\t.\tGT"), "9 columns"),
            (row("1\tx\t.\tA\tC\t.\t.\t."), "POS is \"x\""),
            (row("1\t-1\t.\tA\tC\t.\t.\t."), "POS is"),
            (row("1\t5\t.\t\tC\t.\t.\t."), "REF is"),
            (row("1\t5\t.\tA\tC,,G\t.\t.\t."), "ALT is"),
        ] {
            let error = read(text.clone()).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
