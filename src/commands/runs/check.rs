//! Checks of settings before any file is read.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use crate::{process::exit::Usage, training::recipe::Optimization};

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
    for (name, value) in [("steps (--steps)", o.steps), ("batch (--batch)", o.batch)] {
        within(name, value as f64, (Included(1.0), Unbounded))?;
    }
    for stage in &o.stages {
        for (name, value) in
            [("length", stage.length), ("batch", stage.batch), ("steps", stage.steps)]
        {
            let least = if name == "length" { 2.0 } else { 1.0 };
            within(&format!("{name} of a stage"), value as f64, (Included(least), Unbounded))?;
        }
    }
    let before: u64 = o.stages.iter().map(|stage| stage.steps).sum();
    if before >= o.steps {
        return Err(Usage(format!(
            "the stages take {before} of {} steps, which leaves none for the full length; raise --steps",
            o.steps
        )));
    }
    Ok(())
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
