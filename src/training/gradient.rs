//! The gradient of one batch: the network as a chain of pieces, each with a graph of its own.
//!
//! A piece whose activations are recomputed keeps only its input; its graph is made again when the
//! backward pass reaches it (Chen et al., arXiv 1604.06174).

use tch::{Kind, TchError, Tensor};

use super::{
    parameters::{Parameters, Slot, view},
    step::{Batch, OutputLayers},
};
use crate::{
    inference::memory::step::Recompute,
    model::{
        libtorch::operators,
        network::{HyenaDna, block::Block, hyena::LongFilter, leaves::Precision},
    },
};

/// A part of the network whose input and output are the residual stream.
#[derive(Debug, Clone, Copy)]
enum NetworkPiece {
    Mixer(usize),
    Mlp(usize),
    Block(usize),
}

impl NetworkPiece {
    /// Number of its block.
    fn block(self) -> usize {
        match self {
            Self::Mixer(i) | Self::Mlp(i) | Self::Block(i) => i,
        }
    }
}

/// A piece after its forward pass.
struct Done {
    piece: NetworkPiece,
    /// Its input, a leaf.
    input: Tensor,
    /// Its output with a graph; `None` where it is to be recomputed.
    output: Option<Tensor>,
}

/// Gradient of a batch.
#[derive(Debug)]
pub struct BatchGradient {
    /// Sum of the losses, in nats, in f64 and on the device, so that the host need not wait for it.
    pub loss: Tensor,
    /// In the layout of the weights.
    pub flat: Tensor,
    /// Of the taps of each trained layer (D, L), where they were given.
    pub taps: Vec<Tensor>,
}

/// A replica of the network with what its gradient needs; one for each thread.
pub struct Differentiator<'a> {
    /// The network of `parameters`.
    pub network: HyenaDna,
    /// Leaf of each slot.
    pub leaves: Vec<Tensor>,
    /// Layout of the flat gradient.
    pub slots: &'a [Slot],
    /// Activations that are recomputed; not `Auto`.
    pub recompute: Recompute,
    /// Layers of the head for a task.
    head: Vec<[Tensor; 2]>,
    /// First block that is trained; those before it and the embedding are frozen if it is not 0.
    first_trained: usize,
    /// Vectors (N, D) that each row follows.
    prompt: Option<Tensor>,
    /// Token ids (M) of demonstrations between these vectors and each row.
    demonstrations: Option<Tensor>,
}

impl<'a> Differentiator<'a> {
    /// For the weights of `parameters`, whose network is `network`.
    ///
    /// # Errors
    /// libtorch fails.
    pub fn new(
        parameters: &'a Parameters,
        network: &HyenaDna,
        recompute: Recompute,
    ) -> Result<Self, TchError> {
        Ok(Self {
            network: network.clone(),
            leaves: parameters.leaves().map(Tensor::shallow_clone).collect(),
            slots: &parameters.slots,
            recompute,
            head: parameters.head()?,
            first_trained: parameters.first_trained_block(),
            prompt: parameters.prompt().map(Tensor::shallow_clone),
            demonstrations: parameters.demonstrations()?,
        })
    }

    /// The gradient of the summed loss times `scale`. `dropout` (B, L, D) multiplies the
    /// embedding, or (B, N, D) the prompt; `taps` (D, L) of each layer are given where they are shared between batches,
    /// and made from the filter networks where not.
    pub fn gradient(
        &self,
        batch: &dyn Batch,
        scale: f64,
        dropout: Option<&Tensor>,
        taps: Option<&[Tensor]>,
    ) -> Result<BatchGradient, TchError> {
        let taps: Option<Vec<Tensor>> = taps.map(|taps| {
            let (frozen, trained) = taps.split_at(self.first_trained.min(taps.len()));
            frozen.iter().map(Tensor::detach).chain(trained.iter().map(leaf)).collect()
        });
        let taps = taps.as_deref();
        if let Some(known) = batch.known() {
            let outputs = OutputLayers { network: &self.network, head: &self.head };
            let loss = tch::with_grad(|| batch.loss(&outputs, known))?;
            let seed = Tensor::f_full_like(&loss, scale)?;
            let (nats, mut sums) = (value(&loss)?, GradientSums::new(self, taps)?);
            let _ = sums.backward(loss, &seed, None)?;
            return Ok(BatchGradient { loss: nats, flat: sums.flat, taps: sums.taps_gradients });
        }
        // the gradient of a prompt passes through frozen blocks
        let first_passed = if self.prompt.is_some() { 0 } else { self.first_trained };
        let trains_embedding = first_passed == 0;
        let embed = || self.embed(batch.inputs(), dropout);
        let embedded = if trains_embedding { tch::with_grad(embed) } else { tch::no_grad(embed) }?;
        let mut x = leaf(&embedded);
        let mut done = Vec::new();
        for piece in self.pieces() {
            if piece.block() < first_passed {
                x = leaf(&tch::no_grad(|| self.forward(piece, &x, taps))?);
                continue;
            }
            let keeps = matches!(
                (piece, self.recompute),
                (_, Recompute::None) | (NetworkPiece::Mlp(_), Recompute::Mixer)
            );
            let output =
                if keeps { Some(tch::with_grad(|| self.forward(piece, &x, taps))?) } else { None };
            let next = match &output {
                Some(output) => output.f_detach()?,
                None => tch::no_grad(|| self.forward(piece, &x, taps))?,
            };
            done.push(Done { piece, input: x, output });
            x = leaf(&next);
        }
        let outputs = OutputLayers { network: &self.network, head: &self.head };
        let loss = tch::with_grad(|| {
            let hidden = self.network.normalize(&x)?;
            let before = [&self.prompt, &self.demonstrations];
            let before: i64 = before.into_iter().flatten().map(|tensor| tensor.size()[0]).sum();
            batch.loss(&outputs, &hidden.f_narrow(1, before, hidden.size()[1] - before)?)
        })?;
        let mut sums = GradientSums::new(self, taps)?;
        let seed = Tensor::f_full_like(&loss, scale)?;
        let nats = value(&loss)?;
        let mut g = sums.backward(loss, &seed, Some(x))?;
        while let Some(Done { piece, input, output }) = done.pop() {
            let output = match output {
                Some(output) => output,
                None => tch::with_grad(|| self.forward(piece, &input, taps))?,
            };
            g = sums.backward(output, &g, Some(input))?;
        }
        if trains_embedding {
            let _ = sums.backward(embedded, &g, None)?;
        }
        Ok(BatchGradient { loss: nats, flat: sums.flat, taps: sums.taps_gradients })
    }

    /// Gradient of the filter networks, from the summed gradients of taps that batches shared.
    /// Frees the graph of `taps`.
    pub fn filter_gradient(
        &self,
        taps: &[Tensor],
        gradients: &[Tensor],
    ) -> Result<Tensor, TchError> {
        let mut sums = GradientSums::new(self, None)?;
        // those of frozen blocks have no graph
        for (taps, gradient) in taps.iter().skip(self.first_trained).zip(gradients) {
            let _ = sums.backward(taps.shallow_clone(), gradient, None)?;
        }
        Ok(sums.flat)
    }

    fn pieces(&self) -> Vec<NetworkPiece> {
        let layers = 0..self.network.layers.len();
        match self.recompute {
            Recompute::Mixer => {
                layers.flat_map(|i| [NetworkPiece::Mixer(i), NetworkPiece::Mlp(i)]).collect()
            }
            _ => layers.map(NetworkPiece::Block).collect(),
        }
    }

    fn embed(&self, inputs: &Tensor, dropout: Option<&Tensor>) -> Result<Tensor, TchError> {
        let masked = |x: Tensor| dropout.map_or(Ok(x.shallow_clone()), |mask| x.f_mul(mask));
        let x = self.network.embed(inputs)?;
        // the same for each row
        let rows = |of: &Tensor| of.f_unsqueeze(0)?.f_expand([x.size()[0], -1, -1], false);
        let mut parts = Vec::new();
        if let Some(prompt) = &self.prompt {
            parts.push(masked(rows(prompt)?)?);
        }
        if let Some(demonstrations) = &self.demonstrations {
            parts.push(rows(&self.network.embed(demonstrations)?)?);
        }
        parts.push(if self.prompt.is_some() { x } else { masked(x)? });
        match parts.len() {
            1 => Ok(parts.remove(0)),
            _ => Tensor::f_cat(&parts, 1),
        }
    }

    fn forward(
        &self,
        piece: NetworkPiece,
        x: &Tensor,
        taps: Option<&[Tensor]>,
    ) -> Result<Tensor, TchError> {
        let precision: Precision = self.network.precision;
        let filter = |i: usize, block: &Block| match taps {
            Some(taps) => taps[i].f_narrow(1, 0, x.size()[1]), // the step may have longer rows
            None => block.mixer.taps(x.size()[1]),
        };
        match piece {
            NetworkPiece::Mixer(i) | NetworkPiece::Block(i) => {
                let block = &self.network.layers[i];
                let filter = LongFilter::Taps(filter(i, block)?);
                let mixed = block.mix(x, &filter, precision)?;
                if matches!(piece, NetworkPiece::Mixer(_)) {
                    return Ok(mixed);
                }
                block.transform(&mixed, precision)
            }
            NetworkPiece::Mlp(i) => self.network.layers[i].transform(x, precision),
        }
    }
}

/// The value of a loss, in f64 and on its device.
fn value(loss: &Tensor) -> Result<Tensor, TchError> {
    loss.f_detach()?.f_to_kind(Kind::Double)
}

/// A tensor as the start of a graph.
fn leaf(tensor: &Tensor) -> Tensor {
    tensor.detach().set_requires_grad(true)
}

/// Gradients that are summed up piece by piece.
struct GradientSums<'a> {
    leaves: &'a [Tensor],
    slots: &'a [Slot],
    flat: Tensor,
    taps: &'a [Tensor],
    taps_gradients: Vec<Tensor>,
}

impl<'a> GradientSums<'a> {
    fn new(of: &'a Differentiator<'_>, taps: Option<&'a [Tensor]>) -> Result<Self, TchError> {
        let elements = of.slots.last().map_or(0, |slot| slot.range.end) as i64;
        let device = of.leaves.first().map_or(tch::Device::Cpu, Tensor::device);
        let flat = Tensor::f_zeros([elements], (tch::Kind::Float, device))?;
        let taps = taps.unwrap_or_default();
        let taps = &taps[of.first_trained.min(taps.len())..];
        let taps_gradients = taps.iter().map(Tensor::f_zeros_like).collect::<Result<_, _>>()?;
        Ok(Self { leaves: &of.leaves, slots: of.slots, flat, taps, taps_gradients })
    }

    /// Adds what `output` gives for the weights; returns the gradient of `input`. Both are freed.
    fn backward(
        &mut self,
        output: Tensor,
        gradient: &Tensor,
        input: Option<Tensor>,
    ) -> Result<Tensor, TchError> {
        let wanted: Vec<&Tensor> = self.leaves.iter().chain(self.taps).chain(&input).collect();
        let mut found = operators::backward(&output, gradient, &wanted)?;
        let of_input = match input {
            Some(_) => found.pop().flatten(),
            None => None,
        };
        for (slot, found) in self.slots.iter().zip(&found) {
            if let Some(found) = found {
                let _ = view(&self.flat, slot)?.f_add_(found)?;
            }
        }
        for (sum, found) in self.taps_gradients.iter_mut().zip(&found[self.leaves.len()..]) {
            if let Some(found) = found {
                let _ = sum.f_add_(found)?;
            }
        }
        Ok(of_input.unwrap_or_default())
    }
}
