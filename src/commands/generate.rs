//! `hyenadna completions` and `hyenadna man`: files that packagers install beside the binary.

use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Command};
use clap_complete::Shell;

use crate::{formats::output::stdout, process::exit};

/// Write the completion script of a shell to stdout
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

/// Write the manual pages into a folder
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Folder, which must exist
    folder: PathBuf,
}

/// Writes the script of `args.shell` for the command line of `program`.
///
/// # Errors
/// stdout is closed.
pub fn completions(args: &CompletionsArgs, mut program: Command) -> Result<i32> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "hyenadna", &mut script);
    let mut out = stdout()?;
    out.write_all(&script)?;
    Ok(exit::SUCCESS)
}

/// Writes one page for each command of `program`.
///
/// # Errors
/// The folder is not writable.
pub fn man(args: &ManArgs, program: Command) -> Result<i32> {
    clap_mangen::generate_to(program, &args.folder)
        .with_context(|| format!("writing manual pages into {}", args.folder.display()))?;
    Ok(exit::SUCCESS)
}
