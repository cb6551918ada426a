//! Learning rate and sequence length as functions of the step.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// Learning rate that the warm-up starts from.
const START: f64 = 1e-6;

/// Linear warm-up, then a cosine down to a share of the peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// Steps of the whole run.
    pub steps: u64,
    /// Steps of the warm-up.
    pub warmup: u64,
    /// Share of the peak that the last step has.
    pub last: f64,
}

impl Schedule {
    /// The learning rate of a step, counted from 0.
    pub fn rate(&self, step: u64, peak: f64) -> f64 {
        if step < self.warmup {
            let start = START.min(peak);
            return start + (peak - start) * step as f64 / self.warmup as f64;
        }
        let length = self.steps.saturating_sub(self.warmup + 1).max(1) as f64;
        let progress = ((step - self.warmup) as f64 / length).min(1.0);
        peak * (self.last + (1.0 - self.last) * 0.5 * (1.0 + (PI * progress).cos()))
    }
}

/// Part of a run with sequences of one length: the sequence-length warm-up of the paper
/// (arXiv 2306.15794, section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Bases of a sequence.
    pub length: u64,
    /// Sequences of a step.
    pub batch: u64,
    /// Steps.
    pub steps: u64,
}

impl std::str::FromStr for Stage {
    type Err = String;

    /// `LENGTH:BATCH:STEPS`
    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<u64>> =
            text.split(':').map(|n| n.parse().ok().filter(|&n| n > 0)).collect();
        match numbers.as_deref() {
            Some(&[length, batch, steps]) => Ok(Self { length, batch, steps }),
            _ => Err("expected LENGTH:BATCH:STEPS, such as 1024:256:500".to_owned()),
        }
    }
}

/// The stages of a run, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stages(Vec<Stage>);

impl Stages {
    /// `warmup` first, then `rest` up to its number of steps in all, which is larger than those of
    /// the warm-up.
    pub fn new(warmup: &[Stage], mut rest: Stage) -> Self {
        let before: u64 = warmup.iter().map(|stage| stage.steps).sum();
        rest.steps = rest.steps.saturating_sub(before);
        let mut stages = warmup.to_vec();
        stages.extend((rest.steps > 0).then_some(rest));
        Self(stages)
    }

    /// Steps in all.
    pub fn steps(&self) -> u64 {
        self.0.iter().map(|stage| stage.steps).sum()
    }

    /// All of them.
    pub fn all(&self) -> &[Stage] {
        &self.0
    }

    /// The stage of a step, counted from 0; of a step after the end, the last.
    pub fn at(&self, step: u64) -> Stage {
        let mut end = 0;
        let found = self.0.iter().find(|stage| {
            end += stage.steps;
            step < end
        });
        *found.or(self.0.last()).expect("a run has at least one stage")
    }

    /// Bases of the longest sequences.
    pub fn longest(&self) -> u64 {
        self.0.iter().map(|stage| stage.length).max().unwrap_or(1)
    }

    /// Sequences drawn before a step: the index of its first sample.
    pub fn samples_before(&self, step: u64) -> u64 {
        let mut left = step;
        let mut samples = 0;
        for stage in &self.0 {
            let steps = left.min(stage.steps);
            samples += steps * stage.batch;
            left -= steps;
        }
        samples
    }

    /// Bases predicted before a step.
    pub fn tokens_before(&self, step: u64) -> u64 {
        let mut left = step;
        let mut tokens = 0;
        for stage in &self.0 {
            let steps = left.min(stage.steps);
            tokens += steps * stage.batch * stage.length;
            left -= steps;
        }
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let schedule = Schedule { steps: 1000, warmup: 10, last: 0.1 };
        let rate = |step| schedule.rate(step, 6e-4);
        assert!((rate(0) - 1e-6).abs() < 1e-12);
        assert!((rate(10) - 6e-4).abs() < 1e-12);
        assert!((rate(999) - 6e-5).abs() < 1e-12);
        assert!(
            (1..10).all(|s| rate(s) > rate(s - 1)) && (11..1000).all(|s| rate(s) < rate(s - 1))
        );
        let short = Schedule { steps: 1, warmup: 0, last: 0.1 };
        assert!((short.rate(0, 1.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn stages_follow_each_other() {
        let stage = |length, batch, steps| Stage { length, batch, steps };
        let stages = Stages::new(&[stage(64, 32, 10), stage(128, 16, 10)], stage(256, 8, 100));
        assert_eq!(stages.steps(), 100);
        assert_eq!((stages.at(9).length, stages.at(10).length), (64, 128));
        assert_eq!((stages.at(20).length, stages.at(1000).length), (256, 256));
        assert_eq!(stages.samples_before(21), 10 * 32 + 10 * 16 + 8);
        assert_eq!(stages.tokens_before(20), 20 * 2048);
        assert_eq!("64:32:10".parse(), Ok(stage(64, 32, 10)));
        assert!("64:32".parse::<Stage>().is_err() && "64:0:1".parse::<Stage>().is_err());
    }
}
