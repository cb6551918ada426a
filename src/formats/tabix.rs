//! Indexes of tables and VCF compressed with bgzip, made by htslib: `.tbi` and `.csi`.

use std::{ffi::CString, fs, io, os::unix::ffi::OsStrExt, path::Path};

use rust_htslib::htslib as hts;

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
        let is_vcf = header.first()?.starts_with(b"##fileformat=VCF");
        let names: Vec<&[u8]> =
            header.last()?.trim_ascii_end().split(|&byte| byte == b'\t').take(3).collect();
        match names[..] {
            [b"#CHROM", b"POS", _] if is_vcf => Some(Self::Vcf),
            [b"#CHROM", b"POS", _] => Some(Self::Point),
            [b"#chrom", b"chromStart" | b"start", b"chromEnd" | b"end"] => Some(Self::Region),
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
}

/// The index of a bgzip file whose rows are sorted by contig and position.
///
/// # Errors
/// The file cannot be read or is not sorted, or a contig is too long for the kind of index.
pub fn index(data: &Path, positions: Positions, kind: IndexKind) -> io::Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("index");
    let text = |path: &Path| CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other);
    let (data, file) = (text(data)?, text(&path)?);
    let columns = positions.columns();
    // SAFETY: both paths are C strings and the columns are whole; htslib keeps none of them.
    let code = unsafe {
        hts::hts_set_log_level(hts::htsLogLevel_HTS_LOG_OFF);
        hts::tbx_index_build3(data.as_ptr(), file.as_ptr(), kind.shift(), 0, &raw const columns)
    };
    if code != 0 {
        let problem = match kind {
            IndexKind::Tbi => {
                "its rows are not sorted by contig and position, or a contig is longer than 512 million bases (which .csi allows)"
            }
            IndexKind::Csi => "its rows are not sorted by contig and position",
        };
        return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
    }
    fs::read(path)
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
        for text in ["a\t9\t1\na\t5\t1\n", "a\t1\t1\nb\t1\t1\na\t2\t1\n"] {
            let file = bgzip(text);
            let error = index(file.path(), Positions::Point, IndexKind::Csi).unwrap_err();
            assert!(error.to_string().contains("not sorted"));
        }
        let long = bgzip("a\t600000000\t1\n");
        let error = index(long.path(), Positions::Point, IndexKind::Tbi).unwrap_err();
        assert!(error.to_string().contains(".csi"));
        assert!(index(long.path(), Positions::Point, IndexKind::Csi).is_ok());
    }
}
