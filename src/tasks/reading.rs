//! From labels as in files to the values of a task.

mod bases;
mod several;
mod single;

use self::several::Coding;
use super::{
    example::{Labelled, Target},
    label::Label,
    labels::{Task, TaskKind},
};
use crate::formats::error::InputError;

/// A task, and the way in which labels in files say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The task.
    pub task: Task,
    coding: Coding,
}

impl Reading {
    /// Finds the task that the labels of the train part, at least one, describe. `names` are those of the columns;
    /// `requested` is its kind if it is known.
    ///
    /// | labels | task |
    /// |---|---|
    /// | of tracks | of bases |
    /// | several columns, all 0 or 1 | multi-label |
    /// | several columns of other numbers | regression |
    /// | mostly as many characters as their sequences have bases | base-classes |
    /// | texts of 0 and 1 of one length, some from 0 on | multi-label |
    /// | numbers, not all whole | regression |
    /// | some with `;` | multi-label |
    /// | others | single-label |
    ///
    /// # Errors
    /// A label does not fit the kind, all labels are the same, or a class occurs once.
    pub fn find(
        train: &[Labelled],
        names: &[String],
        requested: Option<TaskKind>,
    ) -> Result<Self, InputError> {
        let first = &train[0];
        let kind = requested.unwrap_or_else(|| found(train));
        let whole = |task| Self { task, coding: Coding::Whole };
        match (&first.label, kind) {
            (Label::Text(_), TaskKind::SingleLabel) => single::classes(train).map(whole),
            (Label::Text(_), TaskKind::Regression) => single::regression(train, names).map(whole),
            (Label::Text(_), TaskKind::MultiLabel) => {
                let coding = several::coding(train);
                Ok(Self { task: several::task(train, coding)?, coding })
            }
            (Label::Text(_), TaskKind::BaseClasses) => bases::task(train).map(whole),
            (Label::Flags(_) | Label::Numbers(_), TaskKind::MultiLabel) => {
                several::flags(train, names).map(whole)
            }
            (Label::Flags(_) | Label::Numbers(_), TaskKind::Regression) => {
                several::numbers(train, names).map(whole)
            }
            (Label::BaseClasses(_), TaskKind::BaseClasses) => {
                bases::classes(train, names).map(whole)
            }
            (Label::BaseLabels(_), TaskKind::BaseLabels) => bases::labels(train, names).map(whole),
            (label, kind) => {
                let (found, fit) = match label {
                    Label::Text(_) => {
                        ("one label for each sequence", "the labels of bases come from --track")
                    }
                    Label::Flags(_) | Label::Numbers(_) => (
                        "several label columns",
                        "these are of a multi-label task or of a regression",
                    ),
                    Label::BaseClasses(_) | Label::BaseLabels(_) => (
                        "labels of bases",
                        "these are of --task base-classes or --task base-labels",
                    ),
                };
                Err(first.place.error(format!("found {found}, and --task {}; {fit}", kind.name())))
            }
        }
    }

    /// The value to predict for an example.
    ///
    /// # Errors
    /// Its label does not fit the task, or names a class or label that the train part does not have.
    pub fn target(&self, example: &Labelled) -> Result<Target, InputError> {
        let found = match (&self.task, &example.label) {
            (Task::Classes(names), Label::Text(text)) => {
                single::class(text, names).map(Target::Class)
            }
            (Task::Regression(_), Label::Text(text)) => {
                single::value(text).map(|value| Target::Numbers(vec![value]))
            }
            (Task::MultiLabel(names), Label::Text(text)) => {
                several::of_text(text, names, self.coding).map(Target::Labels)
            }
            (Task::BaseClasses(names), Label::Text(text)) => {
                bases::of_text(text, example.bases.len(), names).map(Target::BaseClasses)
            }
            (Task::MultiLabel(_), Label::Flags(flags)) => Ok(Target::Labels(flags.clone())),
            (Task::Regression(_), Label::Flags(flags)) => {
                Ok(Target::Numbers(flags.iter().map(|flag| f64::from(u8::from(*flag))).collect()))
            }
            (Task::Regression(_), Label::Numbers(numbers)) => Ok(Target::Numbers(numbers.clone())),
            (Task::MultiLabel(names), Label::Numbers(numbers)) => {
                Err(several::no_flag(numbers, names))
            }
            (Task::BaseClasses(_), Label::BaseClasses(of)) => Ok(Target::BaseClasses(of.clone())),
            (Task::BaseLabels(_), Label::BaseLabels(of)) => Ok(Target::BaseLabels(of.clone())),
            (task, _) => Err(format!(
                "the label is of another kind than those of the train part, whose task is {}",
                task.kind().name()
            )),
        };
        found.map_err(|problem| example.place.error(problem))
    }
}

/// The kind of the task that labels describe.
fn found(train: &[Labelled]) -> TaskKind {
    match &train[0].label {
        Label::BaseClasses(_) => return TaskKind::BaseClasses,
        Label::BaseLabels(_) => return TaskKind::BaseLabels,
        Label::Flags(_) | Label::Numbers(_) => {
            let are_flags = train.iter().all(|example| matches!(example.label, Label::Flags(_)));
            return if are_flags { TaskKind::MultiLabel } else { TaskKind::Regression };
        }
        Label::Text(_) => {}
    }
    if bases::are_texts(train) {
        TaskKind::BaseClasses
    } else if several::coding(train) == Coding::Digits {
        TaskKind::MultiLabel
    } else if single::numbers(train).is_some_and(|numbers| !single::are_whole(&numbers)) {
        TaskKind::Regression
    } else if several::are_lists(train) {
        TaskKind::MultiLabel
    } else {
        TaskKind::SingleLabel
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::testing::labelled;

    fn examples(labels: &[&str]) -> Vec<Labelled> {
        labels.iter().enumerate().map(|(i, label)| labelled("ACGTA", label, i as u64 + 2)).collect()
    }

    fn find(labels: &[&str], requested: Option<TaskKind>) -> Result<Task, String> {
        Reading::find(&examples(labels), &["y".into()], requested)
            .map(|reading| reading.task)
            .map_err(|error| error.to_string())
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_task_follows_from_the_labels() {
        use TaskKind::{BaseClasses, MultiLabel, Regression, SingleLabel};
        let classes = |all: &[&str]| Ok(Task::Classes(names(all)));
        let several = |all: &[&str]| Ok(Task::MultiLabel(names(all)));
        let numbers = || Ok(Task::Regression(names(&["y"])));
        assert_eq!(find(&["10", "9", "9.0", "10"], None), classes(&["9", "10"]));
        assert_eq!(find(&["b", "a", "b", "a"], None), classes(&["b", "a"]));
        assert_eq!(find(&["b", "1.0", "b", "1.0"], None), classes(&["b", "1.0"]));
        assert_eq!(find(&["0.5", "1", "2"], None), numbers());
        assert_eq!(find(&["0", "1", "2"], Some(Regression)), numbers());
        assert_eq!(find(&["0.5", "1", "0.5", "1"], Some(SingleLabel)), classes(&["0.5", "1"]));
        assert_eq!(find(&["01", "10", "11"], None), several(&["1", "2"]));
        assert_eq!(find(&["10", "11", "10", "11"], None), classes(&["10", "11"]));
        assert_eq!(find(&["b;a", "a", "."], None), several(&["b", "a"]));
        assert_eq!(find(&["b,a", "a"], Some(MultiLabel)), several(&["b", "a"]));
        assert_eq!(find(&["b;a", "b;a", "c", "c"], Some(SingleLabel)), classes(&["b;a", "c"]));
        let bases = |all: &[&str]| Ok(Task::BaseClasses(names(all)));
        assert_eq!(find(&["00110", "2?110"], None), bases(&["0", "1", "2"]));
        assert_eq!(find(&["((.))", ".(.)."], Some(BaseClasses)), bases(&["(", ".", ")"]));
    }

    #[test]
    fn labels_that_do_not_fit_are_refused_with_their_line() {
        use TaskKind::{BaseClasses, BaseLabels, Regression};
        for (labels, requested, phrases) in [
            (&["a", "b", "a"][..], None, ["line 3", "\"b\" occurs once"]),
            (&["a", "a"], None, ["line 2", "two classes"]),
            (&["0.5", "x"], Some(Regression), ["line 3", "\"x\" is not a number"]),
            (&["0.5", "0.5"], Some(Regression), ["line 2", "all targets"]),
            (&["a;b", "a;b"], None, ["line 2", "every sequence"]),
            (&["a;", "b"], None, ["line 2", "has an empty label"]),
            (&["a;a", "b"], None, ["line 2", "has a twice"]),
            (&["00110", "00110", "0011"], None, ["line 4", "4 labels for 5 bases"]),
            (&["00110", "0011"], Some(BaseClasses), ["line 3", "4 labels for 5 bases"]),
            (&["00000", "00000"], Some(BaseClasses), ["line 2", "two classes"]),
            (&["a", "b"], Some(BaseLabels), ["line 2", "--track"]),
        ] {
            let error = find(labels, requested).unwrap_err();
            assert!(phrases.iter().all(|phrase| error.contains(phrase)), "{labels:?}: {error}");
        }
    }

    #[test]
    fn targets_have_the_order_of_the_names() {
        let reading =
            |labels: &[&str], kind| Reading::find(&examples(labels), &["y".into()], kind).unwrap();
        let target = |reading: &Reading, label: &str| {
            reading.target(&labelled("ACGTA", label, 9)).map_err(|error| error.to_string())
        };
        let classes = reading(&["1", "0", "1", "0"], None);
        assert_eq!(target(&classes, "1.0"), Ok(Target::Class(1)));
        let error = target(&classes, "2").unwrap_err();
        assert!(error.contains("line 9: unknown class \"2\"; the train part has 0, 1"), "{error}");
        let lists = reading(&["b;a", "c", "."], None);
        assert_eq!(target(&lists, "c; b"), Ok(Target::Labels(vec![true, false, true])));
        assert_eq!(target(&lists, "."), Ok(Target::Labels(vec![false; 3])));
        let error = target(&lists, "a;d").unwrap_err();
        assert!(
            error.contains("line 9: unknown label \"d\"; the train part has b, a, c"),
            "{error}"
        );
        let digits = reading(&["011", "100"], None);
        assert_eq!(target(&digits, "010"), Ok(Target::Labels(vec![false, true, false])));
        for wrong in ["01", "012"] {
            let error = target(&digits, wrong).unwrap_err();
            assert!(error.contains("expected 3 digits, each 0 or 1"), "{error}");
        }
        let bases = reading(&["00110", "0011?"], None);
        assert_eq!(target(&bases, "1?001"), Ok(Target::BaseClasses(vec![1, 255, 0, 0, 1])));
        let error = target(&bases, "00120").unwrap_err();
        assert!(error.contains("unknown class \"2\" of base 4"), "{error}");
    }

    #[test]
    fn columns_are_labels_or_targets() {
        let example = |label, line| Labelled { label, ..labelled("A", "0", line) };
        let flags = |flags: [bool; 2], line| example(Label::Flags(flags.into()), line);
        let numbers = |numbers: [f64; 2], line| example(Label::Numbers(numbers.into()), line);
        let columns = names(&["x", "y"]);
        let find = |train: &[Labelled], kind| {
            Reading::find(train, &columns, kind).map_err(|error| error.to_string())
        };
        let labels = [flags([true, false], 2), flags([true, true], 3)];
        let reading = find(&labels, None).unwrap();
        assert_eq!(reading.task, Task::MultiLabel(columns.clone()));
        assert_eq!(reading.target(&labels[0]).unwrap(), Target::Labels(vec![true, false]));
        let error = reading.target(&numbers([0.0, 2.0], 7)).unwrap_err().to_string();
        assert!(error.contains("line 7: y is 2, expected 0 or 1"), "{error}");
        let mixed = [flags([true, false], 2), numbers([0.5, 3.0], 3)];
        let reading = find(&mixed, None).unwrap();
        assert_eq!(reading.task, Task::Regression(columns.clone()));
        assert_eq!(reading.target(&mixed[0]).unwrap(), Target::Numbers(vec![1.0, 0.0]));
        let error = find(&mixed, Some(TaskKind::MultiLabel)).unwrap_err();
        assert!(error.contains("line 3: x is 0.5, expected 0 or 1"), "{error}");
        let error = find(&mixed, Some(TaskKind::SingleLabel)).unwrap_err();
        assert!(error.contains("several label columns, and --task single-label"), "{error}");
        let same = [numbers([0.5, 3.0], 2), numbers([0.7, 3.0], 3)];
        let error = find(&same, None).unwrap_err();
        assert!(error.contains("all values of y in the train part are 3"), "{error}");
        let same = [flags([true, false], 2), flags([true, false], 3)];
        assert!(find(&same, None).unwrap_err().contains("the same labels"));
    }
}
