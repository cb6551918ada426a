//! Arguments about the windows around variants, shared by commands.

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

/// Strands of a window to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum StrandChoice {
    /// Both strands; scores are the mean of both
    #[default]
    Both,
    /// The strand of the reference
    Forward,
    /// The reverse complement
    Reverse,
    /// The strand of the gene that contains the variant; both strands outside genes and where genes
    /// of both strands overlap (needs --genes)
    Gene,
}

/// Options of the windows around variants.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Windows")]
pub struct WindowArgs {
    /// Length of a window, in bases [default: the model's context]
    #[arg(short, long, value_name = "N")]
    pub context: Option<NonZero<u64>>,
    /// Placement of the window around a variant, which affects its scores
    #[arg(short, long, value_name = "WINDOW", default_value = "centered")]
    pub window: WindowChoice,
    /// Read and count only the N bases downstream of the variant on each strand: much faster with a
    /// long context, but the scores differ [default: all bases of the window]
    #[arg(short, long, value_name = "N")]
    pub downstream: Option<u64>,
    /// Strands to read
    #[arg(short, long, value_name = "STRAND", default_value = "both")]
    pub strand: StrandChoice,
    /// Genes with their strands for --strand gene: BED (column 6), GTF or GFF3
    #[arg(long, value_name = "FILE")]
    pub genes: Option<PathBuf>,
    /// Circular contigs, such as MT: windows wrap around the origin
    #[arg(long, value_name = "CONTIG,…", value_delimiter = ',')]
    pub circular: Vec<String>,
}

impl WindowArgs {
    /// Options of the windows, for this model and these scores.
    ///
    /// # Errors
    /// The context is too short, or too long for the model.
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
                    log::warn!("genes without a strand, which are ignored: {}", genes.unstranded());
                }
                Ok(Some(genes))
            }
            (StrandChoice::Gene, None) => {
                bail!(Usage("--strand gene needs --genes with a BED, GTF or GFF3".into()))
            }
            (_, Some(_)) => bail!(Usage("--genes is for --strand gene".into())),
            (_, None) => Ok(None),
        }
    }

    /// Adds the options to the provenance of an output.
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

/// Length of a window, in bases: the requested one, or the model's context.
///
/// # Errors
/// It is too short, or too long for the model.
pub fn context(requested: Option<NonZero<u64>>, named: &Named) -> Result<u64> {
    let limit = named.weights.config.context() as u64;
    let context = requested.map_or(limit, NonZero::get);
    if context < 2 {
        bail!(Usage("--context must be 2 or more: the first base has no prediction".into()));
    }
    if context > limit {
        bail!(
            "--context {context} is more than the {limit} bases of the context of {}; use a smaller one, or a model with a longer context (`hyenadna models list`)",
            named.name
        );
    }
    Ok(context)
}

/// The name of an option's value.
pub fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().expect("no value is skipped").get_name().to_owned()
}
