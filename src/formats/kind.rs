//! Files of other kinds, recognised by their first bytes and named in messages.

use super::error::InputError;

/// First bytes of files that no command reads, their name, and the remedy.
const BINARY: [(&[u8], &str, &str); 21] = [
    (
        b"\xfd7zXZ\0",
        "is compressed with xz",
        "decompress it (`xz -dc FILE | hyenadna …` with - as the input)",
    ),
    (
        b"BZh",
        "is compressed with bzip2",
        "decompress it (`bzip2 -dc FILE | hyenadna …` with - as the input)",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "is compressed with zstd",
        "decompress it (`zstd -dc FILE | hyenadna …` with - as the input)",
    ),
    (
        b"\x04\x22\x4d\x18",
        "is compressed with lz4",
        "decompress it (`lz4 -dc FILE | hyenadna …` with - as the input)",
    ),
    (b"\x1f\x9d", "is compressed with compress (.Z)", "decompress it (`gzip -dc` reads it)"),
    (b"PK\x03\x04", "is a ZIP archive", "extract the file (`unzip -p FILE`)"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive", "extract the file (`7z e FILE`)"),
    (
        b"BAM\x01",
        "is BAM: aligned reads",
        "`samtools fasta` makes sequences of it, `bcftools mpileup | bcftools call` variants",
    ),
    (
        b"CRAM",
        "is CRAM: aligned reads",
        "`samtools fasta` makes sequences of it, `bcftools mpileup | bcftools call` variants",
    ),
    (b"\x43\x27\x41\x1a", "is a .2bit genome", "make FASTA of it (`twoBitToFa FILE genome.fa`)"),
    (b"\x1a\x41\x27\x43", "is a .2bit genome", "make FASTA of it (`twoBitToFa FILE genome.fa`)"),
    (b"\x26\xfc\x8f\x88", "is bigWig", "make bedGraph of it (`bigWigToBedGraph`)"),
    (b"\x88\x8f\xfc\x26", "is bigWig", "make bedGraph of it (`bigWigToBedGraph`)"),
    (b"\xeb\xf2\x89\x87", "is bigBed", "make BED of it (`bigBedToBed`)"),
    (b"\x87\x89\xf2\xeb", "is bigBed", "make BED of it (`bigBedToBed`)"),
    (b"TBI\x01", "is an index", "name the file that it belongs to"),
    (b"CSI\x01", "is an index", "name the file that it belongs to"),
    (b"BAI\x01", "is an index", "name the file that it belongs to"),
    (b"PAR1", "is Parquet", "write it as text with tabs first"),
    (b"\xff\xfe", "is UTF-16 text", "convert it (`iconv -f UTF-16 -t UTF-8`)"),
    (b"\xfe\xff", "is UTF-16 text", "convert it (`iconv -f UTF-16 -t UTF-8`)"),
];

/// Refuses a file, by its first bytes before or after decompression, that no command reads.
///
/// # Errors
/// The bytes are those of such a file; the message names its kind and the remedy.
pub fn refuse_binary(path: &str, head: &[u8]) -> Result<(), InputError> {
    // some begin like text
    let is_text = !head.iter().take(64).any(|&byte| is_binary(byte) || !byte.is_ascii());
    match BINARY.iter().find(|(magic, ..)| head.starts_with(magic) && !is_text) {
        Some((_, kind, remedy)) => Err(InputError::Kind {
            path: path.to_owned(),
            problem: format!("this file {kind}, which hyenadna does not read; {remedy}"),
        }),
        None => Ok(()),
    }
}

/// Refuses a file that starts with a control byte.
///
/// # Errors
/// It does; the message names `expected`, the content that can be read.
pub fn must_be_text(path: &str, first: Option<u8>, expected: &str) -> Result<(), InputError> {
    match first {
        Some(byte) if is_binary(byte) => Err(InputError::Kind {
            path: path.to_owned(),
            problem: format!(
                "starts with byte 0x{byte:02x}, so it is not text; expected {expected}, plain or compressed with gzip or bgzip"
            ),
        }),
        _ => Ok(()),
    }
}

/// True for a control byte that does not occur in text.
fn is_binary(byte: u8) -> bool {
    byte < 9 || (14..32).contains(&byte) || byte == 127
}

/// True for a line of BED or GFF that has no record: blank, a comment, or of a browser (`track …`,
/// `browser …`). A contig may be called `track`: a tab follows it.
pub fn is_comment(line: &[u8]) -> bool {
    let is = |word: &[u8]| {
        line.strip_prefix(word)
            .is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\r')))
    };
    line.trim_ascii().is_empty() || line.starts_with(b"#") || is(b"track") || is(b"browser")
}

/// Kinds of text that are easily confused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Sequences.
    Fasta,
    /// Reads with qualities.
    Fastq,
    /// Variants.
    Vcf,
    /// Genes and other features, 1-based.
    Gff,
    /// Aligned reads.
    Sam,
    /// The header of aligned reads or of intervals.
    SamHeader,
    /// Intervals of Picard and GATK, 1-based.
    IntervalList,
    /// Regions.
    Bed,
    /// A web page.
    Html,
    /// A placeholder of Git LFS.
    Pointer,
}

impl TextKind {
    /// The kind of a text by its first lines, if it is one of these for sure. `head` may end within a line.
    pub fn of(head: &[u8]) -> Option<Self> {
        let head = head.trim_ascii_start();
        let starts = |word: &[u8]| head.starts_with(word);
        let lower = head[..head.len().min(15)].to_ascii_lowercase();
        let is_sam =
            [&b"@HD\t"[..], b"@SQ\t", b"@RG\t", b"@PG\t", b"@CO\t"].iter().any(|s| starts(s));
        if is_sam {
            let mut rest =
                head.split_inclusive(|&b| b == b'\n').filter(|line| !line.starts_with(b"@"));
            let Some(line) = rest.next() else { return Some(Self::SamHeader) };
            let columns = columns(line.trim_ascii_end());
            let is_interval = matches!(columns[..], [_, start, end, b"+" | b"-", _] if is_number(start) && is_number(end));
            return Some(if is_interval { Self::IntervalList } else { Self::Sam });
        }
        if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
            return Some(Self::Html);
        }
        match head {
            _ if starts(b"##fileformat=VCF") => Some(Self::Vcf),
            _ if starts(b"##gff-version") || starts(b"##gtf") || starts(b"#!genome-build") => {
                Some(Self::Gff)
            }
            _ if starts(b"version https://git-lfs") => Some(Self::Pointer),
            [b'>', ..] => Some(Self::Fasta),
            [b'@', ..] => Some(Self::Fastq),
            _ => {
                let mut lines = head.split_inclusive(|&b| b == b'\n');
                let line = lines.find(|line| !is_comment(line.trim_ascii_end()))?;
                Self::of_line(line.trim_ascii_end())
            }
        }
    }

    /// The kind of a line of columns.
    fn of_line(line: &[u8]) -> Option<Self> {
        let columns = columns(line);
        let is_bases = |text: &[u8]| text.iter().all(|b| b"ACGTNacgtn".contains(b));
        match columns[..] {
            // a VCF without its header, with numbers as names
            [_, _, _, reference, _, _, _, _, ..] if is_bases(reference) => None,
            [_, start, end, ..] if is_number(start) && is_number(end) => Some(Self::Bed),
            [_, _, _, start, end, _, b"+" | b"-" | b"." | b"?", _, _]
                if is_number(start) && is_number(end) =>
            {
                Some(Self::Gff)
            }
            _ => None,
        }
    }

    /// Its name and the remedy where regions were expected.
    pub fn for_regions(self) -> Option<String> {
        Some(match self {
            Self::Vcf => "this is VCF, expected BED: `score-variants` scores its variants, and `bcftools query -f '%CHROM\\t%POS0\\t%END\\n'` makes regions of it".to_owned(),
            Self::Gff => "this is GFF or GTF, expected BED; convert it (`awk -F '\\t' -v OFS='\\t' '!/^#/ {print $1, $4 - 1, $5, $3, \".\", $7}'`)".to_owned(),
            Self::IntervalList => "this is an interval_list, whose positions count from 1, expected BED; convert it (`grep -v '^@' FILE | awk -v OFS='\\t' '{print $1, $2 - 1, $3, $5, \".\", $4}'`, or `picard IntervalListToBed`)".to_owned(),
            Self::Fasta | Self::Fastq => {
                let name = if self == Self::Fasta { "FASTA" } else { "FASTQ" };
                format!("this is {name}, expected BED: the regions come first, then the reference")
            }
            Self::Bed => return None,
            other => other.elsewhere("BED")?,
        })
    }

    /// Its name and the remedy where variants were expected.
    pub fn for_variants(self) -> Option<String> {
        Some(match self {
            Self::Fasta => "this is FASTA, expected VCF or BCF: the variants come first, then the reference".to_owned(),
            Self::Bed => "this is BED or another table of regions, expected VCF or BCF; --all-snvs scores every SNV of regions".to_owned(),
            Self::Gff => "this is GFF or GTF, expected VCF or BCF; --genes takes genes".to_owned(),
            Self::Fastq | Self::IntervalList => {
                let name = if self == Self::Fastq { "FASTQ" } else { "an interval_list" };
                format!("this is {name}, expected VCF or BCF")
            }
            Self::Vcf => return None,
            other => other.elsewhere("VCF or BCF")?,
        })
    }

    /// Its name and the remedy where a reference was expected.
    pub fn for_reference(self) -> Option<String> {
        Some(match self {
            Self::Vcf => "this is VCF, expected a reference in FASTA format: the variants come first, then the reference".to_owned(),
            Self::Bed => "this is BED or another table of regions, expected a reference in FASTA format: the regions come first, then the reference".to_owned(),
            Self::Gff => "this is GFF or GTF, expected a reference in FASTA format".to_owned(),
            Self::Fastq => "this is FASTQ, expected a reference in FASTA format; convert it (`seqkit fq2fa`)".to_owned(),
            Self::IntervalList => "this is an interval_list, expected a reference in FASTA format".to_owned(),
            Self::Fasta => return None,
            other => other.elsewhere("a reference in FASTA format")?,
        })
    }

    /// Message about a kind that no command reads; none for the others.
    pub fn elsewhere(self, expected: &str) -> Option<String> {
        let found = match self {
            Self::Sam => "SAM: aligned reads; `samtools fasta` makes sequences of it",
            Self::Html => "a web page, perhaps of a download that failed; fetch the file again",
            Self::Pointer => "a placeholder of Git LFS; fetch the file (`git lfs pull`)",
            Self::SamHeader => {
                "the header of SAM or of an interval_list; `samtools fasta` makes sequences of SAM, `picard IntervalListToBed` BED of an interval_list"
            }
            _ => return None,
        };
        Some(format!("expected {expected}, but this is {found}"))
    }
}

fn columns(line: &[u8]) -> Vec<&[u8]> {
    line.split(|&b| b == b'\t').collect()
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart_by_their_first_lines() {
        let sam = "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:3000\n";
        for (text, kind) in [
            (">chr1\nACGT\n".to_owned(), Some(TextKind::Fasta)),
            ("\n@r1\nACGT\n+\n!!!!\n".into(), Some(TextKind::Fastq)),
            ("##fileformat=VCFv4.3\n".into(), Some(TextKind::Vcf)),
            ("##gff-version 3\n".into(), Some(TextKind::Gff)),
            (
                "#!genome-build GRCh38\n1\tx\tgene\t1\t9\t.\t+\t.\tID=a\n".into(),
                Some(TextKind::Gff),
            ),
            ("chr1\tx\tgene\t1\t9\t.\t+\t.\tgene_id \"a\";\n".into(), Some(TextKind::Gff)),
            (format!("{sam}chr1\t101\t200\t+\tx\n"), Some(TextKind::IntervalList)),
            (format!("{sam}r1\t0\tchr1\t5\t60\t4M\t*\t0\t0\tACGT\t!!!!\n"), Some(TextKind::Sam)),
            (sam.into(), Some(TextKind::SamHeader)),
            ("# a comment\ntrack name=x\n".into(), None),
            ("# a comment\n\nchr1\t5\t9\n".into(), Some(TextKind::Bed)),
            ("track name=x\nbrowser hide all\ntrack\t5\t9\n".into(), Some(TextKind::Bed)),
            ("<!DOCTYPE HTML>\n<html>".into(), Some(TextKind::Html)),
            ("version https://git-lfs.github.com/spec/v1\n".into(), Some(TextKind::Pointer)),
            ("chrom\tstart\tend\n".into(), None),
            ("chr1\t5\t123\tA\tC\t.\t.\t.\n".into(), None),
            (String::new(), None),
        ] {
            assert_eq!(TextKind::of(text.as_bytes()), kind, "{text:?}");
        }
    }

    #[test]
    fn every_binary_kind_is_named_with_a_remedy() {
        for (magic, kind, remedy) in BINARY {
            let error =
                refuse_binary("x", &[magic, &b"\x01rest"[..]].concat()).unwrap_err().to_string();
            assert!(error.contains(kind) && error.contains(remedy), "{error}");
        }
        let fine = [&b""[..], b"##fileformat", b"PAR1\t5\t9\n", b"BCF\x02", b"\x1f\x8b\x08"];
        for fine in fine {
            assert!(refuse_binary("x", fine).is_ok());
        }
        assert!(must_be_text("x", Some(1), "BED").unwrap_err().to_string().contains("0x01"));
        assert!(must_be_text("x", Some(b'\n'), "BED").is_ok());
    }
}
