//! Arguments about files, shared by commands.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::formats::table::Header;

/// The reference genome.
#[derive(Debug, Clone, Args)]
pub struct ReferenceArgs {
    /// Reference genome (FASTA). Plain and bgzip files are read by index; plain gzip and `-` are
    /// copied to a temporary file first
    #[arg(env = "HYENADNA_REFERENCE", hide_env_values = true, value_name = "REFERENCE")]
    pub reference: Option<PathBuf>,
    /// Save the index of the reference beside it (.fai, .gzi)
    #[arg(long)]
    pub save_index: bool,
}

impl ReferenceArgs {
    /// The reference, if it was named on the command line and not by HYENADNA_REFERENCE.
    pub fn named(&self) -> Option<&Path> {
        let variable = std::env::var_os("HYENADNA_REFERENCE");
        self.reference.as_deref().filter(|path| Some(path.as_os_str()) != variable.as_deref())
    }
}

/// The output of a command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Output file, which appears only when complete; the suffix .gz compresses it with bgzip
    /// [default: stdout]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub output: PathBuf,
    /// Header of tables [default: full; names in CSV]
    #[arg(long, value_name = "HEADER")]
    header: Option<Header>,
    /// The same as --header none
    #[arg(long, conflicts_with = "header")]
    no_header: bool,
}

impl OutputArgs {
    /// The requested header of tables.
    pub fn header(&self) -> Option<Header> {
        if self.no_header { Some(Header::None) } else { self.header }
    }
}

/// Exit code of commands that handle records one by one.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct StrictArgs {
    /// Exit with 3 if some records could not be scored or embedded
    #[arg(long)]
    pub strict: bool,
}
