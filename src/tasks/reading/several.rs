//! Several labels or several numbers for each sequence.

use std::collections::HashSet;

use super::single::{self, texts};
use crate::{
    formats::{
        error::{InputError, excerpt},
        number::number,
    },
    tasks::{example::Labelled, label::Label, labels::Task},
};

/// Coding of several labels in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// The text is one label, or labels are in columns.
    Whole,
    /// A digit for each label, 0 or 1.
    Digits,
    /// Names with this character between them.
    List(char),
}

/// Text of a sequence that has none of the labels.
const NONE: &str = ".";

/// The coding of several labels in texts: digits, or names with `;` between them, or with `,` if no text
/// has a `;`.
pub fn coding(train: &[Labelled]) -> Coding {
    let length = texts(train).next().map_or(0, |(_, text)| text.len());
    let is_digits = |text: &str| text.len() == length && text.bytes().all(|b| b"01".contains(&b));
    // a whole number does not begin with 0
    if length > 1
        && texts(train).all(|(_, text)| is_digits(text))
        && texts(train).any(|(_, text)| text.starts_with('0'))
    {
        return Coding::Digits;
    }
    Coding::List(if are_lists(train) { ';' } else { ',' })
}

/// True if a label is a list with `;`.
pub fn are_lists(train: &[Labelled]) -> bool {
    texts(train).any(|(_, text)| text.contains(';'))
}

/// The labels in texts: numbered from 1 for digits, names in the order found for lists, or ascending if
/// they are whole numbers.
///
/// # Errors
/// A list is malformed, or all sequences have the same labels.
pub fn task(train: &[Labelled], coding: Coding) -> Result<Task, InputError> {
    let mut names: Vec<String> = Vec::new();
    match coding {
        Coding::List(separator) => {
            let mut seen = HashSet::new();
            for (example, text) in texts(train) {
                let items =
                    list(text, separator).map_err(|problem| example.place.error(problem))?;
                names
                    .extend(items.into_iter().filter(|item| seen.insert(*item)).map(str::to_owned));
            }
            if names.iter().all(|name| name.parse::<i64>().is_ok()) {
                single::ascending(&mut names);
            }
        }
        Coding::Digits | Coding::Whole => {
            let length = texts(train).next().map_or(0, |(_, text)| text.len());
            names.extend((1..=length).map(|number| number.to_string()));
        }
    }
    if let [only] = &names[..] {
        return Err(train[0].place.error(format!(
            "every sequence of the train part has no other label than {}; a multi-label task needs two labels or more",
            excerpt(only.as_bytes())
        )));
    }
    different(train, "the same labels")?;
    Ok(Task::MultiLabel(names))
}

/// The labels that a text gives to a sequence, in the order of `names`.
///
/// # Errors
/// The text is malformed or has a label that is not one of `names`.
pub fn of_text(text: &str, names: &[String], coding: Coding) -> Result<Vec<bool>, String> {
    let mut labels = vec![false; names.len()];
    match coding {
        Coding::List(separator) => {
            for item in list(text, separator)? {
                let place = names.iter().position(|name| name == item);
                labels[place.ok_or_else(|| single::unknown("label", item, names))?] = true;
            }
        }
        Coding::Digits | Coding::Whole => {
            if text.len() != names.len() || text.bytes().any(|byte| !b"01".contains(&byte)) {
                return Err(format!(
                    "the labels are {}, expected {} digits, each 0 or 1",
                    excerpt(text.as_bytes()),
                    names.len()
                ));
            }
            labels = text.bytes().map(|byte| byte == b'1').collect();
        }
    }
    Ok(labels)
}

/// The names in a list; none for `.`.
fn list(text: &str, separator: char) -> Result<Vec<&str>, String> {
    if text == NONE {
        return Ok(Vec::new());
    }
    let items: Vec<&str> = text.split(separator).map(str::trim).collect();
    let found = excerpt(text.as_bytes());
    if items.iter().any(|item| item.is_empty()) {
        return Err(format!(
            "{found} has an empty label; write {NONE} for a sequence without labels"
        ));
    }
    let mut seen = HashSet::new();
    match items.iter().find(|item| !seen.insert(**item)) {
        Some(twice) => Err(format!("{found} has {twice} twice; give a label once")),
        None => Ok(items),
    }
}

/// The labels of columns of 0 and 1.
///
/// # Errors
/// A column has another number, or all sequences have the same labels.
pub fn flags(train: &[Labelled], names: &[String]) -> Result<Task, InputError> {
    for example in train {
        if let Label::Numbers(numbers) = &example.label {
            return Err(example.place.error(no_flag(numbers, names)));
        }
    }
    different(train, "the same labels")?;
    let of = |example: &Labelled, i: usize| matches!(&example.label, Label::Flags(of) if of[i]);
    let is_constant = |i: &usize| train.iter().all(|example| of(example, *i) == of(&train[0], *i));
    let constant: Vec<&str> =
        (0..names.len()).filter(is_constant).map(|i| names[i].as_str()).collect();
    if let Some(first) = constant.first() {
        log::warn!(
            "labels that all sequences of the train part have, or none: {}, the first {first}; nothing can be learnt about them",
            constant.len()
        );
    }
    Ok(Task::MultiLabel(names.to_vec()))
}

/// The error of a column that is not 0 or 1.
pub fn no_flag(numbers: &[f64], names: &[String]) -> String {
    let is_flag = |number: &f64| matches!(number, 0.0 | 1.0);
    let (name, value) = names
        .iter()
        .zip(numbers)
        .find(|(_, number)| !is_flag(number))
        .map_or(("a label", 0.0), |(name, number)| (name.as_str(), *number));
    format!(
        "{name} is {}, expected 0 or 1 in each column of a multi-label task",
        number(Some(value))
    )
}

/// The targets of columns of numbers.
///
/// # Errors
/// All values of a target are equal.
pub fn numbers(train: &[Labelled], names: &[String]) -> Result<Task, InputError> {
    let value = |example: &Labelled, i: usize| match &example.label {
        Label::Numbers(numbers) => numbers.get(i).copied(),
        Label::Flags(flags) => flags.get(i).map(|flag| f64::from(u8::from(*flag))),
        _ => None,
    };
    for (i, name) in names.iter().enumerate() {
        let first = value(&train[0], i);
        if train.iter().all(|example| value(example, i) == first) {
            return Err(train[0].place.error(format!(
                "all values of {name} in the train part are {}; a regression needs different ones",
                number(first)
            )));
        }
    }
    Ok(Task::Regression(names.to_vec()))
}

fn different(train: &[Labelled], found: &str) -> Result<(), InputError> {
    match train.iter().all(|example| example.label == train[0].label) {
        true => Err(train[0].place.error(format!(
            "every sequence of the train part has {found}; a task needs sequences that differ in them"
        ))),
        false => Ok(()),
    }
}
