//! The commands: one file each, with its arguments, its `run` and its core.

pub mod bench;
mod cutter;
pub mod embed;
pub mod evaluate;
pub mod finetune;
pub mod generate;
pub mod icl;
mod input;
pub mod likelihood;
pub mod merge;
pub mod models;
pub mod mutagenesis;
mod output;
pub mod packaging;
pub mod perplexity;
pub mod predict;
pub mod probe;
pub mod project;
pub mod recall;
mod report;
mod runs;
pub mod score_variants;
pub mod start;
pub mod train;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    cli::Global,
    model::libtorch::devices::DeviceChoice,
    process::{exit::Usage, logging::Display, threads::Need},
};

/// Examples, as every command has them, and exit codes.
const AFTER_HELP: &str = "\
Examples:
  Scores of variants, as a table:
    hyenadna score-variants variants.vcf genome.fa > scores.tsv
  Embeddings of regions, as a matrix for numpy:
    hyenadna embed regions.bed genome.fa -o embeddings.npy

Exit codes: 0 done, 1 error, 2 wrong usage, 3 with --strict: some records could not be scored, \
128 + N ended by signal N.";

/// Long-range DNA language modelling on the command line
///
/// Reads FASTA, FASTQ, BED, VCF and BCF from files or stdin, runs HyenaDNA on them, and writes
/// tables, BED for bedtools, and VCF for bcftools and tabix. Works out of the box with a small
/// built-in model; `--model` takes any published HyenaDNA checkpoint.
#[derive(Debug, Parser)]
#[command(name = "hyenadna", version, max_term_width = 100, subcommand_required = true)]
#[command(after_help = AFTER_HELP)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// Command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// Commands of the program.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "clap would show a comment here in place of that of the arguments")]
pub enum Command {
    Embed(embed::EmbedArgs),
    ScoreVariants(score_variants::ScoreArgs),
    Likelihood(likelihood::LikelihoodArgs),
    Mutagenesis(mutagenesis::MutagenesisArgs),
    Train(Box<train::TrainArgs>),
    Finetune(Box<finetune::FinetuneArgs>),
    Perplexity(perplexity::PerplexityArgs),
    Evaluate(Box<evaluate::EvaluateArgs>),
    Predict(Box<predict::PredictArgs>),
    Probe(Box<probe::ProbeArgs>),
    Icl(Box<icl::IclArgs>),
    Recall(Box<recall::RecallArgs>),
    Generate(Box<generate::GenerateArgs>),
    Project(project::ProjectArgs),
    Merge(merge::MergeArgs),
    Bench(bench::BenchArgs),
    Models(models::ModelsArgs),
    Completions(packaging::CompletionsArgs),
    Man(packaging::ManArgs),
}

impl Command {
    /// True if threads share operators of libtorch, as in long sequences of training; elsewhere each
    /// computes alone.
    pub fn shares_operators(&self) -> bool {
        matches!(self, Self::Train(_) | Self::Finetune(_) | Self::Bench(_))
    }

    /// Threads that it starts.
    pub fn need(&self) -> Need {
        match self {
            // a reader and a writer
            Self::Embed(_)
            | Self::ScoreVariants(_)
            | Self::Likelihood(_)
            | Self::Mutagenesis(_)
            | Self::Predict(_) => Need { model: true, beside: 2, runners: 1 },
            // samples are drawn ahead
            Self::Train(_) | Self::Finetune(_) => Need { model: true, beside: 1, runners: 1 },
            Self::Perplexity(_)
            | Self::Probe(_)
            | Self::Icl(_)
            | Self::Recall(_)
            | Self::Generate(_)
            | Self::Bench(_) => Need { model: true, beside: 0, runners: 1 },
            Self::Models(args) => Need { model: args.compute(), beside: 0, runners: 1 },
            Self::Evaluate(_)
            | Self::Project(_)
            | Self::Merge(_)
            | Self::Completions(_)
            | Self::Man(_) => Need { model: false, beside: 0, runners: 1 },
        }
    }

    /// Its name, if it computes with a model on one device only.
    fn of_one_device(&self) -> Option<&'static str> {
        Some(match self {
            Self::Train(_) => "train",
            Self::Finetune(_) => "finetune",
            Self::Perplexity(_) => "perplexity",
            Self::Probe(_) => "probe",
            Self::Icl(_) => "icl",
            Self::Recall(_) => "recall",
            Self::Generate(_) => "generate",
            Self::Bench(_) => "bench",
            Self::Models(args) if args.compute() => "models",
            _ => return None,
        })
    }

    /// Refuses a list of devices where one is used, and says that one is not used where nothing is computed.
    ///
    /// # Errors
    /// The command computes on one device.
    pub fn check_devices(&self, device: &DeviceChoice) -> Result<(), Usage> {
        if *device != DeviceChoice::Auto && !self.need().model {
            log::warn!("this command computes nothing with a model, so --device has no effect");
        }
        match self.of_one_device().filter(|_| device.is_list()) {
            Some(name) => Err(Usage(format!(
                "{name} computes on one device, but --device names several; name one, such as cpu or cuda:0"
            ))),
            None => Ok(()),
        }
    }

    /// Runs the command.
    ///
    /// # Errors
    /// The failure that stopped the command, with a remedy.
    pub fn run(self, global: &Global, display: &Display) -> Result<i32> {
        match self {
            Self::Embed(args) => embed::run(&args, global, display),
            Self::ScoreVariants(args) => score_variants::run(&args, global, display),
            Self::Likelihood(args) => likelihood::run(&args, global, display),
            Self::Mutagenesis(args) => mutagenesis::run(&args, global, display),
            Self::Perplexity(args) => perplexity::run(&args, global, display),
            Self::Train(args) => train::run(&args, global, display),
            Self::Finetune(args) => finetune::run(&args, global, display),
            Self::Evaluate(args) => evaluate::run(&args),
            Self::Predict(args) => predict::run(&args, global, display),
            Self::Probe(args) => probe::run(&args, global, display),
            Self::Icl(args) => icl::run(&args, global, display),
            Self::Recall(args) => recall::run(&args, global, display),
            Self::Generate(args) => generate::run(&args, global, display),
            Self::Project(args) => project::run(&args, display),
            Self::Merge(args) => merge::run(&args, display),
            Self::Bench(args) => bench::run(&args, global),
            Self::Models(args) => models::run(args, global, display),
            Self::Completions(args) => packaging::completions(&args, Cli::command()),
            Self::Man(args) => packaging::man(&args, Cli::command()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
