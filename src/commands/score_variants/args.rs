//! Arguments of `score-variants`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    named::NamedVariant,
    null::NullArgs,
    policy::{ContigPolicy, MismatchPolicy},
};
use crate::{
    cli::{
        io::{
            IndexArgs, OutputArgs, ReferenceArgs, ResumeArgs, ShardArgs, StrictArgs, SummaryArgs,
        },
        model::ModelArgs,
        windows::WindowArgs,
    },
    commands::output::format::{Format, OfferedFormats},
    scoring::ScoreSet,
};

/// Formats of the output.
pub static FORMATS: OfferedFormats = OfferedFormats {
    formats: &[
        (Format::Tsv, "A row for each ALT allele; tabix can index it"),
        (Format::Vcf, "The input with INFO fields added"),
        (Format::Bcf, "Like vcf, but in binary form"),
        (Format::Bed, "A region for each ALT allele, with its scores as columns; for bedtools"),
        (Format::Csv, "Like tsv, with commas and plain column names"),
        (Format::Parquet, "Like tsv, with typed columns"),
    ],
    aliases: &[],
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  A table with a row for each ALT allele:
    hyenadna score-variants variants.vcf genome.fa > scores.tsv
  The VCF with scores in INFO:
    hyenadna score-variants variants.vcf genome.fa -o scored.vcf.gz
  A table of which only the alleles that an earlier one lacks are scored:
    hyenadna score-variants variants.vcf genome.fa > old.tsv
    hyenadna score-variants --known old.tsv variants.vcf genome.fa > new.tsv";

/// Score every ALT allele of a VCF: log-likelihood ratio and embedding distance
///
/// For each ALT allele, in input order, the model reads a window of the reference around the
/// variant and the same window with the allele, on both strands. llr is log P(alt) − log P(ref)
/// in nats: positive where the model prefers the allele. No record is dropped: an allele that cannot
/// be scored has a status with the reason. The built-in model ranks pathogenic variants no better
/// than chance, and no score is fit for clinical decisions.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ScoreArgs {
    /// Variants: VCF or BCF, compressed or not; `-` is stdin. Left out with --all-snvs and --variant
    #[arg(required_unless_present_any = ["all_snvs", "variant"])]
    pub(super) vcf: Option<PathBuf>,
    #[command(flatten)]
    pub(super) reference: ReferenceArgs,
    /// Score every SNV of the regions in this BED instead of a VCF, to make a table of scores
    #[arg(long, value_name = "BED")]
    pub(super) all_snvs: Option<PathBuf>,
    /// Variant to score instead of those of a VCF: CHROM:POS:REF:ALT, as in MT:3243:A:G; may be given
    /// several times
    #[arg(long, value_name = "VARIANT", conflicts_with_all = ["all_snvs", "phase"])]
    pub(super) variant: Vec<NamedVariant>,
    /// Scores to write [default: llr, embedding_l2 and embedding_cosine]
    #[arg(long, value_name = "SCORE,…", value_delimiter = ',')]
    pub(super) scores: Vec<ScoreSet>,
    /// Policy for records whose REF differs from the reference
    #[arg(long, value_name = "POLICY", default_value = "check")]
    pub(super) on_ref_mismatch: MismatchPolicy,
    /// Policy for records whose contig is not in the reference
    #[arg(long, value_name = "POLICY", default_value = "report")]
    pub(super) on_missing_contig: ContigPolicy,
    /// Move insertions and deletions to the left as far as they can go before they are scored, as
    /// `bcftools norm` does; rows keep the alleles of the input
    #[arg(long, conflicts_with = "phase")]
    pub(super) normalize: bool,
    /// Score each allele together with the other alleles of its haplotype, from the phased genotypes
    /// of a sample; the VCF must be sorted
    #[arg(long, conflicts_with_all = ["all_snvs", "circular"])]
    pub(super) phase: bool,
    /// Sample of --phase [default: the only one]
    #[arg(long, value_name = "NAME", requires = "phase")]
    pub(super) sample: Option<String>,
    /// Carry over the scores of an earlier run: only alleles that TABLE, a TSV or VCF that score-variants wrote with the
    /// same model, reference and settings, does not have are scored (docs/known.md)
    #[arg(long, value_name = "TABLE")]
    pub(super) known: Option<PathBuf>,
    /// Prefix of the INFO fields in VCF and BCF output
    #[arg(long, value_name = "NAME", default_value = "HYENADNA")]
    pub(super) info_prefix: String,
    #[command(flatten)]
    pub(super) shard: ShardArgs,
    #[command(flatten)]
    pub(super) windows: WindowArgs,
    #[command(flatten)]
    pub(super) null: NullArgs,
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

/// Source of the variants.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// A VCF or BCF.
    Vcf(&'a Path),
    /// Every SNV of regions.
    Snvs(&'a Path),
    /// Variants that were named one by one.
    Named(&'a [NamedVariant]),
}

impl ScoreArgs {
    /// The source of the variants.
    pub fn source(&self) -> Source<'_> {
        match (&self.vcf, &self.all_snvs) {
            (_, Some(regions)) => Source::Snvs(regions),
            (Some(vcf), None) if self.variant.is_empty() => Source::Vcf(vcf),
            _ => Source::Named(&self.variant),
        }
    }
}
