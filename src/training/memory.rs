//! Choice of what a run recomputes, so that its steps fit into memory.

use super::{engine, recipe::Recipe, schedule::Stage};
use crate::{
    inference::memory::{
        Advice, Bytes, TooLarge,
        step::{self, Recompute},
    },
    model::config::Config,
};

/// Recomputation of a run, and the memory of its largest step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Not `Auto`.
    pub recompute: Recompute,
    /// Estimate.
    pub bytes: Bytes,
}

/// Chooses what the run recomputes: what it says, or for `auto` the first that fits into `free`
/// bytes.
///
/// # Errors
/// The longest sequences do not fit.
pub fn choose(
    recipe: &Recipe,
    architecture: &Config,
    threads: usize,
    batch_tokens: u64,
    free: Option<usize>,
) -> Result<Choice, TooLarge> {
    let candidates = match recipe.compute.recompute {
        Recompute::Auto => vec![Recompute::None, Recompute::Mixer, Recompute::Block],
        chosen => vec![chosen],
    };
    let need = |length: u64, batch: u64, recompute| {
        let rows = recipe.rows_per_sample;
        let mut at_once = engine::at_once(batch * rows, length, batch_tokens, threads);
        at_once.rows = at_once.rows.max(rows); // the rows of a sample stay together
        step::bytes(architecture, recipe.compute.dtype, recompute, at_once)
    };
    let needs = |recompute| {
        let length = move |stage: &Stage| recipe.before + stage.length;
        let of = move |stage: &Stage| (need(length(stage), stage.batch, recompute), *stage);
        recipe
            .stages
            .all()
            .iter()
            .map(of)
            .max_by_key(|(bytes, _)| *bytes)
            .expect("there is a stage")
    };
    let choice = |recompute| Choice { recompute, bytes: needs(recompute).0 };
    let Some(free) = free else {
        return Ok(choice(candidates[0]));
    };
    let mut choices = candidates.iter().copied().map(choice);
    if let Some(fitting) = choices.find(|choice| choice.bytes.fit(free)) {
        return Ok(fitting);
    }
    let recompute = *candidates.last().expect("there is at least one");
    let (needed, stage) = needs(recompute);
    let fits =
        |length: u64, batch: u64| need(recipe.before + length, batch, Recompute::Block).fit(free);
    let advice = if choice(Recompute::Block).bytes.fit(free) {
        Advice::fits("--recompute block".to_owned())
    } else if fits(stage.length, 1) {
        // one sequence stands for the smallest batch there is
        let tokens = recipe.before + stage.length;
        Advice::fits(format!("--batch-tokens {tokens} with --recompute block"))
    } else {
        let halves = std::iter::successors(Some(stage.length), |&n| (n > 64).then_some(n / 2));
        match halves.skip(1).find(|&length| fits(length, 1)) {
            Some(length) => Advice::fits(format!("--length {length} with --recompute block")),
            None if recipe.before > 0 => {
                Advice::remedy("use a shorter prompt, fewer --shots or a smaller model")
            }
            None => Advice::remedy("no sequence of this model fits; use a smaller one"),
        }
    };
    let after = match recipe.before {
        0 => String::new(),
        before => format!(" after {before} tokens of a prompt or of demonstrations"),
    };
    let work = format!(
        "even with --recompute {}, a step of sequences of {} bases{after}",
        recompute.option(),
        stage.length
    );
    Err(TooLarge { work, needed, free: Bytes(free), advice })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::{config::RunConfig, preset::Preset};

    fn choice(preset: Preset, free: f64) -> Result<Recompute, TooLarge> {
        let config = RunConfig::of(preset);
        let free = Some((free * 1e9) as usize);
        Ok(choose(&config.recipe(), &config.model.architecture(), 2, 4096, free)?.recompute)
    }

    #[test]
    fn short_sequences_keep_their_activations() {
        assert_eq!(choice(Preset::Tiny1k, 8.0), Ok(Recompute::None));
    }

    #[test]
    fn long_ones_recompute_or_are_refused() {
        assert_eq!(choice(Preset::Medium160k, 1000.0), Ok(Recompute::None));
        assert_eq!(choice(Preset::Medium160k, 16.0), Ok(Recompute::Block));
        let error = choice(Preset::Large1m, 16.0).unwrap_err().to_string();
        assert!(error.contains("1000000 bases") && error.contains("would fit"), "{error}");
        let error = choice(Preset::Large1m, 0.001).unwrap_err().to_string();
        assert!(error.contains("smaller"), "{error}");
    }
}
