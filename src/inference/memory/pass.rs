//! Memory of a forward pass.

use crate::model::{
    config::Config,
    cpu::{is_shared, transform_size},
    device::{Chunks, spectrum_bytes},
    libtorch::forward::PANEL,
    network::fft::padded_length,
};

/// Bytes of libtorch, and of the tiles that threads work on.
pub const PROGRAM: usize = 250_000_000;

/// Bytes of the weights of the blocks: projections and MLP.
pub fn weights(config: &Config) -> usize {
    let [layers, width] = [config.n_layer, config.d_model].map(size);
    12 * width * width * layers * size_of::<f32>()
}

/// Bytes that one row needs through a forward pass on a CPU: residual stream, convolution, predictions.
pub fn bytes_per_row(config: &Config) -> usize {
    let width = size(config.d_model);
    let vocabulary = usize::try_from(config.vocab_rows).unwrap_or(16);
    (width + width.next_multiple_of(PANEL) + vocabulary) * size_of::<f32>()
}

/// Bytes that a forward pass over `rows` rows needs on a CPU, at most `cache` bytes of spectra
/// included, and the program itself. The longest sequence has `longest` bases.
pub fn on_cpu(config: &Config, threads: usize, rows: usize, longest: usize, cache: usize) -> usize {
    let points = transform_size(longest);
    let transform = points * PANEL * size_of::<f32>();
    let spectrum = transform + 2 * PANEL * size_of::<f32>();
    let (panels, layers) = (size(config.d_model).div_ceil(PANEL), size(config.n_layer));
    let at_once = if is_shared(points) { 1 } else { threads.clamp(1, panels) };
    let kept = (cache / (panels * spectrum)).min(layers);
    let made = match kept < layers {
        true => at_once * spectrum + longest * size(config.filter_order) * size_of::<f32>(),
        false => 0,
    };
    let spectra = kept * panels * spectrum + made;
    PROGRAM + rows * bytes_per_row(config) + at_once * transform + spectra
}

/// The longest sequence whose pass fits into `free` bytes, in bases.
pub fn longest(config: &Config, threads: usize, free: usize, cache: usize) -> usize {
    let fits = |length: &usize| on_cpu(config, threads, *length, *length, cache) <= free;
    let context = usize::try_from(config.context()).unwrap_or(1);
    // about: in steps of a sixteenth
    let mut steps = (1..=16).rev().map(|sixteenths| context * sixteenths / 16);
    steps.find(fits).unwrap_or(0)
}

/// Bytes that a pass of `rows` rows needs on a device, of which the longest sequence has `longest`, beside the weights; at
/// most `cache` bytes of spectra included, whether they are kept already or not. See [`DeviceNetwork`](crate::model::device::DeviceNetwork).
pub fn on_device(
    config: &Config,
    chunks: Chunks,
    [rows, longest]: [usize; 2],
    cache: usize,
) -> usize {
    const FLOAT: usize = size_of::<f32>();
    const INDEX: usize = size_of::<i64>();
    let [width, inner, layers] = [config.d_model, config.d_inner, config.n_layer].map(size);
    let vocabulary = size(config.vocab_rows);
    // residual stream, gate and what is convolved; rows of tiles, groups, places and branches
    let kept = rows * (3 * width * FLOAT + 5 * INDEX);
    let chunk = rows.min(chunks.rows);
    // rows before and after the norm, 3·D channels of the projection, of the short convolution, a product, and a part
    let projected = chunk * 14 * width * FLOAT;
    let transformed = chunk * (5 * width + 2 * inner) * FLOAT;
    // input, padded, in the order of the transform, its spectrum twice, output of twice the length, in the order of rows
    const CONVOLVED: usize = 11 * FLOAT;
    let padded = padded_length(longest as i64, config.l_max);
    let positions = rows + rows / 8;
    let channels = (chunks.convolved / positions.max(1)).clamp(1, width);
    let spectrum = spectrum_bytes(padded);
    let all = spectrum * width * layers;
    let convolved = positions * channels * CONVOLVED;
    // filters of some channels at a time are made from features, each with what it is made of
    const OF_FEATURES: usize = 4;
    const OF_TAPS: usize = 8;
    let row = padded as usize * FLOAT;
    let features = row * size(config.filter_order);
    let made = (OF_FEATURES * features).max(features + channels * (OF_TAPS * row + spectrum));
    let convolved = match all <= cache {
        true => convolved.max(made),
        false => made.max(features + channels * spectrum + convolved),
    };
    // of a length whose spectra do not all fit none is kept
    let spectra = if all <= cache { all } else { 0 };
    let predicted = 2 * rows * vocabulary * FLOAT;
    kept + spectra + projected.max(transformed).max(convolved).max(predicted)
}

/// Bytes of activations that one token needs at the peak of a forward pass by libtorch's operators,
/// as on a GPU: the 3·D channels before and after the short convolution, signal and spectrum of the
/// doubled length, residual.
fn bytes_per_token(config: &Config) -> usize {
    const FLOATS_PER_CHANNEL: usize = 20; // measured as peak memory by length, see benches/RESULTS.md
    size(config.d_model) * FLOATS_PER_CHANNEL * size_of::<f32>()
}

/// Bytes of activations and kept spectra of a forward pass by libtorch's operators, over sequences
/// of `length` bases, `bases` in all.
pub fn by_operators(config: &Config, bases: usize, length: usize) -> usize {
    const MOST_SPECTRA: usize = 1 << 30;
    const COMPLEX: usize = 2 * size_of::<f32>(); // for each channel and base
    let spectra = COMPLEX * size(config.n_layer) * size(config.d_model) * length;
    bases.saturating_mul(bytes_per_token(config)).saturating_add(spectra.min(MOST_SPECTRA))
}

/// An extent of the network, at least 1.
fn size(n: i64) -> usize {
    usize::try_from(n).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{inference::memory::Bytes, model::weights::source};

    #[test]
    fn longer_sequences_need_more() {
        let config = Config {
            d_model: 256,
            n_layer: 8,
            l_max: 1_000_002,
            ..source::builtin().unwrap().weights.config
        };
        let need = |rows| on_cpu(&config, 2, rows, rows, 1 << 30);
        // measured: 3.2 GB
        let million = need(1_000_000);
        assert!((3_000_000_000..3_500_000_000).contains(&million), "{}", Bytes(million));
        assert_eq!(million, on_cpu(&config, 64, 1_000_000, 1_000_000, 1 << 30));
        assert!(need(10_000) < on_cpu(&config, 64, 10_000, 10_000, 1 << 30));
        // the spectra of a layer are kept or not
        let layer = 8 * (1_048_576 + 1) * 256;
        let with_cache = |cache| on_cpu(&config, 2, 1_000_000, 1_000_000, cache);
        assert_eq!(with_cache(layer - 1), with_cache(0));
        assert_eq!(with_cache(2 * layer), with_cache(0) + 2 * layer);
        for free in [1 << 29, 1 << 30, 4 << 30] {
            let fits = longest(&config, 2, free, 1 << 30);
            assert!(need(fits) <= free && (fits == 1_000_000 || need(fits + 62_500) > free));
        }
        assert_eq!(longest(&config, 2, 1 << 20, 1 << 30), 0);
    }
}
