//! Tensors in host memory: returned by the readers of weights files, and taken by the model.

use std::collections::BTreeMap;

use tch::{Device, Kind, TchError, Tensor};

/// A tensor in host memory: row-major f32, as a weights file holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    /// Extents, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// The elements in row-major order, as many as the product of `shape`.
    pub data: Vec<f32>,
}

impl HostTensor {
    /// A copy on a device.
    pub fn on(&self, device: Device) -> Result<Tensor, TchError> {
        let shape: Vec<i64> = self.shape.iter().map(|&n| n as i64).collect();
        let tensor = Tensor::f_from_slice(&self.data)?.f_view(shape.as_slice())?;
        tensor.f_to_device_(device, Kind::Float, false, false)
    }

    /// A copy of an fp32 tensor on any device.
    pub fn of(tensor: &Tensor) -> Result<Self, TchError> {
        let shape = tensor.size().iter().map(|&n| n as usize).collect();
        let tensor = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_contiguous()?;
        let mut data = vec![0.0; tensor.numel()];
        tensor.f_copy_data(&mut data, tensor.numel())?;
        Ok(Self { shape, data })
    }
}

/// Names and shapes of tensors, for messages: `score.bias [2], score.weight [2, 128]`.
pub fn listed(tensors: &BTreeMap<String, HostTensor>) -> String {
    let tensors: Vec<String> =
        tensors.iter().map(|(name, tensor)| format!("{name} {:?}", tensor.shape)).collect();
    tensors.join(", ")
}
