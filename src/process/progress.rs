//! Progress of a command: a bar on a terminal, log lines elsewhere.

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use super::logging::{Display, Verbosity};
use crate::formats::input::Meter;

/// Time between two log lines.
const INTERVAL: Duration = Duration::from_secs(30);

/// Progress of one command over one input.
pub struct Progress {
    unit: &'static str,
    meter: Meter,
    bar: Option<ProgressBar>,
    started: Instant,
    logged: Instant,
    done: u64,
}

impl Progress {
    /// Starts the progress through an input, counted in `unit`.
    pub fn new(display: &Display, unit: &'static str, meter: Meter) -> Self {
        let shown = io::stderr().is_terminal() && display.verbosity != Verbosity::Quiet;
        let bar = shown.then(|| {
            let (bar, template) = match meter.total {
                Some(total) => {
                    (ProgressBar::new(total), "{bar:30} {percent:>3} %  {msg}  ETA {eta}")
                }
                None => (ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed}"),
            };
            let style = ProgressStyle::with_template(template);
            display.bars.add(bar.with_style(style.expect("the template is valid")))
        });
        let now = Instant::now();
        Self { unit, meter, bar, started: now, logged: now, done: 0 }
    }

    /// Counts `n` more units as done.
    pub fn add(&mut self, n: u64) {
        self.done += n;
        if let Some(bar) = &self.bar {
            bar.set_position(self.meter.read());
            bar.set_message(self.message());
        } else if self.logged.elapsed() >= INTERVAL {
            self.logged = Instant::now();
            log::info!("{}{}", self.message(), self.remaining());
        }
    }

    fn message(&self) -> String {
        let rate = self.done as f64 / self.started.elapsed().as_secs_f64().max(1e-3);
        format!("{} {}, {rate:.1}/s", HumanCount(self.done), self.unit)
    }

    fn remaining(&self) -> String {
        let read = self.meter.read();
        match self.meter.total {
            Some(total) if read > 0 && read < total => {
                let left = self.started.elapsed().mul_f64((total - read) as f64 / read as f64);
                format!(
                    ", {} % of the input, about {} left",
                    read * 100 / total,
                    HumanDuration(left)
                )
            }
            _ => String::new(),
        }
    }

    /// Removes the bar and logs the number of units and the time.
    pub fn finish(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        log::info!("{} in {:.1} s", self.message(), self.started.elapsed().as_secs_f64());
    }
}
