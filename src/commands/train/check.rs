//! Checks of a configuration before any file is read.

use std::ops::Bound::{Excluded, Included};

use crate::{
    commands::runs::check,
    formats::number::counted,
    model::weights,
    process::exit::Usage,
    training::config::{Data, RunConfig},
};

/// Checks values one by one and against each other.
///
/// # Errors
/// A value is invalid; the first one is reported.
pub fn check(config: &RunConfig) -> Result<(), Usage> {
    data(&config.data)?;
    if i64::try_from(config.seed).is_err() {
        return Err(Usage(format!("the seed is {}, expected at most {}", config.seed, i64::MAX)));
    }
    check::optimization(&config.optimization)?;
    check::compute(&config.compute)?;
    let finite = (Excluded(f64::NEG_INFINITY), Excluded(f64::INFINITY));
    check::within("shift", config.model.shift, finite)?;
    check::within("frequency", config.model.frequency, finite)?;
    if config.model.init.is_none() {
        const TENSORS: usize = 1 << 16; // more layers are surely a mistake
        if let Some(problem) = weights::implausible(&config.model.architecture(), TENSORS) {
            return Err(Usage(format!("the model cannot have {problem}")));
        }
    }
    Ok(())
}

/// Checks the length of the sequences against the context of the model, and the number of bases in all.
///
/// # Errors
/// A stage is longer than the context, or there are more bases than a run can count.
pub fn check_lengths(config: &RunConfig) -> Result<(), Usage> {
    let context = config.model.context.max(0) as u64;
    let longest = config.stages().longest();
    if longest < 2 {
        return Err(Usage("a sequence of 1 base has no base to predict; raise --length".into()));
    }
    if longest <= context {
        return check::bases(&config.stages());
    }
    let advice = match config.model.init {
        Some(_) => "lower --length or --stages, or start from a model with a longer one",
        None => "lower --length or --stages, or raise --context",
    };
    Err(Usage(format!(
        "sequences of {longest} bases are longer than the context of the model, {context}; {advice}"
    )))
}

fn data(data: &Data) -> Result<(), Usage> {
    if data.reference.is_empty() {
        return Err(Usage(
            "there is nothing to train on; name a genome with --reference FASTA".into(),
        ));
    }
    if !data.weight.is_empty() && data.weight.len() != data.reference.len() {
        return Err(Usage(format!(
            "found {} for {}; give one for each, or none",
            counted(data.weight.len(), "weight"),
            counted(data.reference.len(), "genome")
        )));
    }
    let ways = [
        ("intervals", !data.intervals.is_empty()),
        ("valid_contigs or test_contigs", {
            !data.valid_contigs.is_empty() || !data.test_contigs.is_empty()
        }),
        ("valid_fraction", data.valid_fraction.is_some()),
    ];
    let given: Vec<&str> = ways.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    if given.len() > 1 {
        return Err(Usage(format!(
            "held-out data are chosen in several ways ({}); keep one of them",
            given.join(", ")
        )));
    }
    if let Some(fraction) = data.valid_fraction {
        check::within("valid_fraction", fraction, (Excluded(0.0), Excluded(1.0)))?;
    }
    check::within("most_n", data.most_n, (Included(0.0), Included(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::{preset::Preset, schedule::Stage};

    fn message(change: impl Fn(&mut RunConfig)) -> String {
        let mut config = RunConfig::of(Preset::Tiny1k);
        config.data.reference = vec!["a.fa".into()];
        assert!(check(&config).is_ok());
        change(&mut config);
        check(&config).and_then(|()| check_lengths(&config)).unwrap_err().to_string()
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        type Change = fn(&mut RunConfig);
        let cases: [(Change, &str); 25] = [
            (|c| c.data.reference.clear(), "nothing to train on"),
            (|c| c.data.weight = vec![1.0, 2.0], "2 weights for 1 genome"),
            (|c| c.data.most_n = f64::NAN, "most_n is NaN"),
            (|c| c.data.valid_fraction = Some(1.0), "valid_fraction is 1, expected more than 0"),
            (|c| c.seed = u64::MAX, "the seed is"),
            (|c| c.optimization.steps = 0, "steps (--steps) is 0"),
            (|c| c.optimization.learning_rate = f64::INFINITY, "--lr"),
            (
                |c| c.optimization.adamw.beta2 = 1.0,
                "beta2 is 1, expected 0 or more and less than 1",
            ),
            (|c| c.optimization.adamw.weight_decay = -1.0, "weight_decay"),
            (|c| c.optimization.adamw.epsilon = 0.0, "epsilon"),
            (|c| c.optimization.dropout = 1.0, "dropout"),
            (
                |c| c.optimization.stages = vec![Stage { length: 8, batch: 0, steps: 1 }],
                "batch of a stage is 0",
            ),
            (
                |c| c.optimization.stages = vec![Stage { length: 8, batch: 1, steps: 10_000 }],
                "leaves none",
            ),
            (|c| c.optimization.length = 1025, "raise --context"),
            (|c| c.optimization.batch = i64::MAX as u64, "batch (--batch) is 9223372036854775807"),
            (|c| c.optimization.batch = 10_000_000_000, "expected 1 to 4294967296"),
            (|c| c.optimization.steps = u64::MAX, "steps (--steps) is 18446744073709551615"),
            (|c| c.optimization.length = u64::MAX, "length (--length) is"),
            (
                |c| (c.optimization.steps, c.optimization.batch) = (1 << 39, 1 << 31),
                "more than a run can count",
            ),
            (
                |c| {
                    let stage = Stage { length: 8, batch: 1, steps: u64::MAX };
                    c.optimization.stages = vec![stage, stage];
                },
                "steps of a stage is",
            ),
            (|c| c.compute.threads = usize::MAX, "threads is"),
            (|c| c.compute.batch_tokens = u64::MAX, "batch_tokens (--batch-tokens) is"),
            (|c| c.model.width = i64::MAX, "cannot have a width"),
            (|c| c.model.shift = f64::NAN, "shift is NaN"),
            (|c| c.model.context = i64::MAX, "cannot have a length"),
        ];
        for (change, part) in cases {
            let message = message(change);
            assert!(message.contains(part), "{part}: {message}");
        }
        let several = message(|c| {
            c.data.intervals = vec!["a.bed".into()];
            c.data.test_contigs = vec!["chrX".into()];
        });
        assert!(several.contains("several ways"), "{several}");
    }
}
