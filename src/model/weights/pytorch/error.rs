//! Errors of a tensor in a pickle.

use thiserror::Error;

/// Errors of reading a value as a tensor.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TensorError {
    /// It is something else.
    #[error("it is {0}, which this program does not read")]
    NotATensor(String),
    /// The arguments of the rebuilding call are not those that torch writes.
    #[error("its {part} is {found}; expected {expected}")]
    Part {
        /// The argument.
        part: &'static str,
        /// The value found.
        found: String,
        /// The value expected.
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
        /// Number of elements of the storage, according to the pickle.
        len: usize,
    },
}
