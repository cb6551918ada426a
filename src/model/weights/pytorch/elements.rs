//! The bytes of a storage as f32: element types, and views with any strides.

use half::{bf16, f16};

use super::view::View;

/// The type of a storage's elements; all are little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    F64,
    F32,
    F16,
    Bf16,
    I64,
    I32,
    I16,
    I8,
    U8,
    Bool,
}

impl Element {
    /// The element type of a storage class in the module `torch`.
    pub fn of_storage(class: &str) -> Option<Self> {
        Some(match class {
            "DoubleStorage" => Self::F64,
            "FloatStorage" => Self::F32,
            "HalfStorage" => Self::F16,
            "BFloat16Storage" => Self::Bf16,
            "LongStorage" => Self::I64,
            "IntStorage" => Self::I32,
            "ShortStorage" => Self::I16,
            "CharStorage" => Self::I8,
            "ByteStorage" => Self::U8,
            "BoolStorage" => Self::Bool,
            _ => return None,
        })
    }

    /// Bytes of one element.
    pub fn size(self) -> u64 {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::F16 | Self::Bf16 | Self::I16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }
}

/// The elements of a view in row-major order.
///
/// The view must lie within `storage`, which [`View`]'s construction and a comparison of the
/// storage's claimed with its real size make sure of.
pub fn gather(storage: &[u8], view: &View<'_>) -> Vec<f32> {
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
