//! Memory of a forward pass.

use crate::model::{config::Config, cpu::transform_size, libtorch::forward::PANEL};

/// Bytes of libtorch, and of the tiles that threads work on.
pub const PROGRAM: usize = 250_000_000;

/// Bytes of the weights of the blocks: projections and MLP.
pub fn weights(config: &Config) -> usize {
    let [layers, width] = [config.n_layer, config.d_model].map(size);
    12 * width * width * layers * size_of::<f32>()
}

/// Bytes that one row needs through a forward pass on a CPU: residual stream, convolution, gate,
/// predictions.
pub fn bytes_per_row(config: &Config) -> usize {
    let width = size(config.d_model);
    let vocabulary = usize::try_from(config.vocab_rows).unwrap_or(16);
    (2 * width + width.next_multiple_of(PANEL) + vocabulary) * size_of::<f32>()
}

/// Bytes that a forward pass over `rows` rows needs on a CPU, at most `cache` bytes of spectra
/// included, and the program itself. The longest sequence has `longest` bases.
pub fn on_cpu(config: &Config, threads: usize, rows: usize, longest: usize, cache: usize) -> usize {
    let point = PANEL * size_of::<f32>();
    let panels = size(config.d_model).div_ceil(PANEL);
    let transform = transform_size(longest) * point; // also of its spectrum
    let spectra = transform * panels * size(config.n_layer);
    let at_once = threads.clamp(1, panels);
    let convolution = if spectra <= cache {
        spectra + at_once * transform
    } else {
        let features = longest * size(config.filter_order) * size_of::<f32>();
        2 * at_once * transform + features
    };
    PROGRAM + rows * bytes_per_row(config) + convolution
}

/// The longest sequence whose pass fits into `free` bytes, in bases.
pub fn longest(config: &Config, threads: usize, free: usize, cache: usize) -> usize {
    let fits = |length: &usize| on_cpu(config, threads, *length, *length, cache) <= free;
    let context = usize::try_from(config.context()).unwrap_or(1);
    // about: in steps of a sixteenth
    let mut steps = (1..=16).rev().map(|sixteenths| context * sixteenths / 16);
    steps.find(fits).unwrap_or(0)
}

/// Bytes of activations that one token needs at the peak of a forward pass by libtorch's operators,
/// as on a GPU: the 3·D channels before and after the short convolution, signal and spectrum of the
/// doubled length, residual.
pub fn bytes_per_token(config: &Config) -> usize {
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
        assert!((3 << 30..6 << 30).contains(&need(1_000_000)), "{}", Bytes(need(1_000_000)));
        for free in [1 << 29, 1 << 30, 4 << 30] {
            let fits = longest(&config, 2, free, 1 << 30);
            assert!(need(fits) <= free && (fits == 1_000_000 || need(fits + 62_500) > free));
        }
        assert_eq!(longest(&config, 2, 1 << 20, 1 << 30), 0);
    }
}
