//! A data set: its task and its parts.

use super::{
    collect::{Kinds, Read},
    contigs,
    error::DataError,
    example::{Example, Labelled, Part},
    label::Label,
    labels::{Task, TaskKind},
    leaks::{Leak, Leaks},
    options::ReadOptions,
    parts, pieces,
    read::{self, Source},
    reading::Reading,
};
use crate::formats::error::InputError;

/// Options of reading a data set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Options of reading its files.
    pub read: ReadOptions,
    /// The kind of the task; found from the labels without it.
    pub task: Option<TaskKind>,
    /// Share of the train part to validate with; between 0 and 1.
    pub valid: Option<f64>,
    /// Share of the train part to test with; between 0 and 1.
    pub test: Option<f64>,
    /// Contigs whose examples are the validation part.
    pub valid_contigs: Vec<String>,
    /// Contigs whose examples are the test part.
    pub test_contigs: Vec<String>,
    /// Bases between the starts of windows with labels of bases; the length of a window without it.
    pub step: Option<u64>,
    /// Another seed draws other examples.
    pub seed: u64,
}

/// A task and its examples.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Meaning of the labels.
    pub task: Task,
    /// Examples to learn from.
    pub train: Vec<Example>,
    /// Examples to choose settings by; may be empty.
    pub valid: Vec<Example>,
    /// Examples to measure with; may be empty.
    pub test: Vec<Example>,
    /// IUPAC letters that were read as N.
    pub ambiguous: u64,
    /// Kinds of the files that were read.
    pub kinds: Kinds,
    /// Windows that were left out because the label of none of their bases is known.
    pub unlabelled: u64,
}

impl Dataset {
    /// Reads a data set and divides it into its parts. Examples without a part are in the train part.
    ///
    /// # Errors
    /// A file is malformed (see [`read::read`]), the labels are not those of a task (see [`Reading::find`]),
    /// or a part has no members or should be drawn but exists.
    pub fn read(source: &Source, options: &Options) -> Result<Self, DataError> {
        let Read { mut examples, names, ambiguous, kinds } = read::read(source, &options.read)?;
        let name = source.name();
        let problem = |problem: String| InputError::Kind { path: name.clone(), problem };
        contigs::divide(&mut examples, &options.valid_contigs, &options.test_contigs)?;
        let [mut train, mut valid, mut test] = [const { Vec::new() }; 3];
        for example in examples {
            match example.part.unwrap_or(Part::Train) {
                Part::Train => train.push(example),
                Part::Valid => valid.push(example),
                Part::Test => test.push(example),
            }
        }
        if train.is_empty() {
            return Err(problem("the train part has no members".into()).into());
        }
        let reading = Reading::find(&train, &names, options.task)?;
        let wanted = [(Part::Test, options.test), (Part::Valid, options.valid)];
        let of_rest = 1.0 - options.test.unwrap_or(0.0);
        for ((part, share), drawn) in wanted.into_iter().zip([&mut test, &mut valid]) {
            let Some(share) = share else { continue };
            let part = part.name();
            if !drawn.is_empty() {
                return Err(problem(format!(
                    "has a {part} part already; leave out --{part}-fraction"
                ))
                .into());
            }
            let share = if part == Part::Valid.name() { share / of_rest } else { share };
            *drawn = draw(&mut train, share, reading.task.kind(), options.seed);
            if drawn.is_empty() {
                return Err(problem(format!(
                    "--{part}-fraction leaves the {part} part without members, as two examples (of each class) stay in train; give a larger share or more data"
                )).into());
            }
        }
        let mut unlabelled = 0;
        let mut convert = |examples: Vec<Labelled>| -> Result<Vec<Example>, InputError> {
            let mut converted = Vec::with_capacity(examples.len());
            for example in examples {
                let target = reading.target(&example)?;
                let example = Example { bases: example.bases, target, place: example.place };
                let window = options.read.window;
                unlabelled += pieces::cut(example, window, options.step, &mut converted);
            }
            Ok(converted)
        };
        let [train, valid, test] = [convert(train)?, convert(valid)?, convert(test)?];
        Ok(Self { task: reading.task, train, valid, test, ambiguous, kinds, unlabelled })
    }

    /// The examples of a part.
    pub fn part(&self, part: Part) -> &[Example] {
        match part {
            Part::Train => &self.train,
            Part::Valid => &self.valid,
            Part::Test => &self.test,
        }
    }

    /// The leaks of the examples for validation, found in train, and of those of the test, found in both.
    pub fn leaks(&self, share: f64) -> [(Part, Leaks); 2] {
        let before_test = self.train.iter().chain(&self.valid);
        [
            (Part::Valid, Leaks::find(&self.valid, self.train.iter(), share)),
            (Part::Test, Leaks::find(&self.test, before_test, share)),
        ]
    }

    /// Removes the examples of a part that have a leak.
    pub fn remove(&mut self, part: Part, leaks: &[Option<Leak>]) {
        let examples = match part {
            Part::Train => &mut self.train,
            Part::Valid => &mut self.valid,
            Part::Test => &mut self.test,
        };
        let mut of = leaks.iter();
        examples.retain(|_| of.next().is_none_or(Option::is_none));
    }
}

/// Takes a share of the train part away: of each class, if labels are classes.
fn draw(train: &mut Vec<Labelled>, share: f64, kind: TaskKind, seed: u64) -> Vec<Labelled> {
    let key = |example: &Labelled| match (&example.label, kind) {
        (Label::Text(text), TaskKind::SingleLabel) => text.clone(),
        _ => String::new(),
    };
    let keys: Vec<String> = train.iter().map(key).collect();
    let drawn = parts::draw(&keys, share, seed);
    let (mut taken, mut kept) = (Vec::new(), Vec::new());
    for (i, example) in std::mem::take(train).into_iter().enumerate() {
        let into = if drawn.binary_search(&i).is_ok() { &mut taken } else { &mut kept };
        into.push(example);
    }
    *train = kept;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::columns::Columns;

    fn dataset(rows: &str, options: &Options) -> Result<Dataset, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, format!("sequence,label,set\n{rows}")).unwrap();
        Dataset::read(&Source::Data(path), options).map_err(|error| error.to_string())
    }

    fn rows() -> String {
        let row = |i: usize| format!("{},{},train\n", "ACGT".repeat(i + 1), i % 2);
        (0..40).map(row).collect()
    }

    #[test]
    fn fractions_are_drawn_from_train() {
        let options = Options { valid: Some(0.2), test: Some(0.1), ..Options::default() };
        let set = dataset(&rows(), &options).unwrap();
        assert_eq!([set.train.len(), set.valid.len(), set.test.len()], [28, 8, 4]);
        assert_eq!(set.leaks(0.9).map(|(_, leaks)| leaks.of.len()), [8, 4]);
        let columns = Columns { part: Some("set".into()), ..Columns::default() };
        let read = ReadOptions { columns, ..ReadOptions::default() };
        let options = Options { read, test: Some(0.1), ..Options::default() };
        let error = dataset(&format!("{}A,1,test\n", rows()), &options).unwrap_err();
        assert!(error.contains("test part already"), "{error}");
        let error = dataset("A,0,dev\nC,1,test\n", &Options { test: None, ..options.clone() });
        assert!(error.unwrap_err().contains("train part has no members"));
        let few = "A,0,train\nC,0,train\nG,1,train\nT,1,train\n";
        let error = dataset(few, &options).unwrap_err();
        assert!(error.contains("--test-fraction leaves the test part without"), "{error}");
    }

    #[test]
    fn leaks_can_be_removed() {
        let columns = Columns { part: Some("set".into()), ..Columns::default() };
        let read = ReadOptions { columns, ..ReadOptions::default() };
        let options = Options { read, ..Options::default() };
        let rows = "AAAC,0,train\nAAAG,0,train\nA,1,train\nC,1,train\nAAAC,1,test\nCTTT,0,test\nT,0,test\n";
        let mut set = dataset(rows, &options).unwrap();
        let [(_, _), (part, leaks)] = set.leaks(0.5);
        // T is the reverse complement of A
        assert_eq!((leaks.total(), leaks.count(Leak::Identical), leaks.conflicts), (3, 1, 2));
        set.remove(part, &leaks.of);
        assert!(set.test.is_empty() && set.part(Part::Train).len() == 4);
    }
}
