//! What goes to stderr: log lines, in peace with the progress bar.

use std::io::{self, Write};

use env_logger::{Builder, Target, fmt::WriteStyle};
use indicatif::{MultiProgress, ProgressDrawTarget};
use log::LevelFilter;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors only, no progress.
    Quiet,
    /// Warnings, what is read and written, progress.
    Normal,
    /// Everything.
    Verbose,
}

/// The terminal, shared by log lines and progress bars.
#[derive(Debug, Clone)]
pub struct Display {
    /// Where bars are added.
    pub bars: MultiProgress,
    /// What the user asked for.
    pub verbosity: Verbosity,
}

/// Starts logging; RUST_LOG overrides `verbosity`.
pub fn init(verbosity: Verbosity) -> Display {
    let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
    let level = match verbosity {
        Verbosity::Quiet => LevelFilter::Error,
        Verbosity::Normal => LevelFilter::Info,
        Verbosity::Verbose => LevelFilter::Debug,
    };
    Builder::new()
        .filter_module("hyenadna", level)
        .filter_level(LevelFilter::Warn.min(level))
        .parse_default_env()
        .format(|buffer, record| {
            writeln!(buffer, "[{}] {}", record.level().as_str().to_lowercase(), record.args())
        })
        .write_style(WriteStyle::Never)
        .target(Target::Pipe(Box::new(BesideBars(bars.clone()))))
        .init();
    Display { bars, verbosity }
}

/// Writes to stderr while the bars step aside.
struct BesideBars(MultiProgress);

impl Write for BesideBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
