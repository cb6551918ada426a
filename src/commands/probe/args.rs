//! Arguments of `hyenadna probe`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{bank::ProbeStrand, classifier::ClassifierKind};
use crate::{
    cli::{
        io::{OutputArgs, SummaryArgs},
        model::ModelArgs,
        tasks::TaskArgs,
        vectors::{Layers, PoolParser},
    },
    model::pool::Pool,
    process::exit,
    windows::pieces::Long,
};

/// Longest words of the baseline: 4⁸ columns.
const LONGEST_WORD: u8 = 8;
/// Longest words in parts: 4⁶ columns for each part.
const LONGEST_BINNED: u8 = 6;

/// Features that need no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Baseline {
    /// Counts of words
    Kmers,
    /// Counts of words in each part of --pool bins:K
    Binned,
    /// The embeddings beside these counts: in parts with --pool bins:K, else of whole sequences
    Both,
    /// Shares of A, C, G and T, and the length
    Composition,
    /// The length alone
    Length,
    /// None at all
    None,
}

/// Help of `--model`, which may name several here.
const MODELS: &str = "Model, or several with commas: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a \
released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in \
model, unless --embeddings is given]";

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Figures on the test part of a folder with train.csv, dev.csv and test.csv:
    hyenadna probe motif
  A table without parts; both layers of both strands side by side:
    hyenadna probe motif/train.csv --test-fraction 0.25 --layer 1,last --strand concat -o probe.tsv
  The best layers, pooling and strand by the validation part:
    hyenadna probe motif --sweep --baselines kmers,binned,both";

/// Measure what the frozen embeddings of a model know about a task
///
/// Embeds every sequence, and fits a logistic regression (classes) or a ridge regression (numbers) of
/// standardised features, or boosted trees, to the train part. The strength, or the number of rounds, is chosen
/// on the validation part, or by cross-validation of the train part if there is none. Writes figures on the test part: one row for the
/// embeddings of each model, and one for each baseline with the same classifier.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
#[command(mut_arg("model", |arg| arg.value_name("MODEL,…").help(MODELS)))]
pub struct ProbeArgs {
    #[command(flatten)]
    pub(super) task: TaskArgs,
    /// Pooling of the vectors of a sequence's bases into one; bins:K: the means of K equal parts, in
    /// reading direction, side by side
    #[arg(short, long, value_name = "HOW", default_value = "mean", value_parser = PoolParser)]
    pub(super) pool: Pool,
    /// Layer: after block N (0: the token embedding), or last (after the final norm); with commas,
    /// as in 1,last: several side by side
    #[arg(short, long, value_name = "N|last,…", default_value = "last")]
    pub(super) layer: Layers,
    /// Strand to read
    #[arg(short, long, value_name = "STRAND", default_value = "forward")]
    pub(super) strand: ProbeStrand,
    /// Treatment of sequences that are longer than the model's context
    #[arg(long, value_name = "HOW", default_value = "error")]
    pub(super) long: Long,
    /// Try layers, poolings and strands, choose by the loss on the validation part or the folds, and
    /// measure the best on the test part
    #[arg(long, conflicts_with_all = ["pool", "layer", "strand"])]
    pub(super) sweep: bool,
    /// Embeddings that `embed` wrote, with a row for each sequence of DATA in its order (train, valid,
    /// test); with --model, beside those of the model
    #[arg(long, value_name = "FILE.npy")]
    pub(super) embeddings: Option<PathBuf>,
    /// Classifier, or regression of numbers, on top of the features of models and baselines
    #[arg(long, value_name = "CLASSIFIER", default_value = "logistic")]
    pub(super) classifier: ClassifierKind,
    /// Features to compare with [default: kmers,composition, and binned with --pool bins:K]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(super) baselines: Option<Vec<Baseline>>,
    /// Length of the words of the baseline kmers; 0 for none [default: 6]
    #[arg(long, value_name = "K")]
    #[arg(value_parser = clap::value_parser!(u8).range(..=i64::from(LONGEST_WORD)))]
    kmer: Option<u8>,
    /// Length of the words of the baseline binned; 0 for none [default: 4]
    #[arg(long, value_name = "K")]
    #[arg(value_parser = clap::value_parser!(u8).range(..=i64::from(LONGEST_BINNED)))]
    kmer_binned: Option<u8>,
    /// Folds of the cross-validation if there is no validation part [default: 5]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u8).range(2..=50))]
    folds: Option<u8>,
    #[command(flatten)]
    pub(super) model: ModelArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) summary: SummaryArgs,
}

impl ProbeArgs {
    /// Length of the words of the baseline kmers.
    pub(super) fn kmer(&self) -> usize {
        self.kmer.unwrap_or(6).into()
    }

    /// Length of the words of the baseline binned.
    pub(super) fn kmer_binned(&self) -> usize {
        self.kmer_binned.unwrap_or(4).into()
    }

    /// Folds of the cross-validation.
    pub(super) fn folds(&self) -> usize {
        self.folds.unwrap_or(5).into()
    }

    /// Refuses `--folds` for data with a validation part.
    ///
    /// # Errors
    /// Both are there.
    pub(super) fn check_folds(&self, has_validation: bool) -> Result<(), exit::Usage> {
        if self.folds.is_some() && has_validation {
            let problem = "--folds is for data without a validation part, and these have one; leave out --folds";
            return Err(exit::Usage(problem.to_owned()));
        }
        Ok(())
    }

    /// Refuses options that do not fit each other.
    ///
    /// # Errors
    /// Some do not.
    pub(super) fn check(&self) -> Result<(), exit::Usage> {
        if self.pool == Pool::None {
            let problem = "--pool none gives a row for each base, and a probe needs one for each sequence; choose another";
            return Err(exit::Usage(problem.to_owned()));
        }
        let chosen = self.baselines.as_deref().unwrap_or_default();
        if chosen.contains(&Baseline::None) && chosen.len() > 1 {
            return Err(exit::Usage("--baselines none stands alone".to_owned()));
        }
        let has_bins = self.sweep || matches!(self.pool, Pool::Bins(_));
        if chosen.contains(&Baseline::Binned) && !has_bins {
            let problem = "--baselines binned counts words in the parts of --pool bins:K; give that, or --sweep";
            return Err(exit::Usage(problem.to_owned()));
        }
        let counts = |one: Baseline| {
            let of = |chosen: &Vec<Baseline>| {
                chosen.iter().any(|&other| other == one || other == Baseline::Both)
            };
            self.baselines.as_ref().is_none_or(of)
        };
        if self.kmer.is_some() && !counts(Baseline::Kmers) {
            let problem = "--kmer is for the baselines kmers and both; leave it out, or add one of them to --baselines";
            return Err(exit::Usage(problem.to_owned()));
        }
        if self.kmer_binned.is_some() && !(has_bins && counts(Baseline::Binned)) {
            let problem = "--kmer-binned is for the baselines binned and both with --pool bins:K or --sweep; leave it out, or add these";
            return Err(exit::Usage(problem.to_owned()));
        }
        Ok(())
    }
}
