//! Finds the `state_dict` in a pickle.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{
    archive::ArchiveError,
    error::TensorError,
    pickle::{Node, Pickle, Value, shown},
    tensor,
    view::View,
};

/// Errors of reading the state_dict or one of its tensors.
#[derive(Debug, Error)]
pub enum StateDictError {
    /// The pickle holds something else altogether.
    #[error("the checkpoint is {0}; expected a dictionary with a state_dict. {SAVE}")]
    NotADict(String),
    /// The pickle's `state_dict` is something else.
    #[error("the checkpoint's state_dict is {0}; expected a dictionary of tensors. {SAVE}")]
    OddStateDict(String),
    /// There is neither a `state_dict` nor are all entries tensors.
    #[error("the checkpoint has no state_dict, but only the entries {0}. {SAVE}")]
    Missing(String),
    /// No tensors.
    #[error("the checkpoint's state_dict is empty. {SAVE}")]
    Empty,
    /// A key that is not a text.
    #[error("a name in the state_dict is {0}; expected a text. {SAVE}")]
    Name(String),
    /// An entry is not a tensor that can be read.
    #[error("the entry \"{name}\" of the state_dict is not readable: {reason}. {SAVE}")]
    Tensor {
        /// Its name.
        name: String,
        /// The problem.
        reason: TensorError,
    },
    /// The storage's entry has another size than the pickle says.
    #[error(
        "the storage \"{key}\" of \"{name}\" has {found} bytes in the archive, but the pickle \
         says {len} elements of {size} bytes; the file is damaged: download it again"
    )]
    StorageSize {
        /// The storage.
        key: String,
        /// A tensor in it.
        name: String,
        /// Bytes in the archive.
        found: u64,
        /// Elements by the pickle.
        len: usize,
        /// Bytes of an element.
        size: u64,
    },
    /// The tensors would take far more room than the file.
    #[error(
        "the tensors up to \"{name}\" claim over {limit} bytes of memory in a file of {file} \
         bytes; refused as a possible attack. {SAVE}"
    )]
    TooLarge {
        /// The tensor at which the limit was passed.
        name: String,
        /// The limit.
        limit: u64,
        /// Bytes of the file.
        file: u64,
    },
    /// The entries of the archive must lie on top of each other.
    #[error(
        "the storages up to \"{0}\" have more bytes than the whole file; \
         the file is forged: get it again from a source that you trust"
    )]
    Overlap(String),
    /// An entry of the archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Advice on a checkpoint of another kind.
const SAVE: &str = "If the file is yours, save model.state_dict() with torch.save";

/// The tensors by name, as views on storages that are not yet read.
pub type Views<'a> = BTreeMap<&'a str, View<'a>>;

/// Finds the tensors of the state_dict.
pub fn views<'a>(pickle: &Pickle<'a>) -> Result<Views<'a>, StateDictError> {
    let root = pickle.root();
    let Some(Node::Dict(entries)) = pickle.node(root) else {
        return Err(StateDictError::NotADict(pickle.describe(root)));
    };
    // The last of equal keys counts, as in Python.
    let named = entries.iter().rfind(|(key, _)| matches!(key, Value::Text("state_dict")));
    let items = match named {
        None => bare(pickle, entries)?,
        Some(&(_, value)) => match pickle.node(value) {
            Some(Node::Dict(items)) => items,
            _ => return Err(StateDictError::OddStateDict(pickle.describe(value))),
        },
    };
    if items.is_empty() {
        return Err(StateDictError::Empty);
    }
    let mut views = Views::new();
    for &(key, value) in items {
        let Value::Text(name) = key else {
            return Err(StateDictError::Name(pickle.describe(key)));
        };
        let view = tensor::view(pickle, value)
            .map_err(|reason| StateDictError::Tensor { name: shown(name), reason })?;
        views.insert(name, view);
    }
    Ok(views)
}

type Items<'a> = [(Value<'a>, Value<'a>)];

/// A dictionary that is itself a state_dict: nothing but calls that may rebuild tensors.
fn bare<'p, 'a>(
    pickle: &Pickle<'a>,
    entries: &'p Items<'a>,
) -> Result<&'p Items<'a>, StateDictError> {
    let callish = |&(_, value): &(_, _)| matches!(pickle.node(value), Some(Node::Call { .. }));
    if entries.iter().all(callish) {
        return Ok(entries);
    }
    let names = entries.iter().take(10).map(|&(key, _)| match key {
        Value::Text(name) => shown(name),
        _ => pickle.describe(key),
    });
    let names: Vec<_> = names.collect();
    Err(StateDictError::Missing(names.join(", ")))
}
