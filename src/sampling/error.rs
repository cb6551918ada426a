//! Errors of the data to train on.

use thiserror::Error;

use crate::formats::{error::InputError, number::counted};

/// Data that cannot be trained on as requested.
#[derive(Debug, Error)]
pub enum DataError {
    /// A genome or a BED file cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The thread that draws samples cannot be started.
    #[error("{0}")]
    Thread(String),
    /// Stdin can be read once and in order only.
    #[error(
        "a genome cannot be read from stdin, as training reads it at random places and more than once; give a file"
    )]
    Stdin,
    /// No genome at all.
    #[error("no genome; give at least one FASTA file")]
    NoGenome,
    /// The same file twice.
    #[error(
        "genome {path} is given twice; give it once, with a larger weight if more is to be drawn from it"
    )]
    GenomeTwice {
        /// Path of the genome.
        path: String,
    },
    /// A weight that is not above 0.
    #[error("the weight of genome {path} is {weight}, expected a number above 0")]
    Weight {
        /// Path of the genome.
        path: String,
        /// Weight given.
        weight: f64,
    },
    /// Weights count relative to each other, bases and shares do not mix.
    #[error(
        "genome {with} has a weight and genome {without} has none; give one to every genome, or to none to draw every base equally often"
    )]
    MixedWeights {
        /// Path of a genome with a weight.
        with: String,
        /// Path of a genome without one.
        without: String,
    },
    /// Weights where every interval is drawn once an epoch.
    #[error(
        "genome {path} has a weight, but with intervals drawn in turn every interval counts once an epoch; leave the weights out, or draw random windows"
    )]
    WeightInTurn {
        /// Path of the genome.
        path: String,
    },
    /// A BED line without a fourth column.
    #[error(
        "{path}, line {line}: found {}, expected a fourth with train, valid or test",
        counted(*columns, "column")
    )]
    NoSplit {
        /// Path of the file.
        path: String,
        /// Number of the line, from 1.
        line: u64,
        /// Number of columns in the line.
        columns: usize,
    },
    /// A BED line whose fourth column is something else.
    #[error("{path}, line {line}: column 4 is {found}, expected train, valid or test")]
    UnknownSplit {
        /// Path of the file.
        path: String,
        /// Number of the line, from 1.
        line: u64,
        /// Fourth column of the line.
        found: String,
    },
    /// A contig of a BED file that no genome has.
    #[error(
        "{path}, line {line}: contig {contig} is in no genome; {genomes}. Is this the BED file of another assembly?"
    )]
    UnknownContig {
        /// Path of the file.
        path: String,
        /// Number of the line, from 1.
        line: u64,
        /// Name of the contig.
        contig: String,
        /// Genomes, and contigs of theirs.
        genomes: String,
    },
    /// A contig of a BED file that more than one genome has.
    #[error(
        "{path}, line {line}: contig {contig} is in {genomes}, so the line is ambiguous; names must be distinct: rename the contigs of one (chr1 and 1 count as the same name)"
    )]
    AmbiguousContig {
        /// Path of the file.
        path: String,
        /// Number of the line, from 1.
        line: u64,
        /// Name of the contig.
        contig: String,
        /// Genomes that have the contig.
        genomes: String,
    },
    /// An interval that lies beyond its contig as a whole.
    #[error(
        "{path}, line {line}: the interval starts at {start} (0-based), but contig {contig} of {genome} has only {}; is this the BED file of another assembly?",
        counted(*length, "base")
    )]
    BeyondContig {
        /// Path of the file.
        path: String,
        /// Number of the line, from 1.
        line: u64,
        /// Start of the interval, 0-based.
        start: u64,
        /// Name of the contig.
        contig: String,
        /// Path of the genome.
        genome: String,
        /// Length of the contig, in bases.
        length: u64,
    },
    /// A contig to be kept apart that no genome has.
    #[error("{what} contig {contig} is in no genome; {genomes}")]
    UnknownName {
        /// Purpose of the contig.
        what: &'static str,
        /// Name of the contig.
        contig: String,
        /// Genomes, and contigs of theirs.
        genomes: String,
    },
    /// A contig that would be both validated and tested on.
    #[error(
        "contig {contig} of {genome} is named for validation and for the test; name it for one of them"
    )]
    NamedTwice {
        /// Name of the contig.
        contig: String,
        /// Path of the genome.
        genome: String,
    },
    /// A share for validation that is out of range.
    #[error("the fraction for validation is {fraction}, expected a number between 0 and 1")]
    Fraction {
        /// Fraction given.
        fraction: f64,
    },
    /// A draw of blocks that left nothing for one side.
    #[error(
        "with fraction {fraction} none of {} falls to {side}; give another fraction or seed, or name contigs or a BED file for {side}",
        format_args!("{} of {block_bases} bases", counted(*blocks, "block"))
    )]
    EmptySide {
        /// Fraction given.
        fraction: f64,
        /// Number of blocks drawn from.
        blocks: u64,
        /// Length of a block, in bases.
        block_bases: u64,
        /// Side without blocks.
        side: &'static str,
    },
    /// Nothing to draw windows from.
    #[error(
        "no interval to train on: all of the genome is kept for validation and test, or the BED file has no train line"
    )]
    NoInterval,
    /// A largest share of N that is out of range.
    #[error("the largest share of N in a window is {most_n}, expected a number from 0 to 1")]
    MostN {
        /// Largest share of N.
        most_n: f64,
    },
    /// Nothing but N was drawn.
    #[error(
        "sample {index}: {draws} windows of {length} bases were drawn, and in each more than {most_n} of it was N or beyond the end of its contig or interval. The intervals are mostly N, or much shorter than the windows; choose other intervals, shorter windows or a larger share of N"
    )]
    MostlyN {
        /// Number of the sample.
        index: u64,
        /// Number of windows drawn.
        draws: u64,
        /// Length of a window, in bases.
        length: u64,
        /// Largest share of N.
        most_n: f64,
    },
}
