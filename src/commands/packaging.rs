//! `hyenadna completions` and `hyenadna man`: files that packagers install beside the binary.

mod completions;
mod man;

use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Command, ValueHint};
use clap_complete::Shell;

use crate::{formats::output::stdout, process::exit};

/// Examples in the help and on the manual page.
const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  For every bash from now on:
    cd ~/.local/share/bash-completion/completions
    hyenadna completions bash > hyenadna
  For this bash only:
    source <(hyenadna completions bash)";

/// Write the completion script of a shell to stdout
#[derive(Debug, Args)]
#[command(after_long_help = COMPLETIONS_EXAMPLES)]
pub struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

/// Examples in the help and on the manual page.
const MAN_EXAMPLES: &str = "\
Examples:
  For man, without root:
    hyenadna man ~/.local/share/man/man1
  Into a new folder:
    mkdir pages && hyenadna man pages";

/// Write the manual pages into a folder
#[derive(Debug, Args)]
#[command(after_long_help = MAN_EXAMPLES)]
pub struct ManArgs {
    /// Folder, which must exist
    #[arg(value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

/// Writes the script of `args.shell` for the command line of `program`.
///
/// # Errors
/// stdout is closed.
pub fn completions(args: &CompletionsArgs, program: Command) -> Result<i32> {
    let mut out = stdout()?;
    out.write_all(completions::script(args.shell, program).as_bytes())?;
    Ok(exit::SUCCESS)
}

/// Writes one page for each command of `program`.
///
/// # Errors
/// The folder is not writable.
pub fn man(args: &ManArgs, program: Command) -> Result<i32> {
    man::write(program, &args.folder)
        .with_context(|| format!("writing manual pages into {}", args.folder.display()))?;
    Ok(exit::SUCCESS)
}
