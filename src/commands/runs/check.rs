//! Checks of settings before any file is read.

use std::ops::{
    Bound::{self, Excluded, Included, Unbounded},
    RangeInclusive,
};

use crate::{
    model::weights::LONGEST,
    process::exit::Usage,
    training::{
        recipe::{Compute, Optimization},
        schedule::{Stage, Stages},
    },
};

/// Most steps of a run, or passes over its examples.
pub const MOST_STEPS: u64 = 1 << 40;
/// Most sequences of a step.
const MOST_SEQUENCES: u64 = 1 << 32;
/// Most threads that a configuration may name.
const MOST_THREADS: usize = 1 << 12;

/// Checks the settings of the optimiser one by one and against each other.
///
/// # Errors
/// A value is invalid; the first one is reported.
pub fn optimization(o: &Optimization) -> Result<(), Usage> {
    let below_one = (Included(0.0), Excluded(1.0));
    let share = (Included(0.0), Included(1.0));
    let positive = (Excluded(0.0), Excluded(f64::INFINITY));
    let not_negative = (Included(0.0), Excluded(f64::INFINITY));
    within("learning_rate (--lr)", o.learning_rate, positive)?;
    within(
        "filter_learning_rate (--filter-lr)",
        o.filter_learning_rate.unwrap_or(0.0),
        not_negative,
    )?;
    within("last_rate (--last-lr)", o.last_rate, share)?;
    within("warmup (--warmup)", o.warmup, share)?;
    within("dropout (--dropout)", o.dropout, below_one)?;
    within("beta1", o.adamw.beta1, below_one)?;
    within("beta2", o.adamw.beta2, below_one)?;
    within("epsilon", o.adamw.epsilon, positive)?;
    within("weight_decay", o.adamw.weight_decay, not_negative)?;
    within("clip", o.adamw.clip, not_negative)?;
    whole("steps (--steps)", o.steps, 1..=MOST_STEPS)?;
    whole("batch (--batch)", o.batch, 1..=MOST_SEQUENCES)?;
    whole("length (--length)", o.length, 0..=LONGEST as u64)?;
    for stage in &o.stages {
        whole("length of a stage", stage.length, 2..=LONGEST as u64)?;
        whole("batch of a stage", stage.batch, 1..=MOST_SEQUENCES)?;
        whole("steps of a stage", stage.steps, 1..=MOST_STEPS)?;
    }
    let before = o.stages.iter().fold(0, |sum: u64, stage| sum.saturating_add(stage.steps));
    if before >= o.steps {
        return Err(Usage(format!(
            "the stages take {before} of {} steps, which leaves none for the full length; raise --steps",
            o.steps
        )));
    }
    Ok(())
}

/// Checks the number of bases of all steps.
///
/// # Errors
/// There are more than a run can count.
pub fn bases(stages: &Stages) -> Result<(), Usage> {
    let mut sum = 0;
    for &Stage { length, batch, steps } in stages.all() {
        sum += u128::from(length) * u128::from(batch) * u128::from(steps);
        if sum > i64::MAX as u128 {
            return Err(Usage(format!(
                "{steps} steps of {batch} sequences of {length} bases are more than a run can count; lower --steps or --batch"
            )));
        }
    }
    Ok(())
}

/// Checks the settings of computing.
///
/// # Errors
/// A value is invalid.
pub fn compute(compute: &Compute) -> Result<(), Usage> {
    whole("threads", compute.threads as u64, 0..=MOST_THREADS as u64)?;
    whole("batch_tokens (--batch-tokens)", compute.batch_tokens, 0..=i64::MAX as u64)
}

/// Checks a whole number.
///
/// # Errors
/// It is outside of `range`.
pub fn whole(name: &str, value: u64, range: RangeInclusive<u64>) -> Result<(), Usage> {
    if range.contains(&value) {
        return Ok(());
    }
    let (from, to) = range.into_inner();
    Err(Usage(format!("{name} is {value}, expected {from} to {to}")))
}

/// Checks that a value lies in a range.
///
/// # Errors
/// It does not; `name` is for the message.
pub fn within(name: &str, value: f64, range: (Bound<f64>, Bound<f64>)) -> Result<(), Usage> {
    if std::ops::RangeBounds::contains(&range, &value) {
        return Ok(());
    }
    let from = match range.0 {
        Included(from) => format!("{from} or more"),
        Excluded(from) => format!("more than {from}"),
        Unbounded => String::new(),
    };
    let to = match range.1 {
        Included(to) => format!(" and at most {to}"),
        Excluded(to) if to.is_finite() => format!(" and less than {to}"),
        _ => String::new(),
    };
    Err(Usage(format!("{name} is {value}, expected {from}{to}")))
}
