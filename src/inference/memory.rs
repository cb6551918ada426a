//! How much memory a pass needs, and how much there is.

use std::fmt;

use crate::model::{config::Config, cpu::transform_size, libtorch::forward::PANEL};

/// Batches larger than this are no faster on a thread of a CPU: their activations leave its cache.
const FASTEST_TOKENS: usize = 2048;

/// A number of bytes, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..10_000_000 => write!(f, "{:.1} MB", bytes as f64 / 1e6),
            bytes @ 0..1_000_000_000 => write!(f, "{} MB", bytes / 1_000_000),
            bytes => write!(f, "{:.1} GB", bytes as f64 / 1e9),
        }
    }
}

/// Bytes that one row needs through a forward pass on a CPU: residual stream, convolution, gate,
/// predictions.
pub fn bytes_per_row(config: &Config) -> usize {
    let width = usize::try_from(config.d_model).unwrap_or(1).max(1);
    let vocabulary = usize::try_from(config.vocab_rows).unwrap_or(16);
    (2 * width + width.next_multiple_of(PANEL) + vocabulary) * size_of::<f32>()
}

/// Bytes that a forward pass over `rows` rows needs on a CPU, of which the longest sequence has
/// `longest`, when at most `cache` bytes of spectra are kept.
pub fn forward(
    config: &Config,
    threads: usize,
    rows: usize,
    longest: usize,
    cache: usize,
) -> usize {
    let size = |n: i64| usize::try_from(n).unwrap_or(1).max(1);
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
    const PROGRAM: usize = 250_000_000; // libtorch, and the tiles that threads work on
    PROGRAM + rows * bytes_per_row(config) + convolution
}

/// The longest sequence whose pass fits into `free` bytes, in bases.
pub fn longest(config: &Config, threads: usize, free: usize, cache: usize) -> usize {
    let fits = |length: &usize| forward(config, threads, *length, *length, cache) <= free;
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
    usize::try_from(config.d_model).unwrap_or(1).max(1) * FLOATS_PER_CHANNEL * 4
}

/// Tokens of a batch when the user does not say: what is fastest, if a quarter of the free memory
/// holds such a batch for each thread.
pub fn batch_tokens(config: &Config, threads: usize) -> usize {
    const LEAST: usize = 256;
    let fitting = |free: usize| free / 4 / threads.max(1) / bytes_per_row(config);
    free().map_or(FASTEST_TOKENS, fitting).clamp(LEAST, FASTEST_TOKENS)
}

/// Bytes of spectra that are kept when the user does not say.
pub fn cache_bytes() -> usize {
    const MOST: usize = 2 << 30;
    free().map_or(MOST, |free| (free / 4).min(MOST))
}

/// Free memory in bytes: what the system has, or what the control group allows if that is less.
pub fn free() -> Option<usize> {
    let system = meminfo("MemAvailable:");
    let group = read_number("/sys/fs/cgroup/memory.max").map(|limit| {
        // file caches count as used, but are given up when memory is needed
        let used = read_number("/sys/fs/cgroup/memory.current").unwrap_or(0);
        limit.saturating_sub(used.saturating_sub(cached()))
    });
    match (system, group) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The most memory that this process held so far, in bytes.
pub fn peak() -> Option<u64> {
    // SAFETY: getrusage fills in the structure, for which all zeroes are a valid start.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) == 0).then_some(usage)?
    };
    u64::try_from(usage.ru_maxrss).ok().map(|kibibytes| kibibytes * 1024)
}

/// Bytes of the control group's file cache.
fn cached() -> usize {
    let stat = std::fs::read_to_string("/sys/fs/cgroup/memory.stat").unwrap_or_default();
    let value = stat.lines().find_map(|line| line.strip_prefix("inactive_file "));
    value.and_then(|n| n.trim().parse().ok()).unwrap_or(0)
}

fn meminfo(key: &str) -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: usize = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn read_number(path: &str) -> Option<usize> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_sequences_need_more() {
        let config = Config {
            d_model: 256,
            n_layer: 8,
            ..crate::model::weights::source::builtin().unwrap().weights.config.clone()
        };
        let config = Config { l_max: 1_000_002, ..config };
        let need = |rows| forward(&config, 2, rows, rows, 1 << 30);
        assert!((3 << 30..6 << 30).contains(&need(1_000_000)), "{}", Bytes(need(1_000_000)));
        for free in [1 << 29, 1 << 30, 4 << 30] {
            let fits = longest(&config, 2, free, 1 << 30);
            assert!(need(fits) <= free && (fits == 1_000_000 || need(fits + 62_500) > free));
        }
        assert_eq!(longest(&config, 2, 1 << 20, 1 << 30), 0);
        assert_eq!(Bytes(1_500_000_000).to_string(), "1.5 GB");
        assert_eq!(Bytes(64_000_000).to_string(), "64 MB");
        assert_eq!(Bytes(500_000).to_string(), "0.5 MB");
    }

    #[test]
    fn memory_is_known_on_linux() {
        assert!(free().is_some_and(|bytes| bytes > 1 << 20));
    }
}
