//! Filters of a network for sequences that grow base by base, at a cost of n·log²n for n bases.
//!
//! The relaxed convolution of Flash Inference (Oncescu et al., arXiv 2410.12982). An output needs all
//! inputs up to it. Those of its block of a few positions are summed directly. Where a block ends, at
//! position i, the last s inputs are added to the next s outputs by one Fourier transform, with s the
//! largest power of two that divides i: each pair of an input and a later output occurs once.

use std::sync::Arc;

use rayon::prelude::*;
use tch::TchError;

use super::{CpuNetwork, Threads, buffer::Buffer};
use crate::model::libtorch::forward::{PANEL, TransformPlan, add_products};

/// Positions of a block.
pub const BLOCK: usize = 32;

/// Filters of all layers for sequences that grow by the same number of positions.
#[derive(Debug)]
pub struct RelaxedFilters {
    steps: usize,
    block: usize,
    plans: Vec<Arc<TransformPlan>>, // of each octave
    layers: Vec<LayerFilters>,
}

/// Filters of a layer, panel by panel.
#[derive(Debug)]
struct LayerFilters {
    /// The first taps, as many as a block has positions: (positions, 32).
    taps: Vec<Buffer>,
    /// Spectra of each octave: s inputs to s outputs, for s of one block, two, four and so on.
    octaves: Vec<Vec<Buffer>>,
}

/// Memory of a thread for [`RelaxedFilters::contribute`].
#[derive(Debug, Default)]
pub struct Work(Buffer);

impl RelaxedFilters {
    /// Filters for `steps` positions, in blocks of `block`, a power of two. Without octaves, if a block
    /// has all positions, the cost is n².
    ///
    /// # Errors
    /// Memory ran out.
    pub fn new(network: &CpuNetwork, steps: usize, block: usize) -> Result<Self, TchError> {
        assert!(block.is_power_of_two(), "a block of {block} positions");
        let sizes = octaves(steps, block);
        let plans = sizes.iter().map(|size| network.spectra.plan(2 * size));
        let plans = plans.collect::<Result<Vec<_>, _>>()?;
        let taps = sizes.last().map_or(block.min(steps), |last| 2 * last);
        let layer = |layer| {
            let features = network.spectra.features(layer, taps)?;
            let panels = (0..network.spectra.panels()).into_par_iter().map(|panel| {
                let mut all = Buffer::new(taps.max(block) * PANEL)?;
                network.spectra.write_panel(
                    layer,
                    panel,
                    &features,
                    &mut all[..taps * PANEL],
                    Threads::Calling,
                )?;
                let mut first = Buffer::new(block * PANEL)?;
                first.copy_from_slice(&all[..block * PANEL]);
                let spectra = plans.iter().map(|plan| rotated_spectrum(plan, &all));
                Ok::<_, TchError>((first, spectra.collect::<Result<Vec<_>, _>>()?))
            });
            let (taps, panels): (Vec<_>, Vec<_>) =
                panels.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
            let mut octaves: Vec<Vec<Buffer>> = plans.iter().map(|_| Vec::new()).collect();
            for spectra in panels {
                octaves.iter_mut().zip(spectra).for_each(|(octave, made)| octave.push(made));
            }
            Ok::<_, TchError>(LayerFilters { taps, octaves })
        };
        let layers = (0..network.blocks.len()).map(layer).collect::<Result<_, _>>()?;
        Ok(Self { steps, block, plans, layers })
    }

    /// Positions that a sequence grows by.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Floats of the filters for `steps` positions of `width` channels, of one layer.
    pub fn floats(steps: usize, width: usize) -> usize {
        let spectra: usize = octaves(steps, BLOCK).iter().map(|size| 2 * size + 2).sum();
        (spectra + BLOCK) * width.next_multiple_of(PANEL)
    }

    /// Computes position `at` of a panel. `row` (32) is its input, which its output replaces. `rows`
    /// (steps, 32) has the inputs before it, and from it on the sums so far.
    pub fn mix(&self, layer: usize, panel: usize, at: usize, rows: &mut [f32], row: &mut [f32]) {
        let start = at / self.block * self.block;
        let (before, place) = rows[start * PANEL..].split_at_mut((at - start) * PANEL);
        let place = &mut place[..PANEL];
        place.swap_with_slice(row);
        let taps = &self.layers[layer].taps[panel];
        add_products(place, taps, row);
        if !before.is_empty() {
            add_products(before, &taps[PANEL..], row);
        }
    }

    /// True if a block or more of inputs ends after `end` positions, and outputs follow.
    pub fn is_due(&self, end: usize) -> bool {
        end > 0 && end < self.steps && end.is_multiple_of(self.block)
    }

    /// Number of the inputs that are added to the outputs after `end` positions.
    pub fn inputs(&self, end: usize) -> usize {
        1 << end.trailing_zeros()
    }

    /// Adds the contribution of the last inputs before `end` to the outputs from there on, where
    /// [`is_due`](Self::is_due); `rows` (steps, 32) is as in [`mix`](Self::mix).
    ///
    /// # Errors
    /// Memory ran out.
    pub fn contribute(
        &self,
        layer: usize,
        panel: usize,
        end: usize,
        rows: &mut [f32],
        work: &mut Work,
    ) -> Result<(), TchError> {
        let size = self.inputs(end);
        let octave = (size / self.block).trailing_zeros() as usize;
        let plan = &self.plans[octave];
        let work = work.0.at_least(size * PANEL + plan.work_len())?;
        let (made, work) = work.split_at_mut(size * PANEL);
        let (past, future) = rows.split_at_mut(end * PANEL);
        made.copy_from_slice(&past[(end - size) * PANEL..]);
        plan.convolve(made, &self.layers[layer].octaves[octave][panel], work, Threads::Calling);
        future.iter_mut().zip(made).for_each(|(sum, x)| *sum += *x);
        Ok(())
    }
}

/// Sizes of the octaves for `steps` positions in blocks of `block`.
fn octaves(steps: usize, block: usize) -> Vec<usize> {
    std::iter::successors(Some(block), |size| Some(2 * size))
        .take_while(|&size| size < steps)
        .collect()
}

/// The spectrum of 2s taps (2s, 32) for a cyclic convolution that gives the outputs s to 2s − 1 of s
/// inputs as its first: the taps begin in the middle. Tap 0 is left out, as no such output needs it.
fn rotated_spectrum(plan: &TransformPlan, taps: &[f32]) -> Result<Buffer, TchError> {
    let (all, half) = (plan.n * PANEL, plan.n / 2 * PANEL);
    let mut spectrum = Buffer::new(plan.spectrum_len())?;
    spectrum[..half].copy_from_slice(&taps[half..all]);
    spectrum[half + PANEL..all].copy_from_slice(&taps[PANEL..half]);
    let mut work = Buffer::new(plan.work_len())?;
    plan.spectrum(&mut spectrum, plan.n, &mut work, Threads::Calling);
    Ok(spectrum)
}
