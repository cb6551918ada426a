//! The task that labels describe.

use std::collections::{HashMap, hash_map::Entry};

use super::example::{Labelled, Place, Target};
use crate::formats::{
    error::{InputError, excerpt},
    number::counted,
};

/// Kind of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TaskKind {
    /// One class of several
    SingleLabel,
    /// Any number of labels
    MultiLabel,
    /// One number or several
    Regression,
    /// One class of several for each base
    BaseClasses,
    /// Any number of labels for each base
    BaseLabels,
}

impl TaskKind {
    /// Its name on the command line and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::SingleLabel => "single-label",
            Self::MultiLabel => "multi-label",
            Self::Regression => "regression",
            Self::BaseClasses => "base-classes",
            Self::BaseLabels => "base-labels",
        }
    }
}

/// A task: the meaning of its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// The names of the classes: whole numbers in ascending order, other labels in the order found.
    Classes(Vec<String>),
    /// The names of the labels.
    MultiLabel(Vec<String>),
    /// The names of the targets; at least one.
    Regression(Vec<String>),
    /// The names of the classes of bases, at most 255.
    BaseClasses(Vec<String>),
    /// The names of the labels of bases, at most 63.
    BaseLabels(Vec<String>),
}

impl Task {
    /// Its kind.
    pub fn kind(&self) -> TaskKind {
        match self {
            Self::Classes(_) => TaskKind::SingleLabel,
            Self::MultiLabel(_) => TaskKind::MultiLabel,
            Self::Regression(_) => TaskKind::Regression,
            Self::BaseClasses(_) => TaskKind::BaseClasses,
            Self::BaseLabels(_) => TaskKind::BaseLabels,
        }
    }

    /// The names of its classes, labels or targets, in the order of the values of a [`Target`].
    pub fn names(&self) -> &[String] {
        let (Self::Classes(names)
        | Self::MultiLabel(names)
        | Self::Regression(names)
        | Self::BaseClasses(names)
        | Self::BaseLabels(names)) = self;
        names
    }

    /// Finds the task that the labels of the train part describe: a regression if all are numbers and
    /// some are not whole, else classes. `requested` overrides that.
    ///
    /// # Errors
    /// A label does not fit the requested kind, all labels are the same, or a class occurs once.
    pub fn find(train: &[Labelled], requested: Option<TaskKind>) -> Result<Self, InputError> {
        let number = |example: &Labelled| example.label.parse::<f64>().ok();
        let numbers: Option<Vec<f64>> = train.iter().map(number).collect();
        let are_whole = |numbers: &Vec<f64>| numbers.iter().all(|x| x.fract() == 0.0);
        let found = match &numbers {
            Some(numbers) if !are_whole(numbers) => TaskKind::Regression,
            _ => TaskKind::SingleLabel,
        };
        match requested.unwrap_or(found) {
            TaskKind::SingleLabel => classes(train, numbers.is_some_and(|n| are_whole(&n))),
            kind @ (TaskKind::MultiLabel | TaskKind::BaseClasses | TaskKind::BaseLabels) => {
                let name = kind.name();
                Err(InputError::Kind {
                    path: train[0].place.path.to_string(),
                    problem: format!(
                        "has one label for each sequence; --task {name} is not read from it"
                    ),
                })
            }
            TaskKind::Regression => {
                for example in train {
                    value(example)?;
                }
                if let Some(first) = train.first()
                    && train.iter().all(|example| value(example).ok() == value(first).ok())
                {
                    return Err(first.place.error(format!(
                        "all targets of the train part are {}; a regression needs different ones",
                        first.label
                    )));
                }
                Ok(Self::Regression(vec!["label".to_owned()]))
            }
        }
    }

    /// The value to predict for an example.
    ///
    /// # Errors
    /// Its class does not occur in the train part, or it is not a number.
    pub fn target(&self, example: &Labelled) -> Result<Target, InputError> {
        let Self::Classes(names) = self else {
            return value(example).map(|value| Target::Numbers(vec![value]));
        };
        let name = class(&example.label);
        let place = names.iter().position(|known| *known == example.label || *known == name);
        place.map(Target::Class).ok_or_else(|| {
            const SHOWN: usize = 10;
            let more = if names.len() > SHOWN { ", …" } else { "" };
            example.place.error(format!(
                "unknown class {}; the train part has {}{more}",
                excerpt(example.label.as_bytes()),
                names[..names.len().min(SHOWN)].join(", ")
            ))
        })
    }
}

/// The name of the class of a label: a whole number in its shortest form, so that 1 and 1.0 are one class.
fn class(label: &str) -> String {
    match label.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 => number.to_string(),
        _ => label.to_owned(),
    }
}

fn classes(train: &[Labelled], are_whole: bool) -> Result<Task, InputError> {
    let mut names = Vec::new();
    let mut counts: HashMap<String, (u64, &Place)> = HashMap::new();
    for example in train {
        let name = if are_whole { class(&example.label) } else { example.label.clone() };
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
        let number = |name: &String| name.parse::<f64>().unwrap_or(f64::NAN);
        names.sort_by(|a, b| number(a).total_cmp(&number(b)));
    }
    Ok(Task::Classes(names))
}

fn counted_classes(count: usize) -> String {
    if count == 1 { counted(count, "class") } else { format!("{count} classes") }
}

fn value(example: &Labelled) -> Result<f64, InputError> {
    example.label.parse().map_err(|_| {
        example.place.error(format!(
            "{} is not a number; a regression needs one in each row",
            excerpt(example.label.as_bytes())
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::testing::labelled;

    fn examples(labels: &[&str]) -> Vec<Labelled> {
        labels.iter().enumerate().map(|(i, label)| labelled("ACGT", label, i as u64 + 2)).collect()
    }

    fn find(labels: &[&str], requested: Option<TaskKind>) -> Result<Task, String> {
        Task::find(&examples(labels), requested).map_err(|error| error.to_string())
    }

    fn names(names: &[&str]) -> Result<Task, String> {
        Ok(Task::Classes(names.iter().map(|&name| name.to_owned()).collect()))
    }

    #[test]
    fn the_task_follows_from_the_labels() {
        let regression = Some(TaskKind::Regression);
        assert_eq!(find(&["10", "9", "9.0", "10"], None), names(&["9", "10"]));
        assert_eq!(find(&["b", "a", "b", "a"], None), names(&["b", "a"]));
        assert_eq!(find(&["b", "1.0", "b", "1.0"], None), names(&["b", "1.0"]));
        assert_eq!(find(&["0.5", "1", "2"], None), Ok(Task::Regression(vec!["label".to_owned()])));
        assert_eq!(
            find(&["0", "1", "2"], regression),
            Ok(Task::Regression(vec!["label".to_owned()]))
        );
        let classes = Some(TaskKind::SingleLabel);
        assert_eq!(find(&["0.5", "1", "0.5", "1"], classes), names(&["0.5", "1"]));
    }

    #[test]
    fn labels_that_do_not_fit_are_refused_with_their_line() {
        let regression = Some(TaskKind::Regression);
        for (labels, requested, phrases) in [
            (&["a", "b", "a"][..], None, ["line 3", "\"b\" occurs once"]),
            (&["a", "a"], None, ["line 2", "two classes"]),
            (&["0.5", "x"], regression, ["line 3", "\"x\" is not a number"]),
            (&["0.5", "0.5"], regression, ["line 2", "all targets"]),
        ] {
            let error = find(labels, requested).unwrap_err();
            assert!(phrases.iter().all(|phrase| error.contains(phrase)), "{error}");
        }
        let task = Task::find(&examples(&["1", "0", "1", "0"]), None).unwrap();
        let target = |label: &str| task.target(&labelled("A", label, 9)).map_err(|e| e.to_string());
        assert_eq!(target("1.0"), Ok(Target::Class(1)));
        let error = target("2").unwrap_err();
        assert!(error.contains("line 9: unknown class \"2\"; the train part has 0, 1"), "{error}");
    }
}
