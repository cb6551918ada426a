//! The gradient of a whole step: its sequences in batches that fit into the cache or the memory,
//! several at once on a CPU, summed in their order.

use std::ops::Range;

use rayon::prelude::*;
use tch::{Device, Kind, TchError, Tensor};

use super::{
    dropout::Dropout,
    gradient::{BatchGradient, Differentiator},
    parameters::Parameters,
    step::Step,
};
use crate::{
    inference::memory::step::{AtOnce, Recompute},
    model::{
        libtorch,
        network::{HyenaDna, leaves::Precision},
    },
};

/// Sequences up to this length, in bases, are computed by one thread each; those that are longer
/// share their operators. As in inference: threads that share an operator wait for each other.
pub const ALONE: u64 = 4096;

/// Part of a step over `batch` sequences that is computed at once, with at most `batch_tokens`
/// bases on a thread.
pub fn at_once(batch: u64, length: u64, batch_tokens: u64, threads: usize) -> AtOnce {
    let rows = (batch_tokens / length.max(1)).clamp(1, batch.max(1));
    let batches = if length <= ALONE { batch.div_ceil(rows).min(threads as u64) } else { 1 };
    AtOnce { batches, rows, length }
}

/// Way to compute a step.
#[derive(Debug, Clone, Copy)]
pub struct StepPlan {
    /// Threads of a CPU.
    pub threads: usize,
    /// Most bases that are computed at once on a thread; at least one sequence is.
    pub batch_tokens: u64,
    /// Activations that are computed again in the backward pass; not `Auto`.
    pub recompute: Recompute,
    /// Type of the matrix products.
    pub precision: Precision,
}

/// The gradient of a process for the rows of a step that it has.
#[derive(Debug)]
pub struct PartialGradient {
    /// Summed loss, in nats.
    pub loss: f64,
    /// Gradient of it times the scale, in the layout of the weights.
    pub flat: Tensor,
}

/// Result of a step.
#[derive(Debug)]
pub struct StepGradient {
    /// Mean loss of the known targets, in nats.
    pub loss: f64,
    /// Gradient of it, in the layout of the weights.
    pub flat: Tensor,
    /// Norm of it.
    pub norm: f64,
    /// Known targets.
    pub targets: u64,
}

/// Computes gradients of steps.
#[derive(Debug)]
pub struct GradientEngine {
    network: HyenaDna,
    device: Device,
    plan: StepPlan,
}

impl GradientEngine {
    /// For the weights of `parameters`.
    pub fn new(parameters: &Parameters, plan: StepPlan) -> Result<Self, TchError> {
        let mut network = parameters.network()?;
        network.precision = plan.precision;
        Ok(Self { network, device: parameters.flat.device(), plan })
    }

    /// The network with its weights as they are.
    pub fn network(&self) -> &HyenaDna {
        &self.network
    }

    /// The gradient of the mean loss of a step.
    ///
    /// # Errors
    /// libtorch fails; so below.
    pub fn gradient(
        &self,
        parameters: &Parameters,
        step: &dyn Step,
        dropout: &Dropout,
    ) -> Result<StepGradient, TchError> {
        let scale = scale(step.weight());
        let PartialGradient { loss, flat } = self.partial(parameters, step, dropout, scale)?;
        let norm = norm(&flat)?;
        Ok(StepGradient { loss: loss * scale, flat, norm, targets: step.targets() })
    }

    /// The gradient of the summed loss of the rows of a step, times `scale`. Its value depends on the plan's
    /// `batch_tokens` but, for sequences up to [`ALONE`] on a CPU, not on the threads. Leaves libtorch
    /// with the number of threads that the step of the optimiser is fastest with.
    ///
    /// # Errors
    /// See [`gradient`](Self::gradient).
    pub fn partial(
        &self,
        parameters: &Parameters,
        step: &dyn Step,
        dropout: &Dropout,
        scale: f64,
    ) -> Result<PartialGradient, TchError> {
        let alone = self.device == Device::Cpu && length(parameters, step) <= ALONE;
        // sums over threads round differently for each number of them, and threads that share the
        // operators of a small model wait for each other most of the time
        libtorch::set_threads(if alone { 1 } else { self.plan.threads });
        let side_by_side = if alone { self.plan.threads.max(1) } else { 1 };
        self.sum(parameters, step, (dropout, scale), side_by_side)
    }

    /// The gradient for a step, `side_by_side` batches at a time, each on a thread of its own.
    fn sum(
        &self,
        parameters: &Parameters,
        step: &dyn Step,
        (dropout, scale): (&Dropout, f64),
        side_by_side: usize,
    ) -> Result<PartialGradient, TchError> {
        let prompt = parameters.prompt().map_or(0, |prompt| prompt.size()[0]);
        let shared = self.shared_taps(length(parameters, step))?;
        let batches = step.batches(self.plan.batch_tokens);
        let (device, d_model) = (self.device, self.network.config.d_model);
        let compute = |replica: &Replica<'_>, rows: &Range<usize>| {
            let batch = step.batch(rows.clone(), device)?;
            // of a prompt alone, if there is one
            let length = if prompt > 0 { prompt } else { batch.inputs().size()[1] };
            let mask = dropout.mask(
                step.first_row() + rows.start,
                [rows.len() as i64, length, d_model],
                device,
            )?;
            replica.of.gradient(&*batch, scale, mask.as_ref(), replica.taps.as_deref())
        };
        let replica = || {
            let of = Differentiator::new(parameters, &self.network, self.plan.recompute)?;
            let taps = shared.as_ref();
            let taps = taps.map(|taps| taps.iter().map(Tensor::shallow_clone).collect());
            Ok::<_, TchError>(Replica { of, taps })
        };
        let mut sum = Sum::default();
        for wave in batches.chunks(side_by_side) {
            let tasks = wave.iter().map(|batch| Ok((replica()?, batch)));
            for gradient in self.run(tasks.collect::<Result<_, TchError>>()?, &compute)? {
                sum.add(gradient)?;
            }
        }
        let Sum { loss, flat, taps } = sum;
        let mut flat = flat.map_or_else(|| parameters.flat.f_zeros_like(), Ok)?;
        if let Some(shared) = shared {
            let of = Differentiator::new(parameters, &self.network, self.plan.recompute)?;
            let _ = flat.f_add_(&of.filter_gradient(&shared, &taps)?)?;
        }
        // the first wait for the device in a step
        let loss = loss.map_or(Ok(0.0), |loss| loss.f_double_value(&[]))?;
        Ok(PartialGradient { loss, flat })
    }

    /// The taps of every layer with their graph, once for all batches of a step; not where
    /// activations are recomputed, as those of the filter networks would be kept.
    fn shared_taps(&self, length: u64) -> Result<Option<Vec<Tensor>>, TchError> {
        if self.plan.recompute != Recompute::None || length == 0 {
            return Ok(None);
        }
        let taps = |block: &crate::model::network::block::Block| block.mixer.taps(length as i64);
        tch::with_grad(|| self.network.layers.iter().map(taps).collect::<Result<_, _>>().map(Some))
    }

    /// The gradients of a few batches, each on its own thread.
    fn run(
        &self,
        tasks: Vec<BatchTask<'_>>,
        compute: &(impl Fn(&Replica<'_>, &Range<usize>) -> Result<BatchGradient, TchError> + Sync),
    ) -> Result<Vec<BatchGradient>, TchError> {
        if let [(replica, batch)] = tasks.as_slice() {
            return Ok(vec![compute(replica, batch)?]);
        }
        let results = tasks.into_par_iter().map(|(replica, batch)| {
            libtorch::set_threads(1); // bound to the thread
            compute(&replica, batch)
        });
        let results = results.collect();
        libtorch::set_threads(1); // the pool may have used this thread too
        results
    }
}

/// Factor of the losses of targets of so much weight, so that their sum is a mean.
pub fn scale(weight: f64) -> f64 {
    if weight > 0.0 { 1.0 / weight } else { 1.0 }
}

/// Norm of a gradient.
///
/// # Errors
/// libtorch fails.
pub fn norm(flat: &Tensor) -> Result<f64, TchError> {
    flat.f_square()?.f_sum(Kind::Double)?.f_sqrt()?.f_double_value(&[])
}

/// Most positions of a row of a step, with those before its sequence; 0 if there is nothing to read.
fn length(parameters: &Parameters, step: &dyn Step) -> u64 {
    match step.length() {
        0 => 0,
        length => parameters.before() + length,
    }
}

/// Replica of a thread: tensors may move between threads, but two threads must not use the same one.
struct Replica<'a> {
    of: Differentiator<'a>,
    taps: Option<Vec<Tensor>>,
}

/// The rows of a batch, for a replica.
type BatchTask<'a> = (Replica<'a>, &'a Range<usize>);

/// Gradients of batches added up in their order.
#[derive(Default)]
struct Sum {
    loss: Option<Tensor>,
    flat: Option<Tensor>,
    taps: Vec<Tensor>,
}

impl Sum {
    fn add(&mut self, gradient: BatchGradient) -> Result<(), TchError> {
        self.loss = Some(match self.loss.take() {
            None => gradient.loss,
            Some(mut loss) => loss.f_add_(&gradient.loss)?,
        });
        match &mut self.flat {
            None => (self.flat, self.taps) = (Some(gradient.flat), gradient.taps),
            Some(flat) => {
                let _ = flat.f_add_(&gradient.flat)?;
                for (sum, taps) in self.taps.iter_mut().zip(&gradient.taps) {
                    let _ = sum.f_add_(taps)?;
                }
            }
        }
        Ok(())
    }
}

/// Bases that are computed at once: on a thread of a CPU more leave its caches.
pub fn fastest_tokens(device: Device) -> u64 {
    match device {
        Device::Cpu => 4096,
        _ => 1 << 17,
    }
}

/// Bases of a step that are computed at once by default: the fastest number, but on a CPU a small step
/// is cut into four, so that it has work for several threads. The number of threads plays no part, as
/// the sum of a step depends on its batches.
pub fn default_tokens(device: Device, step_tokens: u64) -> u64 {
    const LEAST: u64 = 1024;
    match device {
        Device::Cpu => (step_tokens / 4).clamp(LEAST, fastest_tokens(device)),
        _ => fastest_tokens(device),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_steps_are_cut_for_several_threads() {
        let batches = |batch, length| {
            let tokens = default_tokens(Device::Cpu, batch * length);
            at_once(batch, length, tokens, 64).batches
        };
        assert_eq!(batches(4, 64), 1);
        assert_eq!(batches(8, 256), 2);
        assert_eq!(batches(4, 1024), 4);
        assert_eq!(batches(64, 1024), 16);
        assert_eq!(batches(8, 1 << 20), 1, "long sequences share their operators");
    }
}
