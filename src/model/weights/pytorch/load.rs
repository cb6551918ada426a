//! Loads the tensors from the archive, each storage once.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

use half::{bf16, f16};

use super::{
    archive::Archive,
    elements::Element,
    pickle::shown,
    state_dict::{StateDictError, Views},
    view::View,
};
use crate::model::weights::host::HostTensor;

/// Largest result, in bytes of f32, per byte of the file. Half precision doubles, bytes and
/// booleans take four times the room, and a few names may share one storage.
pub const MAX_GROWTH: u64 = 16;
/// Largest result in bytes, whatever the size of the file.
const MAX_RESULT: u64 = 16 << 30;

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

/// The elements of a view in row-major order.
///
/// The view must lie within `storage`, which [`View`]'s construction and a comparison of the
/// storage's claimed with its real size make sure of.
fn gather(storage: &[u8], view: &View<'_>) -> Vec<f32> {
    match view.storage.element {
        Element::F32 => pick(storage, view, f32::from_le_bytes),
        Element::F64 => pick(storage, view, |b| f64::from_le_bytes(b) as f32),
        Element::F16 => pick(storage, view, |b| f16::from_le_bytes(b).to_f32()),
        Element::Bf16 => pick(storage, view, |b| bf16::from_le_bytes(b).to_f32()),
        Element::I64 => pick(storage, view, |b| i64::from_le_bytes(b) as f32),
        Element::I32 => pick(storage, view, |b| i32::from_le_bytes(b) as f32),
        Element::I16 => pick(storage, view, |b| i16::from_le_bytes(b).into()),
        Element::I8 => pick(storage, view, |b| i8::from_le_bytes(b).into()),
        Element::U8 => pick(storage, view, |[b]| b.into()),
        Element::Bool => pick(storage, view, |[b]: [u8; 1]| (b != 0).into()),
    }
}

fn pick<const N: usize>(
    storage: &[u8],
    view: &View<'_>,
    decode: impl Fn([u8; N]) -> f32,
) -> Vec<f32> {
    let (cells, _) = storage.as_chunks::<N>();
    if view.is_contiguous() {
        let cells = &cells[view.offset..][..view.count];
        return cells.iter().map(|&cell| decode(cell)).collect();
    }
    let mut out = Vec::with_capacity(view.count);
    let mut index = vec![0; view.shape.len()];
    let mut at = view.offset;
    while out.len() < view.count {
        out.push(decode(cells[at]));
        // Count `index` up by one, the last axis fastest, and move `at` along.
        for axis in (0..index.len()).rev() {
            let (size, stride) = (view.shape[axis], view.stride[axis]);
            index[axis] += 1;
            if index[axis] < size {
                at += stride;
                break;
            }
            index[axis] = 0;
            at -= (size - 1) * stride;
        }
    }
    out
}
