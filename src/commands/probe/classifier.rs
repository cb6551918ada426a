//! The classifier or regression on top of features, and its figures on the test part.

use clap::ValueEnum;

use super::{
    chosen::Chosen,
    write::{Figures, Row},
};
use crate::{
    cli::tasks::TaskData,
    statistics::{
        ClassPredictions, NumberPredictions, OneVsRest,
        boosting::{self, Binned, Boosted},
        linear::{Fit, Linear},
        loss::Targets,
        matrix::{Matrix, Standard},
        mean,
        strength::{self, HeldOut},
    },
    tasks::{
        example::{Example, Part, Target},
        labels::Task,
        parts,
    },
};

/// End of a fit: beyond this the figures do not change.
const FIT: Fit = Fit { strength: 1.0, tolerance: 1e-5, steps: 1000 };

/// Classifier, or regression of numbers, on top of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ClassifierKind {
    /// Logistic regression of classes, ridge regression of numbers
    Logistic,
    /// Gradient boosting of decision trees
    Gbdt,
}

/// The task as numbers.
pub struct Classifier<'a> {
    data: &'a TaskData,
    kind: ClassifierKind,
    targets: Scaled,
    splits: Vec<HeldOut>,
    folds: usize,
}

/// Features of the train and validation parts, in this order, and of the test part.
#[derive(Debug, Clone)]
pub struct Parts {
    pub seen: Matrix,
    pub test: Matrix,
}

impl Parts {
    /// These features and others, side by side.
    pub fn beside(&self, other: &Self) -> Self {
        Self { seen: self.seen.beside(&other.seen), test: self.test.beside(&other.test) }
    }
}

impl<'a> Classifier<'a> {
    /// A classifier of the data. `folds` and `seed` divide the train part if there is no validation part.
    pub fn new(data: &'a TaskData, kind: ClassifierKind, folds: usize, seed: u64) -> Self {
        let dataset = &data.dataset;
        let train = dataset.train.len();
        let seen = dataset.train.iter().chain(&dataset.valid).map(|example| example.target.clone());
        let splits = if dataset.valid.is_empty() {
            let of: Vec<Target> =
                dataset.train.iter().map(|example| example.target.clone()).collect();
            strength::held_out(&parts::folds(&of, folds.min(of.len()), seed))
        } else {
            let measure = (train..train + dataset.valid.len()).collect();
            vec![HeldOut { fit: (0..train).collect(), measure }]
        };
        Self { targets: Scaled::new(data, seen.collect()), data, kind, splits, folds }
    }

    /// Description of the choice of the strength.
    pub fn selection(&self) -> String {
        match self.data.dataset.valid.is_empty() {
            true => format!("{}-fold cross-validation of train", self.folds),
            false => "valid".to_owned(),
        }
    }

    /// The examples of the train, validation and test parts, in this order.
    pub fn examples(&self) -> Vec<&'a Example> {
        Part::ALL.into_iter().flat_map(|part| self.data.dataset.part(part)).collect()
    }

    /// The examples of each part.
    pub fn by_part(&self) -> impl Iterator<Item = (Part, &'a [Example])> {
        Part::ALL.into_iter().map(|part| (part, self.data.dataset.part(part)))
    }

    /// Number of examples of the train and validation parts.
    pub fn seen(&self) -> usize {
        self.data.dataset.train.len() + self.data.dataset.valid.len()
    }

    /// Computes the features of all parts.
    pub fn parts(&self, features: impl Fn(&[&Example]) -> Matrix) -> Parts {
        let examples = self.examples();
        let (seen, test) = examples.split_at(self.seen());
        Parts { seen: features(seen), test: features(test) }
    }

    /// Chooses the strength for features of the train and validation parts.
    pub fn choose(&self, mut seen: Matrix) -> Chosen {
        let train = self.data.dataset.train.len();
        let targets = &self.targets.targets;
        match self.kind {
            ClassifierKind::Logistic => {
                Standard::of(&seen, train).apply(&mut seen);
                Chosen::Strength(strength::choose(&seen, targets, &self.splits, FIT))
            }
            ClassifierKind::Gbdt => {
                let binned = Binned::of(&seen, train);
                Chosen::Rounds(boosting::choose(&binned, targets, &self.splits))
            }
        }
    }

    /// Fits the classifier to the train part, and measures it on the test part and, if some of that is in
    /// an earlier part too, on the rest.
    pub fn evaluate(&self, model: &str, features: &str, parts: Parts) -> Vec<Row> {
        let dataset = &self.data.dataset;
        let (chosen, predicted) = self.fit(features, parts);
        let all: Vec<usize> = (0..dataset.test.len()).collect();
        let clean: Vec<usize> =
            all.iter().copied().filter(|&i| self.data.leaks[i].is_none()).collect();
        let row = |members: &'static str, of: &[usize]| Row {
            model: model.to_owned(),
            features: features.to_owned(),
            train: dataset.train.len(),
            chosen,
            test: Some((members, of.len(), self.figures(of, &predicted))),
        };
        let mut rows = vec![row("all", &all)];
        if (1..all.len()).contains(&clean.len()) {
            rows.push(row("clean", &clean));
        }
        rows
    }

    /// Fits the classifier to the train part, and predicts the test part: for each member its number, or the
    /// score of each class. `features` is for messages.
    pub fn scores(&self, features: &str, parts: Parts) -> Vec<f64> {
        self.fit(features, parts).1
    }

    /// The same with the settings that were chosen.
    fn fit(&self, features: &str, parts: Parts) -> (Chosen, Vec<f64>) {
        let Scaled { mean, deviation, .. } = &self.targets;
        let (chosen, predicted) = match self.kind {
            ClassifierKind::Logistic => self.linear(features, parts),
            ClassifierKind::Gbdt => self.boosted(features, &parts),
        };
        (chosen, predicted.into_iter().map(|x| x * deviation + mean).collect())
    }

    /// A linear model and its predictions for the test part.
    fn linear(&self, features: &str, Parts { mut seen, mut test }: Parts) -> (Chosen, Vec<f64>) {
        let train: Vec<usize> = (0..self.data.dataset.train.len()).collect();
        let standard = Standard::of(&seen, train.len());
        standard.apply(&mut seen);
        standard.apply(&mut test);
        let targets = &self.targets.targets;
        let chosen = strength::choose(&seen, targets, &self.splits, FIT);
        let fit = Fit { strength: chosen.strength, ..FIT };
        let linear = Linear::fit(&seen, targets, &train, fit, None);
        if !linear.converged {
            log::warn!("{features}: the fit stopped after {} steps", FIT.steps);
        }
        (Chosen::Strength(chosen), linear.predict(&test))
    }

    /// Boosted trees and their predictions for the test part.
    fn boosted(&self, features: &str, Parts { seen, test }: &Parts) -> (Chosen, Vec<f64>) {
        let train: Vec<usize> = (0..self.data.dataset.train.len()).collect();
        let targets = &self.targets.targets;
        let binned = Binned::of(seen, train.len());
        let chosen = boosting::choose(&binned, targets, &self.splits);
        let mut boosted = Boosted::new(&binned, targets, &train);
        (0..chosen.rounds).for_each(|_| boosted.step(&binned, targets, &train));
        let fewest = self.splits.iter().map(|split| split.fit.len()).chain([train.len()]).min();
        let fewest = fewest.unwrap_or_default();
        if !boosted.has_splits() {
            log::warn!(
                "{features}: the trees have no splits, so that all predictions are the same; a split needs {} sequences of train or more",
                boosting::FEWEST_ROWS
            );
        } else if fewest < boosting::FEWEST_ROWS {
            log::warn!(
                "{features}: the folds do not choose the rounds, as a split needs {} sequences and they leave {fewest}",
                boosting::FEWEST_ROWS
            );
        }
        if chosen.rounds == boosting::ROUNDS {
            log::warn!("{features}: the loss was still falling in round {}", boosting::ROUNDS);
        }
        (Chosen::Rounds(chosen), boosted.predict(&binned.like(test)))
    }

    /// The row of features that were tried, but not measured on the test part.
    pub fn tried(&self, model: &str, features: &str, chosen: Chosen) -> Row {
        Row {
            model: model.to_owned(),
            features: features.to_owned(),
            train: self.data.dataset.train.len(),
            chosen,
            test: None,
        }
    }

    /// Figures of the predictions for some members of the test part.
    fn figures(&self, members: &[usize], predicted: &[f64]) -> Figures {
        let test = &self.data.dataset.test;
        match &self.data.dataset.task {
            Task::Classes(names) => {
                let class = |&i: &usize| match test[i].target {
                    Target::Class(class) => class,
                    _ => 0,
                };
                let truth = members.iter().map(class).collect();
                let row = |&i: &usize| predicted[i * names.len()..(i + 1) * names.len()].to_vec();
                let scores: Vec<f64> = members.iter().flat_map(row).collect();
                let predictions = ClassPredictions::of_scores(names.len(), truth, &scores);
                let found = predictions.figures();
                // of two classes the second is the positive one
                let ranked = match &found.classes[..] {
                    [_, second] => second,
                    _ => &found.macro_average,
                };
                Figures {
                    auroc: ranked.auroc,
                    average_precision: ranked.average_precision,
                    accuracy: found.accuracy,
                    balanced_accuracy: found.balanced_accuracy,
                    mcc: found.mcc,
                    f1: found.macro_average.f1,
                    weighted_f1: weighted(&found.classes, predictions.truth()),
                    ..Figures::default()
                }
            }
            // probe refuses the other tasks
            _ => {
                let truth = members.iter().map(|&i| number(&test[i].target)).collect();
                let predicted = members.iter().map(|&i| predicted[i]).collect();
                let found = NumberPredictions::new(truth, predicted).figures();
                Figures {
                    r2: found.and_then(|found| found.r2),
                    pearson: found.and_then(|found| found.pearson),
                    spearman: found.and_then(|found| found.spearman),
                    ..Figures::default()
                }
            }
        }
    }
}

/// The mean F1 of the classes, each as often as it has members.
fn weighted(classes: &[OneVsRest<Option<f64>>], truth: &[usize]) -> Option<f64> {
    let values: Option<Vec<f64>> = truth.iter().map(|&class| classes[class].f1).collect();
    mean(values?.into_iter())
}

/// Targets of a fit, and the mean and deviation that turn predictions back.
struct Scaled {
    targets: Targets,
    mean: f64,
    deviation: f64,
}

impl Scaled {
    /// The targets of the train and validation parts: numbers have the mean 0 and the deviation 1 on the
    /// train part.
    fn new(data: &TaskData, targets: Vec<Target>) -> Self {
        let train = data.dataset.train.len();
        match &data.dataset.task {
            Task::Classes(names) => {
                let class = |target: &Target| match target {
                    Target::Class(class) => *class,
                    _ => 0,
                };
                let of = targets.iter().map(class).collect();
                let targets = Targets::Classes { of, count: names.len() };
                Self { targets, mean: 0.0, deviation: 1.0 }
            }
            // probe refuses the other tasks
            _ => {
                let numbers: Vec<f64> = targets.iter().map(number).collect();
                let mean = numbers[..train].iter().sum::<f64>() / train as f64;
                let square = |x: &f64| (x - mean).powi(2);
                let variance = numbers[..train].iter().map(square).sum::<f64>() / train as f64;
                let deviation = variance.sqrt();
                let scaled = numbers.iter().map(|x| (x - mean) / deviation).collect();
                Self { targets: Targets::Numbers(scaled), mean, deviation }
            }
        }
    }
}

fn number(target: &Target) -> f64 {
    match target {
        Target::Numbers(numbers) => numbers[0],
        _ => 0.0,
    }
}
