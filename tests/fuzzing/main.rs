//! Parsers on mutated files: nothing panics, and no allocation is larger than a file can justify.
//!
//! `MUTATIONS=2000 cargo test --test fuzzing` tries more of each target; the numbers are those of a seed,
//! so that a failure comes again. `scripts/fuzz` runs the same targets guided by coverage.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "test code")]

mod mutations;
mod seeds;
mod targets;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use targets::{TARGETS, Target};

/// Most bytes that a parser may ask for at once for an input of at most [`mutations::LONGEST`].
const MOST: usize = 512 << 20;

/// The largest request for memory so far, in bytes.
static LARGEST: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, which remembers the largest request.
struct Watched;

// SAFETY: all calls go to the system's allocator unchanged.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that it needs.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LARGEST.fetch_max(size, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watched = Watched;

/// Inputs of a target: what it reads as it should, and files that once made it fail.
fn inputs(target: &Target) -> Vec<Vec<u8>> {
    let mut inputs = seeds::of(target.name);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data/fuzz").join(target.name);
    if let Ok(entries) = fs::read_dir(folder) {
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        inputs.extend(paths.iter().map(|path| fs::read(path).unwrap()));
    }
    assert!(!inputs.is_empty(), "{} has no inputs", target.name);
    inputs
}

/// Runs a target; the bytes are kept in a file if it fails.
fn check(target: &Target, number: usize, bytes: &[u8]) {
    LARGEST.store(0, Ordering::Relaxed);
    let ended = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes)));
    let largest = LARGEST.load(Ordering::Relaxed);
    if ended.is_ok() && largest <= MOST {
        return;
    }
    let path = std::env::temp_dir().join(format!("fuzz-{}-{number}", target.name));
    fs::write(&path, bytes).unwrap();
    let problem = if ended.is_err() { "panicked" } else { "wanted too much memory" };
    panic!(
        "{} {problem} at input {number} (largest request: {largest} bytes), kept in {}",
        target.name,
        path.display()
    );
}

#[test]
fn parsers_survive_mutated_files() {
    let count = std::env::var("MUTATIONS").ok().map_or(150, |text| text.parse().unwrap());
    for target in &TARGETS {
        let inputs = inputs(target);
        for (number, bytes) in inputs.iter().enumerate() {
            check(target, number, bytes);
        }
        let mut mutator = mutations::Mutator::new(target.name);
        for number in 0..count {
            check(target, inputs.len() + number, &mutator.mutated(&inputs));
        }
        println!("{}: {} files, {count} mutated", target.name, inputs.len());
    }
}

/// The seeds are files that the parsers accept, so that mutations reach what is behind the first check.
#[test]
fn parsers_accept_their_seeds() {
    seeds::check();
}
