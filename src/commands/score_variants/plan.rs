//! The settings of a run, complete before an input is opened.

use std::path::Path;

use anyhow::{Result, bail};

use super::{
    args::{FORMATS, ScoreArgs},
    inputs,
};
use crate::{
    cli::windows::{StrandChoice, name},
    commands::output::{self, format::Format, index::Index, resume},
    formats::null_table::Settings,
    genome::contig,
    inference::compare::CompareOptions,
    model::{network::leaves::Precision, weights::source::Named},
    process::{exit::Usage, logging::Display, provenance::Provenance},
    scoring::{self, Score, null::Spectrum},
    windows::strands::WindowOptions,
};

/// A run as the arguments describe it, with the model in host memory.
pub struct Plan<'a> {
    pub args: &'a ScoreArgs,
    /// Path of the reference.
    pub reference: &'a Path,
    /// Paths of all inputs.
    pub inputs: Vec<&'a Path>,
    pub format: Format,
    /// The index of the output.
    pub index: Option<Index>,
    pub model: Named,
    pub scores: Vec<&'static Score>,
    pub windows: WindowOptions,
    /// Parts of a comparison that the scores need.
    pub compared: CompareOptions,
}

impl<'a> Plan<'a> {
    /// Checks the arguments and loads the model.
    ///
    /// # Errors
    /// Options that exclude each other, paths that collide, or a model that cannot be used.
    pub fn new(args: &'a ScoreArgs, display: &Display) -> Result<Self> {
        inputs::check(args)?;
        let index = Index::of(&args.index, &args.output.output)?;
        let (reference, inputs) = inputs::paths(args, index.as_ref())?;
        let format = FORMATS.choose(args.format, &args.output.output)?;
        resume::check(&args.resume, (format, &args.output.output), &inputs)?;
        if args.known.is_some() && format == Format::Parquet {
            bail!(Usage("--known cannot be combined with Parquet, which has all digits of a number, while a table has six; write TSV (--format tsv)".into()));
        }
        let model = args.model.load(display)?;
        let scores = scoring::chosen(&args.scores);
        let windows = args.windows.options(&model, &scores)?;
        let compared = CompareOptions::of(&scores, windows.downstream);
        Ok(Self { args, reference, inputs, format, index, model, scores, windows, compared })
    }

    /// Spectrum of the classes of variants, folded if both strands are read: a variant and its reverse
    /// complement then have the same scores.
    pub fn spectrum(&self) -> Spectrum {
        match self.args.windows.strand {
            StrandChoice::Both => Spectrum::Folded,
            _ => Spectrum::Unfolded,
        }
    }

    /// Settings that the scores of null variants depend on.
    pub fn settings(&self) -> Settings {
        let Self { args, windows, model, .. } = self;
        let downstream = windows.downstream.map_or("all".to_owned(), |bases| bases.to_string());
        let mut circles: Vec<&str> =
            args.windows.circular.iter().map(|name| contig::canonical(name)).collect();
        circles.sort_unstable();
        let circles = if circles.is_empty() { "none".to_owned() } else { circles.join(",") };
        Settings::default()
            .with("model", &model.identity)
            .with("context", windows.context.to_string())
            .with("window", name(windows.window))
            .with("downstream", downstream)
            .with("strand", name(args.windows.strand))
            .with("circular", circles)
            .with("normalize", if args.normalize { "left" } else { "no" })
            .with("n_token", args.model.n_token(model).name())
            .with("dtype", name(args.model.dtype))
    }

    /// Provenance lines of the output. `reference`: its path; `sample`: the one whose haplotypes are
    /// followed.
    pub fn provenance(&self, reference: &str, sample: Option<&str>) -> Provenance {
        let provenance = output::provenance(&self.args.model, &self.model, Some(reference));
        let provenance = self.args.windows.describe(&self.windows, provenance);
        let provenance = match self.args.normalize {
            true => provenance.with("normalize", "left"),
            false => provenance,
        };
        let provenance = match self.args.model.dtype {
            Precision::Fp32 => provenance,
            other => provenance.with("dtype", name(other)),
        };
        let provenance = self.args.null.describe(provenance);
        match sample {
            Some(sample) => provenance.with("phase", sample),
            None => provenance,
        }
    }
}
