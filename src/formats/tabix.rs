//! Indexes of tables and VCF compressed with bgzip, made by htslib: `.tbi` and `.csi`.

use std::{
    collections::HashSet,
    ffi::CString,
    fs::{self, File},
    io::{self, BufRead, BufReader},
    os::unix::ffi::OsStrExt,
    path::Path,
};

use flate2::bufread::MultiGzDecoder;
use rust_htslib::htslib as hts;

use crate::genome::name;

/// Kind of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum IndexKind {
    /// .tbi, as tabix makes: contigs of up to 512 million bases
    Tbi,
    /// .csi, for contigs of any length
    Csi,
}

impl IndexKind {
    /// Suffix of its files, after that of the data.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Tbi => "tbi",
            Self::Csi => "csi",
        }
    }

    /// What htslib calls min_shift: 0 means `.tbi`.
    fn shift(self) -> i32 {
        match self {
            Self::Tbi => 0,
            Self::Csi => 14,
        }
    }
}

/// Columns of the positions of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Positions {
    /// Records of a VCF.
    Vcf,
    /// Contig and a 1-based position: columns 1 and 2.
    Point,
    /// Contig, 0-based start and end: columns 1 to 3.
    Region,
}

impl Positions {
    /// Those of a file with this header; `None` if it has no positions.
    pub fn of(header: &[Vec<u8>]) -> Option<Self> {
        if header.first()?.starts_with(b"##fileformat=") {
            return Some(Self::Vcf);
        }
        let line = header.last()?.trim_ascii_end().strip_prefix(b"#")?;
        let names = line.split(|&byte| byte == b'\t').map(std::str::from_utf8);
        Self::of_columns(&names.map(Result::unwrap_or_default).collect::<Vec<_>>())
    }

    /// Those of a table with columns of these names; `None` if it has no positions.
    pub fn of_columns(names: &[&str]) -> Option<Self> {
        match names {
            ["CHROM", "POS", ..] => Some(Self::Point),
            ["chrom", "chromStart" | "start", "chromEnd" | "end", ..] => Some(Self::Region),
            _ => None,
        }
    }

    fn columns(self) -> hts::tbx_conf_t {
        let (preset, ec) = match self {
            Self::Vcf => (hts::TBX_VCF, 0),
            Self::Point => (hts::TBX_GENERIC, 2),
            Self::Region => (hts::TBX_UCSC, 3),
        };
        let meta_char = i32::from(b'#');
        hts::tbx_conf_t { preset: preset as i32, sc: 1, bc: 2, ec, meta_char, line_skip: 0 }
    }

    /// Start of a row as it is written, and its last base, 1-based, from the columns after the contig.
    fn span<'a>(self, mut columns: impl Iterator<Item = &'a [u8]>) -> Option<(u64, u64)> {
        let number = |column: &[u8]| std::str::from_utf8(column).ok()?.parse::<u64>().ok();
        let start = number(columns.next()?)?;
        let end = match self {
            Self::Point => start,
            Self::Region => number(columns.next()?)?,
            Self::Vcf => start.saturating_add(columns.nth(1)?.len() as u64).saturating_sub(1),
        };
        Some((start, end))
    }
}

/// Bases of a contig that .tbi can index.
const MOST_BASES: u64 = 1 << 29;

/// The index of a bgzip file whose rows are sorted by contig and position.
///
/// # Errors
/// The file cannot be read or is not sorted, or a contig is too long for the kind of index.
pub fn index(data: &Path, positions: Positions, kind: IndexKind) -> io::Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("index");
    let text = |path: &Path| CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other);
    let (from, into) = (text(data)?, text(&path)?);
    let columns = positions.columns();
    // SAFETY: both paths are C strings and the columns are whole; htslib keeps none of them.
    let code = unsafe {
        hts::hts_set_log_level(hts::htsLogLevel_HTS_LOG_OFF);
        hts::tbx_index_build3(from.as_ptr(), into.as_ptr(), kind.shift(), 0, &raw const columns)
    };
    if code != 0 {
        let decoder = MultiGzDecoder::new(BufReader::new(File::open(data)?));
        let found = first_out_of_order(BufReader::new(decoder), positions, kind)?;
        let advice = if kind == IndexKind::Tbi { "; try --write-index=csi" } else { "" };
        let unknown = || format!("htslib cannot index it (code {code}){advice}");
        let problem = found.unwrap_or_else(unknown);
        return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
    }
    fs::read(path)
}

/// The first row that has no place in an index, with its line, if there is one.
fn first_out_of_order(
    mut rows: impl BufRead,
    positions: Positions,
    kind: IndexKind,
) -> io::Result<Option<String>> {
    const REMEDY: &str = "sort the input, as bcftools sort and bedtools sort do";
    let shown = |contig: &[u8]| name::shown(&name::decode(contig)).into_owned();
    let (mut contigs, mut contig, mut last) = (HashSet::new(), Vec::new(), 0);
    let (mut row, mut line) = (Vec::new(), 0_u64);
    loop {
        row.clear();
        if rows.read_until(b'\n', &mut row)? == 0 {
            return Ok(None);
        }
        line += 1;
        if row.starts_with(b"#") {
            continue;
        }
        let mut columns = row.trim_ascii_end().split(|&byte| byte == b'\t');
        let next = columns.next().unwrap_or_default();
        let Some((start, end)) = positions.span(columns) else { continue };
        let problem = if kind == IndexKind::Tbi && end > MOST_BASES {
            format!("goes beyond the {MOST_BASES} bases that .tbi can index; use --write-index=csi")
        } else if next == contig && start < last {
            format!("comes after one at {last}; {REMEDY}")
        } else if next != contig && !contigs.insert(next.to_vec()) {
            format!("comes after those of another contig, {}; {REMEDY}", shown(&contig))
        } else {
            if next != contig {
                contig = next.to_vec();
            }
            last = start;
            continue;
        };
        return Ok(Some(format!("line {line}: the row at {start} of {} {problem}", shown(next))));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    fn bgzip(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = noodles::bgzf::io::Writer::new(Vec::new());
        writer.write_all(text.as_bytes()).unwrap();
        fs::write(file.path(), writer.finish().unwrap()).unwrap();
        file
    }

    /// The first bytes of an index, decompressed.
    fn magic(index: &[u8]) -> [u8; 4] {
        let mut magic = [0; 4];
        flate2::read::MultiGzDecoder::new(index).read_exact(&mut magic).unwrap();
        magic
    }

    #[test]
    fn headers_tell_where_positions_are() {
        let of = |lines: &[&str]| {
            Positions::of(&lines.iter().map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["##fileformat=VCFv4.3", "#CHROM\tPOS\tID\tREF"]), Some(Positions::Vcf));
        assert_eq!(of(&["##x", "#CHROM\tPOS\tID\tREF"]), Some(Positions::Point));
        assert_eq!(of(&["#chrom\tchromStart\tchromEnd\tname"]), Some(Positions::Region));
        assert_eq!(of(&["#chrom\tstart\tend"]), Some(Positions::Region));
        assert_eq!(of(&["#sequence\tlength\te0"]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn sorted_rows_are_indexed() {
        let table = bgzip("#CHROM\tPOS\tx\na\t5\t1\na\t9\t1\nb\t1\t1\n");
        let regions = bgzip("#chrom\tstart\tend\na\t5\t9\na\t6\t8\nb\t0\t1\n");
        let vcf = bgzip("##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\na\t5\t.\tA\n");
        for (file, positions) in
            [(&table, Positions::Point), (&regions, Positions::Region), (&vcf, Positions::Vcf)]
        {
            let of = |kind| magic(&index(file.path(), positions, kind).unwrap());
            assert_eq!((&of(IndexKind::Tbi), &of(IndexKind::Csi)), (b"TBI\x01", b"CSI\x01"));
        }
    }

    #[test]
    fn rows_that_are_not_sorted_are_refused() {
        for (text, problem) in [
            ("#x\na\t9\t1\na\t5\t1\n", "line 3: the row at 5 of a comes after one at 9; sort"),
            (
                "a\t1\t1\nb\t1\t1\na\t2\t1\n",
                "line 3: the row at 2 of a comes after those of another contig, b",
            ),
        ] {
            let file = bgzip(text);
            let error = index(file.path(), Positions::Point, IndexKind::Csi).unwrap_err();
            assert!(error.to_string().starts_with(problem), "{error}");
        }
        let regions = bgzip("a\t9\t10\na\t5\t6\n");
        let error = index(regions.path(), Positions::Region, IndexKind::Tbi).unwrap_err();
        assert!(error.to_string().starts_with("line 2: the row at 5 of a comes after one at 9"));
        for (text, positions) in [
            ("a\t600000000\t1\n", Positions::Point),
            ("a\t536870911\t536870913\n", Positions::Region),
            ("a\t536870911\t.\tAAA\tA\n", Positions::Vcf),
        ] {
            let long = bgzip(text);
            let error = index(long.path(), positions, IndexKind::Tbi).unwrap_err().to_string();
            let problem = "of a goes beyond the 536870912 bases that .tbi can index";
            assert!(error.contains(problem) && error.contains("--write-index=csi"), "{error}");
            assert!(index(long.path(), positions, IndexKind::Csi).is_ok());
        }
    }
}
