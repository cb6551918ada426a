//! Reads a pickle as data: a machine that builds values, but never looks up or calls
//! anything.
//!
//! It knows nothing of tensors. A call is kept as the name of its function and its
//! arguments, whether it is one that rebuilds a tensor or the constructor of an unknown
//! class; the caller decides what to do with it. The one exception is `OrderedDict()`,
//! which later opcodes fill and which therefore becomes a dictionary at once.
//! Opcodes: CPython's `Lib/pickletools.py`.

mod containers;
mod error;
mod input;
mod literal;
mod machine;
mod objects;
mod plain;
mod refused;
mod value;

pub use error::PickleError;
pub use value::{Node, Pickle, Value, shown};

/// Reads a pickle that puts together at most `max_values` values.
pub fn parse(bytes: &[u8], max_values: usize) -> Result<Pickle<'_>, PickleError> {
    machine::Machine::new(bytes, max_values).run()
}
