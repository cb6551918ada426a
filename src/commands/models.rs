//! `hyenadna models`: lists, inspects, converts and fetches models.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

use crate::{
    cli::{download::draw_download, model::load},
    formats::output::{folder, stdout},
    hub::{self, HubConfig, ModelId, released::RELEASED},
    model::weights::{
        convert,
        source::{self, Named},
    },
    process::{exit, logging::Display},
};

/// List, inspect, convert and fetch models
#[derive(Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    /// List the built-in and the released models, with their places in the cache
    List,
    /// Show a model's architecture, size, hash and origin
    Info {
        /// A folder, a file, a released name, or `builtin`
        #[arg(default_value = "builtin")]
        model: String,
    },
    /// Write a model in the Hub layout (config.json, model.safetensors), without buffers that can be
    /// recomputed
    Convert {
        /// A folder, a file, a released name, or `builtin`
        #[arg(value_name = "MODEL")]
        input: String,
        /// Folder of the new model; must be new or empty
        #[arg(value_name = "FOLDER")]
        output: PathBuf,
    },
    /// Fetch a model into the Hugging Face cache
    ///
    /// Honours HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE, resumes interrupted
    /// downloads, and verifies the hash of every file. Prints the folder.
    Pull {
        /// A released name such as hyenadna-small-32k-seqlen, or ORGANISATION/NAME; `@REVISION` may follow
        name: String,
    },
}

/// Runs one of the subcommands.
///
/// # Errors
/// The model cannot be found, read, fetched or written.
pub fn run(args: ModelsArgs, display: &Display) -> Result<i32> {
    let mut out = stdout()?.lock();
    match args.command {
        ModelsCommand::List => list(&mut out)?,
        ModelsCommand::Info { model } => info(&mut out, &load(Some(&model), display)?)?,
        ModelsCommand::Convert { input, output } => {
            convert(&load(Some(&input), display)?, &output)?;
        }
        ModelsCommand::Pull { name } => {
            let config = HubConfig::from_env(|key| std::env::var_os(key))?;
            let id = ModelId::parse(&name)?;
            let folder = hub::pull(&config, &id, &mut draw_download(display))?;
            writeln!(out, "{}", folder.display())?;
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
    let buffers: usize = named.weights.tensors.values().map(|t| t.data.len()).sum::<usize>()
        - named.weights.parameters();
    let path = named.path.as_ref().map_or("-".into(), |path| path.display().to_string());
    let head = if named.weights.untied_head().is_some() { "separate" } else { "tied" };
    for (key, value) in [
        ("name", named.name.clone()),
        ("file", path),
        ("sha256", named.sha256.clone()),
        ("layers", config.n_layer.to_string()),
        ("width", config.d_model.to_string()),
        ("mlp_width", config.d_inner.to_string()),
        ("context", config.context().to_string()),
        ("filter_width", config.filter_order.to_string()),
        ("shift", config.shift.to_string()),
        ("head", head.to_owned()),
        ("parameters", named.weights.parameters().to_string()),
        ("stored_values_that_are_no_parameters", buffers.to_string()),
    ] {
        writeln!(out, "{key}\t{value}")?;
    }
    Ok(())
}

fn convert(named: &Named, output: &Path) -> Result<()> {
    let failed = || format!("cannot write {}", output.display());
    if !folder::is_free(output).with_context(failed)? {
        bail!("{} exists and is not an empty folder; choose another name", output.display());
    }
    // written beside and renamed, so that a half-written model never bears the name
    let made = tempfile::Builder::new()
        .prefix(".hyenadna-convert.")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777))
        .tempdir_in(folder::parent(output))
        .with_context(failed)?;
    let kept = convert::write_hub_layout(&named.weights, made.path())?;
    if !kept.is_empty() {
        log::warn!(
            "{} buffers were kept, because recomputing them gives other values: {}",
            kept.len(),
            kept.join(", ")
        );
    }
    folder::publish(made.path(), output).with_context(failed)?;
    let _ = made.keep(); // it bears its name now
    log::info!("{} written to {}", named.name, output.display());
    Ok(())
}
