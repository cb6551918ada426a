//! The classifier or regression on top of features, and its figures on the test part.

use anyhow::Result;

use super::write::{Figures, Row};
use crate::{
    cli::tasks::TaskData,
    statistics::{
        ClassPredictions, NumberPredictions,
        linear::{Fit, Linear, Targets},
        matrix::{Matrix, Standard},
        strength::{self, HeldOut},
    },
    tasks::{
        example::{Example, Target},
        labels::Task,
        parts,
    },
};

/// End of a fit: beyond this the figures do not change.
const FIT: Fit = Fit { strength: 1.0, tolerance: 1e-5, steps: 1000 };

/// The task as numbers.
pub struct Classifier<'a> {
    data: &'a TaskData,
    folds: usize,
    seed: u64,
}

/// Features of the train and validation parts, in this order, and of the test part.
pub struct Parts {
    seen: Matrix,
    test: Matrix,
}

impl<'a> Classifier<'a> {
    /// A classifier of the data. `folds` and `seed` divide the train part if there is no validation part.
    pub fn new(data: &'a TaskData, folds: usize, seed: u64) -> Self {
        Self { data, folds, seed }
    }

    /// Description of the choice of the strength.
    pub fn selection(&self) -> String {
        match self.data.dataset.valid.is_empty() {
            true => format!("{}-fold cross-validation of train", self.folds),
            false => "valid".to_owned(),
        }
    }

    /// Computes the features of all parts.
    ///
    /// # Errors
    /// `features` fails.
    pub fn parts(&self, mut features: impl FnMut(&[Example]) -> Result<Matrix>) -> Result<Parts> {
        let dataset = &self.data.dataset;
        let seen = [&dataset.train[..], &dataset.valid].concat();
        Ok(Parts { seen: features(&seen)?, test: features(&dataset.test)? })
    }

    /// Fits the classifier to the train part, and measures it on the test part and, if some of that is in
    /// an earlier part too, on the rest.
    pub fn evaluate(&self, model: &str, features: &str, parts: Parts) -> Vec<Row> {
        let Parts { mut seen, mut test } = parts;
        let dataset = &self.data.dataset;
        let train: Vec<usize> = (0..dataset.train.len()).collect();
        let standard = Standard::of(&seen, train.len());
        standard.apply(&mut seen);
        standard.apply(&mut test);
        let seen_targets = dataset.train.iter().chain(&dataset.valid).map(|e| e.target.clone());
        let Scaled { targets, mean, deviation } = self.scaled(seen_targets.collect());
        let splits = if dataset.valid.is_empty() {
            let of: Vec<Target> =
                dataset.train.iter().map(|example| example.target.clone()).collect();
            strength::held_out(&parts::folds(&of, self.folds.min(of.len()), self.seed))
        } else {
            vec![HeldOut { fit: train.clone(), measure: (train.len()..seen.rows()).collect() }]
        };
        let strength = strength::choose(&seen, &targets, &splits, FIT);
        let linear = Linear::fit(&seen, &targets, &train, Fit { strength, ..FIT }, None);
        if !linear.converged {
            log::warn!("{features}: the fit stopped after {} steps", FIT.steps);
        }
        let predicted: Vec<f64> =
            linear.predict(&test).into_iter().map(|x| x * deviation + mean).collect();
        let all: Vec<usize> = (0..dataset.test.len()).collect();
        let clean: Vec<usize> =
            all.iter().copied().filter(|&i| self.data.leaks[i].is_none()).collect();
        let row = |members: &'static str, of: &[usize]| Row {
            model: model.to_owned(),
            features: features.to_owned(),
            members,
            train: dataset.train.len(),
            test: of.len(),
            strength,
            figures: self.figures(of, &predicted),
        };
        let mut rows = vec![row("all", &all)];
        if (1..all.len()).contains(&clean.len()) {
            rows.push(row("clean", &clean));
        }
        rows
    }

    /// The targets of a fit: numbers have the mean 0 and the deviation 1 on the train part.
    fn scaled(&self, targets: Vec<Target>) -> Scaled {
        let train = self.data.dataset.train.len();
        match &self.data.dataset.task {
            Task::Classes(names) => {
                let class = |target: &Target| match target {
                    Target::Class(class) => *class,
                    _ => 0,
                };
                let of = targets.iter().map(class).collect();
                let targets = Targets::Classes { of, count: names.len() };
                Scaled { targets, mean: 0.0, deviation: 1.0 }
            }
            // probe refuses the other tasks
            _ => {
                let numbers: Vec<f64> = targets.iter().map(number).collect();
                let mean = numbers[..train].iter().sum::<f64>() / train as f64;
                let square = |x: &f64| (x - mean).powi(2);
                let variance = numbers[..train].iter().map(square).sum::<f64>() / train as f64;
                let deviation = variance.sqrt();
                let scaled = numbers.iter().map(|x| (x - mean) / deviation).collect();
                Scaled { targets: Targets::Numbers(scaled), mean, deviation }
            }
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
                let found = ClassPredictions::of_scores(names.len(), truth, &scores).figures();
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

/// Targets of a fit, and what turns predictions back.
struct Scaled {
    targets: Targets,
    mean: f64,
    deviation: f64,
}

fn number(target: &Target) -> f64 {
    match target {
        Target::Numbers(numbers) => numbers[0],
        _ => 0.0,
    }
}
