//! Tensors as views on storages that are not yet read.

use super::{elements::Element, error::TensorError};

/// A storage as the pickle describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage<'a> {
    /// Its entry in the archive is `data/` and this key.
    pub key: &'a str,
    /// The type of its elements.
    pub element: Element,
    /// Number of its elements.
    pub len: usize,
}

/// A tensor: a view on a storage, within its claimed bounds.
#[derive(Debug)]
pub struct View<'a> {
    /// Storage of the elements.
    pub storage: Storage<'a>,
    /// The first element.
    pub offset: usize,
    /// Extents.
    pub shape: Vec<usize>,
    /// For each axis the step in the storage, in elements.
    pub stride: Vec<usize>,
    /// Number of elements of the view: the product of `shape`.
    pub count: usize,
}

impl<'a> View<'a> {
    /// A view, if it lies within the storage's claimed bounds.
    pub fn new(
        storage: Storage<'a>,
        offset: usize,
        shape: Vec<usize>,
        stride: Vec<usize>,
    ) -> Result<Self, TensorError> {
        match measure(offset, &shape, &stride) {
            Some((count, end)) if end <= storage.len => {
                Ok(Self { storage, offset, shape, stride, count })
            }
            _ => Err(TensorError::OutOfBounds { shape, stride, offset, len: storage.len }),
        }
    }

    /// True if the elements lie in the storage one after the other.
    pub fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        let axes = self.shape.iter().zip(&self.stride).rev();
        self.count == 0
            || axes.into_iter().all(|(&size, &stride)| {
                let fits = size == 1 || stride == expected;
                expected *= size;
                fits
            })
    }
}

/// The number of elements, and the end of the part of the storage that they lie in; none
/// if a number overflows.
fn measure(offset: usize, shape: &[usize], stride: &[usize]) -> Option<(usize, usize)> {
    if shape.len() != stride.len() {
        return None;
    }
    let product = |count: usize, &size: &usize| count.checked_mul(size);
    let count = shape.iter().try_fold(1, product)?;
    if count == 0 {
        return Some((0, offset));
    }
    let last = shape
        .iter()
        .zip(stride)
        .try_fold(offset, |at, (&size, &stride)| at.checked_add((size - 1).checked_mul(stride)?))?;
    Some((count, last.checked_add(1)?))
}
