//! The state in which a network leaves a sequence that is to grow.

use tch::TchError;

use super::{
    CpuNetwork, Threads, Workspace,
    buffer::Buffer,
    shared::{Shared, rows_of},
    spectra::over_panels,
    transform_size,
};
use crate::model::{
    libtorch::{
        self,
        forward::{PANEL, Planes},
    },
    rows::{Segment, tiles},
};

/// State after the first tokens of sequences.
#[derive(Debug)]
pub struct Prefix {
    /// For each layer the contribution of the prefix to the outputs after it: (panels, steps, 32).
    pub(super) future: Vec<Buffer>,
    /// For each layer its last projections.
    pub(super) recent: Vec<Vec<f32>>,
    /// log P of each token of the vocabulary after it, in nats; `None` after an empty prefix.
    pub predictions: Option<Vec<f32>>,
}

impl Prefix {
    /// Copies the state, for another sequence.
    ///
    /// # Errors
    /// Memory ran out.
    pub fn copy(&self) -> Result<Self, TchError> {
        let copy = |future: &Buffer| {
            let mut copy = Buffer::new(future.len())?;
            copy.copy_from_slice(future);
            Ok::<_, TchError>(copy)
        };
        let future = self.future.iter().map(copy).collect::<Result<_, _>>()?;
        Ok(Self { future, recent: self.recent.clone(), predictions: self.predictions.clone() })
    }
}

impl CpuNetwork {
    /// Reads the first tokens of sequences, `ids`, in one pass. The sequences can grow by `steps`
    /// positions; all fit into the context. The spectra that it needs are kept, as far as there is room.
    ///
    /// # Errors
    /// Memory ran out.
    pub fn read_prefix<Id: Copy + Sync + Into<u32>>(
        &self,
        ids: &[Id],
        steps: usize,
        threads: Threads,
        workspace: &mut Workspace,
    ) -> Result<Prefix, TchError> {
        let (width, panels, length) = (self.width(), self.spectra.panels(), ids.len());
        let mut prefix = Prefix {
            future: Vec::new(),
            recent: self.blocks.iter().map(|block| vec![0.0; block.recent_len()]).collect(),
            predictions: None,
        };
        for _ in &self.blocks {
            prefix.future.push(Buffer::new(panels * steps * PANEL)?);
        }
        if length == 0 {
            return Ok(prefix);
        }
        self.prepare(std::iter::once(length + steps))?;
        libtorch::alone();
        let tiles =
            tiles(&[Segment { row: 0, rows: length, parent: None }], self.tile_rows, self.halo);
        let planes = self.planes(workspace, length, &tiles)?;
        threads.each(&tiles, |tile| {
            // SAFETY: no other thread uses the rows of a tile.
            let x = unsafe { rows_of(planes.x(), &tile.rows, width) };
            self.look_up(&ids[tile.rows.clone()], x);
            Ok(())
        })?;
        for (layer, block) in self.blocks.iter().enumerate() {
            threads.each(&tiles, |tile| {
                // SAFETY: no thread writes to x now, and no other thread uses the rows of a tile.
                unsafe { block.project(planes, tile) }
            })?;
            // SAFETY: the rows exist, and no thread writes to them now.
            let x = unsafe { std::slice::from_raw_parts(planes.x(), length * width) };
            let last = length.saturating_sub(self.halo) * width;
            block.remember(&x[last..], &mut prefix.recent[layer])?;
            self.convolve_on(layer, planes, steps, threads, &mut prefix.future[layer])?;
            threads.each(&tiles, |tile| {
                // SAFETY: only x is written to now, and no other thread uses the rows of a tile.
                unsafe { block.finish(planes, tile) }
            })?;
        }
        // SAFETY: the rows exist, and no other thread uses them now.
        let x = unsafe { std::slice::from_raw_parts_mut(planes.x(), length * width) };
        let predictions = self.read_out(&mut x[(length - 1) * width..])?;
        prefix.predictions = Some(predictions);
        Ok(prefix)
    }

    /// log P (rows, vocabulary) after rows `x` (rows, D) of the residual stream, which the final norm
    /// replaces.
    pub(super) fn read_out(&self, x: &mut [f32]) -> Result<Vec<f32>, TchError> {
        libtorch::alone();
        self.readout.normalize(x)?;
        let rows = x.len() / self.width();
        let mut made = vec![0.0; rows * self.vocabulary()];
        self.readout.predict(x, &mut made)?;
        Ok(made)
    }

    /// The long convolution of a layer, in place in the panels, and its contribution to `steps` outputs
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
        let features = match self.spectra.kept(layer, plan.n) {
            Some(_) => None,
            None => Some(self.spectra.features(layer, plan.n / 2)?),
        };
        let future = Shared::new(future);
        let panels: Vec<usize> = (0..self.spectra.panels()).collect();
        let [over_panels, inside] = over_panels(threads, plan.n);
        over_panels.each(&panels, |&panel| {
            let length = planes.rows * PANEL;
            // SAFETY: no other thread uses a panel, of either.
            let (rows, after) = unsafe {
                let after = future.pointer().add(panel * steps * PANEL);
                (
                    std::slice::from_raw_parts_mut(planes.panel(panel), length),
                    std::slice::from_raw_parts_mut(after, steps * PANEL),
                )
            };
            let mut joined = Buffer::new(all * PANEL)?;
            inside.combine(&mut joined[..length], rows, |x, y| *x = y);
            self.with_spectrum(layer, panel, &plan, features.as_ref(), inside, |spectrum| {
                self.transforms.with(|work| {
                    plan.convolve(&mut joined, spectrum, work.at_least(plan.work_len())?, inside);
                    Ok(())
                })
            })?;
            inside.combine(rows, &joined[..length], |x, y| *x = y);
            after.copy_from_slice(&joined[length..]);
            Ok(())
        })
    }
}
