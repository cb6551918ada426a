//! Arguments of `hyenadna icl`.

use std::{collections::BTreeSet, path::PathBuf};

use clap::Args;

use crate::{
    cli::{
        io::{OutputArgs, SummaryArgs},
        model::{ModelArgs, NTokenChoice},
        tasks::TaskArgs,
    },
    model::network::leaves::Precision,
    process::exit::Usage,
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Two demonstrations of each class before each query, and none, with three seeds:
    hyenadna icl motif --shots 0,4
  The same after a little tuning, with a table and a picture:
    hyenadna icl motif --shots 0,4 --tune 2,16 --seeds 2 --plot icl -o icl.tsv";

/// Help of `--n-token`, which is another one here.
const N_TOKEN: &str = "Input that stands for N, as a base and as a letter of --label-tokens";

/// Measure in-context learning: classes named by a letter after each sequence
///
/// Shows the model demonstrations, each a sequence, the letter of its class and a separator, and then a
/// query of the test part. The letter that the model predicts after the query names the class: the most
/// likely one of the letters, and, in another column, the most likely one of all tokens. Demonstrations
/// are drawn from the train part by seed, balanced over classes. --tune first tunes all weights on a few
/// more examples. The table has the accuracy by numbers of demonstrations and of tuning examples, next
/// to the majority class and to a probe: a logistic regression on embeddings of the same examples.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
#[command(mut_arg("n_token", |arg| arg.default_value("n").help(N_TOKEN)))]
pub struct IclArgs {
    #[command(flatten)]
    pub(super) task: TaskArgs,
    /// Numbers of demonstrations before each query
    #[arg(short = 'k', long, value_name = "K,…", value_delimiter = ',', default_value = "0,2")]
    pub(super) shots: Vec<usize>,
    /// Numbers of examples to tune the weights on, besides none; a cell has weights of its own
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = tuned)]
    pub(super) tune: Vec<usize>,
    /// Letters that stand for the classes, in the order of the classes: A, C, G, T or N
    /// [default: A,C,G,T,N, as many as there are classes]
    #[arg(long, value_name = "LETTER,…", value_delimiter = ',')]
    pub(super) label_tokens: Vec<String>,
    /// Number of draws of demonstrations and tuning examples, with the seeds from --seed on
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(super) seeds: u64,
    /// Read only the first N bases of each sequence
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(super) truncate: Option<usize>,
    /// Learning rate of the tuning
    #[arg(long, value_name = "RATE", default_value_t = 1e-4, requires = "tune")]
    pub(super) lr: f64,
    /// Examples of a step of the tuning
    #[arg(long, value_name = "N", default_value_t = 2, requires = "tune")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub(super) batch: u64,
    /// Draw the accuracy by numbers of demonstrations: PREFIX.icl.svg and PREFIX.icl.png
    #[arg(long, value_name = "PREFIX")]
    pub(super) plot: Option<PathBuf>,
    #[command(flatten)]
    pub(super) model: ModelArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) summary: SummaryArgs,
}

fn tuned(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("without tuning is in the grid in any case; give numbers from 1 on".into()),
        Ok(count) => Ok(count),
        Err(_) => Err("expected a number of examples from 1 on, such as 16".into()),
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "expected a number of bases from 1 on, such as 100".into())
}

impl IclArgs {
    /// Refuses options that do not fit each other.
    ///
    /// # Errors
    /// Some do not.
    pub(super) fn check(&self) -> Result<(), Usage> {
        for (option, numbers) in [("--shots", &self.shots), ("--tune", &self.tune)] {
            let mut seen = BTreeSet::new();
            if let Some(again) = numbers.iter().find(|number| !seen.insert(**number)) {
                return Err(Usage(format!("{option} has {again} twice; give each number once")));
            }
        }
        if !(self.lr > 0.0 && self.lr.is_finite()) {
            return Err(Usage(format!("--lr is {}, expected a number above 0", self.lr)));
        }
        if i64::try_from(self.task.seed.saturating_add(self.seeds)).is_err() {
            return Err(Usage(format!("--seed is {}, which is too large", self.task.seed)));
        }
        if self.tune.is_empty() {
            return Ok(());
        }
        if matches!(self.model.n_token, NTokenChoice::Zero | NTokenChoice::Auto) {
            let problem = "--tune reads N by its own vector or as padding; give --n-token n or pad";
            return Err(Usage(problem.to_owned()));
        }
        if self.model.dtype == Precision::Bf16 {
            let problem = "--tune computes gradients in fp32 or tf32; remove --dtype bf16";
            return Err(Usage(problem.to_owned()));
        }
        Ok(())
    }
}
