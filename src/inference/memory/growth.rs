//! Memory of sequences that grow base by base on a CPU.

use std::collections::BTreeSet;

use super::{
    Advice, Bytes, SHARE, TooLarge,
    pass::{bytes_per_row, on_cpu},
};
use crate::model::{
    config::Config,
    cpu::{relaxed::RelaxedFilters, transform_size},
    libtorch::forward::PANEL,
};

/// Sequences that grow together, and the resources of their computation.
#[derive(Debug, Clone, Copy)]
pub struct Growing<'a> {
    /// The architecture.
    pub config: &'a Config,
    /// Number of threads.
    pub threads: usize,
    /// Most bytes of spectra that are kept of the filters of prompts.
    pub cache: usize,
    /// Numbers of tokens before the new bases, of all sequences.
    pub prompts: &'a [usize],
    /// New bases of each sequence.
    pub length: usize,
}

impl Growing<'_> {
    /// Number of sequences, at least 1, that can grow at once in `free` bytes, before filters are made.
    ///
    /// # Errors
    /// No sequence fits.
    pub fn sequences(self, free: usize) -> Result<usize, TooLarge> {
        if self.needed(1).fit(free) {
            let left = ((free as f64 * SHARE) as usize).saturating_sub(self.needed(0).0);
            return Ok((left / self.state().max(1)).max(1));
        }
        let (prompt, length) = (self.prompt(), self.length);
        let shorter = (1..16).rev().map(|sixteenths| length * sixteenths / 16);
        let fits = |&length: &usize| length > 0 && Self { length, ..self }.needed(1).fit(free);
        let (work, remedy) = match prompt {
            0 => (String::new(), ""),
            prompt => {
                (format!(" after a prompt of {prompt}"), "a shorter prompt, --cache-bytes 0, ")
            }
        };
        Err(TooLarge {
            work: format!("a sequence of {length} bases{work}"),
            needed: self.needed(1),
            free: Bytes(free),
            advice: Advice {
                fits: shorter.into_iter().find(fits).map(|length| format!("--length {length}")),
                remedy: format!("use {remedy}a smaller model or a machine with more memory"),
            },
        })
    }

    /// Most tokens before the new bases.
    fn prompt(self) -> usize {
        self.prompts.iter().copied().max().unwrap_or(0)
    }

    /// Bytes of some sequences. The state after a prompt takes as many as another sequence.
    fn needed(self, sequences: usize) -> Bytes {
        Bytes(self.shared() + (sequences + 1) * self.state())
    }

    /// Bytes of the convolutions of one sequence.
    fn state(self) -> usize {
        let [layers, width] = extents(self.config);
        layers * width.next_multiple_of(PANEL) * self.length * size_of::<f32>()
    }

    /// Bytes that all sequences share: the program, filters, and a pass over a prompt.
    fn shared(self) -> usize {
        let Self { config, threads, cache, prompts, length } = self;
        let prompt = self.prompt();
        let [layers, width] = extents(config);
        let point = PANEL * size_of::<f32>();
        let filters = layers * RelaxedFilters::floats(length, width) * size_of::<f32>();
        // transforms of a prompt with all bases after it, and without
        let all = transform_size(prompt + length);
        let transforms = 4 * threads.max(1) * (all - transform_size(prompt)) * point;
        let rows = threads.max(1) * 16 * bytes_per_row(config);
        let read = prompts.iter().filter(|&&prompt| prompt > 0);
        let sizes: BTreeSet<usize> = read.map(|prompt| transform_size(prompt + length)).collect();
        let points: usize = sizes.iter().sum();
        let kept = (layers * width.div_ceil(PANEL) * points * point).min(cache);
        filters + transforms + rows + kept + on_cpu(config, threads, prompt, prompt, 0)
    }
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
        let fits = |prompts: &[usize], length, free, cache| {
            Growing { config: &config, threads: 2, cache, prompts, length }.sequences(free)
        };
        let fit = |prompt, length, free| fits(&[prompt], length, free, 0);
        // 134 MB a sequence, and twice that of filters
        let found = fit(0, 32_768, 4 << 30).unwrap();
        assert!((16..28).contains(&found), "{found}");
        assert!(fit(0, 1000, 4 << 30).unwrap() > 20 * found);
        assert!(fit(30_000, 1000, 4 << 30).unwrap() < fit(0, 1000, 4 << 30).unwrap());
        let error = fit(0, 32_768, 600 << 20).unwrap_err().to_string();
        assert!(error.contains("a sequence of 32768 bases needs"), "{error}");
        assert!(error.contains("--length ") && !error.contains("prompt"), "{error}");
        let error = fit(100, 32_668, 600 << 20).unwrap_err().to_string();
        assert!(
            error.contains("after a prompt of 100") && error.contains("shorter prompt"),
            "{error}"
        );
        assert!(fit(0, 1, 1 << 20).unwrap_err().to_string().contains("more memory"));
        // spectra are kept of prompts only, and of each size of transform
        let kept = |prompts: &[usize]| fits(prompts, 1000, 4 << 30, 1 << 30).unwrap();
        assert_eq!(kept(&[0]), fit(0, 1000, 4 << 30).unwrap());
        assert!(kept(&[30_000]) < fit(30_000, 1000, 4 << 30).unwrap());
        assert_eq!(kept(&[30_000, 29_999]), kept(&[30_000]));
        assert!(kept(&[30_000, 12_000]) < kept(&[30_000]));
    }

    /// Where one sequence fits, there is one, whatever the rounding is.
    #[test]
    fn the_least_memory_that_holds_one_sequence_gives_one() {
        let config = source::builtin().unwrap().weights.config;
        for length in [1, 33, 1000] {
            let growing = Growing { config: &config, threads: 1, cache: 0, prompts: &[], length };
            let enough = (growing.needed(1).0 as f64 / SHARE) as usize;
            let least = (enough - 2..enough + 3).find(|&free| growing.needed(1).fit(free)).unwrap();
            assert_eq!(growing.sequences(least).unwrap(), 1);
            assert!(growing.sequences(least - 1).is_err());
        }
    }
}
