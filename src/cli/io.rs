//! Arguments about files, shared by commands.

use std::path::PathBuf;

use clap::Args;

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

/// The output of a command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Output file, which appears only when complete; the suffix .gz compresses it with bgzip
    /// [default: stdout]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub output: PathBuf,
    /// Leave out the ## lines and the column names of tables
    #[arg(long)]
    pub no_header: bool,
}

/// The summary of a run.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct SummaryArgs {
    /// Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)
    #[arg(long, value_name = "FILE.json")]
    pub summary: Option<PathBuf>,
}

/// Exit code of commands that handle records one by one.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct StrictArgs {
    /// Exit with 3 if some records could not be scored or embedded
    #[arg(long)]
    pub strict: bool,
}
