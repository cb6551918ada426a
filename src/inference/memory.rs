//! Memory: what is free, what a computation may take of it, and the refusal of one that would not
//! fit. The estimates are in [`pass`], [`step`] and [`growth`].

pub mod growth;
pub mod pass;
pub mod step;

use std::{fmt, path::Path};

use thiserror::Error;

use crate::{
    model::config::Config,
    process::{cgroup, limits},
};

/// Tokens of a batch on a GPU, which is made of smaller ones where its memory is short.
pub const GPU_BATCH_TOKENS: usize = 1 << 17;

/// Batches larger than this are no faster on a thread of a CPU: their activations leave its cache.
const FASTEST_TOKENS: usize = 2048;

/// Share of the free memory that an estimate may reach.
const SHARE: f64 = 0.9;

/// Memory that the allocator holds, relative to the memory in use, as measured.
pub const SLACK: f64 = 1.15;

/// A number of bytes. Messages have it in MB or GB, with one decimal unless another precision is
/// given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub usize);

impl Bytes {
    /// A number of bytes that was estimated.
    pub fn estimated(bytes: f64) -> Self {
        Self(bytes as usize)
    }

    /// True if an estimate fits into `free` bytes, with room for its error.
    pub fn fit(self, free: usize) -> bool {
        self.0 as f64 <= free as f64 * SHARE
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or(1);
        match self.0 {
            bytes @ 0..10_000_000 => write!(f, "{:.decimals$} MB", bytes as f64 / 1e6),
            bytes @ 0..1_000_000_000 => write!(f, "{} MB", bytes / 1_000_000),
            bytes => write!(f, "{:.decimals$} GB", bytes as f64 / 1e9),
        }
    }
}

/// A computation that would not fit into memory.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{work} needs about {needed}, but {free} are free; {advice}")]
pub struct TooLarge {
    /// The computation, at the start of the message: "a step of sequences of 1000 bases".
    pub work: String,
    /// Estimate for it.
    pub needed: Bytes,
    /// Free memory.
    pub free: Bytes,
    /// A computation that would fit, and a remedy.
    pub advice: Advice,
}

/// Advice on a computation that would not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The largest computation of its kind that would fit, often as options: "--batch 4".
    pub fits: Option<String>,
    /// A remedy; empty where the options are enough.
    pub remedy: String,
}

impl Advice {
    /// Options that would fit.
    pub fn fits(options: String) -> Self {
        Self { fits: Some(options), remedy: String::new() }
    }

    /// A remedy where nothing of the kind would fit.
    pub fn remedy(remedy: &str) -> Self {
        Self { fits: None, remedy: remedy.to_owned() }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.fits, self.remedy.as_str()) {
            (None, remedy) => f.write_str(remedy),
            (Some(fits), "") => write!(f, "{fits} would fit"),
            (Some(fits), remedy) => write!(f, "{fits} would fit: {remedy}"),
        }
    }
}

/// Tokens of a batch when the user does not say: what is fastest, if a quarter of the free memory
/// holds such a batch for each thread.
pub fn batch_tokens(config: &Config, threads: usize) -> usize {
    const LEAST: usize = 256;
    let fitting = |free: usize| free / 4 / threads.max(1) / pass::bytes_per_row(config);
    free().map_or(FASTEST_TOKENS, fitting).clamp(LEAST, FASTEST_TOKENS)
}

/// Bytes of spectra that are kept when the user does not say.
pub fn cache_bytes() -> usize {
    const MOST: usize = 2 << 30;
    free().map_or(MOST, |free| (free / 4).min(MOST))
}

/// Free memory in bytes: what the system has, or what a control group or a limit of this process
/// allows if that is less.
pub fn free() -> Option<usize> {
    let [system, group, space] = sources();
    [system, group, space].into_iter().flatten().min()
}

/// Memory for an estimate that counts the program itself, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// Free memory.
    pub free: usize,
    /// Memory of the estimate that this process has already.
    pub taken: usize,
}

impl Available {
    /// Largest estimate that fits.
    pub fn all(&self) -> usize {
        self.free.saturating_add(self.taken)
    }
}

/// Memory for an estimate that counts the program itself with `program` bytes, where this process uses
/// `held` bytes again.
pub fn available(program: usize, held: usize) -> Option<Available> {
    let resident = limits::resident().unwrap_or(0).saturating_sub(held).min(program) + held;
    let [system, group, space] = sources();
    // libtorch is mapped as a whole
    let sources = [(system, resident), (group, resident), (space, program + held)];
    let sources =
        sources.into_iter().filter_map(|(free, taken)| Some(Available { free: free?, taken }));
    sources.min_by_key(Available::all)
}

/// What the system, a control group, and a limit of address space leave, in bytes.
fn sources() -> [Option<usize>; 3] {
    let group = cgroup::memory(Path::new("/"));
    let group = group.map(|group| usize::try_from(group.left()).unwrap_or(usize::MAX));
    let space = limits::room().map(|room| room.left.saturating_sub(reserve()));
    [meminfo("MemAvailable:"), group, space]
}

/// Address space that pools of threads and small allocations take at any time, in bytes.
fn reserve() -> usize {
    const SMALL: usize = 48 << 20;
    SMALL + 2 * (rayon::current_num_threads() - 1) * limits::stack()
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

fn meminfo(key: &str) -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: usize = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_printed_in_mb_or_gb() {
        assert_eq!(Bytes(1_500_000_000).to_string(), "1.5 GB");
        assert_eq!(Bytes(64_000_000).to_string(), "64 MB");
        assert_eq!(Bytes(500_000).to_string(), "0.5 MB");
        assert_eq!(format!("{:.2}", Bytes(1_530_000_000)), "1.53 GB");
    }

    #[test]
    fn a_refusal_says_what_would_fit() {
        let refusal = |advice| {
            let (needed, free) = (Bytes(5_000_000_000), Bytes(1_000_000_000));
            TooLarge { work: "a step".into(), needed, free, advice }.to_string()
        };
        let start = "a step needs about 5.0 GB, but 1.0 GB are free; ";
        for (advice, end) in [
            (Advice::fits("--batch 4".into()), "--batch 4 would fit"),
            (Advice::remedy("use a smaller model"), "use a smaller model"),
            (
                Advice { fits: Some("--batch 4".into()), remedy: "or wait".into() },
                "--batch 4 would fit: or wait",
            ),
        ] {
            assert_eq!(refusal(advice), format!("{start}{end}"));
        }
    }

    #[test]
    fn memory_is_known_on_linux() {
        assert!(free().is_some_and(|bytes| bytes > 1 << 20));
        let all = available(1 << 20, 1 << 40).unwrap();
        assert!(all.taken >= 1 << 40 && all.all() > all.taken, "{all:?}");
    }
}
