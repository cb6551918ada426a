//! Errors of a tensor in a pickle.

use thiserror::Error;

/// Why a value is no tensor that can be read.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TensorError {
    /// It is something else.
    #[error("it is {0}, which this program does not read")]
    NotATensor(String),
    /// The arguments of the rebuilding call are not those that torch writes.
    #[error("its {part} is {found}; expected {expected}")]
    Part {
        /// Which argument.
        part: &'static str,
        /// What there is.
        found: String,
        /// What there should be.
        expected: &'static str,
    },
    /// The tensor reaches beyond its storage, or has more elements than can be counted.
    #[error(
        "its shape {shape:?} with strides {stride:?} from element {offset} on \
         does not fit its storage of {len} elements"
    )]
    OutOfBounds {
        /// Extents.
        shape: Vec<usize>,
        /// Steps in the storage, in elements.
        stride: Vec<usize>,
        /// The first element.
        offset: usize,
        /// How many elements the storage has by the pickle.
        len: usize,
    },
}
