//! Arguments about files, shared by commands.

use std::path::{Path, PathBuf};

use clap::Args;

/// The reference genome.
#[derive(Debug, Clone, Args)]
pub struct ReferenceArgs {
    /// Reference genome (FASTA). Plain and bgzip files are read by index; plain gzip and `-` are
    /// copied to a temporary file first
    #[arg(env = "HYENADNA_REFERENCE", hide_env_values = true, value_name = "REFERENCE")]
    pub reference: Option<PathBuf>,
    /// Save the index made for the reference beside it (.fai, .gzi)
    #[arg(long)]
    pub save_index: bool,
}

/// Where results go.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Output file, which appears only when complete; .gz gives bgzip [default: stdout]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub output: PathBuf,
    /// In tables, leave out the ## lines and the column names (VCF and BCF keep theirs)
    #[arg(long)]
    pub no_header: bool,
}

/// What counts as success, where records are handled one by one.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct StrictArgs {
    /// Exit with 3 if some records could not be scored or embedded
    #[arg(long)]
    pub strict: bool,
}

/// Where a table goes that is complete or not there at all.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct TableArgs {
    /// Output file, which appears only when complete; .gz gives bgzip [default: stdout]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub output: PathBuf,
    /// Leave out the ## lines and the column names
    #[arg(long)]
    pub no_header: bool,
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
