//! Genes and their strands, from BED, GTF or GFF3.
//!
//! The parser of GTF and GFF3 is our own, like that of BED: the readers of noodles discard the line
//! numbers, which error messages need, and only five of the nine columns matter here.

use std::{
    collections::BTreeSet,
    io::{BufRead, Cursor, Read},
    ops::Range,
    path::Path,
};

use super::{
    bed,
    error::{InputError, excerpt},
    input::{self, Input},
    kind::{self, TextKind, is_comment},
    lines::Lines,
    number::counted,
};
use crate::genome::{
    contig::{self, ContigIndex},
    name,
    region::Strand,
};

const EXPECTED: &str = "genes with their strands, as BED, GTF or GFF3";

/// Genes of a genome, searchable for the strand of a place.
#[derive(Debug, Default)]
pub struct Genes {
    /// Contigs that have a gene with a strand, in the order of the file.
    contigs: Vec<GeneContig>,
    /// Places in `contigs`.
    by_name: ContigIndex,
    /// True if the names are those of a reference: no other style of a name counts.
    resolved: bool,
    stranded: usize,
    unstranded: usize,
}

#[derive(Debug)]
struct GeneContig {
    name: String,
    /// Bases covered by genes of the forward and of the reverse strand, 0-based and half-open. Once
    /// all genes are read, the ranges are sorted, and those that overlap or abut are joined.
    strands: [Vec<Range<u64>>; 2],
}

/// The only strand present, given the presence of the forward and of the reverse strand; `None` for
/// neither or both.
pub fn only(strands: [bool; 2]) -> Option<Strand> {
    match strands {
        [true, false] => Some(Strand::Forward),
        [false, true] => Some(Strand::Reverse),
        _ => None,
    }
}

impl Genes {
    /// Reads BED with a strand in column 6, GTF or GFF3, detected from the content. In GTF and
    /// GFF3, genes are the lines with a feature (column 3) that is or ends with `gene`; if there
    /// are none, those with `transcript` or `mRNA`.
    ///
    /// # Errors
    /// The file cannot be read, is of another kind, has an invalid line, or has no gene with a
    /// strand.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        Self::from_input(input::open(path)?)
    }

    /// Reads an opened input, as [`Self::read`] does a file.
    pub fn from_input(input: Input) -> Result<Self, InputError> {
        let (kind, input) = detect(input)?;
        let path = input.name.clone();
        let mut genes = match kind {
            GeneFormat::Bed => from_bed(Lines::new(input))?,
            GeneFormat::Gff => from_gff(Lines::new(input))?,
        };
        if genes.stranded == 0 {
            return Err(InputError::Kind {
                path,
                problem: format!(
                    "{} without a strand and none with one, expected '+' or '-' in column {}; use a file with strands",
                    counted(genes.unstranded, "gene"),
                    if kind == GeneFormat::Bed { 6 } else { 7 }
                ),
            });
        }
        genes.join();
        Ok(genes)
    }

    /// Number of genes with a strand.
    pub fn len(&self) -> usize {
        self.stranded
    }

    /// True if no gene has a strand.
    pub fn is_empty(&self) -> bool {
        self.stranded == 0
    }

    /// Number of genes without a strand, which are ignored.
    pub fn unstranded(&self) -> usize {
        self.unstranded
    }

    /// Names of the contigs that have a gene with a strand, as in the file.
    pub fn contigs(&self) -> impl ExactSizeIterator<Item = &str> {
        self.contigs.iter().map(|contig| contig.name.as_str())
    }

    /// Renames the contigs to those of a reference, which `own_name` finds; contigs that it lacks
    /// keep their names. From then on a contig has only the genes that were meant for it.
    ///
    /// # Errors
    /// Those of `own_name`.
    pub fn resolve<E>(
        self,
        mut own_name: impl FnMut(&str) -> Result<Option<String>, E>,
    ) -> Result<Self, E> {
        let Self { contigs, stranded, unstranded, .. } = self;
        let mut resolved = Self { stranded, unstranded, resolved: true, ..Self::default() };
        for GeneContig { name, strands } in contigs {
            let name = own_name(&name)?.unwrap_or(name);
            let place = resolved.place(&name);
            let own = &mut resolved.contigs[place].strands;
            own.iter_mut().zip(strands).for_each(|(own, strand)| own.extend(strand));
        }
        resolved.join();
        Ok(resolved)
    }

    /// The end of the last gene of a contig, 0-based and exclusive; `None` without a gene.
    pub fn end(&self, contig: &str) -> Option<u64> {
        let strands = self.find(contig)?.strands.iter();
        strands.filter_map(|covered| Some(covered.last()?.end)).max()
    }

    /// Strand of the genes that overlap a range of a contig, 0-based and half-open; `None` without
    /// a gene, or with genes of both strands.
    ///
    /// An empty range lies between the bases `start - 1` and `start`, and overlaps the genes that
    /// contain either, as in bedtools: an insertion at the border of a gene counts.
    pub fn strand(&self, contig: &str, start: u64, end: u64) -> Option<Strand> {
        only(self.strands(contig, start, end))
    }

    /// Presence of genes of the forward and of the reverse strand that overlap a range, as in
    /// [`strand`](Self::strand).
    pub fn strands(&self, contig: &str, start: u64, end: u64) -> [bool; 2] {
        let Some(contig) = self.find(contig) else { return [false; 2] };
        let range = with_bases(start, end);
        let overlaps = |covered: &Vec<Range<u64>>| {
            let next = covered.partition_point(|one| one.end <= range.start);
            covered.get(next).is_some_and(|one| one.start < range.end)
        };
        contig.strands.each_ref().map(overlaps)
    }

    /// The genes of a contig; none where its name may mean either of two contigs.
    fn find(&self, contig: &str) -> Option<&GeneContig> {
        let (name, place) = self.by_name.find(contig).ok().flatten()?;
        (name == contig || !self.resolved).then(|| &self.contigs[place])
    }

    /// The place of a contig, which is added if it is new.
    fn place(&mut self, name: &str) -> usize {
        self.by_name.get(name).unwrap_or_else(|| {
            self.by_name.insert(name, self.contigs.len());
            self.contigs.push(GeneContig { name: name.to_owned(), strands: [vec![], vec![]] });
            self.contigs.len() - 1
        })
    }

    fn add(&mut self, name: &str, start: u64, end: u64, strand: Option<Strand>) {
        let Some(strand) = strand else {
            self.unstranded += 1;
            return;
        };
        self.stranded += 1;
        let place = self.place(name);
        let side = usize::from(strand == Strand::Reverse);
        self.contigs[place].strands[side].push(with_bases(start, end));
    }

    /// Sorts and joins the ranges, so that they can be searched.
    fn join(&mut self) {
        for covered in self.contigs.iter_mut().flat_map(|contig| &mut contig.strands) {
            covered.sort_unstable_by_key(|one| (one.start, one.end));
            covered.dedup_by(|next, last| {
                let meets = next.start <= last.end;
                if meets {
                    last.end = last.end.max(next.end);
                }
                meets
            });
        }
    }
}

/// A range that is not empty; an empty one becomes the two bases on either side.
fn with_bases(start: u64, end: u64) -> Range<u64> {
    if start < end { start..end } else { start.saturating_sub(1)..start.saturating_add(1) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GeneFormat {
    Bed,
    Gff,
}

/// Bytes of a line that are looked at.
const LONGEST: u64 = 1 << 28;

/// Detects the format from the first line that is not a comment. The input returned starts from the
/// beginning.
fn detect(mut input: Input) -> Result<(GeneFormat, Input), InputError> {
    let mut head = Vec::new();
    let mut number = 0;
    let kind = loop {
        let from = head.len();
        let mut line = input.reader.by_ref().take(LONGEST);
        let read = line.read_until(b'\n', &mut head).map_err(|source| InputError::Read {
            path: input.name.clone(),
            line: number,
            source,
        })?;
        number += 1;
        let line = head[from..].strip_suffix(b"\n").unwrap_or(&head[from..]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        kind::must_be_text(&input.name, head.first().copied(), EXPECTED)?;
        if number == 1 || !is_comment(line) {
            let other = TextKind::of(&head).and_then(|kind| kind.elsewhere(EXPECTED));
            if let Some(problem) = other {
                return Err(InputError::Kind { path: input.name, problem });
            }
        }
        match read {
            0 if head.is_empty() => {
                return Err(InputError::Empty { path: input.name, expected: EXPECTED });
            }
            0 => {
                return Err(InputError::Kind {
                    path: input.name,
                    problem: format!("has only comments; expected {EXPECTED}"),
                });
            }
            _ if line.starts_with(b"##gff-version") => break GeneFormat::Gff,
            _ if is_comment(line) => {}
            _ => match kind_of(line) {
                Some(kind) => break kind,
                None => {
                    return Err(InputError::Line {
                        path: input.name,
                        line: number,
                        problem: format!(
                            "found {}, expected {EXPECTED}: BED has start and end in columns 2 and 3 and the strand in column 6; GTF and GFF3 have nine columns{}",
                            excerpt(line),
                            spaces(line)
                        ),
                    });
                }
            },
        }
    };
    input.reader = Box::new(Cursor::new(head).chain(input.reader));
    Ok((kind, input))
}

fn kind_of(line: &[u8]) -> Option<GeneFormat> {
    let columns: Vec<&[u8]> = line.split(|&b| b == b'\t').collect();
    let is_number = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    match columns.as_slice() {
        // a feature is never a number
        [_, start, end, ..] if is_number(start) && is_number(end) => Some(GeneFormat::Bed),
        _ if columns.len() == GFF_COLUMNS => Some(GeneFormat::Gff),
        _ => None,
    }
}

/// A hint for a line with spaces between its columns.
fn spaces(line: &[u8]) -> &'static str {
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    let tabs = line.iter().filter(|&&b| b == b'\t').count();
    if words >= 3 && tabs < 2 { "; columns must be separated by tabs, not spaces" } else { "" }
}

fn from_bed(lines: Lines) -> Result<Genes, InputError> {
    let mut genes = Genes::default();
    let mut reader = bed::Reader::new(lines);
    while let Some(record) = reader.read()? {
        if record.columns.len() < 6 {
            return Err(InputError::Line {
                path: reader.name().to_owned(),
                line: record.line,
                problem: format!(
                    "found {}, expected 6 or more, with the strand of the gene in column 6; use a BED with strands, GTF or GFF3",
                    counted(record.columns.len(), "column")
                ),
            });
        }
        genes.add(&record.region.contig, record.region.start, record.region.end, record.strand);
    }
    Ok(genes)
}

/// Columns of GTF and GFF3: contig, source, feature, start, end, score, strand, phase, attributes.
const GFF_COLUMNS: usize = 9;

fn from_gff(mut lines: Lines) -> Result<Genes, InputError> {
    let (mut genes, mut transcripts) = (Genes::default(), Genes::default());
    let mut others = BTreeSet::new();
    let mut line = Vec::new();
    while lines.read(&mut line)? {
        // sequences may follow, with or without ##FASTA
        if line.starts_with(b"##FASTA") || line.starts_with(b">") {
            break;
        }
        if is_comment(&line) {
            continue;
        }
        let columns: Vec<&[u8]> = line.split(|&b| b == b'\t').collect();
        let &[contig, _, feature, start, end, _, strand, _, _] = columns.as_slice() else {
            return Err(lines.error(format!(
                "found {} in {}, expected {GFF_COLUMNS} as in GTF and GFF3{}",
                counted(columns.len(), "column"),
                excerpt(&line),
                spaces(&line)
            )));
        };
        let wanted = if feature.ends_with(b"gene") {
            &mut genes
        } else if feature == b"transcript" || feature == b"mRNA" {
            &mut transcripts
        } else {
            if others.len() < FEATURES && !others.contains(feature) {
                others.insert(feature.to_vec());
            }
            continue;
        };
        let (start, end, strand) =
            place(contig, start, end, strand).map_err(|problem| lines.error(problem))?;
        wanted.add(&name::decode(contig), start, end, strand);
    }
    let found = |genes: &Genes| genes.stranded + genes.unstranded > 0;
    if found(&genes) {
        Ok(genes)
    } else if found(&transcripts) {
        Ok(transcripts)
    } else {
        let names = others.iter().map(|feature| String::from_utf8_lossy(feature));
        Err(InputError::Kind {
            path: lines.name,
            problem: format!(
                "has no gene: no feature (column 3) that is or ends with 'gene', and no 'transcript' or 'mRNA'; it has: {}. Use an annotation with genes, or a BED with strands",
                contig::summary(names.collect::<Vec<_>>().iter())
            ),
        })
    }
}

/// Most features that are kept for a message.
const FEATURES: usize = 50;

/// Start and end of a line of GTF or GFF3, 0-based and half-open, and its strand.
fn place(
    name: &[u8],
    start: &[u8],
    end: &[u8],
    strand: &[u8],
) -> Result<(u64, u64, Option<Strand>), String> {
    if name.is_empty() {
        return Err("the name of the contig (column 1) is empty".into());
    }
    let number = |text: &[u8], what: &str| {
        let digits = text.iter().all(u8::is_ascii_digit);
        let parsed = std::str::from_utf8(text).ok().and_then(|text| text.parse::<u64>().ok());
        parsed.filter(|&value| digits && value > 0).ok_or_else(|| {
            format!(
                "{what} is {}, expected a whole number, 1 or more: GTF and GFF3 are 1-based",
                excerpt(text)
            )
        })
    };
    let (start, end) = (number(start, "start (column 4)")?, number(end, "end (column 5)")?);
    if start > end {
        return Err(format!(
            "start {start} is greater than end {end}; in GTF and GFF3 start is the smaller on both strands"
        ));
    }
    let strand = match strand {
        b"+" => Some(Strand::Forward),
        b"-" => Some(Strand::Reverse),
        b"." | b"?" => None,
        other => {
            return Err(format!(
                "strand (column 7) is {}, expected '+', '-', '.' or '?'",
                excerpt(other)
            ));
        }
    };
    Ok((start - 1, end, strand))
}

#[cfg(test)]
mod tests;
