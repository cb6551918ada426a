//! `hyenadna models`: lists, inspects, converts, fetches and verifies models.

mod diagnose;
mod verify;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum, ValueHint};

use self::{diagnose::DiagnoseArgs, verify::VerifyArgs};
use crate::{
    cli::{
        Global,
        download::draw_download,
        model::{
            load, load_all,
            names::{BUILTIN_ARGUMENT, ModelSpec},
        },
        vectors::PoolParser,
    },
    formats::output::{NewFolder, folder, stdout},
    hub::{self, HubConfig, ModelId, released::RELEASED},
    model::{
        config::DEFAULT_SHIFT,
        head::HeadTask,
        pool::Pool,
        weights::{
            convert, foreign,
            host::listed,
            padding_rows,
            source::{self, Named},
            transformers,
        },
    },
    process::{exit, logging::Display},
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Built-in and released models:
    hyenadna models list
  The built-in model:
    hyenadna models info builtin";

/// Examples in the help and on the manual page.
const LIST_EXAMPLES: &str = "\
Examples:
  Models, and where they are:
    hyenadna models list
  Names of models with a context of 32,000 bases or more:
    hyenadna models list | awk '$4 >= 32000 { print $1 }'";

/// Examples in the help and on the manual page.
const INFO_EXAMPLES: &str = "\
Examples:
  The built-in model:
    hyenadna models info
  A released model, which is fetched if it is not in the cache:
    hyenadna models info hyenadna-tiny-1k-seqlen
  The shift that fits a genome, untrained tokens and the usable context:
    hyenadna models info builtin --diagnose genome.fa --window 128 --most-windows 10";

/// Examples in the help and on the manual page.
const CONVERT_EXAMPLES: &str = "\
Examples:
  The built-in model as a folder:
    hyenadna models convert builtin my-model
  A released model as a folder:
    hyenadna models convert hyenadna-tiny-1k-seqlen tiny-1k
  A model that transformers fine-tuned for two classes, for `predict`:
    hyenadna models convert --head-pool last --classes no,yes fine-tuned with-head";

/// Examples in the help and on the manual page.
const PULL_EXAMPLES: &str = "\
Examples:
  A released model:
    hyenadna models pull hyenadna-small-32k-seqlen
  Into a cache on another disk:
    HF_HUB_CACHE=/scratch/hub hyenadna models pull hyenadna-large-1m-seqlen";

/// List, inspect, convert, fetch and verify models
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ModelsArgs {
    #[command(subcommand)]
    command: ModelsCommand,
}

impl ModelsArgs {
    /// True if a model is run, not only read.
    pub fn compute(&self) -> bool {
        match &self.command {
            ModelsCommand::Verify(_) => true,
            ModelsCommand::Info { diagnose, .. } => diagnose.is_requested(),
            _ => false,
        }
    }
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    /// List the built-in and the released models, with their places in the cache
    #[command(after_long_help = LIST_EXAMPLES)]
    List,
    /// Show a model's architecture, size, hashes and origin
    #[command(after_long_help = INFO_EXAMPLES)]
    Info {
        /// A folder, a file, a released name, or `builtin`
        #[arg(default_value = BUILTIN_ARGUMENT, value_parser = ModelSpec, hide_possible_values = true)]
        model: String,
        #[command(flatten)]
        diagnose: DiagnoseArgs,
    },
    /// Write a model in the Hub layout (config.json, model.safetensors), without buffers that can be
    /// recomputed
    #[command(after_long_help = CONVERT_EXAMPLES)]
    Convert(ConvertArgs),
    /// Fetch a model into the Hugging Face cache
    ///
    /// Honours HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE, resumes interrupted
    /// downloads, and verifies the hash of every file. Prints the folder.
    #[command(after_long_help = PULL_EXAMPLES)]
    Pull {
        /// A released name such as hyenadna-small-32k-seqlen, or ORGANISATION/NAME; `@REVISION` may follow
        #[arg(value_parser = ModelSpec, hide_possible_values = true)]
        name: String,
    },
    /// Check that a model is what its name says, and that it computes what it should
    ///
    /// Compares the SHA-256 of the weights with the pin of the released file, and results with those that
    /// other programs recorded, on the CPU and on the device in use. Exits with 1 if a check fails.
    #[command(after_long_help = verify::EXAMPLES)]
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct ConvertArgs {
    /// A folder, a file, a released name, or `builtin`
    #[arg(value_name = "MODEL", value_parser = ModelSpec, hide_possible_values = true)]
    input: String,
    /// Folder of the new model; must be new or empty
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// Shift of the decay of the filters [default: that of MODEL]
    #[arg(long, value_name = "X", value_parser = finite, allow_negative_numbers = true)]
    shift: Option<f64>,
    /// Make the linear layer that others fine-tuned (score.weight, classifier.weight, head.weight) the head
    /// of the model, for `predict`, on hidden states that are pooled like this: mean, last, bins:K, …
    #[arg(long, value_name = "HOW", value_parser = PoolParser, hide_possible_values = true)]
    head_pool: Option<Pool>,
    /// Names of the head's classes or targets, in their order [default: 0, 1, …]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "head_pool")]
    classes: Vec<String>,
    /// Task of the head [default: regression for a single output, else single-label]
    #[arg(long, value_name = "TASK", requires = "head_pool")]
    head_task: Option<ForeignTask>,
    /// Program that reads the folder
    #[arg(long = "for", value_name = "PROGRAM", default_value = "hyenadna")]
    reader: Reader,
}

/// Task of a head of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ForeignTask {
    /// One class of several
    SingleLabel,
    /// Any number of labels
    MultiLabel,
    /// Numbers
    Regression,
}

impl From<ForeignTask> for HeadTask {
    fn from(task: ForeignTask) -> Self {
        match task {
            ForeignTask::SingleLabel => Self::SingleLabel,
            ForeignTask::MultiLabel => Self::MultiLabel,
            ForeignTask::Regression => Self::Regression,
        }
    }
}

/// Reader of a converted model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reader {
    /// This program
    Hyenadna,
    /// Python's transformers: with all buffers, a tokenizer, and the place of the model code on the
    /// Hub
    Transformers,
}

fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| "expected a number such as 0 or 0.05".to_owned())
}

/// Runs one of the subcommands.
///
/// # Errors
/// The model cannot be found, read, fetched or written.
pub fn run(args: ModelsArgs, global: &Global, display: &Display) -> Result<i32> {
    let mut out = stdout()?.lock();
    match args.command {
        ModelsCommand::List => list(&mut out)?,
        ModelsCommand::Info { model, diagnose } => {
            let named = load(Some(&model), display)?;
            let table = diagnose::table(&diagnose, &named, global, display)?;
            info(&mut out, &named)?;
            out.write_all(table.as_bytes())?;
        }
        ModelsCommand::Convert(args) => {
            let load = if args.head_pool.is_some() { load_all } else { load };
            convert(load(Some(&args.input), display)?, &args)?;
        }
        ModelsCommand::Pull { name } => {
            let config = HubConfig::from_env(|key| std::env::var_os(key))?;
            let id = source::hub_name(&name)?;
            let folder = hub::pull(&config, &id, &mut draw_download(display))?;
            writeln!(out, "{}", folder.display())?;
        }
        ModelsCommand::Verify(args) => {
            let code = verify::run(&mut out, &args, global, display)?;
            out.flush()?;
            return Ok(code);
        }
    }
    out.flush()?;
    Ok(exit::SUCCESS)
}

fn list(out: &mut impl Write) -> Result<()> {
    let config = HubConfig::from_env(|key| std::env::var_os(key))?;
    writeln!(out, "#name\tlayers\twidth\tcontext\tparameters\twhere")?;
    let builtin = source::builtin()?;
    let architecture = &builtin.weights.config;
    writeln!(
        out,
        "{}\t{}\t{}\t{}\t{}\tin the program; the default",
        builtin.name,
        architecture.n_layer,
        architecture.d_model,
        architecture.context(),
        builtin.weights.parameters()
    )?;
    for model in &RELEASED {
        let cached = hub::find_cached(&config, &ModelId::parse(model.name)?);
        let place = cached.map_or_else(
            || format!("hyenadna models pull {}", model.name),
            |folder| folder.display().to_string(),
        );
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{place}",
            model.name,
            model.layers,
            model.d_model,
            model.context(),
            model.parameters
        )?;
    }
    Ok(())
}

fn info(out: &mut impl Write, named: &Named) -> Result<()> {
    let config = &named.weights.config;
    let values_of_buffers: usize =
        named.weights.tensors.values().map(|t| t.data.len()).sum::<usize>()
            - named.weights.parameters();
    let path = named.path.as_ref().map_or("-".into(), |path| path.display().to_string());
    let head = if named.weights.untied_head().is_some() { "separate" } else { "tied" };
    let n_row = if padding_rows::n_is_trained(&named.weights) { "trained" } else { "untrained" };
    let mut facts = vec![
        ("name", named.name.clone()),
        ("file", path),
        ("sha256", named.sha256.clone()),
        ("identity", named.identity.clone()),
        ("layers", config.n_layer.to_string()),
        ("width", config.d_model.to_string()),
        ("mlp_width", config.d_inner.to_string()),
        ("context", config.context().to_string()),
        ("filter_width", config.filter_order.to_string()),
        ("shift", config.shift.to_string()),
        ("head", head.to_owned()),
        ("n_row", n_row.to_owned()),
        ("parameters", named.weights.parameters().to_string()),
        ("buffer_values", values_of_buffers.to_string()),
    ];
    if !named.left_out.is_empty() {
        facts.push(("left_out", listed(&named.left_out)));
    }
    if !named.imports.is_empty() {
        facts.push(("python_imports", imports(&named.imports)));
    }
    if named.path.is_some() && config.shift == DEFAULT_SHIFT {
        facts.push(("note", RELEASED_SHIFT.to_owned()));
    }
    for (key, value) in facts {
        writeln!(out, "{key}\t{value}")?;
    }
    Ok(())
}

/// Names that Python would import to unpickle a checkpoint, the first ones if there are many.
fn imports(names: &[String]) -> String {
    const MOST: usize = 50;
    let shown = names[..names.len().min(MOST)].join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Note on models with the shift of the published model code.
const RELEASED_SHIFT: &str = "shift 0.05 is that of the published model code; the released models \
     were trained with 0, see `models convert --shift`";

/// Makes the linear layer that was left out the head of the model.
fn adopt_head(named: &mut Named, pool: Pool, args: &ConvertArgs) -> Result<()> {
    if args.reader == Reader::Transformers {
        bail!(exit::Usage(
            "--head-pool is for this program; a folder --for transformers has no head for a task"
                .into()
        ));
    }
    if pool == Pool::None {
        bail!(exit::Usage(
            "--head-pool none gives a row for each base; choose a pooling of whole sequences"
                .into()
        ));
    }
    let task = args.head_task.map(HeadTask::from);
    let Named { weights, left_out, name, .. } = named;
    foreign::adopt(weights, left_out, pool, task, &args.classes)
        .with_context(|| format!("model {name}"))?;
    if let Some(head) = &weights.head {
        log::info!("head of {name}: {} on {pool}", head.outputs.join(", "));
    }
    Ok(())
}

fn convert(mut named: Named, args: &ConvertArgs) -> Result<()> {
    let output: &Path = &args.output;
    let failed = || format!("cannot write {}", output.display());
    if !folder::is_free(output).with_context(failed)? {
        bail!("{} exists and is not an empty folder; choose another name", output.display());
    }
    // written beside and renamed, so that a half-written model never bears the name
    let made = NewFolder::create(output, &[])?;
    if let Some(pool) = args.head_pool {
        adopt_head(&mut named, pool, args)?;
    }
    named.weights.config.shift = args.shift.unwrap_or(named.weights.config.shift);
    match args.reader {
        Reader::Hyenadna => {
            let kept = convert::write_hub_layout(&named.weights, made.temporary())?;
            if !kept.is_empty() {
                let names: Vec<&str> = kept.iter().map(String::as_str).collect();
                log::warn!(
                    "{} buffers were kept, because recomputing them gives other values: {}",
                    names.len(),
                    names.join(", ")
                );
            }
        }
        Reader::Transformers => {
            transformers::write_folder(&named.weights, made.temporary())?;
            let shift = named.weights.config.shift;
            if shift != DEFAULT_SHIFT {
                log::warn!(
                    "the model has a shift of {shift}, but the code on the Hub computes with {DEFAULT_SHIFT} whatever config.json says: transformers will give other numbers than this program"
                );
            }
        }
    }
    made.publish()?;
    log::info!("{} written to {}", named.name, output.display());
    Ok(())
}
