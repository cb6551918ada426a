//! Formats of outputs: names, suffixes, and places where each format can go.

use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser, ValueParser};

use crate::{
    formats::{
        input::is_dash,
        output::{is_compressed_name, is_special_path},
    },
    process::exit::Usage,
};

/// A format of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Tsv,
    Csv,
    Bed,
    Bedgraph,
    Vcf,
    Bcf,
    Bigwig,
    Npy,
    Parquet,
    Json,
}

/// Properties of a format.
struct Properties {
    /// Value of `--format`.
    name: &'static str,
    /// Name in messages.
    title: &'static str,
    /// Suffixes of file names; messages name the first.
    suffixes: &'static [&'static str],
    encoding: Encoding,
    access: Access,
}

/// Encoding of a format.
#[derive(PartialEq)]
enum Encoding {
    /// Text, which bgzip may compress.
    Text,
    /// Binary: no further compression.
    Binary,
}

/// Order in which the bytes of a format are written.
#[derive(PartialEq)]
enum Access {
    /// From the start to the end.
    Sequential,
    /// The start last, which needs a file.
    Random,
}

impl Format {
    /// The table of formats.
    fn properties(self) -> Properties {
        use Access::{Random, Sequential};
        use Encoding::{Binary, Text};
        let (name, title, suffixes, encoding, access): (_, _, &'static [&'static str], _, _) =
            match self {
                Self::Tsv => ("tsv", "a table", &["tsv", "txt"], Text, Sequential),
                Self::Csv => ("csv", "CSV", &["csv"], Text, Sequential),
                Self::Bed => ("bed", "BED", &["bed"], Text, Sequential),
                Self::Bedgraph => {
                    ("bedgraph", "a bedGraph", &["bedgraph", "bdg", "bg"], Text, Sequential)
                }
                Self::Vcf => ("vcf", "VCF", &["vcf"], Text, Sequential),
                Self::Bcf => ("bcf", "BCF", &["bcf"], Binary, Sequential),
                Self::Bigwig => ("bigwig", "a bigWig", &["bw", "bigwig"], Binary, Random),
                Self::Npy => ("npy", "a .npy", &["npy"], Binary, Sequential),
                Self::Parquet => ("parquet", "Parquet", &["parquet"], Binary, Sequential),
                Self::Json => ("json", "JSON", &["json"], Text, Sequential),
            };
        Properties { name, title, suffixes, encoding, access }
    }

    /// True for lines of text that follow each other, with a header before them.
    pub fn is_lines(self) -> bool {
        matches!(self, Self::Tsv | Self::Csv | Self::Bed | Self::Bedgraph | Self::Vcf)
    }

    /// Refuses a path to which this format cannot be written.
    fn check(self, path: &Path) -> Result<(), Usage> {
        let Properties { title, suffixes, encoding, access, .. } = self.properties();
        let sequential = access == Access::Sequential;
        if is_dash(path) && !sequential {
            return Err(Usage(format!(
                "{title} cannot go to stdout, because its start is written last; name a file: -o FILE.{}",
                suffixes[0]
            )));
        }
        if is_compressed_name(path) && encoding == Encoding::Binary {
            return Err(Usage(format!(
                "{}: {title} is a binary format and is not compressed again; leave out the suffix",
                path.display()
            )));
        }
        if is_special_path(path) && !sequential {
            return Err(Usage(format!(
                "{} is a pipe or a device, to which {title} cannot go, because its start is written last; name a file: -o FILE.{}",
                path.display(),
                suffixes[0]
            )));
        }
        Ok(())
    }
}

/// Formats that a command offers.
pub struct OfferedFormats {
    /// Formats with their help texts. Without a suffix, the output has the first.
    pub formats: &'static [(Format, &'static str)],
    /// Further suffixes, with the formats that they stand for.
    pub aliases: &'static [(&'static str, Format)],
}

impl OfferedFormats {
    /// Parser of `--format`.
    pub fn parser(&'static self) -> ValueParser {
        let value = |(format, help): &(Format, &'static str)| {
            PossibleValue::new(format.properties().name).help(*help)
        };
        let values = PossibleValuesParser::new(self.formats.iter().map(value));
        let offered = || self.formats.iter().map(|(format, _)| *format);
        let named = move |name: String| offered().find(|format| format.properties().name == name);
        values.map(move |name| named(name).expect("clap checked the name")).into()
    }

    /// The requested format, or that of the suffix of `path`.
    ///
    /// # Errors
    /// The suffix is not one of an offered format, or the format cannot be written to `path`.
    pub fn choose(&self, requested: Option<Format>, path: &Path) -> Result<Format, Usage> {
        let format = match (requested, suffix(path)) {
            (Some(format), _) => format,
            (None, None) => self.formats[0].0,
            (None, Some(suffix)) => self.of_suffix(&suffix).ok_or_else(|| {
                Usage(format!(
                    "{}: this command has no output format with the suffix .{suffix}; use {}",
                    path.display(),
                    self.advice()
                ))
            })?,
        };
        format.check(path)?;
        Ok(format)
    }

    fn of_suffix(&self, suffix: &str) -> Option<Format> {
        let mut formats = self.formats.iter().map(|(format, _)| *format);
        let has_suffix = |format: &Format| format.properties().suffixes.contains(&suffix);
        let alias = || self.aliases.iter().find(|(alias, _)| *alias == suffix);
        formats.find(has_suffix).or_else(|| alias().map(|(_, format)| *format))
    }

    /// `.tsv, .npy or .parquet, or --format`.
    fn advice(&self) -> String {
        let suffix = |format: &Format| format!(".{}", format.properties().suffixes[0]);
        let suffixes: Vec<String> = self.formats.iter().map(|(format, _)| suffix(format)).collect();
        match &suffixes[..] {
            [] => String::new(),
            [only] => only.clone(),
            [others @ .., last] => format!("{} or {last}, or --format", others.join(", ")),
        }
    }
}

/// The suffix of a path that stands for its format: that of `x.vcf.gz` is `vcf`.
pub fn suffix(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let name = [".gz", ".bgz", ".bgzf"]
        .iter()
        .find_map(|compressed| name.strip_suffix(compressed))
        .unwrap_or(&name);
    name.rsplit_once('.').map(|(_, suffix)| suffix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERED: OfferedFormats = OfferedFormats {
        formats: &[(Format::Tsv, "A table"), (Format::Bcf, "BCF"), (Format::Bigwig, "A track")],
        aliases: &[("bed", Format::Tsv)],
    };

    #[test]
    fn suffixes_pass_over_compression() {
        assert_eq!(suffix(Path::new("a/b.VCF.gz")).as_deref(), Some("vcf"));
        assert_eq!(suffix(Path::new("b.npy")).as_deref(), Some("npy"));
        assert_eq!(suffix(Path::new("-")), None);
    }

    #[test]
    fn suffixes_choose_formats() {
        let choose = |path: &str| OFFERED.choose(None, Path::new(path)).ok();
        assert_eq!(choose("-"), Some(Format::Tsv));
        assert_eq!(choose("x.TXT.gz"), Some(Format::Tsv));
        assert_eq!(choose("x.bed"), Some(Format::Tsv));
        assert_eq!(choose("x.bcf"), Some(Format::Bcf));
        assert_eq!(choose("x.bigwig"), Some(Format::Bigwig));
        assert_eq!(choose("x.npy"), None);
        assert_eq!(OFFERED.choose(Some(Format::Bcf), Path::new("-")).unwrap(), Format::Bcf);
    }

    #[test]
    fn unsuitable_paths_are_refused() {
        for (format, path, phrases) in [
            (None, "x.vcf", ["suffix .vcf", ".tsv, .bcf or .bw, or --format"]),
            (None, "x.bcf.gz", ["x.bcf.gz", "leave out the suffix"]),
            (Some(Format::Bigwig), "-", ["stdout", "-o FILE.bw"]),
            (Some(Format::Bigwig), "/dev/null", ["/dev/null is a pipe or a device", "FILE.bw"]),
        ] {
            let error = OFFERED.choose(format, Path::new(path)).unwrap_err().to_string();
            assert!(phrases.iter().all(|phrase| error.contains(phrase)), "{error}");
        }
    }
}
