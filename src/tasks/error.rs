//! Errors of reading a data set.

use thiserror::Error;

use crate::formats::error::InputError;

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
