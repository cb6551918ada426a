//! Arguments about what is read around a variant, shared by commands.

use std::{num::NonZero, path::PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::{
    formats::genes::Genes,
    model::weights::source::Named,
    process::{exit::Usage, provenance::Provenance},
    scoring::{Score, ScoreSet},
    windows::strands::{WindowChoice, WindowOptions},
};

/// Which strands of a window are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum StrandChoice {
    /// Both, and the mean of their scores
    #[default]
    Both,
    /// As the reference has it
    Forward,
    /// The reverse complement
    Reverse,
    /// That of the gene in which the variant lies; both, outside of genes and where genes of both
    /// strands lie (needs --genes)
    Gene,
}

/// What is read around a variant.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Windows")]
pub struct WindowArgs {
    /// Bases in a window [default: the model's context]
    #[arg(short, long, value_name = "N")]
    pub context: Option<NonZero<u64>>,
    /// Where the window of a variant lies; scores of the two are not the same
    #[arg(short, long, value_name = "WINDOW", default_value = "centered")]
    pub window: WindowChoice,
    /// Read and count only the N bases behind the variant on each strand: with a long context much
    /// faster, and another score [default: all that the window has]
    #[arg(short, long, value_name = "N")]
    pub downstream: Option<u64>,
    /// Strands to read
    #[arg(short, long, value_name = "STRAND", default_value = "both")]
    pub strand: StrandChoice,
    /// Genes with their strands for --strand gene: BED (column 6), GTF or GFF3
    #[arg(long, value_name = "FILE")]
    pub genes: Option<PathBuf>,
    /// Contigs whose ends are joined, such as MT: windows go on round the circle
    #[arg(long, value_name = "CONTIG,…", value_delimiter = ',')]
    pub circular: Vec<String>,
}

impl WindowArgs {
    /// What these ask for, given the model that is to read it and the scores that are to be made.
    ///
    /// # Errors
    /// A context that is too short, or too long for the model.
    pub fn options(&self, named: &Named, scores: &[&Score]) -> Result<WindowOptions> {
        let context = context(self.context, named)?;
        let site_only = scores.iter().all(|score| score.group == ScoreSet::Site);
        Ok(WindowOptions { context, window: self.window, downstream: self.downstream, site_only })
    }

    /// The genes of --strand gene, if that was chosen.
    ///
    /// # Errors
    /// They cannot be read, or only one of --strand gene and --genes was given.
    pub fn genes(&self) -> Result<Option<Genes>> {
        match (self.strand, &self.genes) {
            (StrandChoice::Gene, Some(path)) => {
                let genes = Genes::read(path)?;
                log::info!("genes with a strand: {}", genes.len());
                if genes.unstranded() > 0 {
                    log::warn!(
                        "genes without a strand, which count for nothing: {}",
                        genes.unstranded()
                    );
                }
                Ok(Some(genes))
            }
            (StrandChoice::Gene, None) => {
                bail!(Usage(
                    "--strand gene needs genes: name a BED, GTF or GFF3 with --genes".into()
                ))
            }
            (_, Some(_)) => bail!(Usage("--genes is for --strand gene".into())),
            (_, None) => Ok(None),
        }
    }

    /// Adds the settings to what an output says of its making.
    #[must_use]
    pub fn describe(&self, reading: &WindowOptions, provenance: Provenance) -> Provenance {
        let provenance = provenance
            .with("context", reading.context.to_string())
            .with("window", name(reading.window))
            .with("strand", name(self.strand));
        let provenance = match reading.downstream {
            Some(bases) => provenance.with("downstream", bases.to_string()),
            None => provenance,
        };
        let provenance = match &self.genes {
            Some(path) => provenance.with("genes", path.display().to_string()),
            None => provenance,
        };
        match &self.circular[..] {
            [] => provenance,
            names => provenance.with("circular", names.join(",")),
        }
    }
}

/// The number of bases of a window: what was asked for, or all that the model reads.
///
/// # Errors
/// It is too short, or too long for the model.
pub fn context(asked: Option<NonZero<u64>>, named: &Named) -> Result<u64> {
    let limit = named.weights.config.context() as u64;
    let context = asked.map_or(limit, NonZero::get);
    if context < 2 {
        bail!(Usage("--context must be 2 or more: the first base has no prediction".into()));
    }
    if context > limit {
        bail!(
            "--context {context} is more than the {limit} bases that {} reads; use a smaller context, or a model with a longer one (`hyenadna models list`)",
            named.name
        );
    }
    Ok(context)
}

/// The name of an option's value.
pub fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().expect("no value is skipped").get_name().to_owned()
}
