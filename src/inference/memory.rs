//! How many tokens fit into a batch.

use crate::model::config::Config;

/// Batches larger than this are no faster on a thread of a CPU: their activations leave its cache.
const FASTEST_TOKENS: usize = 2048;

/// Bytes of activations that one token needs at the peak of a forward pass: the 3·D channels
/// before and after the short convolution, signal and spectrum of the doubled length, residual.
pub fn bytes_per_token(config: &Config) -> usize {
    const FLOATS_PER_CHANNEL: usize = 20; // measured as peak memory by length, see benches/RESULTS.md
    usize::try_from(config.d_model).unwrap_or(1).max(1) * FLOATS_PER_CHANNEL * 4
}

/// Tokens of a batch when the user does not say: what is fastest, if a quarter of the free memory
/// holds such a batch for each thread.
pub fn batch_tokens(config: &Config, threads: usize) -> usize {
    const LEAST: usize = 256;
    let fitting = |free: usize| free / 4 / threads.max(1) / bytes_per_token(config);
    free().map_or(FASTEST_TOKENS, fitting).clamp(LEAST, FASTEST_TOKENS)
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
    fn memory_is_known_on_linux() {
        assert!(free().is_some_and(|bytes| bytes > 1 << 20));
    }
}
