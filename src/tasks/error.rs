//! Errors of reading a data set.

use thiserror::Error;

use crate::{
    formats::{error::InputError, number::counted},
    sampling,
};

/// A data set that cannot be read.
#[derive(Debug, Error)]
pub enum DataError {
    /// A file is malformed, or its examples do not describe a task.
    #[error(transparent)]
    Input(#[from] InputError),
    /// An option that the files need is missing.
    #[error("{file} has {found}; {remedy}")]
    Option {
        /// Name of the file.
        file: String,
        /// Its content.
        found: &'static str,
        /// The option to give.
        remedy: &'static str,
    },
}

/// Genomes of classes that windows cannot be drawn from.
#[derive(Debug, Error)]
pub enum GenomesError {
    /// The genomes of a class cannot be read or divided, or are mostly N.
    #[error("class {class}: {source}")]
    Class {
        /// Name of the class.
        class: String,
        /// Cause.
        source: sampling::DataError,
    },
    /// A contig to hold out that no class has.
    #[error("contig {contig} is in no class; {classes}")]
    NoContig {
        /// Name of the contig.
        contig: String,
        /// Contigs of the classes.
        classes: String,
    },
    /// A class whose contigs are all held out.
    #[error(
        "class {class} has nothing to train on, as all its contigs are for validation or the test"
    )]
    NoTrain {
        /// Name of the class.
        class: String,
    },
    /// A class whose stretches for a part are all shorter than a window.
    #[error(
        "class {class}: the longest stretch of its {part} part has {}, and a window has {length}; give a shorter --window, or hold out other contigs",
        counted(*longest, "base")
    )]
    TooShort {
        /// Name of the class.
        class: String,
        /// Name of the part.
        part: &'static str,
        /// Length of its longest stretch, in bases.
        longest: u64,
        /// Length of a window, in bases.
        length: u64,
    },
    /// A class without a stretch for a part that others have.
    #[error(
        "class {class} has no {part} part: its contigs are {contigs}; name one as {class}:CONTIG in --{part}-contigs, or give --{part}-fraction"
    )]
    NoPart {
        /// Name of the class.
        class: String,
        /// Name of the part.
        part: &'static str,
        /// Contigs of the class.
        contigs: String,
    },
}

impl GenomesError {
    /// An error of a class.
    pub fn of_class(class: &str, source: sampling::DataError) -> Self {
        Self::Class { class: class.to_owned(), source }
    }
}
