//! Demonstrations before each sequence, and letters of the vocabulary in place of a head.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Result, bail};

use super::config::FinetuneConfig;
use crate::{
    cli::tasks::{
        TaskData,
        letters::{Letters, class},
    },
    formats::number::counted,
    inference::in_context::demonstrations,
    model::{
        head::{HeadConfig, HeadStrands, PREFIX},
        pool::Pool,
        weights::{Weights, host::HostTensor, names},
    },
    process::exit::Usage,
    tasks::{
        dataset::Dataset,
        example::Example,
        labels::Task,
        shots::{TooFew, balanced},
    },
    training::parameters::Trained,
};

/// Demonstrations of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Their text, of one byte for each token.
    pub text: String,
    /// Their indices in the train part.
    indices: HashSet<usize>,
}

impl Shown {
    /// Draws the demonstrations of a run by its seed.
    ///
    /// # Errors
    /// The task is not one of classes, or a class has too few examples.
    pub fn draw(config: &FinetuneConfig, dataset: &Dataset) -> Result<Self, Usage> {
        if config.shots == 0 {
            return Ok(Self::default());
        }
        let (names, letters) = letters(config, dataset)?;
        let order = balanced(&dataset.train, names, config.shots, config.seed).map_err(too_few)?;
        let pairs = order.iter().map(|&i| {
            let example = &dataset.train[i];
            (example.bases.as_slice(), letters.of[class(example)])
        });
        // bases and letters of the alphabet
        let text = demonstrations(pairs).into_iter().map(char::from).collect();
        Ok(Self { text, indices: order.into_iter().collect() })
    }

    /// The examples of the train part that are left to learn from.
    pub fn rest<'a>(&self, train: &'a [Example]) -> impl Iterator<Item = &'a Example> {
        let is_left = |(i, _): &(usize, &Example)| !self.indices.contains(i);
        train.iter().enumerate().filter(is_left).map(|(_, example)| example)
    }
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
    let option = if config.label_tokens.is_empty() { "--shots" } else { "--label-tokens" };
    let Task::Classes(names) = &dataset.task else {
        let kind = dataset.task.kind().name();
        let problem = format!("{option} is for one class of each sequence; this is a {kind} task");
        return Err(Usage(problem));
    };
    let letters = Letters::choose(&config.label_tokens, names)
        .map_err(|Usage(problem)| Usage(format!("{problem}, without {option}")))?;
    Ok((names, letters))
}

/// Bases to which sequences are cut so that the demonstrations and each sequence fit, if all are as long.
pub fn room(config: &FinetuneConfig, context: usize) -> usize {
    // a letter and a separator follow each demonstration
    context.saturating_sub(config.shots.saturating_mul(2)) / config.shots.saturating_add(1)
}

/// Logs the letters of the classes, and warns of tokens that the model was never trained with.
///
/// # Errors
/// See [`Letters::choose`].
pub fn warn(config: &FinetuneConfig, dataset: &Dataset, start: &Weights) -> Result<(), Usage> {
    if config.shots > 0 || !config.label_tokens.is_empty() {
        let (_, letters) = letters(config, dataset)?;
        if !config.random {
            letters.warn((&config.model, start), config.shots > 0);
        }
    }
    Ok(())
}

/// Checks demonstrations and letters against the data and other settings.
///
/// # Errors
/// They do not fit, or not all classes have examples to learn from.
pub fn check(config: &FinetuneConfig, data: &TaskData, context: usize) -> Result<()> {
    if config.shots == 0 && config.label_tokens.is_empty() {
        return Ok(());
    }
    let dataset = &data.dataset;
    let (names, _) = letters(config, dataset)?;
    if config.shots > 0 && data.windows.is_some() {
        let problem = "--shots and --genomes exclude each other: each epoch has other windows";
        return Err(Usage(problem.into()).into());
    }
    if config.shots > 0 {
        let shown = Shown::draw(config, dataset)?;
        let mut left = vec![0_u64; names.len()];
        shown.rest(&dataset.train).for_each(|example| left[class(example)] += 1);
        if let Some(class) = left.iter().position(|count| *count == 0) {
            let (shots, class) = (config.shots, &names[class]);
            return Err(Usage(format!(
                "--shots {shots} shows all examples of class {class} and leaves none to learn from; lower it, or give more examples"
            ))
            .into());
        }
        check_length(config, (dataset, &shown), context)?;
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

/// Refuses demonstrations that leave no room for a sequence that follows them.
fn check_length(
    config: &FinetuneConfig,
    (dataset, shown): (&Dataset, &Shown),
    context: usize,
) -> Result<()> {
    let prompt = config.learning.method.0.prompt();
    let queries = shown.rest(&dataset.train).chain(&dataset.valid).chain(&dataset.test);
    let Some(longest) = queries.max_by_key(|example| example.bases.len()) else { return Ok(()) };
    let bases = longest.bases.len();
    let fits = |text: &str| prompt + text.len() + bases <= context;
    if fits(&shown.text) {
        return Ok(());
    }
    // the first ones are the same for fewer
    let ends = shown.text.match_indices('|').map(|(end, _)| &shown.text[..=end]);
    let most = ends.filter(|text| fits(text)).count();
    let after =
        if prompt > 0 { format!(" and a prompt of {prompt} vectors") } else { String::new() };
    bail!(
        "{}: {} after {} of demonstrations{after} are more than the model's context of {context}; use --shots {most}, --long truncate with --shots {}, shorter sequences, or a model with a longer context (`hyenadna models list`)",
        longest.place,
        counted(bases as u64, "base"),
        counted(shown.text.len() as u64, "token"),
        config.shots
    )
}

/// Gives a head the rows of `start` for the letters of the classes, so that its outputs are the logits
/// of the language model.
///
/// # Errors
/// See [`Letters::choose`].
pub fn set_letters(
    config: &FinetuneConfig,
    head: &HeadConfig,
    start: &Weights,
    tensors: &mut BTreeMap<String, HostTensor>,
) -> Result<(), Usage> {
    if config.label_tokens.is_empty() {
        return Ok(());
    }
    let letters = Letters::choose(&config.label_tokens, &head.outputs)?;
    let vocabulary = start.untied_head().unwrap_or(&start.tensors[names::EMBEDDING]);
    let width = vocabulary.shape[1];
    let row = |token: usize| &vocabulary.data[token * width..][..width];
    let rows = letters.tokens().into_iter().flat_map(row).copied().collect();
    if let Some(weight) = tensors.get_mut(&format!("{PREFIX}0.weight")) {
        weight.data = rows;
    }
    Ok(())
}
