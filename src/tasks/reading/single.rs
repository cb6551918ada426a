//! One class or one number for each sequence.

use std::collections::{HashMap, hash_map::Entry};

use crate::{
    formats::{
        error::{InputError, excerpt},
        number::counted,
    },
    tasks::{
        example::{Labelled, Place},
        labels::Task,
    },
};

/// The texts of labels; those of other kinds have none.
pub fn texts(train: &[Labelled]) -> impl Iterator<Item = (&Labelled, &str)> {
    train.iter().filter_map(|example| Some((example, example.label.text()?)))
}

/// The labels as numbers; `None` if one is not a number.
pub fn numbers(train: &[Labelled]) -> Option<Vec<f64>> {
    texts(train).map(|(_, text)| text.parse().ok()).collect()
}

/// True if all numbers are whole.
pub fn are_whole(numbers: &[f64]) -> bool {
    numbers.iter().all(|number| number.fract() == 0.0)
}

/// The classes: whole numbers in ascending order, other labels in the order found.
///
/// # Errors
/// A class occurs once, or there is one class.
pub fn classes(train: &[Labelled]) -> Result<Task, InputError> {
    let are_whole = numbers(train).is_some_and(|numbers| are_whole(&numbers));
    let mut names = Vec::new();
    let mut counts: HashMap<String, (u64, &Place)> = HashMap::new();
    for (example, text) in texts(train) {
        let name = if are_whole { canonical(text) } else { text.to_owned() };
        match counts.entry(name) {
            Entry::Occupied(mut seen) => seen.get_mut().0 += 1,
            Entry::Vacant(new) => {
                names.push(new.key().clone());
                new.insert((1, &example.place));
            }
        }
    }
    if let Some((name, place)) = names.iter().find_map(|name| match counts[name] {
        (1, place) => Some((name, place)),
        _ => None,
    }) {
        return Err(place.error(format!(
            "class {} occurs once in the train part, which has {}; a class needs two examples or more: remove it, or give --task regression if labels are quantities",
            excerpt(name.as_bytes()),
            counted_classes(names.len())
        )));
    }
    if let ([only], Some(first)) = (&names[..], train.first()) {
        return Err(first.place.error(format!(
            "every label of the train part is {}; a task needs two classes or more",
            excerpt(only.as_bytes())
        )));
    }
    if are_whole {
        ascending(&mut names);
    }
    Ok(Task::Classes(names))
}

/// The regression of one target, with its name.
///
/// # Errors
/// A label is not a number, or all are equal.
pub fn regression(train: &[Labelled], names: &[String]) -> Result<Task, InputError> {
    let mut numbers = Vec::with_capacity(train.len());
    for (example, text) in texts(train) {
        numbers.push(value(text).map_err(|problem| example.place.error(problem))?);
    }
    if numbers.iter().all(|number| *number == numbers[0]) {
        return Err(train[0].place.error(format!(
            "all targets of the train part are {}; a regression needs different ones",
            numbers[0]
        )));
    }
    Ok(Task::Regression(names.to_vec()))
}

/// The index of the class of a text.
///
/// # Errors
/// There is no such class.
pub fn class(text: &str, names: &[String]) -> Result<usize, String> {
    let name = canonical(text);
    let place = names.iter().position(|known| *known == text || *known == name);
    place.ok_or_else(|| unknown("class", text, names))
}

/// The number in a text.
///
/// # Errors
/// It is not a number.
pub fn value(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| {
        format!("{} is not a number; a regression needs one in each row", excerpt(text.as_bytes()))
    })
}

/// The error of a class or label that the train part does not have.
pub fn unknown(noun: &str, found: &str, names: &[String]) -> String {
    const SHOWN: usize = 10;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!(
        "unknown {noun} {}; the train part has {}{more}",
        excerpt(found.as_bytes()),
        names[..names.len().min(SHOWN)].join(", ")
    )
}

/// Sorts names that are whole numbers.
pub fn ascending(names: &mut [String]) {
    let number = |name: &String| name.parse::<f64>().unwrap_or(f64::NAN);
    names.sort_by(|a, b| number(a).total_cmp(&number(b)));
}

/// The name of the class of a label: a whole number in its shortest form, so that 1 and 1.0 are one class.
fn canonical(label: &str) -> String {
    match label.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 => number.to_string(),
        _ => label.to_owned(),
    }
}

fn counted_classes(count: usize) -> String {
    if count == 1 { counted(count, "class") } else { format!("{count} classes") }
}
