//! BED: regions, 0-based and half-open, with their columns unchanged.

use super::{
    error::{InputError, excerpt},
    input,
    kind::{self, TextKind, is_comment},
    lines::Lines,
    number::counted,
};
use crate::genome::{
    name,
    region::{Region, Strand},
};

/// Names of the twelve standard columns.
const NAMES: [&str; 12] = [
    "chrom",
    "chromStart",
    "chromEnd",
    "name",
    "score",
    "strand",
    "thickStart",
    "thickEnd",
    "itemRgb",
    "blockCount",
    "blockSizes",
    "blockStarts",
];

/// Names of columns that peak callers add.
const PEAKS: [&str; 4] = ["signalValue", "pValue", "qValue", "peak"];

/// Names of the columns of a file, by its suffix: narrowPeak, broadPeak and gappedPeak, also compressed,
/// have columns of their own; all others are BED. `column13` and so on, counted from 1, beyond the
/// standard ones.
pub fn column_names(path: &str, count: usize) -> Vec<String> {
    let path = path.to_ascii_lowercase();
    let bare = [".gz", ".bgz"].iter().find_map(|suffix| path.strip_suffix(suffix)).unwrap_or(&path);
    let suffix = bare.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    let (standard, added) = match suffix {
        "narrowpeak" => (6, &PEAKS[..]),
        "broadpeak" => (6, &PEAKS[..3]),
        "gappedpeak" => (12, &PEAKS[..3]),
        _ => (12, &[][..]),
    };
    let names: Vec<&str> = NAMES[..standard].iter().chain(added).copied().collect();
    let name =
        |i: usize| names.get(i).map_or_else(|| format!("column{}", i + 1), |&n| n.to_owned());
    (0..count).map(name).collect()
}

/// One line of a BED file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Region, 0-based and half-open.
    pub region: Region,
    /// Strand from column 6; `None` if that is missing, empty or `.`.
    pub strand: Option<Strand>,
    /// All columns, unchanged.
    pub columns: Vec<Vec<u8>>,
    /// Number of the line, 1-based.
    pub line: u64,
}

/// Reads the regions of a BED file one by one. Skips comments, blank lines, and `track` and
/// `browser` lines.
pub struct Reader {
    lines: Lines,
    line: Vec<u8>,
    columns: Option<usize>,
    /// Regions that come from no line, and the number of those before.
    made: std::vec::IntoIter<Region>,
    count: u64,
}

impl Reader {
    /// Reads regions from `lines`.
    pub fn new(lines: Lines) -> Self {
        Self { lines, line: Vec::new(), columns: None, made: Vec::new().into_iter(), count: 0 }
    }

    /// Gives regions that were named elsewhere; `name` is that of the input, for messages.
    ///
    /// # Errors
    /// None: nothing is read.
    pub fn of_regions(name: &str, regions: Vec<Region>) -> Result<Self, InputError> {
        let nothing = input::from_reader(name.to_owned(), std::io::empty(), Some(0))?;
        Ok(Self { made: regions.into_iter(), ..Self::new(Lines::new(nothing)) })
    }

    /// Name of the input, for messages.
    pub fn name(&self) -> &str {
        &self.lines.name
    }

    /// Position in the file after the last region, in bytes.
    pub fn position(&self) -> u64 {
        self.lines.position()
    }

    /// The next region, or `None` after the last.
    ///
    /// # Errors
    /// The file is of another kind, a line is not BED, or its number of columns differs from that of the first line.
    pub fn read(&mut self) -> Result<Option<Record>, InputError> {
        if self.lines.number == 0 {
            let first = self.lines.peek()?;
            kind::must_be_text(&self.lines.name, first, "BED")?;
            if let Some(problem) = TextKind::of(self.lines.ahead()?).and_then(TextKind::for_regions)
            {
                return Err(InputError::Kind { path: self.lines.name.clone(), problem });
            }
        }
        if let Some(region) = self.made.next() {
            self.count += 1;
            let Region { contig, start, end } = &region;
            let [start, end] = [start, end].map(|place| place.to_string().into_bytes());
            let columns = vec![name::encode(contig).into_owned(), start, end];
            return Ok(Some(Record { region, strand: None, columns, line: self.count }));
        }
        while self.lines.read(&mut self.line)? {
            if !is_comment(&self.line) {
                return self.parse().map(Some);
            }
        }
        Ok(None)
    }

    fn parse(&mut self) -> Result<Record, InputError> {
        let columns: Vec<Vec<u8>> = self.line.split(|&b| b == b'\t').map(<[u8]>::to_vec).collect();
        let [chrom, start, end, ..] = columns.as_slice() else {
            let spaces = self.line.split(u8::is_ascii_whitespace).count() >= 3;
            let hint = if spaces { "; columns must be separated by tabs, not spaces" } else { "" };
            return Err(self.lines.error(format!(
                "found {} in {}, expected at least chrom, start and end{hint}",
                counted(columns.len(), "column"),
                excerpt(&self.line)
            )));
        };
        if chrom.is_empty() {
            return Err(self.lines.error("the name of the contig (column 1) is empty"));
        }
        if chrom.starts_with(b"\"") {
            return Err(self.lines.error(format!(
                "the name of the contig is {}, in quotation marks; write the file without them (in R: `write.table(…, quote = FALSE, row.names = FALSE, col.names = FALSE)`)",
                excerpt(chrom)
            )));
        }
        let is_word = |text: &[u8]| text.first().is_some_and(u8::is_ascii_alphabetic);
        if self.columns.is_none() && is_word(start) && is_word(end) {
            return Err(self.lines.error(format!(
                "start and end are {} and {}, expected whole numbers; if this line has the column names, remove it or put # before it",
                excerpt(start),
                excerpt(end)
            )));
        }
        let (start, end) = (self.number(start, "start")?, self.number(end, "end")?);
        if start > end {
            return Err(self.lines.error(format!(
                "start {start} is greater than end {end}; BED is 0-based and half-open"
            )));
        }
        let strand = match columns.get(5).map(Vec::as_slice) {
            Some(b"+") => Some(Strand::Forward),
            Some(b"-") => Some(Strand::Reverse),
            None | Some(b"." | b"") => None,
            Some(other) => {
                return Err(self.lines.error(format!(
                    "strand (column 6) is {}, expected '+', '-' or '.'",
                    excerpt(other)
                )));
            }
        };
        let expected = *self.columns.get_or_insert(columns.len());
        if columns.len() != expected {
            return Err(self.lines.error(format!(
                "found {}, expected {expected} as in the lines before",
                counted(columns.len(), "column")
            )));
        }
        let region = Region { contig: name::decode(chrom), start, end };
        Ok(Record { region, strand, columns, line: self.lines.number })
    }

    fn number(&self, text: &[u8], what: &str) -> Result<u64, InputError> {
        let parsed = std::str::from_utf8(text).ok().and_then(|text| {
            text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
        });
        parsed.ok_or_else(|| {
            let separated =
                text.contains(&b',') && text.iter().all(|b| b.is_ascii_digit() || *b == b',');
            let hint = if separated { "; remove the commas" } else { "" };
            let text = excerpt(text);
            self.lines.error(format!("{what} is {text}, expected a whole number, 0 or more{hint}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;
    use std::io::Cursor;

    fn read(text: &'static str) -> Result<Vec<Record>, InputError> {
        let input = input::from_reader("t.bed".into(), Cursor::new(text), None)?;
        let mut reader = Reader::new(Lines::new(input));
        let mut records = Vec::new();
        while let Some(record) = reader.read()? {
            records.push(record);
        }
        Ok(records)
    }

    #[test]
    fn regions_strands_and_comments() {
        let text = "track name=x\n# c\n\nchr1\t0\t5\ta\t0\t-\r\nchr2\t7\t7\tb\t0\t.\n";
        let records = read(text).unwrap();
        assert_eq!(records[0].region, Region { contig: "chr1".into(), start: 0, end: 5 });
        assert_eq!((records[0].strand, records[0].line), (Some(Strand::Reverse), 4));
        assert_eq!(records[0].columns[5], b"-");
        assert_eq!((records[1].strand, records[1].region.is_empty()), (None, true));
    }

    #[test]
    fn columns_of_peaks_have_their_names() {
        let last = |path: &str, count| column_names(path, count).pop().unwrap();
        assert_eq!(
            [3, 6, 12, 13].map(|n| last("x.bed", n)),
            ["chromEnd", "strand", "blockStarts", "column13"]
        );
        assert_eq!(
            [6, 7, 10, 11].map(|n| last("a.b/x.narrowPeak", n)),
            ["strand", "signalValue", "peak", "column11"]
        );
        assert_eq!(last("x.broadPeak.gz", 9), "qValue");
        assert_eq!(
            [12, 13, 15].map(|n| last("x.gappedPeak", n)),
            ["blockStarts", "signalValue", "qValue"]
        );
        assert_eq!(last("x.bedGraph", 4), "name");
        assert_eq!(last("<stdin>", 7), "thickStart");
    }

    #[test]
    fn errors_name_the_line() {
        for (text, part) in [
            ("chr1 0 5\n", "tabs"),
            ("chr1\t0\n", "2 columns in"),
            ("chr1\t9\t5\n", "start 9 is greater than end 5"),
            ("chr1\t-1\t5\n", "start is \"-1\""),
            ("chr1\t1.0\t5\n", "whole number"),
            ("chr1\t1\t99999999999999999999\n", "end is"),
            ("chr1\t0\t5\nchr1\t0\t5\tx\n", "line 2: found 4 columns"),
            ("chr1\t0\t5\ta\t0\t1\n", "strand"),
            ("chr1\t1,000\t1,200\n", "remove the commas"),
            ("\"chr1\"\t1\t5\n", "quote = FALSE"),
            ("chrom\tstart\tend\nchr1\t1\t5\n", "line 1: start and end are \"start\" and \"end\""),
            ("##fileformat=VCFv4.2\n#CHROM\n", "this is VCF"),
            (">a\nACGT\n", "this is FASTA"),
            ("@HD\tVN:1.6\nchr1\t101\t200\t+\tx\n", "this is an interval_list"),
            ("chr1\tx\tgene\t1\t9\t.\t+\t.\tID=a\n", "this is GFF"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
