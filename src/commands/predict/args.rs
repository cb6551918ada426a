//! Arguments of `predict`.

use std::num::NonZero;

use clap::Args;

use super::read::PredictStrand;
use crate::{
    cli::{
        io::{EntryArgs, IndexArgs, OutputArgs, ResumeArgs, StrictArgs, SummaryArgs},
        model::ModelArgs,
        windows::{StrandChoice, WindowArgs},
    },
    commands::{
        output::format::{Format, OfferedFormats},
        score_variants::policy::{ContigPolicy, MismatchPolicy},
    },
    windows::{pieces::Long, strands::WindowChoice},
};

/// Formats of the output.
pub static FORMATS: OfferedFormats = OfferedFormats {
    formats: &[
        (Format::Tsv, "The input's columns, then a column for each class or target"),
        (Format::Csv, "Like tsv, with commas and plain column names"),
        (Format::Bed, "Regions with the predicted class as name; of bases, runs of one class"),
        (Format::Npy, "A float32 matrix, with the other columns in a .tsv beside it"),
        (Format::Parquet, "Like tsv, with typed columns"),
        (Format::Vcf, "Of variants: the input with INFO fields added"),
        (Format::Bcf, "Like vcf, but in binary form"),
        (Format::Bedgraph, "One class or target, for genome browsers; see --output-class"),
        (Format::Bigwig, "Like bedgraph, but compressed and indexed; to a file only"),
    ],
    aliases: &[],
};

/// Examples in the help and on the manual page.
pub const EXAMPLES: &str = "\
Examples:
  Class of each sequence:
    hyenadna predict sequences.fa -m run > classes.tsv
  A track of a genome: a value for every 100 bases:
    hyenadna predict genome.fa -m run --stride 100 -o predictions.bw";

/// Predict classes, labels or numbers with a fine-tuned model
///
/// INPUT is BED (3 to 12 columns) or VCF, which need REFERENCE, FASTA or FASTQ, detected from its
/// content. The model needs a head for a task, as `finetune` makes it. A row has the probability of each
/// class, or the number of each target, of a region or sequence; with --stride of every N bases; with a
/// head of each base of every base; and of an ALT allele for the window around it with REF and with ALT.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct PredictArgs {
    #[command(flatten)]
    pub(super) entries: EntryArgs,
    /// Strand to read; auto: the strand in the BED line, else forward
    #[arg(short, long, value_name = "STRAND", default_value = "auto")]
    pub(super) strand: PredictStrand,
    /// Write a row for every N bases, computed from the window around them
    #[arg(long, value_name = "N")]
    pub(super) stride: Option<NonZero<u64>>,
    /// Length of a window, in bases, with --stride, a VCF or a head of each base [default: that of the
    /// longest training sequence, at most the model's context]; with regions, the window around the
    /// centre of each is read in place of the region
    #[arg(long, value_name = "N")]
    pub(super) window: Option<NonZero<u64>>,
    /// Bases that a window shares with the next one, for a head of each base [default: half the window]
    #[arg(long, value_name = "N")]
    pub(super) overlap: Option<u64>,
    /// Treatment of regions and sequences that are longer than the model's context [default: error]
    #[arg(long, value_name = "HOW", conflicts_with_all = ["stride", "window"])]
    pub(super) long: Option<Long>,
    /// Least probability of a predicted class or label [default: 0.5 for labels, 0 for classes that
    /// exclude each other]
    #[arg(long, value_name = "P", value_parser = probability)]
    pub(super) threshold: Option<f64>,
    /// Write the N most probable classes with their probabilities in place of a column for each class
    #[arg(long, value_name = "N")]
    pub(super) top: Option<NonZero<usize>>,
    /// Class or target that a bedGraph or bigWig shows [default: the only one, or the second of two
    /// classes]
    #[arg(long, value_name = "NAME")]
    pub(super) output_class: Option<String>,
    #[command(flatten)]
    pub(super) variants: VariantArgs,
    #[command(flatten)]
    pub(super) model: ModelArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) index: IndexArgs,
    #[command(flatten)]
    pub(super) resume: ResumeArgs,
    #[command(flatten)]
    pub(super) summary: SummaryArgs,
    #[command(flatten)]
    pub(super) strict: StrictArgs,
    /// Output format [default: that of the output file's suffix, else tsv]
    #[arg(long, value_name = "FORMAT", value_parser = FORMATS.parser())]
    pub(super) format: Option<Format>,
}

/// Options of a VCF.
#[derive(Debug, Args)]
#[command(next_help_heading = "Variants")]
pub struct VariantArgs {
    /// Policy for records whose REF differs from the reference [default: check]
    #[arg(long, value_name = "POLICY")]
    pub(super) on_ref_mismatch: Option<MismatchPolicy>,
    /// Policy for records whose contig is not in the reference [default: report]
    #[arg(long, value_name = "POLICY")]
    pub(super) on_missing_contig: Option<ContigPolicy>,
    /// Circular contigs, such as MT: windows wrap around the origin
    #[arg(long, value_name = "CONTIG,…", value_delimiter = ',')]
    circular: Vec<String>,
    /// Prefix of the INFO fields in VCF and BCF output [default: HYENADNA]
    #[arg(long, value_name = "NAME")]
    info_prefix: Option<String>,
}

impl VariantArgs {
    /// The first option that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        let given = [
            (self.on_ref_mismatch.is_some(), "--on-ref-mismatch"),
            (self.on_missing_contig.is_some(), "--on-missing-contig"),
            (!self.circular.is_empty(), "--circular"),
            (self.info_prefix.is_some(), "--info-prefix"),
        ];
        given.iter().find(|(is_given, _)| *is_given).map(|(_, name)| *name)
    }

    /// Prefix of the INFO fields.
    pub(super) fn info_prefix(&self) -> &str {
        self.info_prefix.as_deref().unwrap_or("HYENADNA")
    }

    /// Windows of the forward strand, centred on a variant.
    pub(super) fn windows(&self) -> WindowArgs {
        WindowArgs {
            context: None,
            window: WindowChoice::Centered,
            downstream: None,
            strand: StrandChoice::Forward,
            genes: None,
            circular: self.circular.clone(),
        }
    }
}

fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a probability from 0 to 1, such as 0.5".to_owned())
}
