//! Files of `src/` with unsafe code of their own, and their tests. Miri cannot call libtorch or htslib, so
//! the rest of the unsafe code, which is calls of those, is checked by scripts/sanitize.

#![allow(dead_code, clippy::unwrap_used, reason = "tests alone use these files here")]

#[path = "../../../src/model/cpu/buffer.rs"]
mod buffer;
#[path = "../../../src/model/cpu/shared.rs"]
mod shared;
