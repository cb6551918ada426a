//! Errors of a pickle.

use thiserror::Error;

/// Errors of reading a pickle.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PickleError {
    /// An opcode claims more bytes than follow it.
    #[error(
        "the pickle claims {wanted} bytes at position {at}, but only {left} follow; \
         the file is damaged or forged: get it again from a source that you trust"
    )]
    Truncated {
        /// Position in the pickle.
        at: usize,
        /// Number of bytes claimed.
        wanted: u64,
        /// Number of bytes that follow.
        left: usize,
    },
    /// A byte that is not an opcode, or not one that a checkpoint uses.
    #[error(
        "the pickle has the unknown opcode 0x{opcode:02x} at position {at}; \
         the file is damaged, or save it again with torch.save"
    )]
    Opcode {
        /// Position in the pickle.
        at: usize,
        /// The byte.
        opcode: u8,
    },
    /// The opcodes make no sense in this order.
    #[error(
        "the pickle is not well formed before position {at}: {what}; \
         the file is damaged or forged: get it again from a source that you trust"
    )]
    Malformed {
        /// Position in the pickle.
        at: usize,
        /// The mistake.
        what: &'static str,
    },
    /// The pickle builds more than any checkpoint does.
    #[error(
        "the pickle builds more than {limit} values, far more than a checkpoint's; refused \
         as a possible attack: save only model.state_dict() if it is yours"
    )]
    TooMany {
        /// The bound.
        limit: usize,
    },
    /// The pickle asks for something that a weights file has no reason to do.
    #[error(
        "the pickle asks to call {function}; refused, and nothing was executed. \
         Do not load this file with other programs: get it again from a source that you trust"
    )]
    Refused {
        /// Name of the function with its module.
        function: String,
    },
}
