//! Memory of sequences that grow base by base on a CPU.

use super::{
    Advice, Bytes, SHARE, TooLarge,
    pass::{bytes_per_row, on_cpu},
};
use crate::model::{
    config::Config,
    cpu::{relaxed::RelaxedFilters, transform_size},
    libtorch::forward::PANEL,
};

/// Number of sequences of `length` bases after prompts of at most `prompt` bases that can grow at once in
/// `free` bytes.
///
/// # Errors
/// Not one can.
pub fn sequences(
    config: &Config,
    threads: usize,
    prompt: usize,
    length: usize,
    free: usize,
) -> Result<usize, TooLarge> {
    // the state after a prompt is that of one more sequence
    let needed = |length, sequences: usize| {
        Bytes(shared(config, threads, prompt, length) + (sequences + 1) * state(config, length))
    };
    if needed(length, 1).fit(free) {
        let left = (free as f64 * SHARE) as usize - needed(length, 0).0;
        return Ok(left / state(config, length).max(1));
    }
    let shorter = (1..16).rev().map(|sixteenths| length * sixteenths / 16);
    let fits = shorter.filter(|&length| length > 0).find(|&length| needed(length, 1).fit(free));
    Err(TooLarge {
        work: format!("a sequence of {length} bases after a prompt of {prompt}"),
        needed: needed(length, 1),
        free: Bytes(free),
        advice: Advice {
            fits: fits.map(|length| format!("--length {length}")),
            remedy: match prompt {
                0 => "use a smaller model or a machine with more memory".into(),
                _ => "use a shorter prompt, a smaller model or a machine with more memory".into(),
            },
        },
    })
}

/// Bytes of the convolutions of one sequence.
fn state(config: &Config, length: usize) -> usize {
    let [layers, width] = extents(config);
    layers * width.next_multiple_of(PANEL) * length * size_of::<f32>()
}

/// Bytes that all sequences share: the program, filters, and a pass over a prompt.
fn shared(config: &Config, threads: usize, prompt: usize, length: usize) -> usize {
    let [layers, width] = extents(config);
    let filters = layers * RelaxedFilters::floats(length, width) * size_of::<f32>();
    // transforms of a prompt with all that follows it, and without
    let longer = transform_size(prompt + length) - transform_size(prompt);
    let transforms = 4 * threads.max(1) * longer * PANEL * size_of::<f32>();
    let rows = threads.max(1) * 16 * bytes_per_row(config);
    filters + transforms + rows + on_cpu(config, threads, prompt, prompt, 0)
}

fn extents(config: &Config) -> [usize; 2] {
    [config.n_layer, config.d_model].map(|n| usize::try_from(n).unwrap_or(1).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::source;

    #[test]
    fn fewer_sequences_fit_if_they_are_longer() {
        let base = source::builtin().unwrap().weights.config;
        let config = Config { d_model: 256, n_layer: 4, l_max: 32_770, ..base };
        let fit = |prompt, length, free| sequences(&config, 2, prompt, length, free);
        // 134 MB a sequence, and twice that of filters
        let found = fit(0, 32_768, 4 << 30).unwrap();
        assert!((16..28).contains(&found), "{found}");
        assert!(fit(0, 1000, 4 << 30).unwrap() > 20 * found);
        assert!(fit(30_000, 1000, 4 << 30).unwrap() < fit(0, 1000, 4 << 30).unwrap());
        let error = fit(0, 32_768, 600 << 20).unwrap_err().to_string();
        assert!(error.contains("32768 bases after a prompt of 0"), "{error}");
        assert!(error.contains("--length "), "{error}");
        assert!(fit(0, 1, 1 << 20).unwrap_err().to_string().contains("more memory"));
    }
}
