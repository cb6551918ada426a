//! The sequences of a step, and the loss of the hidden states that the network has for them.

use std::ops::Range;

use tch::{Device, TchError, Tensor};

use crate::model::network::HyenaDna;

/// The sequences of a step, or a share of them. The network reads one row of token ids for each, or several if it reads
/// both strands.
pub trait Step: Send + Sync {
    /// Longest row, in bases.
    fn length(&self) -> u64;

    /// Rows that are computed at once: the whole step in parts of about `tokens` bases, at least one
    /// sequence each.
    fn batches(&self, tokens: u64) -> Vec<Range<usize>>;

    /// Sum of the weights of all targets, which the summed loss is divided by.
    fn weight(&self) -> f64;

    /// The same of the whole step, as far as it is known to a process that has a share of it: what losses
    /// are divided by before their sums over processes are known. All have the same.
    fn weight_of_step(&self) -> f64 {
        self.weight()
    }

    /// Place of the first row among those of the whole step.
    fn first_row(&self) -> usize {
        0
    }

    /// Number of known targets.
    fn targets(&self) -> u64;

    /// Bases that the network reads.
    fn tokens(&self) -> u64;

    /// Windows that were mostly N and drawn again.
    fn skipped(&self) -> u64;

    /// Some rows on a device.
    ///
    /// # Errors
    /// libtorch fails.
    fn batch(&self, rows: Range<usize>, device: Device) -> Result<Box<dyn Batch>, TchError>;
}

/// Rows of a step on their device.
pub trait Batch {
    /// Token ids (B, L).
    fn inputs(&self) -> &Tensor;

    /// The hidden states or features that [`loss`](Self::loss) takes, where they are known without the network, of which nothing is
    /// trained then.
    fn known(&self) -> Option<&Tensor> {
        None
    }

    /// The sum of the losses of hidden states (B, L, D) after the final norm.
    ///
    /// # Errors
    /// libtorch fails.
    fn loss(&self, outputs: &OutputLayers<'_>, hidden: &Tensor) -> Result<Tensor, TchError>;
}

/// The layers after the hidden states.
#[derive(Debug, Clone, Copy)]
pub struct OutputLayers<'a> {
    /// The network, with the head of the language model.
    pub network: &'a HyenaDna,
    /// Weight (outputs, inputs) and bias of each layer of a head for a task; empty without one.
    pub head: &'a [[Tensor; 2]],
}
