//! Figures that models of a task are compared by.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::{
    model::head::{HeadConfig, HeadTask},
    statistics::{ClassPredictions, Classification, NumberPredictions, OneVsRest, Regression},
    tasks::example::{Example, MASKED, MASKED_LABELS, Target},
};

/// A figure of predictions. Of several labels or targets it is the mean over those that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Mean loss
    Loss,
    /// Share of right classes
    Accuracy,
    /// Mean recall of the classes
    BalancedAccuracy,
    /// Matthews correlation
    Mcc,
    /// F1, macro average
    F1,
    /// Area under the ROC curve, macro average
    Auroc,
    /// Average precision, macro average
    AveragePrecision,
    /// Coefficient of determination
    R2,
    /// Pearson's correlation
    Pearson,
    /// Spearman's correlation
    Spearman,
}

impl Metric {
    /// The default for a task.
    pub fn of(task: HeadTask) -> Self {
        match task {
            HeadTask::SingleLabel | HeadTask::BaseClasses => Self::Mcc,
            HeadTask::MultiLabel | HeadTask::BaseLabels => Self::Auroc,
            HeadTask::Regression => Self::R2,
        }
    }

    /// True if a task has this figure.
    pub fn fits(self, task: HeadTask) -> bool {
        let is_of_numbers = matches!(self, Self::R2 | Self::Pearson | Self::Spearman);
        self == Self::Loss || is_of_numbers == (task == HeadTask::Regression)
    }

    /// True if `score` is better than `best`.
    pub fn is_better(self, score: f64, best: f64) -> bool {
        if self == Self::Loss { score < best } else { score > best }
    }

    /// Its name on the command line and in tables.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn of_classes(
        self,
        figures: &Classification<Option<f64>>,
        one: &OneVsRest<Option<f64>>,
    ) -> Option<f64> {
        match self {
            Self::Accuracy => figures.accuracy,
            Self::BalancedAccuracy => figures.balanced_accuracy,
            Self::Mcc => figures.mcc,
            Self::F1 => one.f1,
            Self::Auroc => one.auroc,
            Self::AveragePrecision => one.average_precision,
            Self::Loss | Self::R2 | Self::Pearson | Self::Spearman => None,
        }
    }

    fn of_numbers(self, figures: &Regression<Option<f64>>) -> Option<f64> {
        match self {
            Self::R2 => figures.r2,
            Self::Pearson => figures.pearson,
            Self::Spearman => figures.spearman,
            _ => None,
        }
    }
}

/// Predictions of examples, brought together as far as figures need it.
#[derive(Debug, Clone, Default)]
pub struct Predictions {
    loss: f64,
    counted: u64,
    classes: Vec<usize>,
    /// Rows of the labels of examples or bases.
    labels: Vec<Vec<bool>>,
    numbers: Vec<Vec<f64>>,
    /// Probabilities or numbers, one row for each example or base that counts.
    values: Vec<Vec<f64>>,
}

impl Predictions {
    /// Adds an example with the values of the head for it or for each of its bases.
    pub fn add(&mut self, head: &HeadConfig, target: &Target, values: Vec<Vec<f64>>) {
        match target {
            Target::Class(class) => self.class(*class, values),
            Target::Labels(labels) => self.label(labels.clone(), values),
            Target::Numbers(numbers) => {
                for values in values {
                    let scale = head.scale.iter().map(|[_, deviation]| deviation);
                    let errors = numbers.iter().zip(&values).zip(scale);
                    let sum: f64 = errors.map(|((x, y), d)| ((x - y) / d).powi(2)).sum();
                    self.loss += sum / numbers.len() as f64;
                    self.counted += 1;
                    self.numbers.push(numbers.clone());
                    self.values.push(values);
                }
            }
            Target::BaseClasses(classes) => {
                for (&class, values) in classes.iter().zip(values) {
                    if class != MASKED {
                        self.class(class.into(), vec![values]);
                    }
                }
            }
            Target::BaseLabels(bases) => {
                for (&labels, values) in bases.iter().zip(values) {
                    if labels != MASKED_LABELS {
                        let labels = (0..values.len()).map(|label| labels >> label & 1 == 1);
                        self.label(labels.collect(), vec![values]);
                    }
                }
            }
        }
    }

    fn class(&mut self, class: usize, values: Vec<Vec<f64>>) {
        for values in values {
            self.loss -= values[class].max(f64::MIN_POSITIVE).ln();
            self.counted += 1;
            self.classes.push(class);
            self.values.push(values);
        }
    }

    fn label(&mut self, labels: Vec<bool>, values: Vec<Vec<f64>>) {
        for values in values {
            let of = |(&is, p): (&bool, &f64)| if is { *p } else { 1.0 - p };
            let logs = labels.iter().zip(&values).map(of).map(|p| p.max(f64::MIN_POSITIVE).ln());
            self.loss -= logs.sum::<f64>() / labels.len().max(1) as f64;
            self.counted += 1;
            self.labels.push(labels.clone());
            self.values.push(values);
        }
    }

    /// Mean loss: cross-entropy in nats, for labels the mean over them, for numbers the mean square
    /// of errors in standard deviations; NaN without examples.
    pub fn loss(&self) -> f64 {
        self.loss / self.counted as f64
    }

    /// Number of examples, or of bases with a label.
    pub fn targets(&self) -> u64 {
        self.counted
    }

    /// A figure of `outputs` outputs; `None` where it is not defined.
    pub fn figure(&self, metric: Metric, outputs: usize) -> Option<f64> {
        if metric == Metric::Loss {
            return Some(self.loss()).filter(|loss| loss.is_finite());
        }
        if !self.classes.is_empty() {
            let (truth, scores) = (self.classes.clone(), self.values.concat());
            let figures = ClassPredictions::of_scores(outputs, truth, &scores).figures();
            return metric.of_classes(&figures, &figures.macro_average);
        }
        let of_each: Vec<f64> = (0..outputs).filter_map(|i| self.of_output(metric, i)).collect();
        let count = of_each.len() as f64;
        (!of_each.is_empty()).then(|| of_each.iter().sum::<f64>() / count)
    }

    /// A figure of one label or target.
    fn of_output(&self, metric: Metric, output: usize) -> Option<f64> {
        let values = || self.values.iter().map(|values| values[output]);
        if !self.numbers.is_empty() {
            let truth = self.numbers.iter().map(|numbers| numbers[output]).collect();
            let figures = NumberPredictions::new(truth, values().collect()).figures()?;
            return metric.of_numbers(&figures);
        }
        let truth = self.labels.iter().map(|labels| usize::from(labels[output])).collect();
        let predicted = values().map(|p| usize::from(p >= 0.5)).collect();
        let mut predictions = ClassPredictions::new(2, truth, predicted);
        if matches!(metric, Metric::Auroc | Metric::AveragePrecision) {
            let scores: Vec<f64> = values().flat_map(|p| [1.0 - p, p]).collect();
            predictions = predictions.with_scores(&scores);
        }
        let figures = predictions.figures();
        metric.of_classes(&figures, &figures.classes[1])
    }

    /// True classes of a task of classes, and the probabilities, row after row.
    pub fn classes(&self) -> (&[usize], &[Vec<f64>]) {
        (&self.classes, &self.values)
    }

    /// True numbers of a regression, and the predicted ones, row after row.
    pub fn numbers(&self) -> (&[Vec<f64>], &[Vec<f64>]) {
        (&self.numbers, &self.values)
    }

    /// Labels of a task of labels, and their probabilities, row after row.
    pub fn labels(&self) -> (&[Vec<bool>], &[Vec<f64>]) {
        (&self.labels, &self.values)
    }
}

/// Number of examples or bases that have each output, and of all that have known labels.
pub fn counts(examples: &[Example], outputs: usize) -> (Vec<u64>, u64) {
    let (mut counts, mut total) = (vec![0; outputs], 0);
    let mut count = |output: usize| counts[output] += 1;
    for example in examples {
        match &example.target {
            Target::Class(class) => {
                count(*class);
                total += 1;
            }
            Target::Labels(labels) => {
                labels.iter().enumerate().filter(|(_, is)| **is).for_each(|(i, _)| count(i));
                total += 1;
            }
            Target::Numbers(_) => total += 1,
            Target::BaseClasses(classes) => {
                for &class in classes.iter().filter(|class| **class != MASKED) {
                    count(class.into());
                    total += 1;
                }
            }
            Target::BaseLabels(bases) => {
                for &labels in bases.iter().filter(|labels| **labels != MASKED_LABELS) {
                    (0..outputs).filter(|i| labels >> i & 1 == 1).for_each(&mut count);
                    total += 1;
                }
            }
        }
    }
    (counts, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::task::testing::{example, settings};

    fn predictions(targets: &[(Target, &[&[f64]])]) -> Predictions {
        let mut predictions = Predictions::default();
        for (target, values) in targets {
            let values = values.iter().map(|values| values.to_vec()).collect();
            predictions.add(&settings().head, target, values);
        }
        predictions
    }

    #[test]
    fn classes_have_figures() {
        let found = predictions(&[
            (Target::Class(0), &[&[0.9, 0.1]]),
            (Target::Class(1), &[&[0.8, 0.2]]),
            (Target::Class(1), &[&[0.4, 0.6]]),
        ]);
        assert_eq!(found.figure(Metric::Auroc, 2), Some(1.0));
        assert!((found.figure(Metric::Accuracy, 2).unwrap() - 2.0 / 3.0).abs() < 1e-12);
        let loss = -(0.9_f64.ln() + 0.2_f64.ln() + 0.6_f64.ln()) / 3.0;
        assert!((found.figure(Metric::Loss, 2).unwrap() - loss).abs() < 1e-12);
        assert_eq!(found.figure(Metric::R2, 2), None);
        assert_eq!(Predictions::default().figure(Metric::Loss, 2), None);
    }

    /// A label that no example has is left out of the mean.
    #[test]
    fn labels_have_the_mean_of_their_figures() {
        let found = predictions(&[
            (Target::Labels(vec![true, false]), &[&[0.9, 0.3]]),
            (Target::Labels(vec![false, false]), &[&[0.2, 0.4]]),
        ]);
        assert_eq!(found.figure(Metric::Auroc, 2), Some(1.0));
        assert_eq!(found.targets(), 2);
    }

    #[test]
    fn bases_without_a_class_do_not_count() {
        let target = Target::BaseClasses(vec![0, MASKED, 1]);
        let values: [&[f64]; 3] = [&[1.0, 0.0], &[0.0, 1.0], &[0.0, 1.0]];
        let found = predictions(&[(target.clone(), &values)]);
        assert_eq!((found.targets(), found.figure(Metric::Accuracy, 2)), (2, Some(1.0)));
        assert_eq!(counts(&[example(b"AAA", target)], 2), (vec![1, 1], 2));
        let target = Target::BaseLabels(vec![0b11, MASKED_LABELS, 0b10]);
        assert_eq!(counts(&[example(b"AAA", target)], 2), (vec![1, 2], 2));
    }

    #[test]
    fn numbers_have_figures() {
        let found = predictions(&[
            (Target::Numbers(vec![1.0, 5.0]), &[&[1.0, 9.0]]),
            (Target::Numbers(vec![2.0, 3.0]), &[&[2.0, 9.0]]),
        ]);
        let pearson = found.figure(Metric::Pearson, 2).unwrap();
        assert!((pearson - 1.0).abs() < 1e-12, "the second is not defined: {pearson}");
        assert!(Metric::R2.fits(HeadTask::Regression) && !Metric::R2.fits(HeadTask::SingleLabel));
        assert!(Metric::Loss.is_better(0.1, 0.2) && Metric::Mcc.is_better(0.2, 0.1));
    }
}
