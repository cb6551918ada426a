//! A class, or several labels, for each base.

use std::collections::HashSet;

use super::single::texts;
use crate::{
    formats::{
        error::{InputError, excerpt},
        number::counted,
    },
    tasks::{
        example::{Labelled, MASKED, MASKED_LABELS},
        label::Label,
        labels::Task,
    },
};

/// Character of a base without a known class.
const UNKNOWN: char = '?';

/// True if most labels have as many characters as their sequence has bases; those of one base do not count.
pub fn are_texts(train: &[Labelled]) -> bool {
    let long = || texts(train).filter(|(example, _)| example.bases.len() > 1);
    let fit = long().filter(|(example, text)| text.chars().count() == example.bases.len());
    2 * fit.count() > long().count()
}

/// The classes of bases in texts of one character a base: digits ascending, others in the order found.
///
/// # Errors
/// A label has another length than its sequence, or there is one class.
pub fn task(train: &[Labelled]) -> Result<Task, InputError> {
    let mut names: Vec<char> = Vec::new();
    for (example, text) in texts(train) {
        check_length(text, example.bases.len()).map_err(|problem| example.place.error(problem))?;
        for class in text.chars().filter(|class| *class != UNKNOWN) {
            if !names.contains(&class) {
                names.push(class);
            }
            if names.len() > usize::from(MASKED) {
                return Err(example
                    .place
                    .error(format!("bases have more than {MASKED} classes; remove some")));
            }
        }
    }
    if names.iter().all(char::is_ascii_digit) {
        names.sort_unstable();
    }
    let names: Vec<String> = names.into_iter().map(String::from).collect();
    if names.len() < 2 {
        return Err(one_class(train, names.first()));
    }
    Ok(Task::BaseClasses(names))
}

/// The class of each base of a sequence of `length` bases.
///
/// # Errors
/// The text has another length, or a class that is not one of `names`.
pub fn of_text(text: &str, length: usize, names: &[String]) -> Result<Vec<u8>, String> {
    check_length(text, length)?;
    let class = |(i, class): (usize, char)| {
        if class == UNKNOWN {
            return Ok(MASKED);
        }
        let place = names.iter().position(|name| name.chars().eq([class]));
        let place = place.and_then(|place| u8::try_from(place).ok());
        place.ok_or_else(|| {
            let all = names.join(", ");
            let class = excerpt(class.to_string().as_bytes());
            format!("unknown class {class} of base {}; the train part has {all}", i + 1)
        })
    };
    text.chars().enumerate().map(class).collect()
}

fn check_length(text: &str, length: usize) -> Result<(), String> {
    match text.chars().count() {
        found if found == length => Ok(()),
        found => Err(format!(
            "labels of another length than the sequence: {} for {}; expected a character for each base (or give --task single-label)",
            counted(found, "label"),
            counted(length, "base")
        )),
    }
}

/// The classes of tracks.
///
/// # Errors
/// The bases of the train part have one class, or none is known.
pub fn classes(train: &[Labelled], names: &[String]) -> Result<Task, InputError> {
    let mut seen = HashSet::new();
    for example in train {
        if let Label::BaseClasses(classes) = &example.label {
            seen.extend(classes.iter().copied().filter(|class| *class != MASKED));
        }
    }
    if seen.len() < 2 {
        let only = seen.into_iter().next().and_then(|class| names.get(usize::from(class)));
        return Err(one_class(train, only));
    }
    Ok(Task::BaseClasses(names.to_vec()))
}

/// The labels of tracks.
///
/// # Errors
/// No base of the train part has one of them, or all bases have.
pub fn labels(train: &[Labelled], names: &[String]) -> Result<Task, InputError> {
    let (mut any, mut all) = (0, u64::MAX);
    for example in train {
        if let Label::BaseLabels(bases) = &example.label {
            for bits in bases.iter().filter(|bits| **bits != MASKED_LABELS) {
                any |= bits;
                all &= bits;
            }
        }
    }
    for (bit, name) in names.iter().enumerate() {
        let share = match (any >> bit & 1, all >> bit & 1) {
            (0, _) => "no",
            (_, 1) => "every",
            _ => continue,
        };
        return Err(train[0].place.error(format!(
            "{share} labelled base of the train part is in the track {name}, so nothing can be learnt about it; check the names of the sequences, or leave the track out"
        )));
    }
    Ok(Task::BaseLabels(names.to_vec()))
}

fn one_class(train: &[Labelled], only: Option<&String>) -> InputError {
    let found = match only {
        Some(name) => {
            format!("every labelled base of the train part is {}", excerpt(name.as_bytes()))
        }
        None => "no base of the train part has a label".to_owned(),
    };
    train[0].place.error(format!("{found}; a task needs two classes or more"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::testing::labelled;

    #[test]
    fn tracks_need_two_values() {
        let example = |label| Labelled { label, ..labelled("AC", "0", 2) };
        let names = ["other".to_owned(), "gene".to_owned()];
        let find = |classes: [u8; 2]| classes_of(&names, classes, example);
        fn classes_of(
            names: &[String],
            of: [u8; 2],
            example: impl Fn(Label) -> Labelled,
        ) -> Result<Task, String> {
            classes(&[example(Label::BaseClasses(of.into()))], names).map_err(|e| e.to_string())
        }
        assert_eq!(find([0, 1]), Ok(Task::BaseClasses(names.to_vec())));
        assert!(find([1, MASKED]).unwrap_err().contains("base of the train part is \"gene\""));
        assert!(find([MASKED; 2]).unwrap_err().contains("no base of the train part"));
        let find = |bits: [u64; 2]| {
            labels(&[example(Label::BaseLabels(bits.into()))], &names).map_err(|e| e.to_string())
        };
        assert_eq!(find([0b10, 0b01]), Ok(Task::BaseLabels(names.to_vec())));
        assert!(find([0b10, 0b10]).unwrap_err().contains("no labelled base"));
        assert!(find([0b11, 0b01]).unwrap_err().contains("every labelled base"));
        assert!(find([0b11, MASKED_LABELS]).unwrap_err().contains("every labelled base"));
    }
}
