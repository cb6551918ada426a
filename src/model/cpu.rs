//! The forward pass on a CPU, in bounded memory and close to what the processor can do.
//!
//! Rows of all sequences of a pass lie under each other. What happens to each row alone (norms,
//! projections, MLP) is done in tiles of rows that stay in the cache, and the long convolution in
//! panels of 32 channels. Between the two, two numbers for each row and channel are kept.
//!
//! A sequence that begins like another one is computed from the first difference on: up to there
//! all is equal, as the model is causal, and after it the convolution, which is linear, is that of
//! the other sequence plus that of the difference.

pub mod buffer;
pub mod growth;
pub mod prefix;
pub mod relaxed;
mod shared;
pub mod spectra;

use std::{io, sync::Arc};

use tch::{Device, TchError};

pub use self::spectra::{is_shared, transform_size};
use self::{
    buffer::{Buffer, Reused},
    shared::{Shared, rows_of},
    spectra::{Features, Spectra, over_panels},
};
pub use super::threads::Threads;
use super::{
    config::Config,
    libtorch::forward::{PANEL, PackedBlock, Planes, Readout, TransformPlan},
    network::{HyenaDna, block::Block, leaves::Precision},
    rows::{Segment, Tile, tile_rows, tiles},
    weights::host::HostTensor,
};

/// A network in the form that the forward pass on a CPU wants; threads share it.
#[derive(Debug)]
pub struct CpuNetwork {
    /// The architecture.
    pub config: Config,
    embedding: HostTensor, // (vocabulary + prompt, D)
    blocks: Vec<PackedBlock>,
    readout: Readout,
    spectra: Spectra,
    tile_rows: usize,
    halo: usize,
    transforms: Reused,
    made_spectra: Reused,
}

/// Memory that a pass works in, reused by the next.
#[derive(Debug, Default)]
pub struct Workspace {
    x: Buffer,
    panels: Buffer,
    borders: Buffer,
    predictions: Buffer,
}

/// Depth of a pass; the order is that of the computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The residual stream after so many blocks; 0 is the embedding.
    Blocks(usize),
    /// To the final norm.
    Hidden,
    /// To the final norm and the head.
    Predictions,
}

/// Results of a pass.
#[derive(Debug, Clone, Copy)]
pub struct ForwardPass<'a> {
    /// Hidden states (rows, D).
    pub hidden: &'a [f32],
    /// log P of each token of the vocabulary after each row (rows, vocabulary), in nats; empty
    /// unless requested.
    pub predictions: &'a [f32],
}

/// Segments of a pass whose convolutions have one size.
struct SameSize<'a> {
    plan: Arc<TransformPlan>,
    segments: Vec<&'a Segment>,
}

impl CpuNetwork {
    /// Lays out the weights of `network`, and keeps at most `cache_bytes` of spectra.
    pub fn new(
        network: &HyenaDna,
        precision: Precision,
        cache_bytes: usize,
    ) -> Result<Self, TchError> {
        let config = network.config.clone();
        let pack = |block: &Block| {
            let Block { norm1, norm2, mixer, mlp } = block;
            let tensors = [
                norm1.tensors(),
                norm2.tensors(),
                mixer.in_proj.tensors(),
                mixer.out_proj.tensors(),
                mlp.fc1.tensors(),
                mlp.fc2.tensors(),
                mixer.short_filter.tensors(),
            ];
            PackedBlock::new(tensors, norm1.epsilon, precision == Precision::Bf16)
        };
        let blocks = network.layers.iter().map(pack).collect::<Result<Vec<_>, _>>()?;
        let ln_f = &network.ln_f;
        let readout = Readout::new(ln_f.tensors(), ln_f.epsilon, &network.head)?;
        let mixers = network.layers.iter().map(|block| block.mixer.clone()).collect();
        let taps = network.layers.first().map_or(1, |block| block.mixer.short_filter.taps());
        let width = config.d_model as usize;
        Ok(Self {
            embedding: HostTensor::of(&network.embedding.f_to_device(Device::Cpu)?)?,
            blocks,
            readout,
            spectra: Spectra::new(mixers, config.l_max as usize, width, cache_bytes),
            tile_rows: tile_rows(width),
            halo: taps as usize - 1,
            transforms: Reused::default(),
            made_spectra: Reused::default(),
            config,
        })
    }

    /// Width of the hidden states.
    pub fn width(&self) -> usize {
        self.config.d_model as usize
    }

    /// Size of the vocabulary.
    pub fn vocabulary(&self) -> usize {
        self.readout.vocabulary
    }

    /// Makes and keeps, as far as there is room, the spectra for sequences of these lengths.
    pub fn prepare(&self, lengths: impl Iterator<Item = usize>) -> Result<(), TchError> {
        let mut sizes: Vec<usize> = lengths.filter(|&n| n > 0).map(transform_size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes.into_iter().try_for_each(|n| self.spectra.keep(n))
    }

    /// Runs the network over `segments`, which follow each other; `ids` has a token for each row.
    /// Calls `visit` at each of `depths`, which ascend, with its place among them and the results
    /// there. Only the last depth may be beyond the blocks. The numbers depend neither on `threads`
    /// nor on the other depths.
    pub fn forward<Id: Copy + Sync + Into<u32>>(
        &self,
        ids: &[Id],
        segments: &[Segment],
        depths: &[Depth],
        threads: Threads,
        workspace: &mut Workspace,
        mut visit: impl FnMut(usize, ForwardPass<'_>),
    ) -> Result<(), TchError> {
        let ascend = depths.is_sorted_by(|a, b| a < b && matches!(a, Depth::Blocks(_)));
        assert!(ascend, "depths do not ascend");
        let width = self.width();
        let rows = ids.len();
        // the unsafe code below relies on this
        let mut fit = segments.iter().scan(0, |end, segment| {
            let follows = segment.row == *end;
            *end += segment.rows;
            let within =
                segment.parent.is_none_or(|p| p.row + p.from + segment.rows <= segment.row);
            Some(follows && within)
        });
        assert!(fit.all(|fits| fits), "segments do not follow each other");
        assert_eq!(segments.last().map_or(0, |last| last.row + last.rows), rows);
        let tiles = tiles(segments, self.tile_rows, self.halo);
        let planes = self.planes(workspace, rows, &tiles)?;
        let by_size = self.by_size(segments)?;
        threads.each(&tiles, |tile| {
            // SAFETY: no other thread uses the rows of a tile.
            let x = unsafe { rows_of(planes.x(), &tile.rows, width) };
            self.look_up(&ids[tile.rows.clone()], x);
            Ok(())
        })?;
        let vocabulary = self.vocabulary();
        if depths.last() == Some(&Depth::Predictions) {
            workspace.predictions.at_least(rows * vocabulary)?;
        }
        let predictions = Shared::new(&mut workspace.predictions);
        let mut layers = self.blocks.iter().enumerate();
        let mut done = 0;
        for (number, &depth) in depths.iter().enumerate() {
            let blocks = match depth {
                Depth::Blocks(blocks) => blocks.min(self.blocks.len()),
                _ => self.blocks.len(),
            };
            for (layer, block) in layers.by_ref().take(blocks - done) {
                threads.each(&tiles, |tile| {
                    // SAFETY: no thread writes to x now, and no other thread uses the rows of a tile.
                    unsafe { block.project(planes, tile) }
                })?;
                self.convolve(layer, planes, segments, &by_size, threads)?;
                threads.each(&tiles, |tile| {
                    // SAFETY: only x is written to now, and no other thread uses the rows of a tile.
                    unsafe { block.finish(planes, tile) }
                })?;
            }
            done = blocks;
            if !matches!(depth, Depth::Blocks(_)) {
                threads.each(&tiles, |tile| {
                    // SAFETY: no other thread uses the rows of a tile.
                    let x = unsafe { rows_of(planes.x(), &tile.rows, width) };
                    self.readout.normalize(x)?;
                    if depth != Depth::Predictions {
                        return Ok(());
                    }
                    // SAFETY: as above; there is room for all rows.
                    let into = unsafe { rows_of(predictions.pointer(), &tile.rows, vocabulary) };
                    self.readout.predict(x, into)
                })?;
            }
            let predicted = if depth == Depth::Predictions { rows * vocabulary } else { 0 };
            // SAFETY: the rows exist, and nothing is written to them while `visit` runs.
            let pass = unsafe {
                ForwardPass {
                    hidden: std::slice::from_raw_parts(planes.x(), rows * width),
                    predictions: std::slice::from_raw_parts(predictions.pointer(), predicted),
                }
            };
            visit(number, pass);
        }
        Ok(())
    }

    fn by_size<'a>(&self, segments: &'a [Segment]) -> Result<Vec<SameSize<'a>>, TchError> {
        let mut order: Vec<&Segment> = segments.iter().filter(|s| s.rows > 0).collect();
        order.sort_by_key(|segment| transform_size(segment.rows));
        let same = order.chunk_by(|a, b| transform_size(a.rows) == transform_size(b.rows));
        same.map(|same| {
            let plan = self.spectra.plan(transform_size(same[0].rows))?;
            Ok(SameSize { plan, segments: same.to_vec() })
        })
        .collect()
    }

    /// The long convolution of a layer, in place in the panels.
    fn convolve(
        &self,
        layer: usize,
        planes: Planes,
        segments: &[Segment],
        by_size: &[SameSize<'_>],
        threads: Threads,
    ) -> Result<(), TchError> {
        let missing = by_size.iter().filter(|same| self.spectra.kept(layer, same.plan.n).is_none());
        let features = match missing.map(|same| same.plan.n / 2).max() {
            Some(taps) => Some(self.spectra.features(layer, taps)?),
            None => None,
        };
        let branches =
            || segments.iter().filter_map(|segment| Some((segment, segment.parent.as_ref()?)));
        let panels: Vec<usize> = (0..self.spectra.panels()).collect();
        let largest = by_size.last().map_or(0, |same| same.plan.n);
        let [over_panels, inside] = over_panels(threads, largest);
        over_panels.each(&panels, |&panel| {
            let start = Shared::from(planes.panel(panel));
            // SAFETY: no other panel is worked on here, and the rows of no two segments overlap.
            let rows = |row: usize, count: usize| unsafe {
                rows_of(start.pointer(), &(row..row + count), PANEL)
            };
            for (branch, parent) in branches() {
                let same = rows(parent.row + parent.from, branch.rows);
                inside.combine(rows(branch.row, branch.rows), same, |x, y| *x -= y);
            }
            for SameSize { plan, segments } in by_size {
                let [over_segments, inside] = match is_shared(plan.n) {
                    true => [Threads::Calling, inside],
                    false => [inside, Threads::Calling],
                };
                self.with_spectrum(layer, panel, plan, features.as_ref(), inside, |spectrum| {
                    over_segments.each(segments, |segment| {
                        self.transforms.with(|work| {
                            let work = work.at_least(plan.work_len())?;
                            plan.convolve(rows(segment.row, segment.rows), spectrum, work, inside);
                            Ok(())
                        })
                    })
                })?;
            }
            for (branch, parent) in branches() {
                let same = rows(parent.row + parent.from, branch.rows);
                inside.combine(rows(branch.row, branch.rows), same, |x, y| *x += y);
            }
            Ok(())
        })
    }

    /// Calls `body` with the spectrum of a panel: that which is kept, or one made of `features`.
    fn with_spectrum(
        &self,
        layer: usize,
        panel: usize,
        plan: &TransformPlan,
        features: Option<&Features>,
        threads: Threads,
        body: impl FnOnce(&[f32]) -> Result<(), TchError>,
    ) -> Result<(), TchError> {
        if let Some(kept) = self.spectra.kept(layer, plan.n) {
            return body(&kept[panel]);
        }
        let features = features.expect("features are made where a spectrum is missing");
        self.made_spectra.with(|spectrum| {
            self.transforms.with(|work| {
                self.spectra.make(layer, panel, plan, features, spectrum, work, threads)
            })?;
            body(spectrum)
        })
    }

    /// Room in `workspace` for `rows` rows, which are worked on in `tiles`.
    fn planes(&self, workspace: &mut Workspace, rows: usize, tiles: &[Tile]) -> io::Result<Planes> {
        let Workspace { x, panels, borders, .. } = workspace;
        let units = tiles.last().map_or(0, |last| last.first_unit + last.units.len());
        Ok(Planes {
            x: x.at_least(rows * self.width())?.as_mut_ptr(),
            panels: panels.at_least(rows * self.spectra.panels() * PANEL)?.as_mut_ptr(),
            borders: borders.at_least(units * self.halo * self.width())?.as_mut_ptr(),
            rows,
        })
    }

    /// Writes the rows of the embedding (tokens, D).
    fn look_up<Id: Copy + Into<u32>>(&self, ids: &[Id], x: &mut [f32]) {
        let width = self.width();
        for (row, &id) in x.chunks_exact_mut(width).zip(ids) {
            row.copy_from_slice(&self.embedding.data[id.into() as usize * width..][..width]);
        }
    }
}

impl Workspace {
    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        [&self.x, &self.panels, &self.borders, &self.predictions].map(Buffer::bytes).iter().sum()
    }
}

#[cfg(test)]
mod tests;
