//! Arguments about the genomes that a model is measured on, shared by commands.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use crate::{
    formats::reference::Cache,
    sampling::{Genome, GenomeFile, Interval, Split, SplitBy, Splits},
};

/// Genomes and intervals of them.
#[derive(Debug, Clone, Args)]
pub struct GenomeArgs {
    /// Genomes (FASTA); `-` is stdin
    #[arg(required_unless_present = "option", value_name = "FASTA")]
    reference: Vec<PathBuf>,
    /// The same as FASTA; may be given several times
    #[arg(long = "reference", id = "option", value_name = "FASTA")]
    option: Vec<PathBuf>,
    /// Intervals (BED) with train, valid or test in the fourth column; may be given several times
    /// [default: the whole genomes]
    #[arg(long, value_name = "BED")]
    intervals: Vec<PathBuf>,
    /// Intervals to read
    #[arg(long, value_name = "SPLIT", default_value = "valid", requires = "intervals")]
    split: Split,
}

impl GenomeArgs {
    /// All of a genome.
    pub fn whole(path: &Path) -> Self {
        let reference = vec![path.to_owned()];
        Self { reference, option: Vec::new(), intervals: Vec::new(), split: Split::Valid }
    }

    fn genomes(&self) -> impl Iterator<Item = &PathBuf> {
        self.reference.iter().chain(&self.option)
    }

    /// Paths of the files.
    pub fn inputs(&self) -> Vec<&Path> {
        self.genomes().chain(&self.intervals).map(PathBuf::as_path).collect()
    }

    /// Opens the genomes, and finds the intervals to read.
    ///
    /// # Errors
    /// A file cannot be read, or no interval has bases.
    pub fn open(&self) -> Result<(Vec<Genome>, Vec<Interval>)> {
        let file = |path: &PathBuf| GenomeFile { path: path.clone(), weight: None };
        let files: Vec<GenomeFile> = self.genomes().map(file).collect();
        let mut genomes = Genome::open_once(&files, false, Cache::default())?;
        let (by, split) = if self.intervals.is_empty() {
            (SplitBy::Nothing, Split::Train)
        } else {
            (SplitBy::Bed { paths: self.intervals.clone(), in_turn: false }, self.split)
        };
        let intervals = Splits::new(&mut genomes, &by)?.of(split).to_vec();
        if intervals.is_empty() {
            bail!(match self.intervals.is_empty() {
                true => "the genomes have no bases".to_owned(),
                false => {
                    let paths: Vec<_> =
                        self.intervals.iter().map(|path| path.display().to_string()).collect();
                    let name = self.split.name();
                    format!(
                        "{}: no line has {name} in column 4; choose another --split",
                        paths.join(", ")
                    )
                }
            });
        }
        Ok((genomes, intervals))
    }
}

/// Logs the number of letters that were read as N, if there are any.
pub fn log_ambiguous(genomes: &[Genome]) {
    let ambiguous: u64 = genomes.iter().map(|genome| genome.reference.ambiguous()).sum();
    if ambiguous > 0 {
        log::warn!("IUPAC letters read as N: {ambiguous}");
    }
}
