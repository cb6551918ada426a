//! Arguments of `hyenadna project`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::{
    cli::io::{OutputArgs, StrictArgs, SummaryArgs},
    process::exit::Usage,
};

/// Way to place rows in few dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Method {
    /// Principal components: the axes of the largest variance
    Pca,
    /// t-SNE of the first 50 principal components, on a plane
    Tsne,
}

impl Method {
    /// Name, as the names of pictures have it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pca => "pca",
            Self::Tsne => "tsne",
        }
    }
}

/// Places from which t-SNE starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Start {
    /// The first two principal components
    Pca,
    /// Random places of --seed
    Random,
}

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Principal components of regions, coloured by the strand in their BED:
    hyenadna embed regions.bed genome.fa -o vectors.npy
    hyenadna project vectors.npy --label-column strand --plot vectors -o places.tsv
  t-SNE of sequences:
    hyenadna embed reads.fq | hyenadna project - --method tsne --perplexity 3 > reads.places.tsv";

/// Project vectors of `embed` to a few dimensions, as a table and a picture
///
/// Computes the principal components of the vectors, which are exact, or places the rows on a plane by
/// t-SNE. Writes a row for each vector in its order, with its name, its label and its coordinates. The sign
/// of a component is that which makes its largest weight positive.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ProjectArgs {
    /// Vectors that `embed` wrote (TSV, CSV, .npy, Parquet); `-` is stdin
    #[arg(value_name = "VECTORS")]
    pub(super) vectors: PathBuf,
    /// Table with a row for each vector (TSV or CSV with a header, or BED)
    /// [default: the columns of VECTORS, or of the .tsv beside a .npy]
    #[arg(long, value_name = "FILE", requires = "label_column")]
    pub(super) labels: Option<PathBuf>,
    /// Column of the labels, by name or by number from 1 [default: no labels]
    #[arg(long, value_name = "COLUMN")]
    pub(super) label_column: Option<String>,
    /// Column of VECTORS and of --labels whose values say which rows belong together [default: the order
    /// of the rows]
    #[arg(long, value_name = "COLUMN", requires = "labels")]
    pub(super) match_by: Option<String>,
    /// Column of the names [default: name or id; the region if there is none]
    #[arg(long, value_name = "COLUMN")]
    pub(super) name_column: Option<String>,
    /// Way to place the rows
    #[arg(long, value_name = "METHOD", default_value = "pca")]
    pub(super) method: Method,
    /// Number of principal components; t-SNE has two dimensions
    #[arg(long, value_name = "N", default_value_t = 2)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) components: u16,
    /// Divide each column by its standard deviation, so that all weigh the same; without it columns are
    /// centred only
    #[arg(long)]
    pub(super) standardise: bool,
    /// Approximate number of neighbours of each row, for t-SNE [default: 30]
    #[arg(long, value_name = "N")]
    perplexity: Option<f64>,
    /// Places from which t-SNE starts [default: pca]
    #[arg(long, value_name = "START")]
    start: Option<Start>,
    /// Seed of --start random [default: 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Also draw the first two coordinates, as PREFIX.pca.svg and PREFIX.pca.png, or PREFIX.tsne.svg and
    /// PREFIX.tsne.png
    #[arg(long, value_name = "PREFIX")]
    pub(super) plot: Option<PathBuf>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) summary: SummaryArgs,
    #[command(flatten)]
    pub(super) strict: StrictArgs,
}

impl ProjectArgs {
    /// Number of coordinates of a row.
    pub(super) fn components(&self) -> usize {
        self.components.into()
    }

    /// Approximate number of neighbours of each row.
    pub(super) fn perplexity(&self) -> f64 {
        self.perplexity.unwrap_or(30.0)
    }

    /// Places from which t-SNE starts.
    pub(super) fn start(&self) -> Start {
        self.start.unwrap_or(Start::Pca)
    }

    /// Seed of random places.
    pub(super) fn seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }

    /// Files that the arguments name, as inputs.
    pub(super) fn inputs(&self) -> Vec<&Path> {
        [&self.vectors].into_iter().chain(&self.labels).map(PathBuf::as_path).collect()
    }

    /// Refuses options that do not fit each other.
    ///
    /// # Errors
    /// Some do not.
    pub(super) fn check(&self) -> Result<(), Usage> {
        if self.plot.is_some() && self.components == 1 {
            return Err(Usage("--plot draws two coordinates; give --components 2 or more".into()));
        }
        if self.method == Method::Tsne && self.components != 2 {
            return Err(Usage(format!(
                "--components {}, but t-SNE has two dimensions; leave out --components, or use --method pca",
                self.components
            )));
        }
        let of_tsne = [
            ("--perplexity", self.perplexity.is_some()),
            ("--start", self.start.is_some()),
            ("--seed", self.seed.is_some()),
        ];
        let given = of_tsne.iter().find(|(_, is_given)| *is_given);
        if let (Method::Pca, Some((option, _))) = (self.method, given) {
            return Err(Usage(format!(
                "{option} is an option of t-SNE; leave it out, or use --method tsne"
            )));
        }
        if self.seed.is_some() && self.start() == Start::Pca {
            return Err(Usage(
                "--seed is of random places; leave it out, or use --start random".into(),
            ));
        }
        let perplexity = self.perplexity();
        if !(1.0..=10_000.0).contains(&perplexity) {
            return Err(Usage(format!(
                "--perplexity is {perplexity}, expected a number from 1 to 10000"
            )));
        }
        Ok(())
    }
}
