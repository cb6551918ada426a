//! Demonstrations before each sequence, and letters of the vocabulary in place of a head.

use std::borrow::Cow;

use anyhow::Result;

use super::config::FinetuneConfig;
use crate::{
    cli::tasks::letters::{Letters, class},
    inference::in_context::demonstrations,
    model::{
        head::{HeadConfig, HeadStrands},
        pool::Pool,
        tokenizer::Tokenizer,
        weights::{Weights, names},
    },
    process::exit::Usage,
    tasks::{
        dataset::Dataset,
        labels::Task,
        shots::{TooFew, balanced},
    },
    training::parameters::Trained,
};

/// Draws the demonstrations of a run by its seed, and gives their text and the data without them.
///
/// # Errors
/// The task is not one of classes, or a class has too few examples.
pub fn draw<'a>(
    config: &FinetuneConfig,
    dataset: &'a Dataset,
) -> Result<(String, Cow<'a, Dataset>)> {
    if config.shots == 0 {
        return Ok((String::new(), Cow::Borrowed(dataset)));
    }
    let (names, letters) = letters(config, dataset)?;
    let shown = balanced(&dataset.train, names, config.shots, config.seed).map_err(too_few)?;
    let pairs = shown.iter().map(|&i| &dataset.train[i]);
    let text =
        demonstrations(pairs.map(|example| (example.bases.as_slice(), letters.of[class(example)])));
    let mut rest = dataset.clone();
    let mut number = 0;
    rest.train.retain(|_| {
        number += 1;
        !shown.contains(&(number - 1))
    });
    Ok((String::from_utf8(text)?, Cow::Owned(rest)))
}

fn too_few(error: TooFew) -> Usage {
    let TooFew { drawn, class, needed, found, .. } = error;
    Usage(format!(
        "--shots {drawn} shows up to {needed} examples of each class, and class {class} has {found} in the train part; lower it, or give more examples"
    ))
}

fn letters<'a>(
    config: &FinetuneConfig,
    dataset: &'a Dataset,
) -> Result<(&'a [String], Letters), Usage> {
    let Task::Classes(names) = &dataset.task else {
        let (kind, option) = (dataset.task.kind().name(), option(config));
        return Err(Usage(format!(
            "{option} is for one class of each sequence; this is a {kind} task"
        )));
    };
    Ok((names, Letters::choose(&config.label_tokens, names)?))
}

fn option(config: &FinetuneConfig) -> &'static str {
    if config.label_tokens.is_empty() { "--shots" } else { "--label-tokens" }
}

/// Checks demonstrations and letters against the data. The train part is not empty without the
/// demonstrations.
///
/// # Errors
/// They do not fit the task or other settings.
pub fn check(config: &FinetuneConfig, dataset: &Dataset, has_windows: bool) -> Result<()> {
    if config.shots == 0 && config.label_tokens.is_empty() {
        return Ok(());
    }
    letters(config, dataset)?;
    if config.shots > 0 && has_windows {
        return Err(Usage(
            "--shots and --genomes exclude each other: each epoch has other windows".into(),
        )
        .into());
    }
    let (_, rest) = draw(config, dataset)?;
    if rest.train.is_empty() {
        let problem = format!("--shots {} leaves no examples to learn from", config.shots);
        return Err(Usage(problem).into());
    }
    if config.label_tokens.is_empty() {
        return Ok(());
    }
    if !matches!(config.learning.method.0, Trained::Prompt(_)) {
        return Err(Usage(
            "--label-tokens needs --method prompt:N: the letters are read out by the frozen network"
                .into(),
        )
        .into());
    }
    let head = &config.head;
    if head.pool != Pool::Last || head.strand != HeadStrands::Forward || !head.layers.is_empty() {
        return Err(Usage(
            "--label-tokens reads the letter after the last base: it goes with --pool last and --strand forward, without --head-layers"
                .into(),
        )
        .into());
    }
    Ok(())
}

/// The head that gives the network's own logits of the letters of the classes.
pub fn set_letters(
    config: &FinetuneConfig,
    head: &HeadConfig,
    weights: &mut Weights,
) -> Result<()> {
    if config.label_tokens.is_empty() {
        return Ok(());
    }
    let letters = Letters::choose(&config.label_tokens, &head.outputs)?;
    let vocabulary = match weights.untied_head() {
        Some(head) => head,
        None => &weights.tensors[names::EMBEDDING],
    };
    let width = vocabulary.shape[1];
    let row = |letter: &u8| {
        let first = usize::from(Tokenizer::default().token(*letter)) * width;
        &vocabulary.data[first..first + width]
    };
    let rows: Vec<f32> = letters.of.iter().flat_map(row).copied().collect();
    let name = format!("{}0.weight", crate::model::head::PREFIX);
    if let Some(weight) = weights.tensors.get_mut(&name) {
        weight.data = rows;
    }
    Ok(())
}
