//! Log lines on stderr, which do not disturb the progress bar.

use std::io::{self, Write};

use env_logger::{Builder, Target, fmt::WriteStyle};
use indicatif::{MultiProgress, ProgressDrawTarget};
use log::{Level, LevelFilter};

use crate::genome::name;

/// Amount of log output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors only, no progress.
    Quiet,
    /// Warnings, inputs and outputs, progress.
    Normal,
    /// Debug messages as well.
    Verbose,
}

/// Target of warnings that are shown however quiet the log is: of results that are probably wrong.
pub const ALWAYS: &str = "hyenadna_always";

/// The terminal, shared by log lines and progress bars.
#[derive(Debug, Clone)]
pub struct Display {
    /// The progress bars.
    pub bars: MultiProgress,
    /// The requested amount of output.
    pub verbosity: Verbosity,
}

/// Starts logging. RUST_LOG overrides `verbosity`, but messages of libraries below a warning are never shown:
/// those of HTTP have tokens and passwords in them.
pub fn init(verbosity: Verbosity) -> Display {
    let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
    let level = match verbosity {
        Verbosity::Quiet => LevelFilter::Error,
        Verbosity::Normal => LevelFilter::Info,
        Verbosity::Verbose => LevelFilter::Debug,
    };
    Builder::new()
        .filter_module("hyenadna", level)
        .filter_module(ALWAYS, level.max(LevelFilter::Warn))
        .filter_level(LevelFilter::Warn.min(level))
        .parse_default_env()
        .format(|buffer, record| {
            if !record.target().starts_with("hyenadna") && record.level() > Level::Warn {
                return Ok(());
            }
            let message = record.args().to_string();
            let message = shortened(&name::shown(&message));
            writeln!(buffer, "[{}] {message}", record.level().as_str().to_lowercase())
        })
        .write_style(WriteStyle::Never)
        .target(Target::Pipe(Box::new(BesideBars(bars.clone()))))
        .init();
    Display { bars, verbosity }
}

/// Shortens the lines of a message that are too long to read: names in damaged files can be
/// megabytes.
fn shortened(message: &str) -> String {
    const LONGEST: usize = 3000;
    let line = |line: &str| {
        let length = line.chars().count();
        if length <= LONGEST {
            return line.to_owned();
        }
        let start: String = line.chars().take(LONGEST / 2).collect();
        let end: String = line.chars().skip(length - LONGEST / 2).collect();
        format!("{start} […] {end}")
    };
    message.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Writes to stderr while the bars are hidden.
struct BesideBars(MultiProgress);

impl Write for BesideBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_lose_their_middle() {
        let long = format!("start {}\nend", "x".repeat(10_000_000));
        let short = shortened(&long);
        assert!(short.len() < 3100 && short.starts_with("start") && short.ends_with("\nend"));
        assert_eq!(shortened("a\nb"), "a\nb");
    }
}
