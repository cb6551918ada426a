//! `hyenadna score-variants`: scores of every ALT allele of a VCF.

mod alleles;
mod calibrate;
mod columns;
mod compute;
mod inputs;
mod item;
mod null;
mod open;
mod phase;
mod plan;
mod policy;
mod records;
mod stages;
mod tally;
mod write;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use self::{
    null::NullArgs,
    policy::{ContigPolicy, MismatchPolicy},
    open::Opened,
    plan::Plan,
};
use super::output::format::{Format, OfferedFormats};
use crate::{
    cli::{
        Global,
        io::{OutputArgs, ReferenceArgs, StrictArgs},
        model::ModelArgs,
        windows::WindowArgs,
    },
    process::logging::Display,
    scoring::ScoreSet,
};

/// Formats of the output.
static FORMATS: OfferedFormats = OfferedFormats {
    formats: &[
        (Format::Tsv, "A row for each ALT allele; tabix can index it"),
        (Format::Vcf, "The input with INFO fields added"),
        (Format::Bcf, "Like vcf, but in binary form"),
        (Format::Bed, "A region for each ALT allele, with its scores as columns"),
    ],
    aliases: &[],
};

/// Score every ALT allele of a VCF: log-likelihood ratio and embedding distance
///
/// For each ALT allele, in input order, the model reads a window of the reference around the
/// variant and the same window with the allele, on both strands. llr is log P(alt) − log P(ref)
/// in nats: positive where the model prefers the allele. No record is dropped: an allele that cannot
/// be scored has a status with the reason.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Variants: VCF or BCF, compressed or not; `-` is stdin. Left out with --all-snvs
    #[arg(required_unless_present = "all_snvs")]
    vcf: Option<PathBuf>,
    #[command(flatten)]
    reference: ReferenceArgs,
    /// Score every SNV of the regions in this BED instead of a VCF, to make a table of scores
    #[arg(long, value_name = "BED")]
    all_snvs: Option<PathBuf>,
    /// Scores to write [default: llr, embedding_l2 and embedding_cosine]
    #[arg(long, value_name = "SCORE,…", value_delimiter = ',')]
    scores: Vec<ScoreSet>,
    /// Policy for records whose REF differs from the reference
    #[arg(long, value_name = "POLICY", default_value = "report")]
    on_ref_mismatch: MismatchPolicy,
    /// Policy for records whose contig is not in the reference
    #[arg(long, value_name = "POLICY", default_value = "report")]
    on_missing_contig: ContigPolicy,
    /// Score each allele together with the other alleles of its haplotype, from the phased genotypes
    /// of a sample; the VCF must be sorted
    #[arg(long, conflicts_with_all = ["all_snvs", "circular"])]
    phase: bool,
    /// Sample of --phase [default: the only one]
    #[arg(long, value_name = "NAME", requires = "phase")]
    sample: Option<String>,
    /// Prefix of the INFO fields in VCF and BCF output
    #[arg(long, value_name = "NAME", default_value = "HYENADNA")]
    info_prefix: String,
    #[command(flatten)]
    windows: WindowArgs,
    #[command(flatten)]
    null: NullArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    strict: StrictArgs,
    /// Output format [default: that of the output file's suffix, else tsv]
    #[arg(long, value_name = "FORMAT", value_parser = FORMATS.parser())]
    format: Option<Format>,
}

/// Scores the variants that `args` names.
///
/// # Errors
/// Inputs that cannot be read, an output that cannot be written, and records that policies call errors.
pub fn run(args: &ScoreArgs, global: &Global, display: &Display) -> Result<i32> {
    let plan = Plan::new(args, display)?;
    let outcome = Opened::open(&plan, global, display)?.run(&plan)?;
    Ok(outcome.code(args.strict.strict))
}
