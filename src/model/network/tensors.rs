//! Named tensors: where a checkpoint holds them, and how the network shares them.

use std::{collections::BTreeMap, fmt::Display, ops::Deref};

use tch::{TchError, Tensor};

/// A tensor of the network. Clones share its values, so a clone of the network is a replica for
/// another thread: tensors may move between threads, but two threads must not use the same one.
#[derive(Debug)]
pub struct SharedTensor(Tensor);

impl Clone for SharedTensor {
    fn clone(&self) -> Self {
        Self(self.0.shallow_clone())
    }
}

impl Deref for SharedTensor {
    type Target = Tensor;

    fn deref(&self) -> &Tensor {
        &self.0
    }
}

impl From<Tensor> for SharedTensor {
    fn from(tensor: Tensor) -> Self {
        Self(tensor)
    }
}

/// A place among the tensors of a model, by canonical name: the tensors whose names begin with a
/// prefix.
#[derive(Debug, Clone)]
pub struct TensorPath<'a> {
    tensors: &'a BTreeMap<String, Tensor>,
    prefix: String,
}

impl<'a> TensorPath<'a> {
    /// The root: all tensors, by their whole names.
    pub fn root(tensors: &'a BTreeMap<String, Tensor>) -> Self {
        Self { tensors, prefix: String::new() }
    }

    /// The place `part` within this one: its name with a dot comes before all names. Called as in
    /// candle's `VarBuilder`.
    pub fn pp(&self, part: impl Display) -> Self {
        Self { tensors: self.tensors, prefix: format!("{}{part}.", self.prefix) }
    }

    /// The tensor `name`, if the model has it.
    pub fn find(&self, name: &str) -> Option<SharedTensor> {
        let tensor = self.tensors.get(&format!("{}{name}", self.prefix))?;
        Some(tensor.shallow_clone().into())
    }

    /// The tensor `name`.
    ///
    /// # Errors
    /// The model does not have it.
    pub fn get(&self, name: &str) -> Result<SharedTensor, TchError> {
        let missing = || TchError::FileFormat(format!("tensor {}{name} is missing", self.prefix));
        self.find(name).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_joined_by_dots() {
        let name = "backbone.layers.3.mlp.fc1.bias".to_owned();
        let tensors = BTreeMap::from([(name, Tensor::from_slice(&[1.5_f32]))]);
        let root = TensorPath::root(&tensors);
        let layer = root.pp("backbone").pp("layers").pp(3);
        assert_eq!(layer.pp("mlp").pp("fc1").get("bias").unwrap().double_value(&[0]), 1.5);
        assert!(root.find("backbone.layers.3.mlp.fc1.bias").is_some());
        assert!(layer.find("mlp").is_none());
        let error = layer.pp("norm1").get("weight").unwrap_err().to_string();
        assert!(error.contains("tensor backbone.layers.3.norm1.weight is missing"), "{error}");
    }

    #[test]
    fn clones_share_values() {
        let tensor = SharedTensor::from(Tensor::from_slice(&[1.0_f32]));
        let _ = tensor.clone().shallow_clone().fill_(2.0);
        assert_eq!(tensor.double_value(&[0]), 2.0);
    }
}
