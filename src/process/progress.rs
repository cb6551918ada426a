//! Progress of a command: a bar on a terminal, log lines elsewhere.

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use super::logging::{Display, Verbosity};
use crate::formats::number::plural;

/// Time between two log lines.
const INTERVAL: Duration = Duration::from_secs(30);

/// Progress of one command over one input: the part whose results are written.
pub struct Progress {
    unit: &'static str,
    /// Size of the whole, if it is known.
    total: Option<u64>,
    of: Of,
    position: u64,
    bar: Option<ProgressBar>,
    started: Instant,
    logged: Instant,
    done: u64,
}

/// Unit of a position.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// Bytes of the input.
    Input,
    /// Units of the output.
    Output,
}

impl Progress {
    /// Starts the progress of an output of `total` units, which is its position too.
    pub fn of_units(display: &Display, unit: &'static str, total: u64) -> Self {
        Self { of: Of::Output, ..Self::new(display, unit, Some(total)) }
    }

    /// Starts the progress through an input of `total` bytes; results are counted in `unit`.
    pub fn new(display: &Display, unit: &'static str, total: Option<u64>) -> Self {
        let shown = io::stderr().is_terminal() && display.verbosity != Verbosity::Quiet;
        let bar = shown.then(|| {
            let (bar, template) = match total {
                Some(total) => {
                    (ProgressBar::new(total), "{bar:30} {percent:>3} %  {msg}  ETA {eta}")
                }
                None => (ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed}"),
            };
            let style = ProgressStyle::with_template(template);
            display.bars.add(bar.with_style(style.expect("the template is valid")))
        });
        let now = Instant::now();
        Self { unit, total, of: Of::Input, position: 0, bar, started: now, logged: now, done: 0 }
    }

    /// Counts `n` more units as written.
    pub fn add(&mut self, n: u64) {
        self.done += n;
    }

    /// Shows that the results of the input up to a position, in bytes, are written.
    pub fn reach(&mut self, position: u64) {
        self.position = position;
        if let Some(bar) = &self.bar {
            bar.set_message(self.message());
            bar.set_position(position);
        } else if self.logged.elapsed() >= INTERVAL {
            self.logged = Instant::now();
            let remaining = remaining(position, self.total, self.of, self.started.elapsed());
            log::info!("{}{remaining}", self.message());
        }
    }

    fn message(&self) -> String {
        let rate = self.done as f64 / self.started.elapsed().as_secs_f64().max(1e-3);
        format!("{} {}, {rate:.1}/s", HumanCount(self.done), plural(self.done, self.unit))
    }

    /// Removes the bar and logs the number of units and the time.
    pub fn finish(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        log::info!("{} in {:.1} s", self.message(), self.started.elapsed().as_secs_f64());
    }
}

/// Part of the input or output that is written, and the time that the rest takes at the same rate.
fn remaining(position: u64, total: Option<u64>, of: Of, elapsed: Duration) -> String {
    match total {
        Some(total) if position > 0 && position < total => {
            let left = elapsed.mul_f64((total - position) as f64 / position as f64);
            let percent = u128::from(position) * 100 / u128::from(total);
            let left = HumanDuration(left);
            let whole = match of {
                Of::Input => format!(" of the input ({})", HumanBytes(total)),
                Of::Output => String::new(),
            };
            format!(", {percent} %{whole}, about {left} left")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_estimated_from_what_is_written() {
        let minute = Duration::from_secs(60);
        let after = |position, total| remaining(position, total, Of::Input, minute);
        assert_eq!(remaining(3, Some(4), Of::Output, minute), ", 75 %, about 20 seconds left");
        assert_eq!(
            after(256 << 10, Some(1 << 20)),
            ", 25 % of the input (1.00 MiB), about 3 minutes left"
        );
        assert_eq!(after(0, Some(10)), "");
        assert_eq!(after(10, Some(10)), "");
        assert_eq!(after(10, None), "");
        assert!(after(u64::MAX - 1, Some(u64::MAX)).starts_with(", 99 %"));
    }
}
