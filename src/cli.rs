//! What a user may ask.

pub mod io;
pub mod model;
pub mod reading;

use std::num::NonZero;

use clap::{Args, Parser};

use crate::{commands::Command, logging::Verbosity, model::libtorch::DeviceChoice};

/// Long-range DNA language modelling on the command line
///
/// Reads FASTA, FASTQ, BED, VCF and BCF from files or stdin, runs HyenaDNA on them, and writes
/// tables that bedtools, bcftools and tabix understand. Works at once with the model that the
/// program carries; `--model` takes any published HyenaDNA checkpoint.
#[derive(Debug, Parser)]
#[command(name = "hyenadna", version, max_term_width = 100, subcommand_required = true)]
#[command(
    after_help = "Examples:\n  hyenadna score-variants in.vcf.gz genome.fa > scores.tsv\n  hyenadna embed regions.bed genome.fa -o embeddings.npy\n\nExit codes: 0 done, 1 error, 2 wrong usage, 3 with --strict: some records could not be scored, 130/143 ended by a signal."
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// Command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "General")]
pub struct Global {
    /// Log errors only, and show no progress bar
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log debugging messages too
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Number of threads [default: all cores]
    #[arg(short = 't', long, global = true, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N
    #[arg(long, global = true, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
}

impl Global {
    /// How much to say.
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }

    /// The number of threads asked for, or of cores.
    pub fn threads(&self) -> usize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get)
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
