//! The forward pass on a GPU by libtorch's operators, in bounded memory.
//!
//! As on a CPU (see [`cpu`](super::cpu)), rows of all sequences of a pass lie under each other, and a sequence that begins
//! like another one is computed from the first difference on. Norms, projections and MLP take some rows at a time, the long
//! convolution some channels. Between the two, three numbers for each row and channel are kept.

pub mod layout;

use std::ops::Range;

use tch::{Device, Kind, TchError, Tensor};

use self::layout::{Group, Layout, Rows, Tile};
use super::{
    config::Config,
    cpu::Depth,
    libtorch::transfer::upload,
    network::{
        HyenaDna,
        block::Block,
        fft::{self, SpectrumCache, transform_size},
        leaves::Precision,
    },
    rows::Segment,
};

/// A network in the form that the forward pass on a GPU wants.
pub struct DeviceNetwork {
    model: HyenaDna,
    device: Device,
    cache: SpectrumCache,
    /// What is in memory at once.
    pub chunks: Chunks,
    /// Rows that the products after the convolution took so far.
    computed: u64,
}

/// What is in memory at once, beside three numbers for each row and channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunks {
    /// Rows of a projection or an MLP.
    pub rows: usize,
    /// Numbers that are convolved: positions of all sequences, times channels.
    pub convolved: usize,
}

impl Default for Chunks {
    fn default() -> Self {
        Self { rows: 1 << 15, convolved: 1 << 25 }
    }
}

impl Chunks {
    /// Half as much, if that is possible.
    pub fn halved(self) -> Option<Self> {
        const LEAST: usize = 1 << 10;
        let Self { rows, convolved } = self;
        (rows > LEAST || convolved > LEAST)
            .then(|| Self { rows: (rows / 2).max(LEAST), convolved: (convolved / 2).max(LEAST) })
    }
}

/// Results of a pass, on its device. They change when the pass goes on.
#[derive(Debug)]
pub struct DevicePass<'a> {
    /// Hidden states (rows, D).
    pub hidden: &'a Tensor,
    /// log P of each token of the vocabulary after each row (rows, vocabulary), in nats.
    pub predictions: Option<Tensor>,
}

/// The spectrum of a layer's filter, or what it is made of for a few channels at a time.
enum Spectrum {
    Kept(Tensor),
    Features(Tensor),
}

impl DeviceNetwork {
    /// A network whose weights are on `device`, and which keeps at most `cache_bytes` of spectra.
    pub fn new(
        mut model: HyenaDna,
        device: Device,
        precision: Precision,
        cache_bytes: usize,
    ) -> Self {
        model.precision = precision;
        let cache = SpectrumCache::new(cache_bytes);
        Self { model, device, cache, chunks: Chunks::default(), computed: 0 }
    }

    /// The architecture.
    pub fn config(&self) -> &Config {
        &self.model.config
    }

    /// Where it is.
    pub fn device(&self) -> Device {
        self.device
    }

    /// Size of the vocabulary.
    pub fn vocabulary(&self) -> usize {
        self.model.vocabulary()
    }

    /// Bytes of spectra that are kept.
    pub fn kept(&self) -> usize {
        self.cache.used()
    }

    /// Rows that the products after the convolution took so far, in all blocks.
    pub fn computed(&self) -> u64 {
        self.computed
    }

    /// Sends token ids to the device: (rows), as whole numbers.
    ///
    /// # Errors
    /// The device has no memory left.
    pub fn upload_ids(&self, ids: &[u32]) -> Result<Tensor, TchError> {
        let bytes: Option<Vec<u8>> = ids.iter().map(|&id| u8::try_from(id).ok()).collect();
        let ids = match bytes {
            Some(bytes) => Tensor::f_from_slice(&bytes)?,
            // a prompt of hundreds of vectors
            None => Tensor::f_from_slice(&ids.iter().map(|&id| id as i32).collect::<Vec<_>>())?,
        };
        upload(&ids, self.device)?.f_to_kind(Kind::Int)
    }

    /// Runs the network over `segments`, which follow each other; `ids` has a token for each row. Calls `visit` at each of
    /// `depths`, which ascend, with its place among them and the results there. Only the last depth may be beyond the
    /// blocks.
    ///
    /// # Errors
    /// The device has no memory left, or fails; those of `visit`.
    pub fn forward(
        &mut self,
        ids: &[u32],
        segments: &[Segment],
        depths: &[Depth],
        mut visit: impl FnMut(usize, DevicePass<'_>) -> Result<(), TchError>,
    ) -> Result<(), TchError> {
        let taps = self.model.layers.first().map_or(1, |block| block.mixer.short_filter.taps());
        let sizes = [self.chunks.rows, taps as usize - 1, self.config().l_max as usize];
        let layout = Layout::new(segments, sizes, self.device)?;
        let mut x = self.model.embed(&self.upload_ids(ids)?)?; // (rows, D)
        let mut layers = 0..self.model.layers.len();
        let mut done = 0;
        for (number, &depth) in depths.iter().enumerate() {
            let blocks = match depth {
                Depth::Blocks(blocks) => blocks.min(self.model.layers.len()),
                _ => self.model.layers.len(),
            };
            for layer in layers.by_ref().take(blocks - done) {
                self.block(layer, &mut x, &layout)?;
            }
            done = blocks;
            if !matches!(depth, Depth::Blocks(_)) {
                for rows in self.chunks_of(layout.rows) {
                    let mut chunk = narrow(&x, &rows)?;
                    let normal = self.model.normalize(&chunk)?;
                    chunk.f_copy_(&normal)?;
                }
            }
            let predictions = match depth {
                Depth::Predictions => Some(self.model.logits(&x)?.f_log_softmax(-1, Kind::Float)?),
                _ => None,
            };
            visit(number, DevicePass { hidden: &x, predictions })?;
        }
        Ok(())
    }

    /// The residual stream (rows, D) after a block, in place.
    fn block(&mut self, layer: usize, x: &mut Tensor, layout: &Layout) -> Result<(), TchError> {
        let block = self.model.layers[layer].clone(); // shares the weights
        let options = (Kind::Float, self.device);
        let (mut gate, mut v) =
            (Tensor::f_empty(x.size(), options)?, Tensor::f_empty(x.size(), options)?);
        for tile in &layout.tiles {
            let [x0, x1v] = project(&block, x, tile, self.model.precision)?;
            narrow(&gate, &tile.rows)?.f_copy_(&x0)?;
            narrow(&v, &tile.rows)?.f_copy_(&x1v)?;
        }
        self.convolve(layer, &block, &mut v, layout)?;
        gate = gate.f_mul_(&v)?;
        drop(v);
        for rows in self.chunks_of(layout.rows) {
            let mixed = narrow(&gate, &rows)?;
            self.computed += mixed.size()[0] as u64;
            let mixed = block.mixer.out_proj.forward(&mixed, self.model.precision)?;
            let mut chunk = narrow(x, &rows)?;
            chunk = chunk.f_add_(&mixed)?;
            let transformed = block.transform(&chunk, self.model.precision)?;
            chunk.f_copy_(&transformed)?;
        }
        Ok(())
    }

    /// The long convolution of a layer, in place: v (rows, D). That of a branch is its parent's plus that of the difference,
    /// as a convolution is linear.
    fn convolve(
        &mut self,
        layer: usize,
        block: &Block,
        v: &mut Tensor,
        layout: &Layout,
    ) -> Result<(), TchError> {
        if let Some([own, same]) = &layout.branches {
            let difference = v.f_index_select(0, same)?.f_neg_()?;
            let _ = v.f_index_add_(0, own, &difference)?;
        }
        for group in &layout.groups {
            let positions = (group.sequences * group.length).max(1);
            let width = self.config().d_model;
            let most = (self.chunks.convolved as i64 / positions).clamp(1, width);
            let channels =
                || (0..width).step_by(most as usize).map(|first| first..(first + most).min(width));
            let spectrum = self.spectrum(layer, block, group.length, channels())?;
            for channels in channels() {
                convolve_channels(block, v, group, &spectrum, channels)?;
            }
        }
        if let Some([own, same]) = &layout.branches {
            let of_parent = v.f_index_select(0, same)?;
            let _ = v.f_index_add_(0, own, &of_parent)?;
        }
        Ok(())
    }

    fn spectrum(
        &mut self,
        layer: usize,
        block: &Block,
        length: i64,
        channels: impl Iterator<Item = Range<i64>>,
    ) -> Result<Spectrum, TchError> {
        let config = self.config();
        let (width, layers) = (config.d_model as usize, config.n_layer as usize);
        let length = fft::padded_length(length, config.l_max);
        let bytes = width * spectrum_bytes(length);
        // those of all layers, or none
        let is_next = layer == 0 || self.cache.has(layer - 1, length);
        let fits = self.cache.room() >= bytes * (layers - layer);
        if self.cache.has(layer, length) || (is_next && fits) {
            let device = self.device;
            let make = || {
                let size = [width as i64, transform_size(length) / 2 + 1];
                let spectrum = Tensor::f_empty(size, (Kind::ComplexFloat, device))?;
                let features = block.mixer.filter.features(0..length)?;
                for channels in channels {
                    let taps = block.mixer.taps_of(&features, channels.clone())?;
                    narrow(&spectrum, &channels)?.f_copy_(&fft::spectrum(&taps)?)?;
                }
                Ok(spectrum)
            };
            return Ok(Spectrum::Kept(self.cache.get(layer, length, make)?));
        }
        Ok(Spectrum::Features(block.mixer.filter.features(0..length)?))
    }

    /// Rows of all chunks.
    fn chunks_of(&self, rows: i64) -> impl Iterator<Item = Range<i64>> + use<> {
        let each = self.chunks.rows as i64;
        (0..rows).step_by(each as usize).map(move |first| first..(first + each).min(rows))
    }
}

/// Bytes of the spectrum of one channel of a filter for sequences of `length`.
pub fn spectrum_bytes(length: i64) -> usize {
    const COMPLEX: usize = 2 * size_of::<f32>();
    (transform_size(length) / 2 + 1) as usize * COMPLEX
}

fn narrow(x: &Tensor, rows: &Range<i64>) -> Result<Tensor, TchError> {
    x.f_narrow(0, rows.start, rows.end - rows.start)
}

/// The gate x0, and x1·v, of the rows of a tile: (rows, D) each.
fn project(
    block: &Block,
    x: &Tensor,
    tile: &Tile,
    precision: Precision,
) -> Result<[Tensor; 2], TchError> {
    let h = block.norm1.forward(&x.f_index_select(0, &tile.read)?)?;
    let mut u = block.mixer.in_proj.forward(&h, precision)?.f_to_kind(Kind::Float)?;
    drop(h);
    if let Some(missing) = &tile.missing {
        u = u.f_index_fill_(0, missing, 0.0)?; // before a sequence is nothing
    }
    let [weight, bias] = block.mixer.short_filter.tensors();
    let taps = weight.size()[2];
    let count = u.size()[0] - (taps - 1);
    let tap = |k: i64| weight.f_select(2, k)?.f_squeeze_dim(1); // (3D)
    let mut short = u.f_narrow(0, 0, count)?.f_mul(&tap(0)?)?.f_add_(bias)?;
    for k in 1..taps {
        short = short.f_addcmul_(&u.f_narrow(0, k, count)?, &tap(k)?)?;
    }
    drop(u);
    let short = match &tile.own {
        Some(own) => short.f_index_select(0, own)?,
        None => short,
    };
    let [x0, x1, v] = <[Tensor; 3]>::try_from(short.f_chunk(3, 1)?)
        .map_err(|_| TchError::Shape("in_proj must give three parts".into()))?;
    Ok([x0, x1.f_mul(&v)?])
}

/// Convolves some channels of the sequences of a group, in place.
fn convolve_channels(
    block: &Block,
    v: &Tensor,
    group: &Group,
    spectrum: &Spectrum,
    channels: Range<i64>,
) -> Result<(), TchError> {
    let count = channels.end - channels.start;
    let spectrum = match spectrum {
        Spectrum::Kept(kept) => kept.f_narrow(0, channels.start, count)?,
        Spectrum::Features(features) => {
            fft::spectrum(&block.mixer.taps_of(features, channels.clone())?)?
        }
    };
    let Group { sequences, length, rows, places } = group;
    let all = v.f_narrow(1, channels.start, count)?;
    let own = match rows {
        Rows::Range(range) => narrow(&all, range)?,
        Rows::Indexes(indexes) => all.f_index_select(0, indexes)?,
    };
    let padded = match places {
        None => own.shallow_clone(),
        Some(places) => {
            let zeros = Tensor::f_zeros([sequences * length, count], (Kind::Float, v.device()))?;
            zeros.f_index_copy(0, places, &own)?
        }
    };
    let input = padded.f_reshape([*sequences, *length, count])?.f_permute([0, 2, 1])?;
    let n = 2 * (spectrum.size()[1] - 1);
    let transform = input.f_fft_rfft(n, -1, "backward")?.f_mul_(&spectrum)?;
    drop((spectrum, padded));
    let output = transform.f_fft_irfft(n, -1, "forward")?.f_narrow(2, 0, *length)?;
    drop(transform);
    let output = output.f_permute([0, 2, 1])?.f_reshape([sequences * length, count])?;
    let output = match places {
        None => output,
        Some(places) => output.f_index_select(0, places)?,
    };
    match rows {
        Rows::Range(_) => {
            let mut own = own;
            own.f_copy_(&output)
        }
        Rows::Indexes(indexes) => {
            let mut all = all;
            all.f_index_copy_(0, indexes, &output).map(drop)
        }
    }
}

#[cfg(test)]
mod tests;
