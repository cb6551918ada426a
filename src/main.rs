//! The front, which users start. It answers help, versions, completions, manual pages and wrong usage itself, and
//! becomes `hyenadna-core` for the rest.
//!
//! Loading libtorch takes longer than all of that, so this program must not need it. That is why it does not link the
//! library of this crate but compiles its modules again: of a program's own modules rustc keeps what `main` reaches.
//! `tests/command_lines/front.rs` says whether it still does.

#![allow(
    dead_code,
    unused_imports,
    unfulfilled_lint_expectations,
    clippy::all,
    reason = "checked in the library"
)]

mod chance;
mod cli;
mod commands;
mod formats;
mod genome;
mod hub;
mod inference;
mod model;
mod plot;
mod process;
mod sampling;
mod scoring;
mod statistics;
mod tasks;
mod training;
mod windows;

fn main() {
    commands::start::front()
}
