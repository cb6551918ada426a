//! Spectra of long filters for the forward pass on a CPU.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use tch::{Device, Kind, TchError, Tensor};

use super::buffer::{Buffer, Reused};
use crate::model::{
    libtorch::forward::{PANEL, TransformPlan},
    network::hyena::Hyena,
    threads::Threads,
};

/// The transform for a convolution of at most `rows` rows: few distinct sizes, so that sequences
/// of similar lengths share spectra, each at most a third larger than twice the rows.
pub fn transform_size(rows: usize) -> usize {
    let needed = (2 * rows).max(4);
    let power = needed.next_power_of_two();
    // 5/8 and 3/4 of a power of two are sizes as well where they are multiples of 4
    [power / 8 * 5, power / 4 * 3]
        .into_iter()
        .find(|n| *n >= needed && n.is_multiple_of(4))
        .unwrap_or(power)
}

/// True if threads share a transform of `n` points, panel by panel, rather than take a panel each: one
/// of 2^18 points and its spectrum fill 64 MiB.
pub fn is_shared(n: usize) -> bool {
    n >= 1 << 18
}

/// Those of `threads` that take panels, and those that share a transform of `n` points.
pub fn over_panels(threads: Threads, n: usize) -> [Threads; 2] {
    match is_shared(n) {
        true => [Threads::Calling, threads],
        false => [threads, Threads::Calling],
    }
}

/// Positions at which a filter network is evaluated together, always all of them that the filter has: the last digits of a tap
/// would else depend on the number of taps.
const POSITIONS: usize = 1 << 11;

/// The spectrum of a layer, panel by panel.
type Panels = Arc<Vec<Buffer>>;

/// The filters of all layers, and the spectra that are kept of them.
#[derive(Debug)]
pub struct Spectra {
    mixers: Vec<Mutex<Hyena>>, // tensors must not be used by two threads
    l_max: usize,
    width: usize,
    plans: RwLock<HashMap<usize, Arc<TransformPlan>>>,
    kept: RwLock<HashMap<(usize, usize), Panels>>, // by layer and size
    left: Mutex<usize>,
}

/// Output of the hidden layers of a filter network for the first positions: (positions, F).
#[derive(Debug)]
pub struct Features {
    values: Buffer,
    positions: usize,
}

impl Spectra {
    /// Keeps at most `bytes` of spectra.
    pub fn new(mixers: Vec<Hyena>, l_max: usize, width: usize, bytes: usize) -> Self {
        Self {
            mixers: mixers.into_iter().map(Mutex::new).collect(),
            l_max,
            width,
            plans: RwLock::default(),
            kept: RwLock::default(),
            left: Mutex::new(bytes),
        }
    }

    /// Panels of channels.
    pub fn panels(&self) -> usize {
        self.width.div_ceil(PANEL)
    }

    /// The plan of a size.
    pub fn plan(&self, n: usize) -> Result<Arc<TransformPlan>, TchError> {
        if let Some(plan) = self.plans.read().unwrap_or_else(PoisonError::into_inner).get(&n) {
            return Ok(plan.clone());
        }
        let plan = Arc::new(TransformPlan::new(n)?);
        self.plans.write().unwrap_or_else(PoisonError::into_inner).insert(n, plan.clone());
        Ok(plan)
    }

    /// The panels of a layer's spectrum of size `n`, if they are kept.
    pub fn kept(&self, layer: usize, n: usize) -> Option<Panels> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(&(layer, n)).cloned()
    }

    /// Makes and keeps the spectra of size `n` of all layers, as far as there is room for them.
    pub fn keep(&self, n: usize) -> Result<(), TchError> {
        let plan = self.plan(n)?;
        let bytes = plan.spectrum_len() * size_of::<f32>() * self.panels();
        for layer in 0..self.mixers.len() {
            if self.kept(layer, n).is_some() {
                continue;
            }
            {
                let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(rest) = left.checked_sub(bytes) else { return Ok(()) };
                *left = rest;
            }
            let features = self.features(layer, n / 2)?;
            let [over_panels, inside] = over_panels(Threads::All, n);
            let numbers: Vec<usize> = (0..self.panels()).collect();
            let work = Reused::default();
            let panels = over_panels.map(&numbers, |&panel| {
                let mut spectrum = Buffer::new(plan.spectrum_len())?;
                work.with(|work| {
                    self.make(layer, panel, &plan, &features, &mut spectrum, work, inside)
                })?;
                Ok(spectrum)
            })?;
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            match kept.entry((layer, n)) {
                Entry::Occupied(_) => {} // another thread was faster
                Entry::Vacant(entry) => {
                    entry.insert(Arc::new(panels));
                }
            }
        }
        Ok(())
    }

    /// The features that spectra of sizes up to 2·`taps` are made of.
    pub fn features(&self, layer: usize, taps: usize) -> Result<Features, TchError> {
        let positions = taps.next_multiple_of(POSITIONS).min(self.l_max);
        let width = self.mixer(layer).filter.width();
        let mut values = Buffer::new(positions * width)?;
        Threads::All.each_part(&mut values, POSITIONS * width, |i, block| {
            let _no_grad = tch::no_grad_guard(); // bound to the thread
            let start = (i * POSITIONS) as i64;
            let end = start + (block.len() / width) as i64;
            let filter = self.mixer(layer).filter.clone();
            let features = filter.features(start..end)?.f_contiguous()?;
            features.f_copy_data(block, block.len())
        })?;
        Ok(Features { values, positions })
    }

    /// Writes the spectrum of one panel.
    #[expect(clippy::too_many_arguments, reason = "a panel, its filter, and where to work")]
    pub fn make(
        &self,
        layer: usize,
        panel: usize,
        plan: &TransformPlan,
        features: &Features,
        spectrum: &mut Buffer,
        work: &mut Buffer,
        threads: Threads,
    ) -> Result<(), TchError> {
        let spectrum = spectrum.at_least(plan.spectrum_len())?;
        let taps = plan.n / 2;
        self.write_panel(layer, panel, features, &mut spectrum[..taps * PANEL], threads)?;
        plan.spectrum(spectrum, taps, work.at_least(plan.work_len())?, threads);
        Ok(())
    }

    /// Writes taps of a panel as its rows (taps, 32), zeros after the last one of the filter.
    pub fn write_panel(
        &self,
        layer: usize,
        panel: usize,
        features: &Features,
        into: &mut [f32],
        threads: Threads,
    ) -> Result<(), TchError> {
        let there = (features.positions * PANEL).min(into.len());
        let channels = panel * PANEL..((panel + 1) * PANEL).min(self.width);
        self.write_taps(layer, channels, features, &mut into[..there], threads)?;
        into[there..].fill(0.0);
        Ok(())
    }

    /// The taps of some channels as rows of a panel, the weight of the input itself added to the
    /// first: y = x∗k + bias·x is one convolution then.
    fn write_taps(
        &self,
        layer: usize,
        channels: std::ops::Range<usize>,
        features: &Features,
        into: &mut [f32],
        threads: Threads,
    ) -> Result<(), TchError> {
        let (first, count) = (channels.start as i64, channels.len());
        threads.each_part(into, POSITIONS * PANEL, |i, block| {
            let _no_grad = tch::no_grad_guard(); // bound to the thread
            let filter = self.mixer(layer).filter.clone();
            let width = filter.width();
            let start = i * POSITIONS;
            let positions = POSITIONS.min(features.positions - start);
            let features = &features.values[start * width..(start + positions) * width];
            let features =
                Tensor::f_from_slice(features)?.f_view([positions as i64, width as i64])?;
            let taps = filter
                .taps_of(&features, start as i64, first..channels.end as i64)?
                .f_contiguous()?;
            let mut made = vec![0.0; positions * count];
            taps.f_copy_data(&mut made, positions * count)?;
            for (row, taps) in block.chunks_mut(PANEL).zip(made.chunks(count)) {
                row[..count].copy_from_slice(taps);
                row[count..].fill(0.0);
            }
            Ok(())
        })?;
        let _no_grad = tch::no_grad_guard();
        let bias = self.mixer(layer).bias.clone();
        let mut weights = vec![0.0; count];
        let bias = bias.f_narrow(0, first, count as i64)?.f_to_device_(
            Device::Cpu,
            Kind::Float,
            false,
            true,
        )?;
        bias.f_copy_data(&mut weights, count)?;
        for (tap, weight) in into.iter_mut().zip(weights) {
            *tap += weight;
        }
        Ok(())
    }

    fn mixer(&self, layer: usize) -> std::sync::MutexGuard<'_, Hyena> {
        self.mixers[layer].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sizes_hold_the_convolution(rows in 1usize..3_000_000) {
            let n = transform_size(rows);
            prop_assert!(n >= 2 * rows && n.is_multiple_of(4));
            prop_assert!(n <= (2 * rows).div_ceil(3) * 4 || n == 4);
            prop_assert!(transform_size(n / 2) == n);
        }
    }
}
