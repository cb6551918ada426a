//! Arguments of `hyenadna recall`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::design::{Background, Design};
use crate::{
    cli::{
        genomes::GenomeArgs,
        io::{OutputArgs, SummaryArgs},
        model::ModelArgs,
    },
    process::exit::Usage,
    windows::repeats::{Layout, Repeat},
};

/// Shortest segment, in bases: shuffles with the same dinucleotides keep shorter ones too often.
const SHORTEST: i64 = 12;
/// Fewest windows.
const FEWEST: u64 = 5;
/// Share of the bases of a mutated copy that are substituted.
const MUTATE: f64 = 0.1;

/// Help of `--model`, which may name several here.
const MODELS: &str = "Model, or several with commas: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a \
released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in \
model]";

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Does the built-in model recall copies? A quick look, with a chart:
    hyenadna recall genome.fa --window 256 --replicates 10 --plot recall > recall.tsv
  Exact copies 64 bases before the segment, in shuffled DNA only:
    hyenadna recall genome.fa --distances 64 --copies exact --backgrounds shuffled --replicates 10";

/// Measure if a model uses its context
///
/// Repeats a segment after some bases, and measures how much better the model predicts it than without the
/// earlier copy: the copy advantage, in nats per base. The control has a shuffle of the copy in its place, so
/// that only the order of the bases differs. Writes a row for each background, distance and kind of copy, and
/// rows of bits per base by the number of bases before, of the same windows.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
#[command(mut_arg("model", |arg| arg.value_name("MODEL,…").help(MODELS)))]
pub struct RecallArgs {
    #[command(flatten)]
    pub(super) genomes: GenomeArgs,
    /// Length of a window, in bases [default: the model's context]
    #[arg(long, value_name = "L")]
    window: Option<usize>,
    /// Length of the segment, the last bases of a window
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(SHORTEST..))]
    segment: u32,
    /// Distances from the start of the copy to that of the segment, in bases [default: the powers of two
    /// that fit]
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    distances: Vec<usize>,
    /// Kinds of copies
    #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
    #[arg(default_value = "exact,mutated,reverse-complement")]
    copies: Vec<Repeat>,
    /// Probability that a base of a mutated copy is substituted [default: 0.1]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    mutate: Option<f64>,
    /// DNA around the segment and its copy
    #[arg(long, value_name = "DNA,…", value_delimiter = ',', default_value = "native,shuffled")]
    backgrounds: Vec<Background>,
    /// Windows to draw
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(FEWEST..=1_000_000))]
    replicates: u64,
    /// Seed of windows, copies and shuffles
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
    /// Draw a chart of each model: PREFIX.MODEL.svg and PREFIX.MODEL.png
    #[arg(long, value_name = "PREFIX")]
    pub(super) plot: Option<PathBuf>,
    #[command(flatten)]
    pub(super) model: ModelArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) summary: SummaryArgs,
}

/// A probability.
fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a probability from 0 to 1, such as 0.1".to_owned())
}

/// Refuses a list that has an item twice.
fn distinct<T: PartialEq>(option: &str, items: &[T], name: impl Fn(&T) -> String) -> Result<()> {
    for (place, item) in items.iter().enumerate() {
        if items[..place].contains(item) {
            bail!(Usage(format!("{option} has {} twice; give it once", name(item))));
        }
    }
    Ok(())
}

impl RecallArgs {
    /// Refuses options that do not fit each other, before a model is loaded.
    ///
    /// # Errors
    /// Some do not.
    pub(super) fn check(&self) -> Result<()> {
        distinct("--distances", &self.distances, usize::to_string)?;
        distinct("--copies", &self.copies, |copy| copy.name().to_owned())?;
        distinct("--backgrounds", &self.backgrounds, |dna| dna.name().to_owned())?;
        if self.mutate.is_some() && !self.copies.contains(&Repeat::Mutated) {
            bail!(Usage("--mutate has no effect without mutated copies; add mutated to --copies, or leave it out".into()));
        }
        let segment = self.segment as usize;
        if let Some(distance) = self.distances.iter().find(|&&distance| distance < segment) {
            bail!(Usage(format!(
                "--distances {distance}: the copy would overlap the segment of {segment} bases; give a distance of {segment} or more, or a shorter --segment"
            )));
        }
        Ok(())
    }

    /// The trials for a model of some context.
    ///
    /// # Errors
    /// The window is longer than the context, or a copy does not fit into it.
    pub(super) fn design(&self, context: usize, model: &str) -> Result<Design> {
        let window = self.window.unwrap_or(context);
        let segment = self.segment as usize;
        if window > context {
            bail!(Usage(format!(
                "--window is {window}, but the context of {model} is {context} bases; give at most that"
            )));
        }
        if window < 2 * segment {
            bail!(Usage(format!(
                "a window of {window} bases has no room for a segment of {segment} and a copy before it; give a shorter --segment, or a --window of {} or more",
                2 * segment
            )));
        }
        let layout = Layout { window, segment, rate: self.mutate.unwrap_or(MUTATE) };
        let mut distances = self.distances.clone();
        if distances.is_empty() {
            distances = layout.powers_of_two();
        }
        if distances.is_empty() {
            distances = vec![layout.farthest()];
        }
        distances.sort_unstable();
        if let Some(distance) = distances.iter().find(|&&distance| distance > layout.farthest()) {
            bail!(Usage(format!(
                "--distances {distance}: in a window of {window} bases ({model} has a context of {context}) a copy is at most {} bases before a segment of {segment}; give a smaller distance or a shorter --segment",
                layout.farthest()
            )));
        }
        Ok(Design {
            layout,
            distances,
            repeats: self.copies.clone(),
            backgrounds: self.backgrounds.clone(),
            replicates: self.replicates,
            seed: self.seed,
        })
    }
}
