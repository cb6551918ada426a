//! Labelled sequences as they are read.

use std::sync::Arc;

use super::{
    example::{Labelled, Part, Place},
    label::Label,
};
use crate::{formats::error::InputError, genome::dna};

/// Labelled sequences, and counts of what was read.
#[derive(Debug, Default)]
pub struct Read {
    /// The sequences, in the order of the files.
    pub examples: Vec<Labelled>,
    /// Names of the label columns, INFO fields or tracks, in the order of the values of a label.
    pub names: Vec<String>,
    /// Letters other than A, C, G, T and N, which were read as N.
    pub ambiguous: u64,
    /// Kinds of the files that were read.
    pub kinds: Kinds,
}

/// Kinds of files that some options are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Tables or FASTA with sequences.
    pub sequences: bool,
    /// Tables with sequences.
    pub tables: bool,
    /// Regions of a reference.
    pub regions: bool,
    /// Variants of a reference.
    pub variants: bool,
    /// Random windows of genomes.
    pub windows: bool,
}

/// Properties of a file that its examples share.
#[derive(Debug, Clone)]
pub struct Shared<'a> {
    /// Name of the file, for messages.
    pub name: Arc<str>,
    /// Part that the file belongs to; `None` if that is not known.
    pub part: Option<Part>,
    /// Class of all its examples; they have labels of their own without it.
    pub class: Option<&'a str>,
}

impl Read {
    /// Sets the names of the labels. Files of one data set have the same.
    ///
    /// # Errors
    /// An earlier file has other labels.
    pub fn labels(&mut self, names: Vec<String>, file: &str) -> Result<(), InputError> {
        if self.names.is_empty() {
            self.names = names;
        } else if self.names != names && (self.names.len(), names.len()) != (1, 1) {
            let list = |names: &[String]| match names {
                [first, .., last] if names.len() > 4 => {
                    format!("{first} to {last} ({})", names.len())
                }
                _ => names.join(", "),
            };
            return Err(InputError::Kind {
                path: file.to_owned(),
                problem: format!(
                    "has the labels {}, and the files before have {}; expected the same in the same order",
                    list(&names),
                    list(&self.names)
                ),
            });
        }
        Ok(())
    }

    /// Adds a sequence as in its file.
    ///
    /// # Errors
    /// It is empty, or a letter is not a nucleotide.
    pub fn sequence(
        &mut self,
        mut bases: Vec<u8>,
        label: Label,
        part: Option<Part>,
        place: Place,
    ) -> Result<(), InputError> {
        self.ambiguous +=
            dna::normalise(&mut bases).map_err(|error| place.error(error.to_string()))?;
        self.kinds.sequences = true;
        self.add(Labelled { bases, label, part, contig: None, place })
    }

    /// Adds an example whose bases are normalised.
    ///
    /// # Errors
    /// It has no bases.
    pub fn add(&mut self, example: Labelled) -> Result<(), InputError> {
        if example.bases.is_empty() {
            return Err(example.place.error("the sequence has no bases; remove it"));
        }
        self.examples.push(example);
        Ok(())
    }
}

/// The part that a field names.
///
/// # Errors
/// It names none.
pub fn part(name: &str) -> Result<Part, String> {
    Part::named(name.trim()).ok_or_else(|| {
        let found = crate::formats::error::excerpt(name.as_bytes());
        format!("part {found}, expected train, valid (or validation, dev) or test")
    })
}
