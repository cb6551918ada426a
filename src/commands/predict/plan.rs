//! The settings of a run, complete before an input is opened.

use anyhow::{Context, Result, bail};

use super::{
    args::{FORMATS, PredictArgs},
    read::{ReadOptions, Unit},
    report::Report,
    write::Layout,
};
use crate::{
    cli::windows::name,
    commands::output::{self, format::Format, index::Index},
    formats::number::counted,
    model::{
        head::{Head, HeadConfig, HeadStrands},
        weights::{host::listed, source::Named},
    },
    process::{exit::Usage, logging::Display, provenance::Provenance},
    windows::{
        strands::{WindowChoice, WindowOptions},
        tiles::{Place, TileOptions},
    },
};

/// A run as the arguments describe it, with the model in host memory.
pub struct Plan<'a> {
    pub args: &'a PredictArgs,
    pub format: Format,
    /// The index of the output.
    pub index: Option<Index>,
    pub model: Named,
    pub head: Head,
    pub report: Report,
    pub layout: Layout,
}

impl<'a> Plan<'a> {
    /// Checks the arguments and loads the model. `index`: that of the output.
    ///
    /// # Errors
    /// Options that exclude each other or do not fit the head, or a model that cannot be used or has no
    /// head.
    pub fn new(args: &'a PredictArgs, index: Option<Index>, display: &Display) -> Result<Self> {
        let format = FORMATS.choose(args.format, &args.output.output)?;
        let is_track = matches!(format, Format::Bedgraph | Format::Bigwig);
        if args.output_class.is_some() && !is_track {
            bail!(Usage(
                "--output-class is for --format bedgraph or bigwig; other formats have all classes"
                    .into()
            ));
        }
        if args.top.is_some() && (is_track || format == Format::Npy) {
            bail!(Usage("--top is for tables; a matrix or track has the values themselves".into()));
        }
        if args.threshold.is_some() && (is_track || format == Format::Npy) {
            bail!(Usage(
                "--threshold is for tables and BED; a matrix or track has the values themselves"
                    .into()
            ));
        }
        let model = args.model.load(display)?;
        let Some(head) = model.weights.task_head() else {
            let name = &model.name;
            match model.left_out.is_empty() {
                true => bail!(
                    "model {name} has no head for a task; make one with `hyenadna finetune`; `hyenadna embed` gives embeddings"
                ),
                false => bail!(
                    "model {name} has no head for a task, but one of others, {}; `hyenadna models convert --head-pool` makes a head of it",
                    listed(&model.left_out)
                ),
            }
        };
        let before = head.config.before();
        if before > 0 {
            let left = model.weights.config.context() - before as i64;
            log::info!(
                "the model reads {} of a prompt or of demonstrations before each sequence, which leaves a context of {left} bases",
                counted(before as u64, "token")
            );
        }
        let top = args.top.map(std::num::NonZero::get);
        let report = Report::new(&head.config, args.threshold, top)?;
        if format == Format::Bed && report.is_regression() && head.config.task.is_per_base() {
            bail!(Usage("BED has runs of classes, but the head predicts numbers".into()));
        }
        let shown = if is_track { report.shown(args.output_class.as_deref())? } else { 0 };
        let layout = Layout::of(format, shown);
        let plan = Self { args, format, index, model, head, report, layout };
        plan.check_head()?;
        Ok(plan)
    }

    /// Refuses options that do not fit the head.
    fn check_head(&self) -> Result<(), Usage> {
        let Self { args, head, format, .. } = self;
        let is_per_base = head.config.task.is_per_base();
        let problem = if is_per_base && args.stride.is_some() {
            "--stride is for a head of whole sequences; that of this model has values for each base, which are written without it"
        } else if is_per_base && args.long.is_some() {
            "--long is for a head of whole sequences; with a head of each base, longer sequences are read in overlapping windows"
        } else if !is_per_base && args.overlap.is_some() {
            "--overlap is for a head of each base; with that of this model use --stride"
        } else if is_per_base && args.top.is_some() && *format == Format::Bed {
            "--top is for rows of values, but BED has runs of bases with the same prediction"
        } else {
            return Ok(());
        };
        Err(Usage(problem.to_owned()))
    }

    /// Options of reading regions and sequences.
    ///
    /// # Errors
    /// Options of variants were given, or the window does not fit the model.
    pub fn reading(&self) -> Result<ReadOptions> {
        let Self { args, head, .. } = self;
        if matches!(self.format, Format::Vcf | Format::Bcf) {
            bail!(Usage("VCF and BCF are formats of predicted variants, but the input has regions or sequences; write a table instead (--format tsv)".into()));
        }
        if let Some(option) = args.variants.given() {
            bail!(Usage(format!(
                "{option} is for variants, but the input has regions or sequences"
            )));
        }
        let unit = if head.config.task.is_per_base() {
            Unit::Base(self.base_tiles()?)
        } else if let Some(stride) = args.stride {
            let (step, window) = (stride.get(), self.window()?);
            Unit::Tile(TileOptions { step, window, place: Place::Middle })
        } else if args.window.is_some() {
            Unit::Centre(self.window()?)
        } else {
            Unit::Entry(args.long.unwrap_or_default())
        };
        Ok(ReadOptions {
            unit,
            strand: args.strand,
            context: self.longest() as usize,
            fewest: head.config.pool.parts(),
        })
    }

    /// Refuses options that do not fit variants.
    ///
    /// # Errors
    /// There is such an option, or the head is one of each base.
    pub fn check_variants(&self) -> Result<(), Usage> {
        let Self { args, head, format, .. } = self;
        let problem = if head.config.task.is_per_base() {
            "the head of this model has values for each base, but variants need one of whole sequences"
        } else if args.stride.is_some() {
            "--stride is for regions and sequences; a variant has a window of its own"
        } else if args.long.is_some() {
            "--long is for regions and sequences; a variant has a window of its own"
        } else if args.top.is_some() {
            "--top is for regions and sequences; a variant has columns for every class"
        } else if args.variants.given() == Some("--info-prefix")
            && !matches!(format, Format::Vcf | Format::Bcf)
        {
            "--info-prefix is for --format vcf or bcf; tables have no INFO"
        } else if matches!(format, Format::Npy | Format::Bedgraph | Format::Bigwig) {
            "predicted variants are written as tsv, csv, bed, parquet, vcf or bcf; choose one with --format"
        } else {
            return Ok(());
        };
        Err(Usage(problem.to_owned()))
    }

    /// Options of the windows of variants.
    ///
    /// # Errors
    /// The window does not fit the model.
    pub fn variant_windows(&self) -> Result<WindowOptions> {
        let context = self.window()?;
        if context < 2 {
            bail!(Usage("the window of a variant needs 2 bases or more; see --window".into()));
        }
        let window = WindowChoice::Centered;
        Ok(WindowOptions { context, window, downstream: None, site_only: false })
    }

    /// Longest sequence that the model reads at once, in bases: its context without the tokens that the head has
    /// before each sequence.
    fn longest(&self) -> u64 {
        let context = self.model.weights.config.context();
        (context - self.head.config.before() as i64).max(1) as u64
    }

    /// Length of a window, in bases.
    ///
    /// # Errors
    /// It is longer than the context.
    pub fn window(&self) -> Result<u64> {
        let context = self.longest();
        let Some(window) = self.args.window else {
            return Ok((self.head.config.length as u64).clamp(1, context));
        };
        if window.get() > context {
            bail!(Usage(format!(
                "--window {window} is more than the {context} bases that {} reads",
                self.model.name
            )));
        }
        Ok(window.get())
    }

    /// Tiles of a head of each base. One that reads a single strand needs bases before each base alone, others
    /// on both sides.
    fn base_tiles(&self) -> Result<TileOptions> {
        let window = self.window()?;
        let overlap = self.args.overlap.unwrap_or(window / 2);
        let step = window.checked_sub(overlap).filter(|&step| step > 0).with_context(|| {
            Usage(format!(
                "--overlap {overlap} leaves no base of a window of {window}; it must be smaller"
            ))
        })?;
        let place = match self.head.config.strands {
            HeadStrands::Forward => Place::End,
            HeadStrands::Both | HeadStrands::Concat => Place::Middle,
        };
        Ok(TileOptions { step, window, place })
    }

    /// Provenance of the predictions of regions or sequences. `reference`: path of the reference.
    pub fn provenance(&self, reference: Option<&str>, unit: Unit) -> Provenance {
        let provenance = self.facts(reference);
        match unit {
            Unit::Tile(tiles) | Unit::Base(tiles) => provenance
                .with("window", tiles.window.to_string())
                .with("stride", tiles.step.to_string()),
            Unit::Centre(window) => provenance.with("window", window.to_string()),
            Unit::Entry(_) => provenance,
        }
    }

    /// Provenance of the predictions of variants. `reference`: path of the reference; `window`: length of
    /// a window, in bases.
    pub fn provenance_of_variants(&self, reference: &str, window: u64) -> Provenance {
        self.facts(Some(reference)).with("window", window.to_string())
    }

    fn facts(&self, reference: Option<&str>) -> Provenance {
        let Self { args, head, model, .. } = self;
        output::provenance(&args.model, model, reference)
            .with("context", model.weights.config.context().to_string())
            .with("strand", name(args.strand))
            .with("head", described(&head.config))
    }
}

/// Task, pooling, strands and outputs of a head, as in `config.json`.
fn described(head: &HeadConfig) -> String {
    let task = serde_json::to_value(head.task).unwrap_or_default();
    let task = task.as_str().unwrap_or_default();
    format!("{task} {} {} {}", head.pool, name(head.strands), head.outputs.join(","))
}
