//! The state in which a network leaves a sequence that is to grow.

use tch::TchError;

use super::{
    CpuNetwork, Scratch, Threads, Workspace,
    buffer::Buffer,
    each,
    rows::{Segment, tiles},
    shared::{Shared, rows_of},
    transform_size,
};
use crate::model::libtorch::{
    self,
    forward::{PANEL, Planes},
};

/// Rows of a product. Fewer are filled up with zeros, so that all products have one shape.
pub const ROWS: usize = 16;

/// State after a prompt, for sequences that begin with it.
#[derive(Debug)]
pub struct Prompt {
    /// For each layer what the prompt contributes to the outputs after it: (panels, steps, 32).
    pub(super) future: Vec<Buffer>,
    /// For each layer its last projections.
    pub(super) recent: Vec<Vec<f32>>,
    /// log P of each token of the vocabulary after it, in nats; `None` after an empty prompt.
    pub predictions: Option<Vec<f32>>,
}

impl CpuNetwork {
    /// Reads a prompt, whose tokens are `ids`, in one pass. Sequences that begin with it can grow by
    /// `steps` positions; all fit into the context.
    ///
    /// # Errors
    /// Memory ran out.
    pub fn read_prompt(
        &self,
        ids: &[u8],
        steps: usize,
        threads: Threads,
        workspace: &mut Workspace,
    ) -> Result<Prompt, TchError> {
        let (width, panels, length) = (self.width(), self.spectra.panels(), ids.len());
        let mut prompt = Prompt {
            future: Vec::new(),
            recent: self.blocks.iter().map(|block| vec![0.0; block.recent_len()]).collect(),
            predictions: None,
        };
        for _ in &self.blocks {
            prompt.future.push(Buffer::new(panels * steps * PANEL)?);
        }
        if length == 0 {
            return Ok(prompt);
        }
        libtorch::alone();
        let planes = workspace.planes(length, width, panels)?;
        let tiles =
            tiles(&[Segment { row: 0, rows: length, parent: None }], self.tile_rows, self.halo);
        each(threads, &tiles, |tile| {
            // SAFETY: no other thread uses the rows of a tile.
            let x = unsafe { rows_of(planes.x(), &tile.rows, width) };
            self.look_up(&ids[tile.rows.clone()], x);
            Ok(())
        })?;
        for (layer, block) in self.blocks.iter().enumerate() {
            each(threads, &tiles, |tile| {
                // SAFETY: no thread writes to x now, and no other thread uses the rows of a tile.
                unsafe { block.project(planes, &tile.units, &tile.before) }
            })?;
            // SAFETY: the rows exist, and no thread writes to them now.
            let x = unsafe { std::slice::from_raw_parts(planes.x(), length * width) };
            let last = length.saturating_sub(self.halo) * width;
            block.remember(&x[last..], &mut prompt.recent[layer])?;
            self.convolve_on(layer, planes, steps, threads, &mut prompt.future[layer])?;
            each(threads, &tiles, |tile| {
                // SAFETY: only x is written to now, and no other thread uses the rows of a tile.
                unsafe { block.finish(planes, tile.rows.start, tile.rows.len()) }
            })?;
        }
        // SAFETY: the rows exist, and no other thread uses them now.
        let x = unsafe { std::slice::from_raw_parts_mut(planes.x(), length * width) };
        let predictions = self.read_out(&mut x[(length - 1) * width..])?;
        prompt.predictions = Some(predictions);
        Ok(prompt)
    }

    /// log P (rows, vocabulary) after rows `x` (rows, D) of the residual stream, which the final norm
    /// replaces. The numbers of a row do not depend on how many there are, up to [`ROWS`].
    pub(super) fn read_out(&self, x: &mut [f32]) -> Result<Vec<f32>, TchError> {
        libtorch::alone();
        self.readout.normalize(x)?;
        let rows = x.len() / self.width();
        let padded = rows.next_multiple_of(ROWS);
        let mut input = x.to_vec();
        input.resize(padded * self.width(), 0.0);
        let mut made = vec![0.0; padded * self.vocabulary()];
        self.readout.predict(&input, &mut made)?;
        made.truncate(rows * self.vocabulary());
        Ok(made)
    }

    /// The long convolution of a layer, in place in the panels, and what it adds to `steps` outputs
    /// after the last row.
    fn convolve_on(
        &self,
        layer: usize,
        planes: Planes,
        steps: usize,
        threads: Threads,
        future: &mut Buffer,
    ) -> Result<(), TchError> {
        let all = planes.rows + steps;
        let plan = self.spectra.plan(transform_size(all))?;
        let features = self.spectra.features(layer, plan.n / 2)?;
        let future = Shared::new(future);
        let panels: Vec<usize> = (0..self.spectra.panels()).collect();
        each(threads, &panels, |&panel| {
            let length = planes.rows * PANEL;
            // SAFETY: no other thread uses a panel, of either.
            let (rows, after) = unsafe {
                let after = future.pointer().add(panel * steps * PANEL);
                (
                    std::slice::from_raw_parts_mut(planes.panel(panel), length),
                    std::slice::from_raw_parts_mut(after, steps * PANEL),
                )
            };
            let mut scratch = self.take_scratch();
            let Scratch { work, spectrum } = &mut scratch;
            self.spectra.make(layer, panel, &plan, &features, spectrum, work)?;
            let mut joined = Buffer::new(all * PANEL)?;
            joined[..length].copy_from_slice(rows);
            plan.convolve(&mut joined, spectrum, work.at_least(plan.work_len())?);
            rows.copy_from_slice(&joined[..length]);
            after.copy_from_slice(&joined[length..]);
            self.keep_scratch(scratch);
            Ok(())
        })
    }
}
