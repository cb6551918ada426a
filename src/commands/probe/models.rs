//! Embeddings of models.

use anyhow::{Result, bail};

use super::{
    args::ProbeArgs,
    bank::{Bank, Combination, Wanted},
    classifier::{Classifier, Parts},
    sweep::{Choices, Tried},
    write::Row,
};
use crate::{
    cli::{Global, model::ModelArgs, windows::name},
    formats::number::counted,
    model::pool::Pool,
    process::{logging::Display, progress::Progress, provenance::Provenance},
    tasks::{example::Example, summary::over},
    windows::pieces::Long,
};

/// Features of all examples from a model, or from a file.
pub struct Embedded {
    /// Name of the model; `.` for a file.
    pub model: String,
    /// Name of the features.
    pub features: String,
    /// Pooling of the bases; `None` for a file.
    pub pool: Option<Pool>,
    pub parts: Parts,
}

impl Embedded {
    /// Number of parts, side by side.
    pub fn bins(&self) -> Option<usize> {
        match self.pool {
            Some(Pool::Bins(bins)) => Some(bins.get()),
            _ => None,
        }
    }
}

/// Facts about the models, for the provenance.
#[derive(Debug, Default)]
pub struct Facts {
    models: Vec<String>,
    n_tokens: Vec<String>,
    contexts: Vec<String>,
    sweeps: Vec<String>,
}

impl Facts {
    /// Adds the facts that exist; those of several models are separated by commas.
    pub fn into_provenance(self, provenance: Provenance) -> Provenance {
        let all = [
            ("model", self.models),
            ("n_token", self.n_tokens),
            ("context", self.contexts),
            ("sweep", self.sweeps),
        ];
        all.into_iter()
            .filter(|(_, facts)| !facts.is_empty())
            .fold(provenance, |provenance, (key, facts)| provenance.with(key, facts.join(", ")))
    }
}

/// Embeds all examples with a model as the arguments say, or as is best; gives the features, and a row for
/// each combination that was tried.
///
/// # Errors
/// The model cannot be found, fetched or used, has fewer layers, or a sequence is too long or too short.
pub fn embed(
    args: &ProbeArgs,
    model: &ModelArgs,
    classifier: &Classifier<'_>,
    (global, display): (&Global, &Display),
    facts: &mut Facts,
) -> Result<(Embedded, Vec<Row>)> {
    let named = model.load(display)?;
    let context = named.weights.config.context().max(1) as usize;
    facts.models.push(format!("{} identity:{}", named.name, named.identity));
    facts.n_tokens.push(model.n_token(&named).name().to_owned());
    facts.contexts.push(context.to_string());
    let examples = classifier.examples();
    let layers = args.layer.of(&named)?;
    let given = Combination { layers, pool: args.pool, strand: args.strand };
    let shortest = examples.iter().map(|example| example.bases.len()).min().unwrap_or(0);
    let blocks = named.weights.config.n_layer.max(1) as usize;
    let choices = args.sweep.then(|| Choices::new(blocks, shortest));
    let combinations = choices.as_ref().map_or_else(|| vec![given.clone()], Choices::all);
    check_lengths(classifier, args.long, context)?;
    let mut runner = model.runner(&named, global)?;
    let bases = examples.iter().map(|example| example.bases.len() as u64).sum();
    let mut progress = Progress::new(display, "sequence", Some(bases));
    let mut position = 0;
    let done = |chunk: &[&Example]| {
        position += chunk.iter().map(|example| example.bases.len() as u64).sum::<u64>();
        progress.add(chunk.len() as u64);
        progress.reach(position);
    };
    let wanted = Wanted::new(&combinations, args.long, context);
    let bank = Bank::new(&examples, wanted, &mut runner, done)?;
    progress.finish();
    let mut tried = Vec::new();
    let mut best = given;
    if let Some(choices) = choices {
        let (found, place) = choices.search(classifier, &bank);
        let row =
            |of: &Tried| classifier.tried(&named.name, &of.combination.to_string(), of.chosen);
        tried.extend(found.iter().map(row));
        best = found[place].combination.clone();
        let count = found.len();
        log::info!("{}: {best} has the lowest loss of {count} combinations", named.name);
        facts.sweeps.push(format!("{best} of {count} combinations, by held_out_loss"));
    }
    let seen = classifier.seen();
    let parts =
        Parts { seen: bank.matrix(&best, 0..seen), test: bank.matrix(&best, seen..examples.len()) };
    let features = best.to_string();
    Ok((Embedded { model: named.name, features, pool: Some(best.pool), parts }, tried))
}

/// Logs the share of the sequences that are longer than the context.
///
/// # Errors
/// There are some, and `long` is [`Long::Error`]; the message names the first.
fn check_lengths(classifier: &Classifier<'_>, long: Long, context: usize) -> Result<()> {
    for (part, examples) in classifier.by_part() {
        let is_over = |example: &&Example| example.bases.len() > context;
        let count = over(examples, context);
        let Some(first) = examples.iter().find(is_over) else { continue };
        let share = 100.0 * count as f64 / examples.len() as f64;
        let found = format!(
            "{}: {} longer than the model's context of {context} bases ({share:.1} %)",
            part.name(),
            counted(count, "sequence")
        );
        if long == Long::Error {
            bail!(
                "{found}, the first at {} with {} bases; use --long chunk or --long truncate, or a model with a longer context (`hyenadna models list`)",
                first.place,
                first.bases.len()
            );
        }
        log::warn!("{found}; --long {}", name(long));
    }
    Ok(())
}
