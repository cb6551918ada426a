//! Arguments about files, shared by commands.

use std::path::{Path, PathBuf};

use clap::Args;

/// The reference genome.
#[derive(Debug, Clone, Args)]
pub struct ReferenceArgs {
    /// Reference genome, FASTA: plain or bgzip (by index), gzip or `-` (copied first)
    #[arg(env = "HYENADNA_REFERENCE", value_name = "REFERENCE")]
    pub reference: Option<PathBuf>,
    /// Save the index that was made beside the reference (.fai, .gzi)
    #[arg(long)]
    pub save_index: bool,
}

/// Where results go.
#[derive(Debug, Clone, Args)]
pub struct OutputArgs {
    /// Output file; appears only when complete [default: stdout]
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub output: PathBuf,
    /// Leave out the ## lines and, in tables, the line of column names
    #[arg(long)]
    pub no_header: bool,
    /// Exit with 3 if some records could not be scored or embedded
    #[arg(long)]
    pub strict: bool,
}

/// The last suffix of a path that says something about its format: that of `x.vcf.gz` is `vcf`.
pub fn suffix(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = [".gz", ".bgz", ".bgzf"]
        .iter()
        .find_map(|compressed| name.strip_suffix(compressed))
        .unwrap_or(&name);
    name.rsplit_once('.').map(|(_, suffix)| suffix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_pass_over_compression() {
        assert_eq!(suffix(Path::new("a/b.VCF.gz")).as_deref(), Some("vcf"));
        assert_eq!(suffix(Path::new("b.npy")).as_deref(), Some("npy"));
        assert_eq!(suffix(Path::new("-")), None);
    }
}
