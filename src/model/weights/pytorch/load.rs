//! Loads the tensors from the archive, each storage once.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::archive::Archive;
use super::elements::gather;
use super::pickle::shown;
use super::state_dict::{StateDictError, Views};
use super::view::View;
use super::{MAX_GROWTH, MAX_RESULT};
use crate::model::weights::host::HostTensor;

/// Reads the storages, each once, and makes the tensors from them.
pub fn load<R: Read + Seek>(
    views: Views<'_>,
    archive: &mut Archive<R>,
) -> Result<BTreeMap<String, HostTensor>, StateDictError> {
    check_result(&views, archive.len())?;
    let mut by_storage = BTreeMap::<_, Vec<_>>::new();
    for (name, view) in views {
        by_storage.entry(view.storage.key).or_default().push((name, view));
    }
    let mut left = archive.len();
    let mut tensors = BTreeMap::new();
    for (key, views) in by_storage {
        let entry = format!("data/{key}");
        let found = archive.size(&entry)?;
        for (name, view) in &views {
            check_storage(name, view, found)?;
        }
        left = left.checked_sub(found).ok_or_else(|| StateDictError::Overlap(shown(key)))?;
        let bytes = archive.read(&entry, found)?;
        for (name, view) in views {
            let data = gather(&bytes, &view);
            let shape = view.shape;
            tensors.insert(name.to_owned(), HostTensor { shape, data });
        }
    }
    Ok(tensors)
}

/// A stride of 0 lets a few bytes claim any number of elements, so the file's size bounds it.
fn check_result(views: &Views<'_>, file: u64) -> Result<(), StateDictError> {
    let limit = file.saturating_mul(MAX_GROWTH).min(MAX_RESULT);
    let mut total = 0_u64;
    for (name, view) in views {
        total = total.saturating_add((view.count as u64).saturating_mul(4));
        if total > limit {
            let name = shown(name);
            return Err(StateDictError::TooLarge { name, limit, file });
        }
    }
    Ok(())
}

fn check_storage(name: &str, view: &View<'_>, found: u64) -> Result<(), StateDictError> {
    let (len, size) = (view.storage.len, view.storage.element.size());
    if (len as u64).checked_mul(size) == Some(found) {
        return Ok(());
    }
    Err(StateDictError::StorageSize {
        key: shown(view.storage.key),
        name: shown(name),
        found,
        len,
        size,
    })
}
