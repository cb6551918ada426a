//! Sequences that grow together, base by base.

use rayon::prelude::*;
use tch::TchError;

use super::{
    CpuNetwork, Workspace,
    buffer::Buffer,
    prefix::Prefix,
    relaxed::{RelaxedFilters, Work},
};
use crate::model::libtorch::{
    self,
    forward::{PANEL, rows_of_product},
};

/// Sequences of one number of positions so far, without their prefixes. Their rows are computed
/// together; filters are shared with all others.
pub struct Growth<'a> {
    network: &'a CpuNetwork,
    filters: &'a RelaxedFilters,
    /// For each sequence and layer the inputs of the long convolution so far, then sums of outputs:
    /// (panels, steps, 32).
    convolutions: Vec<Vec<Buffer>>,
    /// For each layer the last projections of all sequences.
    recent: Vec<Vec<f32>>,
    workspace: Workspace,
    work: Work,
    done: usize,
}

/// Fewest inputs whose contributions threads compute together: fewer are faster on one thread.
const SHARED: usize = 512;

impl<'a> Growth<'a> {
    /// Starts without sequences.
    pub fn new(network: &'a CpuNetwork, filters: &'a RelaxedFilters) -> Self {
        Self {
            network,
            filters,
            convolutions: Vec::new(),
            recent: vec![Vec::new(); network.blocks.len()],
            workspace: Workspace::default(),
            work: Work::default(),
            done: 0,
        }
    }

    /// Adds a sequence that begins with `prefix`; at most [`rows_of_product`], before the first step.
    pub fn push(&mut self, prefix: Prefix) {
        assert!(
            self.done == 0 && self.convolutions.len() < rows_of_product(),
            "no place for a sequence"
        );
        self.convolutions.push(prefix.future);
        for (recent, own) in self.recent.iter_mut().zip(&prefix.recent) {
            recent.extend_from_slice(own);
        }
    }

    /// Number of sequences.
    pub fn sequences(&self) -> usize {
        self.convolutions.len()
    }

    /// Reads the next token of each sequence. Returns log P of each token of the vocabulary after it
    /// (sequences, vocabulary), in nats.
    ///
    /// # Errors
    /// Memory ran out.
    pub fn step(&mut self, ids: &[u8]) -> Result<Vec<f32>, TchError> {
        assert_eq!(ids.len(), self.sequences());
        assert!(self.done < self.filters.steps(), "no step is left");
        libtorch::alone();
        let Self { network, filters, convolutions, recent, workspace, done, .. } = self;
        let (width, rows) = (network.width(), ids.len());
        let planes = network.planes(workspace, rows, &[])?;
        // SAFETY: the workspace is ours, and nothing else refers to it.
        let x = unsafe { std::slice::from_raw_parts_mut(planes.x(), rows * width) };
        network.look_up(ids, x);
        for (layer, block) in network.blocks.iter().enumerate() {
            // SAFETY: the workspace is ours, and has as many rows.
            unsafe { block.step(planes, rows, &mut recent[layer]) }?;
            for (number, layers) in convolutions.iter_mut().enumerate() {
                let own = layers[layer].chunks_exact_mut(filters.steps() * PANEL);
                for (panel, own) in own.enumerate() {
                    let row = planes.panel(panel).wrapping_add(number * PANEL);
                    // SAFETY: the workspace is ours, and has as many panels of as many rows.
                    let row = unsafe { std::slice::from_raw_parts_mut(row, PANEL) };
                    filters.mix(layer, panel, *done, own, row);
                }
            }
            // SAFETY: as above.
            unsafe { block.finish_step(planes, rows, &recent[layer]) }?;
        }
        // SAFETY: as above.
        let x = unsafe { std::slice::from_raw_parts_mut(planes.x(), rows * width) };
        let predictions = network.read_out(x)?;
        self.done += 1;
        self.contribute()?;
        Ok(predictions)
    }

    /// Adds the contribution of the last inputs to later outputs.
    fn contribute(&mut self) -> Result<(), TchError> {
        let Self { filters, convolutions, work, done, .. } = self;
        let (filters, done) = (*filters, *done);
        if !filters.is_due(done) {
            return Ok(());
        }
        let size = filters.steps() * PANEL;
        let panels = convolutions.iter_mut().flatten().enumerate().flat_map(|(number, panels)| {
            panels.chunks_exact_mut(size).enumerate().map(move |panel| (number, panel))
        });
        let layers = self.recent.len();
        let add = |work: &mut Work, (number, (panel, rows)): (usize, (usize, &mut [f32]))| {
            filters.contribute(number % layers, panel, done, rows, work)
        };
        if filters.inputs(done) < SHARED {
            return panels.into_iter().try_for_each(|panel| add(work, panel));
        }
        let panels: Vec<_> = panels.collect();
        panels.into_par_iter().try_for_each_init(Work::default, add)
    }
}
