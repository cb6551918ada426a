//! Manual pages: those of clap_mangen, in the layout that mandoc expects, with sections on the
//! environment, the exit status and examples.

mod roff;

use std::{io, path::Path};

use anyhow::Result;
use clap::Command;
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use crate::{
    cli::model::names::BUILTIN_ARGUMENT,
    formats::output::{Complete, complete_file, publish},
};

/// Date at the foot of the pages. Change it when their text changes.
const DATE: &str = "2026-11-28";

/// An entry of a section: its name, its meaning, and the commands that it concerns.
type Entry = (&'static str, &'static str, fn(&Command) -> bool);

const ENVIRONMENT: [Entry; 10] = [
    ("HYENADNA_REFERENCE", "Reference genome if none is given.", |command| {
        reads(command, "HYENADNA_REFERENCE")
    }),
    ("HYENADNA_MODEL", "Model if \\-m is not given.", |command| reads(command, "HYENADNA_MODEL")),
    ("HF_HUB_CACHE", "Folder of fetched models. Default: the folder hub in HF_HOME.", has_model),
    ("HF_HOME", "Folder of Hugging Face's tools. Default: ~/.cache/huggingface.", has_model),
    ("HF_HUB_OFFLINE", "If 1, use only models in the cache.", has_model),
    ("HF_ENDPOINT", "Address of a mirror of the Hugging Face Hub.", has_model),
    ("HF_TOKEN", "Access token for the Hugging Face Hub.", has_model),
    ("HTTPS_PROXY, NO_PROXY", "Proxy for downloads, and hosts without one.", has_model),
    ("TMPDIR", "Folder of temporary files, such as a copy of a reference from stdin.", has_files),
    ("RUST_LOG", "Messages to log, such as hyenadna=debug; overrides \\-q and \\-v.", |_| true),
];

const EXIT_STATUS: [Entry; 5] = [
    ("0", "The command succeeded, or the reader of its output stopped reading.", |_| true),
    ("1", "An error stopped the command.", |_| true),
    ("2", "The command line is not valid.", |_| true),
    ("3", "With \\-\\-strict: all records were written, but some have no result.", |command| {
        any(command, &|argument| argument.get_id() == "strict")
    }),
    (
        "128 + N",
        "Signal N ended the command, such as 130 for SIGINT (Ctrl\\-C) and 143 for SIGTERM.",
        |_| true,
    ),
];

/// True if an argument of the command, or of one below it, has a property.
fn any(command: &Command, property: &impl Fn(&clap::Arg) -> bool) -> bool {
    command.get_arguments().any(property)
        || command.get_subcommands().any(|command| any(command, property))
}

fn reads(command: &Command, variable: &str) -> bool {
    any(command, &|argument| argument.get_env().is_some_and(|name| name == variable))
}

fn has_model(command: &Command) -> bool {
    any(command, &|argument| {
        let values = argument.get_value_parser().possible_values();
        values.into_iter().flatten().any(|value| value.matches(BUILTIN_ARGUMENT, false))
    })
}

fn has_files(command: &Command) -> bool {
    any(command, &|argument| argument.get_long() == Some("reference"))
}

/// Writes the pages of a command and of those below it.
///
/// # Errors
/// The folder is not writable.
pub fn write(program: Command, folder: &Path) -> Result<()> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    write_built(&program, folder, &mut pages)?;
    Ok(publish(pages)?)
}

/// Writes pages, which get their names later.
fn write_built(command: &Command, folder: &Path, pages: &mut Vec<Complete>) -> Result<()> {
    for command in command.get_subcommands() {
        write_built(command, folder, pages)?;
    }
    let man = Man::new(command.clone());
    let path = folder.join(man.get_filename());
    pages.push(complete_file(&path, page(command, man)?.as_bytes())?);
    Ok(())
}

/// The page of a command.
fn page(command: &Command, man: Man) -> io::Result<String> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let man = man
        .title(name.to_uppercase())
        .date(DATE)
        .source(concat!("hyenadna ", env!("CARGO_PKG_VERSION")))
        .manual("User Commands");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    text.extend(examples(command).render().bytes());
    let page = roff::tidy(&String::from_utf8_lossy(&text));
    let sections = [
        section("ENVIRONMENT", &ENVIRONMENT, command),
        section("EXIT STATUS", &EXIT_STATUS, command),
    ];
    Ok(page + &sections.concat())
}

/// A section with a paragraph for each entry that concerns the command.
fn section(heading: &str, entries: &[Entry], command: &Command) -> String {
    let concerned = entries.iter().filter(|(.., concerns)| concerns(command));
    let paragraph = |(name, meaning, _): &Entry| format!(".TP\n\\fB{name}\\fR\n{meaning}\n");
    format!(".SH \"{heading}\"\n") + &concerned.map(paragraph).collect::<String>()
}

/// The section of the examples in the help: titles, each with a command after it.
fn examples(command: &Command) -> Roff {
    let help = command.get_after_long_help().or_else(|| command.get_after_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let mut section = Roff::default();
    section.control("SH", ["EXAMPLES"]);
    for line in help.lines().skip(1).take_while(|line| !line.is_empty()) {
        match line.strip_prefix("    ") {
            Some(command) => {
                section.control("nf", []);
                section.text([bold(command)]);
                section.control("fi", []);
            }
            None => {
                section.control("TP", ["4"]);
                section.text([roman(line.trim())]);
            }
        }
    }
    section
}
