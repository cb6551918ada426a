//! Prompts of generated sequences.

use std::collections::HashSet;

use anyhow::{Result, bail};

use crate::{
    cli::io::EntryArgs,
    commands::input::entries::Entries,
    formats::number::counted,
    genome::{dna::reverse_complement, region::Strand},
};

/// Bases that sequences begin with.
#[derive(Debug)]
pub struct Prompt {
    /// Name of the sequence, or the region as samtools writes it, with `(-)` for the reverse strand, as
    /// bedtools getfasta writes it.
    pub name: String,
    /// Normalised bases in reading direction.
    pub bases: Vec<u8>,
}

impl Prompt {
    /// The prompt without bases.
    ///
    /// # Errors
    /// The new bases do not fit into the context.
    pub fn none(room: &Room) -> Result<Self> {
        room.check("no prompt", 0)?;
        Ok(Self { name: "generated".into(), bases: Vec::new() })
    }
}

/// The context of the model, and the new bases that it has to hold after a prompt.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Context, in bases.
    pub context: usize,
    /// New bases of a sequence.
    pub length: usize,
}

impl Room {
    /// Refuses new bases that end beyond the context after a prompt of so many.
    ///
    /// # Errors
    /// They do; the message says how many fit.
    fn check(&self, place: &str, prompt: usize) -> Result<()> {
        let Self { context, length } = *self;
        if prompt.saturating_add(length) <= context {
            return Ok(());
        }
        let (found, shorter) = match prompt {
            0 => (String::new(), ""),
            _ => {
                let bases = counted(prompt as u64, "base");
                (
                    format!("the prompt has {bases}, and "),
                    "a shorter prompt (--region names a part of a reference), ",
                )
            }
        };
        let remedy = format!("{shorter}or a model with a longer context (`hyenadna models list`)");
        match context.saturating_sub(prompt) {
            0 => bail!("{place}: {found}the model's context is {context} bases; use {remedy}"),
            room => bail!(
                "{place}: {found}--length is {length}, more than the model's context of {context} bases; use at most --length {room}, {remedy}"
            ),
        }
    }
}

/// Reads all prompts, before anything is computed. Also returns the path of the reference, if there is
/// one.
///
/// # Errors
/// The input is malformed or has no prompts, or one has no bases or leaves no room for the new ones.
pub fn read(args: &EntryArgs, room: &Room) -> Result<(Vec<Prompt>, Option<String>)> {
    let (mut entries, _) = Entries::open(args)?;
    let mut prompts = Vec::new();
    while let Some(entry) = entries.next()? {
        if entry.region.is_empty() {
            bail!(
                "{}: the prompt has no bases; remove it, or leave out PROMPTS to generate without a prompt",
                entry.place
            );
        }
        let length = entry.region.end - entry.region.start;
        room.check(&entry.place.to_string(), usize::try_from(length).unwrap_or(usize::MAX))?;
        let mut bases = entries.bases(&entry, entry.region.start..entry.region.end)?.into_owned();
        let mut name = match entry.contig() {
            Some(_) => entry.region.to_string(),
            None => entry.region.contig.clone(),
        };
        if entry.strand == Some(Strand::Reverse) {
            bases = reverse_complement(&bases);
            name.push_str("(-)");
        }
        prompts.push(Prompt { name, bases });
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
