//! The probe on the examples whose class a cell knows: a logistic regression on embeddings.

use anyhow::Result;

use super::{cells::Figures, shown::Shown};
use crate::{
    cli::tasks::{TaskData, letters::class},
    commands::probe::{
        bank::{Bank, Combination, ProbeStrand, Wanted},
        classifier::{Classifier, ClassifierKind, Parts},
    },
    inference::runner::Runner,
    model::pool::Pool,
    statistics::matrix::Matrix,
    tasks::{dataset::Dataset, example::Example},
    windows::pieces::Long,
};

/// Folds of the cross-validation that chooses the strength.
const FOLDS: usize = 5;

/// Name of the features.
const FEATURES: &str = "last mean forward";

/// Embeddings of the examples that are drawn, and of the test part.
pub struct Probed<'a> {
    data: &'a TaskData,
    /// Indices of the drawn examples in the train part, ascending.
    drawn: Vec<usize>,
    seen: Matrix,
    test: Matrix,
}

impl<'a> Probed<'a> {
    /// Embeds the examples: the mean of the last layer over the bases of the forward strand.
    ///
    /// # Errors
    /// The model cannot compute a sequence.
    pub fn embed(data: &'a TaskData, shown: &Shown, runner: &mut Runner) -> Result<Self> {
        let combination =
            Combination { layers: vec![None], pool: Pool::Mean, strand: ProbeStrand::Forward };
        let drawn = shown.all();
        let dataset = &data.dataset;
        let seen = drawn.iter().map(|&i| &dataset.train[i]);
        let examples: Vec<&Example> = seen.chain(&dataset.test).collect();
        let context = runner.engine().config().context().max(1) as usize;
        let wanted = Wanted::new(std::slice::from_ref(&combination), Long::Chunk, context);
        let bank = Bank::new(&examples, wanted, runner, |_| {})?;
        let seen = bank.matrix(&combination, 0..drawn.len());
        let test = bank.matrix(&combination, drawn.len()..examples.len());
        Ok(Self { data, drawn, seen, test })
    }

    /// Figures of a regression that is fitted to examples of the train part, by their indices; `None` if a
    /// class has none.
    pub fn figures(&self, learned: Vec<usize>, seed: u64) -> Option<Figures> {
        let dataset = &self.data.dataset;
        let classes = dataset.task.names().len();
        let has = |wanted| learned.iter().any(|&i| class(&dataset.train[i]) == wanted);
        if !(0..classes).all(has) {
            return None;
        }
        let row = |i: &usize| self.seen.row(self.drawn.partition_point(|other| other < i));
        let values = learned.iter().flat_map(row).copied().collect();
        let seen = Matrix::new(values, self.seen.width());
        let train = learned.iter().map(|&i| dataset.train[i].clone()).collect();
        let data = TaskData {
            windows: None,
            dataset: Dataset {
                task: dataset.task.clone(),
                train,
                valid: Vec::new(),
                test: dataset.test.clone(),
                ..*dataset
            },
            leaks: vec![None; dataset.test.len()],
        };
        let classifier = Classifier::new(&data, ClassifierKind::Logistic, FOLDS, seed);
        let scores = classifier.scores(FEATURES, Parts { seen, test: self.test.clone() });
        let truth = dataset.test.iter().map(class).collect();
        Some(Figures::of_scores(truth, classes, &scores))
    }
}
