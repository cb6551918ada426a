//! Tensors in host memory, free of any tensor library: what the readers of weights files
//! return and the model takes.

/// A tensor in host memory: row-major f32, as a weights file holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    /// Extents, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// The elements in row-major order, as many as the product of `shape`.
    pub data: Vec<f32>,
}
