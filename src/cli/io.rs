//! Arguments about files, shared by commands.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    formats::{shard::Shard, tabix::IndexKind, table::Header},
    process::exit::Usage,
};

/// The reference genome.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
pub struct ReferenceArgs {
    /// Reference genome (FASTA). Plain and bgzip files are read by index; plain gzip and `-` are
    /// copied to a temporary file first [env: HYENADNA_REFERENCE]
    #[arg(id = "REFERENCE")]
    positional: Option<PathBuf>,
    /// The same as REFERENCE
    #[arg(long = "reference", value_name = "FASTA")]
    option: Option<PathBuf>,
    /// Save the index of the reference beside it (.fai, .gzi)
    #[arg(long)]
    pub save_index: bool,
    /// The reference of the environment when a run was started; data without coordinates do not need it.
    #[arg(skip)]
    variable: Option<PathBuf>,
}

impl ReferenceArgs {
    /// Makes its path absolute, and keeps that of the environment if none was named.
    ///
    /// # Errors
    /// It is named twice, is stdin, or the current folder is gone.
    pub fn make_path_absolute(&mut self) -> anyhow::Result<()> {
        let Some(path) = self.path()? else { return Ok(()) };
        if path == Path::new("-") {
            return Err(
                Usage("the reference cannot be stdin here; write it to a file".into()).into()
            );
        }
        let path = Some(std::path::absolute(path)?);
        match self.named() {
            Some(_) => (self.positional, self.option) = (None, path),
            None => self.variable = path,
        }
        Ok(())
    }

    /// The reference, if one was named.
    ///
    /// # Errors
    /// It was named twice on the command line.
    pub fn path(&self) -> Result<Option<&Path>, Usage> {
        match (&self.positional, &self.option) {
            (Some(argument), Some(option)) => Err(Usage(format!(
                "the reference is named twice: {} and --reference {}",
                argument.display(),
                option.display()
            ))),
            _ => Ok(self.named().or(self.variable.as_deref()).or(variable())),
        }
    }

    /// The reference where an option stands for the first input: the first argument names it.
    ///
    /// # Errors
    /// It was named twice.
    pub fn path_after(&self, option: &str, first: Option<&Path>) -> Result<Option<&Path>, Usage> {
        match (first, self.named()) {
            (Some(first), Some(second)) => Err(Usage(format!(
                "with {option} the reference is the only argument, but there are {} and {}",
                first.display(),
                second.display()
            ))),
            _ => self.path(),
        }
    }

    /// The reference, if it was named on the command line.
    pub fn named(&self) -> Option<&Path> {
        self.option.as_deref().or(self.positional.as_deref())
    }
}

/// The reference of the environment.
fn variable() -> Option<&'static Path> {
    static REFERENCE: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        std::env::var_os("HYENADNA_REFERENCE").filter(|path| !path.is_empty()).map(PathBuf::from)
    });
    REFERENCE.as_deref()
}

/// Regions or sequences.
#[derive(Debug, Clone, Args)]
pub struct EntryArgs {
    /// Regions (BED) or sequences (FASTA, FASTQ), compressed or not; `-` is stdin. Left out with
    /// --region
    #[arg(required_unless_present = "region")]
    input: Option<PathBuf>,
    #[command(flatten)]
    reference: ReferenceArgs,
    /// Region of the reference to read in place of those of INPUT: chr1:101-200 (1-based, both ends
    /// included), chr1:101- or chr1; may be given several times
    #[arg(short = 'r', long, value_name = "REGION")]
    region: Vec<String>,
    /// The part of INPUT that is read.
    #[command(flatten)]
    pub shard: ShardArgs,
}

/// The part of an input that is read.
#[derive(Debug, Clone, Default, Args)]
pub struct ShardArgs {
    /// Read only this shard of the input file, such as 2/7: the second of seven parts, of about the same size
    /// in bytes; `hyenadna merge` joins their outputs (docs/shards.md)
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

/// What to read, as it was named.
#[derive(Debug, Clone, Copy)]
pub enum EntryInput<'a> {
    /// A file; `-` is stdin.
    File(&'a Path),
    /// Regions of the reference, as in samtools.
    Regions(&'a [String]),
}

impl From<PathBuf> for EntryArgs {
    /// A file without a reference.
    fn from(path: PathBuf) -> Self {
        let reference =
            ReferenceArgs { positional: None, option: None, save_index: false, variable: None };
        Self { input: Some(path), reference, region: Vec::new(), shard: ShardArgs::default() }
    }
}

impl EntryArgs {
    /// The same of a command with arguments of its own; there is an input or a region.
    pub fn new(input: Option<PathBuf>, reference: ReferenceArgs, region: Vec<String>) -> Self {
        Self { input, reference, region, shard: ShardArgs::default() }
    }

    /// What to read.
    pub fn input(&self) -> EntryInput<'_> {
        match &self.input {
            Some(input) if self.region.is_empty() => EntryInput::File(input),
            _ => EntryInput::Regions(&self.region),
        }
    }

    /// The reference, if one was named.
    ///
    /// # Errors
    /// It was named twice.
    pub fn reference(&self) -> Result<Option<&Path>, Usage> {
        let first = self.input.as_deref();
        match self.input() {
            EntryInput::File(_) => self.reference.path(),
            EntryInput::Regions(_) => Ok(first.or(self.reference.path_after("--region", first)?)),
        }
    }

    /// The reference, if it was named on the command line.
    pub fn named_reference(&self) -> Option<&Path> {
        self.reference.named()
    }

    /// True if the index of the reference is to be saved beside it.
    pub fn save_index(&self) -> bool {
        self.reference.save_index
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

/// The summary of a run.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct SummaryArgs {
    /// Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)
    #[arg(long, value_name = "FILE.json")]
    pub summary: Option<PathBuf>,
}

/// The index of an output.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct IndexArgs {
    /// Also write the index of the output beside it: .tbi, or .csi for contigs of more than 512 million bases; its
    /// rows must be sorted
    /// [default without a value: tbi]
    #[arg(short = 'W', long, value_name = "KIND", num_args = 0..=1, require_equals = true, default_missing_value = "tbi")]
    pub write_index: Option<IndexKind>,
}

/// What is kept of a run that is killed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct ResumeArgs {
    /// Keep the rows so far in FILE.partial when the run is killed, and go on after them when the same command runs
    /// again; they are saved every SECONDS, or with 0 after each chunk (docs/shards.md)
    /// [default without a value: 10]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "10")]
    pub resume: Option<u64>,
}

/// Exit code of commands that handle records one by one.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct StrictArgs {
    /// Exit with 3 if some records could not be scored or embedded
    #[arg(long)]
    pub strict: bool,
}
