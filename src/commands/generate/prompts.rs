//! Prompts of generated sequences.

use std::collections::HashSet;

use anyhow::{Result, bail};

use crate::{
    cli::io::EntryArgs, commands::input::entries::Entries, formats::number::counted,
    model::weights::source::Named,
};

/// Bases that sequences begin with.
#[derive(Debug)]
pub struct Prompt {
    /// Name of the sequence, or the region as samtools writes it.
    pub name: String,
    /// Its file and line, for messages.
    place: String,
    /// Normalised bases.
    pub bases: Vec<u8>,
}

impl Prompt {
    /// The prompt without bases.
    pub fn none() -> Self {
        Self { name: "generated".into(), place: "no prompt".into(), bases: Vec::new() }
    }
}

/// Reads all prompts, before anything is computed. Also returns the path of the reference, if there is
/// one.
///
/// # Errors
/// The input is malformed or has no prompts, or one has no bases.
pub fn read(args: &EntryArgs) -> Result<(Vec<Prompt>, Option<String>)> {
    let (mut entries, _) = Entries::open(args)?;
    let mut prompts = Vec::new();
    while let Some(entry) = entries.next()? {
        if entry.region.is_empty() {
            bail!(
                "{}: the prompt has no bases; remove it, or leave out PROMPTS to generate without a prompt",
                entry.place
            );
        }
        let bases = entries.bases(&entry, entry.region.start..entry.region.end)?.into_owned();
        let name = match entry.contig() {
            Some(_) => entry.region.to_string(),
            None => entry.region.contig.clone(),
        };
        prompts.push(Prompt { name, place: entry.place, bases });
    }
    if prompts.is_empty() {
        bail!(
            "{}: found no {}, expected at least one as a prompt; leave out PROMPTS to generate without one",
            entries.name(),
            entries.noun()
        );
    }
    entries.report();
    let names: HashSet<&str> = prompts.iter().map(|prompt| prompt.name.as_str()).collect();
    if names.len() < prompts.len() {
        log::warn!(
            "prompts of the same name as another: {}; so are sequences that continue them",
            prompts.len() - names.len()
        );
    }
    Ok((prompts, entries.reference_name().map(str::to_owned)))
}

/// Checks that `length` bases after each prompt fit into the model's context.
///
/// # Errors
/// They do not after one.
pub fn check(prompts: &[Prompt], length: usize, named: &Named) -> Result<()> {
    let context = named.weights.config.context().max(0) as usize;
    let long = |prompt: &&Prompt| prompt.bases.len().saturating_add(length) > context;
    let Some(Prompt { place, bases, .. }) = prompts.iter().find(long) else { return Ok(()) };
    let prompt = match bases.len() {
        0 => String::new(),
        bases => format!("the prompt has {}, and ", counted(bases as u64, "base")),
    };
    let remedy = "use a model with a longer context (`hyenadna models list`)";
    match context.saturating_sub(bases.len()) {
        0 => bail!(
            "{place}: {prompt}the model's context is {context} bases; use a shorter prompt, or {remedy}"
        ),
        room => bail!(
            "{place}: {prompt}--length is {length}, more than the model's context of {context} bases; use at most --length {room}, a shorter prompt, or {remedy}"
        ),
    }
}
