//! The trained weights: one flat tensor, and the named tensors of the network as views of it.
//!
//! The optimiser, the norm of the gradient and a sum over processes then are a few operators on one
//! tensor instead of a few for each of hundreds.

use std::{collections::BTreeMap, ops::Range};

use tch::{Device, TchError, Tensor};

use crate::model::{
    head::{self, Head, HeadConfig},
    network::HyenaDna,
    weights::{Weights, host::HostTensor, names},
};

/// Weights that the optimiser treats alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterGroup {
    /// Weights of projections, MLP, short convolution and a head for a task: decayed.
    Decayed,
    /// Biases, norms, the (tied) embedding and a prompt: not decayed.
    Plain,
    /// The filter networks with their frequency: a learning rate of their own, not decayed.
    Filter,
}

/// All groups, in the order in which they lie.
pub const GROUPS: [ParameterGroup; 3] =
    [ParameterGroup::Decayed, ParameterGroup::Plain, ParameterGroup::Filter];

/// The group of a tensor, by its canonical name and its number of dimensions.
fn group(name: &str, dimensions: usize) -> ParameterGroup {
    if name.contains(".implicit_filter.") {
        ParameterGroup::Filter
    } else if dimensions < 2 || [names::EMBEDDING, names::HEAD, head::PROMPT].contains(&name) {
        ParameterGroup::Plain
    } else {
        ParameterGroup::Decayed
    }
}

/// Part of the weights that is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trained {
    /// All of them.
    #[default]
    All,
    /// So many of the last blocks, the final norm, and a head for a task.
    Blocks(u32),
    /// A head for a task.
    Head,
    /// A head for a task, and so many vectors that the network reads before each sequence.
    Prompt(u32),
    /// A prompt of so many vectors; the head is frozen.
    PromptAlone(u32),
}

impl Trained {
    /// Number of vectors that the network reads before each sequence.
    pub fn prompt(self) -> usize {
        match self {
            Self::Prompt(count) | Self::PromptAlone(count) => count as usize,
            _ => 0,
        }
    }

    /// Number of the first block that is trained, from 0, of `blocks`.
    fn first_block(self, blocks: i64) -> i64 {
        match self {
            Self::All => 0,
            Self::Blocks(last) => (blocks - i64::from(last)).max(0),
            Self::Head | Self::Prompt(_) | Self::PromptAlone(_) => blocks,
        }
    }

    /// True if a tensor, by its canonical name, is trained.
    fn includes(self, name: &str, blocks: i64) -> bool {
        let first = self.first_block(blocks);
        let block = name.strip_prefix("backbone.layers.").and_then(|rest| rest.split_once('.'));
        match block.and_then(|(number, _)| number.parse::<i64>().ok()) {
            Some(block) => block >= first,
            None if name == head::PROMPT => true,
            None if name.starts_with(head::PREFIX) => !matches!(self, Self::PromptAlone(_)),
            None if name.starts_with("backbone.ln_f.") => {
                matches!(self, Self::All | Self::Blocks(_))
            }
            None => first == 0,
        }
    }
}

/// One tensor within the flat one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Canonical name.
    pub name: String,
    /// Extents.
    pub shape: Vec<usize>,
    /// Treatment by the optimiser.
    pub group: ParameterGroup,
    /// Its elements in the flat tensor.
    pub range: Range<usize>,
}

/// The trained weights of a model.
#[derive(Debug)]
pub struct Parameters {
    /// Every weight, group after group.
    pub flat: Tensor,
    /// Places of the tensors in it.
    pub slots: Vec<Slot>,
    leaves: BTreeMap<String, Tensor>,
    weights: Weights,
    trained: Trained,
}

impl Parameters {
    /// Puts weights on a device, ready for gradients. Positional buffers are not trained; a head
    /// that differs from the embedding is.
    pub fn new(weights: Weights, device: Device) -> Result<Self, TchError> {
        Self::partly(weights, Trained::All, device)
    }

    /// The same, of which some are frozen.
    pub fn partly(
        mut weights: Weights,
        trained: Trained,
        device: Device,
    ) -> Result<Self, TchError> {
        if weights.untied_head().is_none() {
            weights.tensors.remove(names::HEAD);
        }
        let buffer = |name: &str| [".pos_emb.", ".modulation."].iter().any(|b| name.contains(b));
        let mut slots: Vec<Slot> = weights
            .tensors
            .iter()
            .filter(|(name, _)| !buffer(name) && trained.includes(name, weights.config.n_layer))
            .map(|(name, tensor)| Slot {
                name: name.clone(),
                shape: tensor.shape.clone(),
                group: group(name, tensor.shape.len()),
                range: 0..tensor.data.len(),
            })
            .collect();
        slots.sort_by_key(|slot| slot.group); // stable: by name within a group
        let mut data = Vec::new();
        for slot in &mut slots {
            slot.range = data.len()..data.len() + slot.range.len();
            data.extend_from_slice(&weights.tensors[&slot.name].data);
        }
        let flat = Tensor::f_from_slice(&data)?.f_to_device(device)?;
        let mut leaves = BTreeMap::new();
        for slot in &slots {
            let leaf = view(&flat, slot)?.f_detach()?.f_set_requires_grad(true)?;
            leaves.insert(slot.name.clone(), leaf);
        }
        Ok(Self { flat, slots, leaves, weights, trained })
    }

    /// The network of these weights: it sees every change of them.
    pub fn network(&self) -> Result<HyenaDna, TchError> {
        let device = self.flat.device();
        let mut tensors: BTreeMap<String, Tensor> =
            self.leaves.iter().map(|(name, leaf)| (name.clone(), leaf.shallow_clone())).collect();
        for (name, tensor) in &self.weights.tensors {
            if !tensors.contains_key(name) {
                tensors.insert(name.clone(), tensor.on(device)?);
            }
        }
        HyenaDna::from_tensors(&self.weights.config, &tensors, device)
    }

    /// The layers of a head for a task, weight and bias of each: leaves if it is trained.
    ///
    /// # Errors
    /// libtorch fails.
    pub fn head(&self) -> Result<Vec<[Tensor; 2]>, TchError> {
        let layers = self.weights.head.as_ref().map_or(0, HeadConfig::depth);
        let tensor = |layer: usize, kind: &str| {
            let name = format!("{}{layer}.{kind}", head::PREFIX);
            match self.leaves.get(&name) {
                Some(leaf) => Ok(leaf.shallow_clone()),
                None => self.weights.tensors[&name].on(self.flat.device()),
            }
        };
        (0..layers).map(|i| Ok([tensor(i, "weight")?, tensor(i, "bias")?])).collect()
    }

    /// The leaf of the prompt (N, D); `None` without one.
    pub fn prompt(&self) -> Option<&Tensor> {
        self.leaves.get(head::PROMPT)
    }

    /// Token ids (M) that the network reads after the prompt and before each sequence; `None` without any.
    ///
    /// # Errors
    /// libtorch fails.
    pub fn demonstrations(&self) -> Result<Option<Tensor>, TchError> {
        let Some(head) = self.weights.head.as_ref().filter(|head| !head.demonstrations.is_empty())
        else {
            return Ok(None);
        };
        let ids: Vec<i64> = head.demonstration_tokens().map(i64::from).collect();
        Tensor::f_from_slice(&ids)?.f_to_device(self.flat.device()).map(Some)
    }

    /// Number of tokens that the network reads before each sequence.
    pub fn before(&self) -> u64 {
        self.weights.head.as_ref().map_or(0, HeadConfig::before) as u64
    }

    /// Number of the first block that is trained, from 0; that after the last if none is.
    pub fn first_trained_block(&self) -> usize {
        self.trained.first_block(self.weights.config.n_layer) as usize
    }

    /// The leaf of each slot.
    pub fn leaves(&self) -> impl Iterator<Item = &Tensor> {
        self.slots.iter().map(|slot| &self.leaves[&slot.name])
    }

    /// The elements of a group in the flat tensor.
    pub fn range(&self, group: ParameterGroup) -> Range<usize> {
        let of_group = || self.slots.iter().filter(|slot| slot.group == group);
        let start = of_group().map(|slot| slot.range.start).min().unwrap_or(0);
        start..of_group().map(|slot| slot.range.end).max().unwrap_or(start)
    }

    /// The weights as they are now, with their buffers.
    pub fn weights(&self) -> Result<Weights, TchError> {
        let mut weights = self.weights.clone();
        weights.tensors.extend(self.named(&self.flat)?);
        Ok(weights)
    }

    /// The head for a task as it is now; `None` if there is none.
    pub fn task_head(&self) -> Result<Option<Head>, TchError> {
        if self.weights.head.is_none() {
            return Ok(None);
        }
        Ok(self.weights()?.task_head())
    }

    /// A flat tensor of this layout cut into its slots, by name.
    pub fn named(&self, flat: &Tensor) -> Result<BTreeMap<String, HostTensor>, TchError> {
        let flat = HostTensor::of(flat)?.data;
        let cut = |slot: &Slot| {
            let data = flat[slot.range.clone()].to_vec();
            (slot.name.clone(), HostTensor { shape: slot.shape.clone(), data })
        };
        Ok(self.slots.iter().map(cut).collect())
    }

    /// The opposite of [`named`](Self::named), on the device; `None` if a slot is missing or has
    /// another shape.
    pub fn flattened(
        &self,
        named: &BTreeMap<String, HostTensor>,
    ) -> Result<Option<Tensor>, TchError> {
        let mut data = Vec::with_capacity(self.flat.numel());
        for slot in &self.slots {
            match named.get(&slot.name) {
                Some(tensor) if tensor.shape == slot.shape => data.extend_from_slice(&tensor.data),
                _ => return Ok(None),
            }
        }
        Tensor::f_from_slice(&data)?.f_to_device(self.flat.device()).map(Some)
    }
}

/// The elements of a slot in its shape; shares memory with `flat`.
pub fn view(flat: &Tensor, slot: &Slot) -> Result<Tensor, TchError> {
    let shape: Vec<i64> = slot.shape.iter().map(|&n| n as i64).collect();
    flat.f_narrow(0, slot.range.start as i64, slot.range.len() as i64)?.f_view(shape.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::source;

    #[test]
    fn groups_are_those_of_the_recipe() {
        let parameters = Parameters::new(source::builtin().unwrap().weights, Device::Cpu).unwrap();
        assert_eq!(parameters.flat.numel(), 436_096);
        let group = |name: &str| {
            let slot = parameters.slots.iter().find(|slot| slot.name.ends_with(name));
            slot.unwrap_or_else(|| panic!("{name} has no slot")).group
        };
        for name in ["in_proj.weight", "fc2.weight", "short_filter.weight"] {
            assert_eq!(group(name), ParameterGroup::Decayed, "{name}");
        }
        for name in ["norm1.weight", "fc1.bias", "filter_fn.bias", "word_embeddings.weight"] {
            assert_eq!(group(name), ParameterGroup::Plain, "{name}");
        }
        for name in ["implicit_filter.0.weight", "implicit_filter.2.bias", "1.freq"] {
            assert_eq!(group(name), ParameterGroup::Filter, "{name}");
        }
        let ends: Vec<_> = GROUPS.iter().map(|&group| parameters.range(group)).collect();
        assert_eq!((ends[0].start, ends[2].end), (0, 436_096));
        assert!(ends[0].end == ends[1].start && ends[1].end == ends[2].start);
    }

    #[test]
    fn changes_of_the_flat_tensor_reach_the_network() {
        let parameters = Parameters::new(source::builtin().unwrap().weights, Device::Cpu).unwrap();
        let network = parameters.network().unwrap();
        let ids = Tensor::from_slice(&[7_i64, 8, 9]).view([1, 3]);
        let before = network.embed(&ids).unwrap();
        let _ = tch::no_grad(|| parameters.flat.shallow_clone().fill_(0.5));
        assert!(network.embed(&ids).unwrap().eq(0.5).all().int64_value(&[]) == 1);
        assert!(before.eq(0.5).all().int64_value(&[]) == 0);
        let named = parameters.named(&parameters.flat).unwrap();
        assert!(parameters.flattened(&named).unwrap().unwrap() == parameters.flat);
    }
}
